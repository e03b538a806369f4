"""Staff pages."""

from tests.unit.template_contexts.public import FILES, HOSTILE, LATER, NOW, wrong

FRAME = {
    "me": {"name": "Sample Clerk", "is_supervisor": True, "sees_partners": True},
    "csrf": "token",
    "held_count": 2,
}
QUEUE = {
    "name": "recovery_abroad",
    "title": "Recovery abroad",
    "open": 37,
    "overdue": 3,
    "unassigned": 11,
    "href": "/staff/queues/recovery_abroad",
}
ROW = {
    "reference": "PK-7K4Q-9M3X",
    "href": "/staff/cases/PK-7K4Q-9M3X",
    "sender": HOSTILE,
    "partner": True,
    "topic": "A benefit",
    "subject": HOSTILE,
    "language": "en",
    "files": 2,
    "state": "open",
    "waiting_for": None,
    "assignee": None,
    "due_at": NOW,
    "due": "late",
    "late_days": 2,
    "unread_answer": True,
    "new_message": True,
    "acts_for": True,
    "received_at": NOW,
}
OTHER_ROW = {
    **ROW,
    "reference": "PK-7K4Q-9M3Y",
    "partner": False,
    "topic": "",
    "language": "de",
    "files": 0,
    "state": "new",
    "assignee": "Sample Clerk",
    "due": "today",
    "late_days": 0,
    "unread_answer": False,
    "new_message": False,
    "acts_for": False,
}
CASE = {
    "reference": "PK-7K4Q-9M3X",
    "subject": f"Payment plan {HOSTILE}",
    "version": 3,
    "state": "open",
    "waiting_for": None,
    "waiting_until": None,
    "close_reason": None,
    "due_at": LATER,
    "due": None,
    "late_days": 0,
    "assignee": "Sample Clerk",
    "mine": False,
    "queue": "recovery_abroad",
    "queue_title": "Recovery abroad",
    "topic": "A benefit",
    "purpose": "Propose a payment plan",
    "language": "en",
    "address": HOSTILE,
    "name": HOSTILE,
    "identity": "24.11.1980",
    "letter_reference": "123",
    "acts_for": True,
    "country": "PL",
    "partner": "District Court",
    "checks": "TLS, network",
    "assurance": "link-confirmed",
    "channel": "form",
    "mailbox": "ulkomaanperinta@kela.example",
    "received_at": NOW,
    "filed_at": NOW,
    "notify": False,
    "undelivered": "notice",
    "answer": "displayed",
    "displayed_at": NOW,
    "readable_until": LATER,
    "rule": "benefit-recovery",
    "retention_until": LATER,
}
THREAD = [
    {
        "kind": "message",
        "id": "1",
        "at": NOW,
        "who": HOSTILE,
        "text": f"Good morning\n{HOSTILE}",
        "language": "en",
        "channel": "form",
        "subject": HOSTILE,
        "files": [
            {**FILES[0], "href": "/staff/cases/PK-7K4Q-9M3X/files/1", "verdict": "unscanned"}
        ],
    },
    {
        "kind": "note",
        "id": "2",
        "at": NOW,
        "who": "Sample Clerk",
        "text": HOSTILE,
        "language": "",
        "files": [],
    },
    {"kind": "event", "id": "3", "at": NOW, "who": "Sample Clerk", "event": "transferred"},
    {
        "kind": "reply",
        "id": "4",
        "at": NOW,
        "who": "Sample Clerk",
        "text": HOSTILE,
        "language": "sv",
        "files": [],
        "displayed_at": NOW,
    },
]
CASE_PAGE = {
    "case": CASE,
    "case_url": "/staff/cases/PK-7K4Q-9M3X",
    "may": {"work": True, "supervise": True},
    "also_open": [{"name": "Another Clerk", "since": NOW}],
    "timeline": THREAD,
    "findings": ["TLS: passed"],
    "trace": [
        {"rule": "benefit-recovery", "sentence": "The topic is a benefit.", "step": False},
        {"sentence": "topic eq benefit = true", "step": True},
    ],
    "earlier": [
        {
            "reference": "PK-1111-1111",
            "href": "/staff/cases/PK-1111-1111",
            "state": "closed",
            "received_at": NOW,
        }
    ],
    "readers": [{"name": "Sample Clerk", "at": NOW}],
    "colleagues": [{"value": "1", "text": "Another Clerk"}],
    "targets": [{"value": "partners", "text": "Partners"}],
    "back": "/staff/queues/recovery_abroad",
    "nav": "queues",
    **FRAME,
}
CONFIRM = {
    "case": CASE,
    "case_url": "/staff/cases/PK-7K4Q-9M3X",
    "back": "/staff/cases/PK-7K4Q-9M3X",
    **FRAME,
}
FILTERS = {
    "answer": "unread",
    "state": "new",
    "language": "",
    "assignee": "me",
    "topic": "",
    "due": "",
}

