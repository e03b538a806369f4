"""Staff pages of partners and their passports."""

from tests.unit.template_contexts.public import HOSTILE, LATER, NOW
from tests.unit.template_contexts.staff import FRAME

SOON = {
    "what": "certificate",
    "fingerprint": "0123456789abcdef",
    "on": LATER,
    "days": 9,
    "soon": True,
    "over": False,
}
OVER = {**SOON, "days": -3, "over": True}
AGREEMENT = {**SOON, "what": "agreement", "fingerprint": ""}
PARTNER = {
    "name": f"District Court {HOSTILE}",
    "href": "/staff/partners/1",
    "state": "active",
    "required": ["tls", "dmarc", "smime"],
    "seen_at": NOW,
    "warnings": [SOON, OVER, AGREEMENT, {**AGREEMENT, "over": True}],
}
QUIET = {**PARTNER, "name": "Office", "state": "waiting", "seen_at": None, "warnings": []}
FULL = {
    **PARTNER,
    "domains": ("court.example", "unit.court.example"),
    "addresses": ("clerk@court.example",),
    "networks": ("192.0.2.0/28",),
    "signers": ("sender.example",),
    "hourly": 60,
    "since": NOW,
    "until": LATER,
}
BARE = {
    **QUIET,
    "domains": ("office.example",),
    "addresses": (),
    "networks": (),
    "signers": (),
    "hourly": None,
    "since": None,
    "until": None,
}
CHECK = {
    "check": "client_certificate",
    "required": True,
    "held": 4,
    "missed": 1,
    "last_held_at": NOW,
    "last_missed_at": None,
}
FRAMED = {"nav": "partners", **FRAME}

CONTEXTS: dict[str, list[dict[str, object]]] = {
    "staff/partners.html": [
        {
            "partners": [
                PARTNER,
                QUIET,
                *({**QUIET, "state": state} for state in ("ended", "suspended")),
            ],
            **FRAMED,
        },
        {"partners": [], **FRAMED},
    ],
    "staff/partner.html": [
        {
            "partner": FULL,
            "checks": [
                CHECK,
                {**CHECK, "check": "network", "required": False, "last_held_at": None},
            ],
            "days": [{"on": NOW, "counts": [{"check": "tls", "held": 2, "missed": 0}]}],
            "expires": [SOON, OVER, AGREEMENT],
            "back": "/staff/partners",
            **FRAMED,
        },
        {"partner": BARE, "checks": [CHECK], "days": [], "expires": [], **FRAMED},
    ],
}
