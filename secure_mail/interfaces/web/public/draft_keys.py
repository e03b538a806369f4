"""The `draft` cookie: ids of drafts and the secrets that open them, in the browser that typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from secure_mail.domain.ids import DraftId
from secure_mail.domain.sealing import BrowserSecret
from secure_mail.interfaces.web.cookies import secret_of, secret_text

KEPT = timedelta(hours=24)
"""Longer than drafts are kept (20 h), and renewed with each new one."""
MOST = 6
"""The newest are kept: open drafts, and sent ones, for a double click sends their form again."""


@dataclass(frozen=True, slots=True)
class DraftKey:
    draft_id: DraftId
    secret: BrowserSecret = field(repr=False)


def read_keys(cookie: str | None) -> tuple[DraftKey, ...]:
    """Newest first; what cannot be read is left out."""
    keys = (_key(entry) for entry in (cookie or "").split("~"))
    return tuple(key for key in keys if key is not None)[:MOST]


def written(keys: tuple[DraftKey, ...]) -> str:
    """As the cookie holds them."""
    return "~".join(f"{key.draft_id.hex}.{secret_text(key.secret)}" for key in keys[:MOST])


def _key(entry: str) -> DraftKey | None:
    identity, _, text = entry.partition(".")
    secret = secret_of(text)
    try:
        return DraftKey(DraftId(UUID(identity)), secret) if secret else None
    except ValueError:
        return None