CONTEXTS: dict[str, list[dict[str, object]]] = {
    "staff/home.html": [
        {"queues": [QUEUE], "mine": 1, "rows": [ROW], "nav": "queues", "done": "Saved", **FRAME},
        {"queues": [], "mine": 0, "rows": [], **FRAME},
    ],
    "staff/queue.html": [
        {
            "queue": QUEUE,
            "queues": [QUEUE],
            "views": [
                {"title": "My cases", "count": 6, "href": "/staff/views/mine", "current": False}
            ],
            "filters": FILTERS,
            "typed": HOSTILE,
            "search_url": "/staff/queues/recovery_abroad/search",
            "options": {"topics": [{"value": "t", "text": "Topic"}], "members": []},
            "chips": [{"text": HOSTILE, "href": "?"}],
            "rows": [ROW, OTHER_ROW],
            "next_href": "?after=1",
            "take_next_url": "/staff/queues/recovery_abroad/next",
            **FRAME,
        },
        {
            "queue": QUEUE,
            "queues": [QUEUE],
            "views": [],
            "filters": FILTERS,
            "typed": HOSTILE,
            "search_url": "/staff/queues/recovery_abroad/search",
            "options": {"topics": [], "members": []},
            "chips": [],
            "rows": [],
            **FRAME,
        },
    ],
    "staff/case.html": [
        CASE_PAGE,
        {**CASE_PAGE, **wrong("text", "identified", "note")},
        {
            **CASE_PAGE,
            "case": {
                **CASE,
                "state": "closed",
                "close_reason": "answered",
                "subject": "",
                "mine": True,
            },
            "earlier": [],
            "also_open": [],
        },
        {
            **CASE_PAGE,
            "case": {**CASE, "state": "waiting", "waiting_for": "sender", "waiting_until": LATER},
            "may": {"work": False, "supervise": False},
        },
    ],
    "staff/reply_confirm.html": [
        {
            **CONFIRM,
            "reply": {"text": HOSTILE, "language": "fi", "identified": "letter", "after": "close"},
            "recipient": HOSTILE,
            "needs_second": True,
            "others_case": "Another Clerk",
            **wrong("sure"),
        }
    ],
    "staff/stale.html": [
        {
            **CONFIRM,
            "kept": HOSTILE,
            "what": "reply",
            "changes": [{"at": NOW, "who": HOSTILE, "kind": "message", "text": HOSTILE}],
        },
        {**CONFIRM, "kept": "", "what": "other", "changes": []},
    ],
    "staff/transfer_confirm.html": [
        {**CONFIRM, "target": {"value": "partners", "text": "Partners"}, **wrong("reason")}
    ],
    "staff/close_confirm.html": [{**CONFIRM, "unanswered": True, **wrong("close_reason")}],
    "staff/revoke_confirm.html": [{**CONFIRM, "address": HOSTILE, **wrong("reason")}],
    "staff/download_confirm.html": [
        {
            "name": HOSTILE,
            "octets": 5000,
            "media_type": "application/pdf",
            "verdict": verdict,
            "href": "/x",
            **FRAME,
        }
        for verdict in ("unscanned", "clean", "infected")
    ],
}
