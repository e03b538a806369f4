"""Begins an unfinished message; its key lies with the browser that types, and with the worker."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.vault import BrowserVault, Sealer
from secure_mail.domain.compose import Composition, Draft
from secure_mail.domain.ids import ContentId, DraftId, PartId
from secure_mail.domain.links import MAX_OPEN_DRAFTS, SecureLink
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import WORKER, BrowserSecret, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDraft:
    """A new draft of a link, and the secret for the browser's `draft` cookie (links.md rule 8)."""

    units: Units
    clock: Clock
    ids: Ids
    sealer: Sealer
    browser: BrowserVault

    def __call__(self, link: SecureLink, language: str) -> tuple[Draft, BrowserSecret]:
        """Raises Refusal TOO_MANY_DRAFTS."""
        now = self.clock.now()
        secret = self.ids.secret()
        key = self.sealer.new_content_key()
        content = ContentId(self.ids.new())
        draft_id, form = DraftId(self.ids.new()), PartId(self.ids.new())
        empty = Composition(language=language).to_json()
        draft = Draft(
            id=draft_id,
            link_id=link.id,
            content_id=content,
            wrapped_key=self.browser.wrap_key(key, secret, content),
            escrow=self.sealer.seal_value(key.octets, WORKER, Purpose.DRAFT_ESCROW, draft_id),
            composition=self.sealer.seal_part(key, content, form, empty),
            form_part=form,
            created_at=now,
            updated_at=now,
            served_at=now,
        )
        with self.units() as uow:
            if len(uow.drafts.open_of(link.id)) >= MAX_OPEN_DRAFTS:
                raise Refusal(RefusalCode.TOO_MANY_DRAFTS, count=MAX_OPEN_DRAFTS)
            uow.drafts.add(draft)
            uow.commit()
        return draft, secret
