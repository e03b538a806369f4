"""A part of SendLink: the link itself, and its place among the address's other links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from secure_mail.application.auditing import audit_event
from secure_mail.application.links.judge import Judgement
from secure_mail.application.links.tokens import masked_secret, token_hash
from secure_mail.application.ports.clock import Ids
from secure_mail.application.ports.store import UnitOfWork
from secure_mail.application.ports.vault import BrowserVault, LinkTokens
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import LinkId
from secure_mail.domain.links import MAX_LIVE_UNREDEEMED, Audience, Registration, SecureLink
from secure_mail.domain.requests import LinkRequest
from secure_mail.domain.sealing import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Stores the link whose id, and so whose token, is the registration's (rules 1, 2, 9)."""

    ids: Ids
    browser: BrowserVault
    tokens: LinkTokens
    life: timedelta

    def __call__(
        self,
        uow: UnitOfWork,
        registration: Registration,
        request: LinkRequest,
        judgement: Judgement,
        now: datetime,
    ) -> None:
        link_id = LinkId(registration.id)
        token = self.tokens.token(link_id)
        declaration = request.declaration
        partner = judgement.partner_id is not None
        uow.links.add(
            SecureLink(
                id=link_id,
                registration_id=registration.id,
                token_hash=token_hash(token),
                reference=self.ids.symbols(6),
                language=registration.language,
                check_words=registration.check_words,
                requested_at=registration.requested_at,
                expires_at=registration.requested_at + self.life,
                audience=Audience.PARTNER if partner else declaration.audience,
                partner_id=judgement.partner_id,
                country=None if partner else declaration.country,
                address_index=judgement.address_index,
                masked_address=self.browser.seal(
                    request.address.masked.encode(),
                    masked_secret(token),
                    Purpose.MASKED_ADDRESS,
                    link_id,
                ),
            )
        )
        self._audit(uow, AuditKind.LINK_ISSUED, link_id, now)
        unredeemed = [
            link
            for link in uow.links.live_of(judgement.address_index, now)
            if link.redeemed_at is None
        ]
        for link in unredeemed[:-MAX_LIVE_UNREDEEMED]:
            if uow.links.revoke(link.id, "replaced"):
                self._audit(uow, AuditKind.LINK_REVOKED, link.id, now, reason="replaced")

    def _audit(
        self, uow: UnitOfWork, kind: AuditKind, link: LinkId, now: datetime, **facts: str
    ) -> None:
        uow.audit.add(audit_event(self.ids, now, kind, "worker", link, **facts))
