"""Looking at an opened link: changes nothing, for a scanner and a person alike."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from secure_mail.application.auditing import audit_event
from secure_mail.application.links.tokens import masked_secret, token_hash
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import StoreDownError, Units
from secure_mail.application.ports.vault import BrowserVault
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import LinkId
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFacts:
    """What the page before the button shows."""

    language: str
    requested_at: datetime
    expires_at: datetime
    check_words: str
    masked: str = field(repr=False)
    unfinished: bool
    """There is an unsent draft; only the browser that typed it can open it (rule 8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtLink:
    """Reads what a token stands for and changes nothing of it (rule 4).

    That it was fetched goes into the audit trail, where it is no evidence of a person (rule 18).
    LINK_DEAD for expired, revoked and unknown tokens alike (rule 10); LINK_CAP when it is used up.
    """

    units: Units
    clock: Clock
    ids: Ids
    browser: BrowserVault

    def __call__(self, token: str) -> LinkFacts:
        with self.units.reading() as uow:
            link = uow.links.by_token_hash(token_hash(token))
            if link is None or not link.alive_at(self.clock.now()):
                raise Refusal(RefusalCode.LINK_DEAD)
            if link.uses >= link.cap:
                raise Refusal(RefusalCode.LINK_CAP, count=link.cap)
            unfinished = bool(uow.drafts.open_of(link.id))
        self._record(link.id)
        masked = self.browser.open(
            link.masked_address, masked_secret(token), Purpose.MASKED_ADDRESS, link.id
        )
        return LinkFacts(
            language=link.language,
            requested_at=link.requested_at,
            expires_at=link.expires_at,
            check_words=link.check_words,
            masked=masked.decode(),
            unfinished=unfinished,
        )

    def _record(self, link: LinkId) -> None:
        """A store that cannot be written now is no reason to keep a person out."""
        with suppress(StoreDownError), self.units() as uow:
            now = self.clock.now()
            uow.audit.add(audit_event(self.ids, now, AuditKind.LINK_FETCHED, "unknown", link))
            uow.commit()
