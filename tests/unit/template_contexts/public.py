"""Public, reading and demo pages."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)
LATER = datetime(2026, 12, 4, 12, 5, tzinfo=UTC)
HOSTILE = 'x"><script>alert(1)</script>'
FILES = [{"id": "f1", "name": f"letter {HOSTILE}.pdf", "size": 812_000}]
DECLARATION = {"audience": "abroad", "country": "PL", "eidas_failed": True}
PARTNER = {"audience": "partner", "country": "", "eidas_failed": False}
FIGURES = {
    "backup_days": 35,
    "answer_days": 10,
    "days": 10,
    "mailboxes": [{"address": "ulkomaanperinta@kela.example", "title": "Recovery abroad"}],
    "path": "/help",
}
COMPOSE = {
    "draft_url": "/en/drafts/1",
    "masked": "m…k@example.com",
    "session": "link",
    "csrf": "token",
    "back": "/en/drafts/1/topic",
}
RECEIPT = {
    "reference": "PK-7K4Q-9M3X",
    "received_at": NOW,
    "mailbox": "ulkomaanperinta@kela.example",
    "topic": "A benefit",
    "purpose": "Propose a payment plan",
    "subject": HOSTILE,
    "files": FILES,
    "text_length": 1240,
    "notify": True,
}
READING = {"session": "reading", "csrf": "token", "answer_days": 10}
CASE = {"reference": "PK-7K4Q-9M3X", "status": "answered", "received_at": NOW}
ANSWER = {
    "written_at": NOW,
    "text": HOSTILE,
    "language": "sv",
    "readable_until": LATER,
    "files": [{"name": "a.pdf", "size": 5000, "href": "/en/messages/PK-7K4Q-9M3X/files/1"}],
}


def wrong(*fields: str) -> dict[str, object]:
    """The same page after an invalid form."""
    return {
        "errors": dict.fromkeys(fields, f"Wrong {HOSTILE}"),
        "values": dict.fromkeys(fields, HOSTILE),
    }


CONTEXTS: dict[str, list[dict[str, object]]] = {
    "public/start.html": [
        {"answer_days": 10, "path": "/", "notices": [f"Closed tonight {HOSTILE}"]},
    ],
    "public/eligibility.html": [
        {"path": "/eligibility", "back": "/en/"},
        {"path": "/eligibility", **wrong("audience")},
    ],
    "public/country.html": [
        {
            "countries": [{"value": "PL", "text": "Poland"}],
            "eidas_failed": True,
            **wrong("country"),
        },
        {
            "countries": [{"value": "PL", "text": "Poland"}],
            "eidas_failed": False,
            "path": "/eligibility/country",
        },
    ],
    "public/e_service.html": [{"path": "/eligibility/e-service"}],
    "public/eidas.html": [{"eidas_url": "https://www.kela.example/eidas"}, {"eidas_url": ""}],
    "public/other.html": [{"why": "not-abroad"}, {"why": "none"}],
    "public/link.html": [
        {"declaration": DECLARATION, "days": 10, "path": "/link"},
        {"declaration": PARTNER, "days": 10, **wrong("address")},
    ],
    "public/link_typo.html": [
        {"declaration": DECLARATION, "typed": HOSTILE, "suggestion": "m@gmail.com"}
    ],
    "public/sent.html": [
        {
            "address": HOSTILE,
            "words": "KOIVU 48",
            "expires_at": LATER,
            "country": "PL",
            "again_at": NOW,
        },
        {"address": "m@example.com", "words": "KOIVU 48", "expires_at": LATER},
    ],
    "public/opened.html": [
        {
            "requested_at": NOW,
            "words": "KOIVU 48",
            "masked": "m…k@example.com",
            "unfinished": True,
            "language_links": {"en": "?lang=en", "fi": "?lang=fi", "sv": "?lang=sv"},
        },
        {"requested_at": NOW, "words": "KOIVU 48", "masked": "m…k@example.com"},
    ],
    "public/link_dead.html": [{"days": 10}],
    "public/link_cap.html": [{"count": 20}],
    "public/closed.html": [{"days": 10}],
    "public/stop.html": [{"path": "/stop"}, wrong("address", "stop_code")],
    "public/stop_confirm.html": [
        {"address": HOSTILE, "stop_code": "ABCD2345"},
        {"address": HOSTILE, "stop_code": "ABCD2345", **wrong("wish")},
    ],
    "public/stop_done.html": [{}],
    "public/help.html": [FIGURES],
    "public/contact.html": [FIGURES],
    "public/privacy.html": [FIGURES],
    "public/accessibility.html": [FIGURES],
    "public/genuine.html": [{"mail_from": "securemail@kela.example", "path": "/genuine"}],
    "public/drafts_found.html": [{"csrf": "token", "session": "link"}],
    "public/signed_out.html": [{}],
    "public/receipt.html": [
        {
            "receipt": RECEIPT,
            "answer_days": 10,
            "country": "PL",
            "session": "link",
            "csrf": "token",
        },
        {"receipt": {**RECEIPT, "files": [], "notify": False}, "answer_days": 10, "again": True},
    ],
    "public/error.html": [
        *({"kind": kind} for kind in ("403", 404, "method", 413, 421, 429, 500, 503, "unsure")),
        {"kind": 500, "kept": HOSTILE, "number": "7K4Q"},
        {
            "kind": 503,
            "kept": HOSTILE,
            "retry": {"action": "/en/drafts/1/send", "fields": [("csrf", "t"), ("text", "x")]},
        },
    ],
    "public/compose/topic.html": [
        {
            "topics": [
                {
                    "value": "benefit_recovery",
                    "text": "A benefit",
                    "hint": "Hint.",
                    "mailbox": "a@kela.example",
                },
                {"value": "not_sure", "text": "I do not know"},
            ],
            **COMPOSE,
            **wrong("topic"),
        }
    ],
    "public/compose/purpose.html": [
        {
            "purposes": [{"value": "decision", "text": "Ask"}],
            "decision_info": True,
            **COMPOSE,
            **wrong("purpose"),
        }
    ],
    "public/compose/about_who.html": [COMPOSE, {**COMPOSE, **wrong("who")}],
    "public/compose/about.html": [
        {"acts_for": True, **COMPOSE},
        {"acts_for": False, "partner": True, **COMPOSE, **wrong("name", "letter_reference")},
        {"acts_for": False, **COMPOSE, **wrong("name", "identity")},
    ],
    "public/compose/message.html": [
        {"max_text": 20_000, "plan": True, **COMPOSE},
        {
            "max_text": 20_000,
            "plan": False,
            "session_ended": True,
            **COMPOSE,
            **wrong("subject", "text"),
        },
    ],
    "public/compose/files.html": [
        {
            "types": "PDF, JPG",
            "accept": ".pdf,.jpg",
            "max_files": 25,
            "max_mb": 25,
            "files": FILES,
            "file_errors": [f"{HOSTILE} is empty"],
            **COMPOSE,
            **wrong("files"),
        },
        {"types": "PDF", "accept": ".pdf", "max_files": 25, "max_mb": 25, "files": [], **COMPOSE},
    ],
    "public/compose/check.html": [
        {
            "rows": [
                {"key": "Message", "value": f"One\nTwo {HOSTILE}", "href": "/en/drafts/1/message"},
                {"key": "Topic", "value": "A benefit"},
            ],
            "files": FILES,
            "nonce": "n",
            "proof_missing": True,
            **COMPOSE,
            **wrong("notify"),
        },
        {"rows": [], "files": [], "nonce": "n", "served_at": "2026-11-24T12:05:00Z", **COMPOSE},
    ],
    "reading/read.html": [{"path": "/read"}, wrong("address")],
    "reading/code.html": [
        {"address": HOSTILE, "words": "KOIVU 48", "minutes": 20},
        {"address": HOSTILE, "words": "KOIVU 48", "minutes": 20, **wrong("code")},
    ],
    "reading/inbox.html": [
        {"cases": [{**CASE, "unread": True, "href": "/en/messages/PK-7K4Q-9M3X"}], **READING},
        {"cases": [], **READING},
    ],
    "reading/answer.html": [
        {"case": CASE, "answers": [ANSWER], "reply_href": "/en/eligibility", **READING},
        {"case": {**CASE, "status": "new"}, "answers": [], "gone": True, **READING},
    ],
    "demo/outbox.html": [
        {
            "mails": [
                {"href": "/demo/outbox/1", "to": "m@example.com", "subject": HOSTILE, "at": NOW}
            ]
        },
        {"mails": []},
    ],
    "demo/mail.html": [
        {
            "subject": "Secure email: your link",
            "sender": "Kela <securemail@kela.example>",
            "to": "m@example.com",
            "at": NOW,
            "text": HOSTILE,
            "link": "/l/token",
        }
    ],
}
