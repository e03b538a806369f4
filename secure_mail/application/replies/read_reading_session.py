"""The reading session behind a browser's cookie."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units
from secure_mail.application.replies.cookies import cookie_hash
from secure_mail.domain.ids import CaseId, CodeId
from secure_mail.domain.links import Session, SessionKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import BrowserSecret


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReading:
    """A live session that may read the answers of these cases, not what the sender wrote."""

    session: Session
    cases: tuple[CaseId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReadingSession:
    """Opens the session of a cookie and counts as its use; SESSION_ENDED when it has ended.

    30 minutes idle, 2 hours absolute (links.md, "Reading a reply").
    """

    units: Units
    clock: Clock

    def __call__(self, secret: BrowserSecret) -> OpenReading:
        now = self.clock.now()
        with self.units() as uow:
            session = uow.sessions.by_secret(cookie_hash(secret), SessionKind.READING)
            if session is None or not session.open_at(now):
                raise Refusal(RefusalCode.SESSION_ENDED)
            code = uow.codes.get(CodeId(UUID(session.subject)))
            if code is None:
                raise Refusal(RefusalCode.SESSION_ENDED)
            uow.sessions.touch(session.id, now)
            uow.commit()
        return OpenReading(session=session, cases=code.cases)
