"""The session behind a browser's cookie, and its extension."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from uuid import UUID

from secure_mail.application.links.tokens import cookie_hash
from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.vault import BrowserVault
from secure_mail.domain.ids import LinkId
from secure_mail.domain.links import LinkState, SecureLink, Session, SessionKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import BrowserSecret, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A live session that may write. In its link's grace it may only send what it was served."""

    session: Session
    link: SecureLink
    masked: str = field(repr=False)
    check_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSession:
    """Opens the session of a cookie and counts as its use (rule 8).

    SESSION_ENDED when it was ended, idle for 30 minutes, or at its absolute end.
    """

    units: Units
    clock: Clock
    browser: BrowserVault

    def __call__(self, secret: BrowserSecret) -> OpenSession:
        now = self.clock.now()
        with self.units() as uow:
            session = uow.sessions.by_secret(cookie_hash(secret), SessionKind.LINK)
            if session is None or session.sealed is None or not session.open_at(now):
                raise Refusal(RefusalCode.SESSION_ENDED)
            link = uow.links.get(LinkId(UUID(session.subject)))
            if link is None or link.state is not LinkState.LIVE:
                raise Refusal(RefusalCode.SESSION_ENDED)
            uow.sessions.touch(session.id, now)
            uow.commit()
        shown = json.loads(self.browser.open(session.sealed, secret, Purpose.SESSION, session.id))
        return OpenSession(
            session=session, link=link, masked=shown["masked"], check_words=shown["words"]
        )
