"""Staff pages around the work: sign-in, held messages, members, errors."""

from tests.unit.template_contexts.public import HOSTILE, NOW, wrong
from tests.unit.template_contexts.staff import FRAME

ITEM = {
    "id": "1",
    "href": "/staff/held/1",
    "reason": "not-proved",
    "channel": "form",
    "mailbox": "perintakeskus@kela.example",
    "reference": "PK-7K4Q-9M3X",
    "received_at": NOW,
    "sender": HOSTILE,
    "subject": HOSTILE,
    "name": "",
    "text": HOSTILE,
    "language": "fi",
    "files": [],
    "rule": None,
}
HELD = {"item": ITEM, "held_url": "/staff/held/1", "nav": "held", "back": "/staff/held", **FRAME}

CONTEXTS: dict[str, list[dict[str, object]]] = {
    "staff/sign_in.html": [
        {"notice": "Signed out"},
        wrong("email"),
        {"values": {"email": HOSTILE, "next": "/staff/cases/X", "what": "note", "kept": HOSTILE}},
    ],
    "staff/setup.html": [
        {"name": HOSTILE, "min_length": 14, **wrong("password", "password_again")}
    ],
    "staff/setup_totp.html": [
        {"secret": "ABCD EFGH", "qr_src": "/staff/setup/qr.svg"},
        {"secret": "A", "qr_src": "", **wrong("code")},
    ],
    "staff/setup_done.html": [{"pending": True}, {"pending": False}],
    "staff/held.html": [
        {"items": [ITEM], "next_href": "?after=1", **FRAME},
        {"items": [], **FRAME},
    ],
    "staff/held_item.html": [
        {
            **HELD,
            "trace": [{"sentence": "No partner has this address.", "step": False}],
            "findings": ["TLS: passed", HOSTILE],
            "can_open": True,
            "targets": [{"value": "partners", "text": "Partners"}],
            "may": {"work": True},
            **wrong("queue"),
        },
        {
            **HELD,
            "trace": [],
            "findings": [],
            "can_open": False,
            "targets": [],
            "may": {"work": False},
        },
    ],
    "staff/refuse_confirm.html": [
        {
            **HELD,
            "codes": [{"value": "not-a-partner", "text": "Not a partner"}],
            "told": told,
            **wrong("code"),
        }
        for told in (True, False)
    ],
    "staff/members.html": [
        {
            "members": [
                {
                    "id": "1",
                    "name": "Sample Clerk",
                    "email": "c@kela.example",
                    "state": "active",
                    "roles": [{"role": "caseworker", "queue_title": "Partners"}],
                }
            ],
            "grants": [
                {
                    "id": "1",
                    "name": "A",
                    "role": "reader",
                    "queue_title": "Partners",
                    "granted_by": "operator",
                    "granted_at": NOW,
                    "own": False,
                }
            ],
            "resets": [{"id": "1", "name": "A", "email": "a@kela.example", "at": NOW, "own": True}],
            "nav": "members",
            **FRAME,
        },
        {"members": [], "grants": [], "resets": [], **FRAME},
    ],
    "staff/no_access.html": [{"owner": "a supervisor", **FRAME}, FRAME],
    "staff/error.html": [
        *(
            {"kind": kind, **FRAME}
            for kind in ("403", 404, "method", 413, 421, 429, 500, "503", "unsure")
        ),
        {"kind": 500, "kept": HOSTILE, "number": "7K4Q"},
    ],
    "staff/account.html": [{"nav": "account", **FRAME}],
}
