"""Pressing the button: a link becomes a session that may write."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from secure_mail.application.auditing import audit_event
from secure_mail.application.links.tokens import cookie_hash, masked_secret, token_hash
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.vault import BrowserVault
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import SessionId
from secure_mail.domain.links import (
    GRACE,
    LINK_SESSION_LIFE,
    SecureLink,
    Session,
    SessionKind,
)
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import BrowserSecret, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """The new session and the secret that only its cookie holds."""

    secret: BrowserSecret = field(repr=False)
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemLink:
    """Starts a session for every press of the button, as often as the link lives (rules 5, 7).

    Raises LINK_DEAD and LINK_CAP as LookAtLink does.
    """

    units: Units
    clock: Clock
    ids: Ids
    browser: BrowserVault

    def __call__(self, token: str) -> Redeemed:
        now = self.clock.now()
        with self.units() as uow:
            link = uow.links.by_token_hash(token_hash(token))
            if link is None or not uow.links.redeem(link.id, now):
                raise Refusal(RefusalCode.LINK_DEAD)
            if link.uses >= link.cap:
                raise Refusal(RefusalCode.LINK_CAP, count=link.cap)
            redeemed = self._session(link, token, now)
            uow.sessions.add(redeemed.session)
            uow.audit.add(
                audit_event(
                    self.ids,
                    now,
                    AuditKind.LINK_REDEEMED,
                    "sender",
                    link.id,
                    session=str(redeemed.session.id),
                )
            )
            uow.commit()
        return redeemed

    def _session(self, link: SecureLink, token: str, now: datetime) -> Redeemed:
        secret = self.ids.secret()
        session_id = SessionId(self.ids.new())
        masked = self.browser.open(
            link.masked_address, masked_secret(token), Purpose.MASKED_ADDRESS, link.id
        )
        shown = {"masked": masked.decode(), "words": link.check_words}
        session = Session(
            id=session_id,
            kind=SessionKind.LINK,
            secret_hash=cookie_hash(secret),
            subject=str(link.id),
            language=link.language,
            created_at=now,
            last_used_at=now,
            # A form that was served in the link's life may still be sent in its grace (rule 8).
            expires_at=min(now + LINK_SESSION_LIFE, link.expires_at + GRACE),
            sealed=self.browser.seal(
                json.dumps(shown, ensure_ascii=False).encode(), secret, Purpose.SESSION, session_id
            ),
        )
        return Redeemed(secret=secret, session=session)
