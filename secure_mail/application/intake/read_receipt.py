"""The receipts that a session has earned; nobody else can open them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from secure_mail.application.ports.vault import BrowserVault
from secure_mail.domain.compose import SentReceipt
from secure_mail.domain.links import Session
from secure_mail.domain.sealing import BrowserSecret, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReceipts:
    """Opens what `SendDraft` sealed into the session."""

    browser: BrowserVault

    def __call__(self, session: Session, secret: BrowserSecret) -> tuple[SentReceipt, ...]:
        """Oldest first; empty when nothing was sent in this session."""
        if session.sealed is None:
            return ()
        shown = json.loads(self.browser.open(session.sealed, secret, Purpose.SESSION, session.id))
        return tuple(SentReceipt.from_value(value) for value in shown.get("receipts", ()))
