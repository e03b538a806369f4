"""Finish and clear this device, after reading."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units
from secure_mail.application.replies.cookies import cookie_hash
from secure_mail.domain.links import SessionKind
from secure_mail.domain.sealing import BrowserSecret


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReadingSession:
    """Ends the reading session of a cookie; an unknown or ended one is no error."""

    units: Units
    clock: Clock

    def __call__(self, secret: BrowserSecret) -> None:
        now = self.clock.now()
        with self.units() as uow:
            session = uow.sessions.by_secret(cookie_hash(secret), SessionKind.READING)
            if session is not None:
                uow.sessions.end(session.id, now)
                uow.commit()
