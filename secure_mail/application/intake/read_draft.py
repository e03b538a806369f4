"""Opens a draft with the secret of the browser that typed it."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.vault import BrowserVault, PartOpener
from secure_mail.domain.compose import Composition, Draft, DraftFile, OpenDraft
from secure_mail.domain.ids import DraftId, LinkId
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import BrowserSecret, CannotOpenError, ContentKey
from secure_mail.domain.views import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDraft:
    """The holder of the link alone cannot open it; the browser that typed can."""

    units: Units
    clock: Clock
    browser: BrowserVault
    parts: PartOpener

    def __call__(
        self, draft_id: DraftId, link_id: LinkId, secret: BrowserSecret | None, *, serve: bool
    ) -> OpenDraft:
        """`serve`: a page of it is being shown, which is what the time of grace counts from.

        Raises Refusal NOT_FOUND (not of this link, or sent), DRAFT_ELSEWHERE (another browser's).
        """
        with self.units() if serve else self.units.reading() as uow:
            draft = uow.drafts.get(draft_id)
            if draft is None or draft.link_id != link_id or draft.sent_message is not None:
                raise Refusal(RefusalCode.NOT_FOUND)
            files = uow.drafts.files(draft_id)
            if serve:
                uow.drafts.served(draft_id, self.clock.now())
                uow.commit()
        if secret is None:
            raise Refusal(RefusalCode.DRAFT_ELSEWHERE)
        try:
            key = self.browser.unwrap_key(draft.wrapped_key, secret, draft.content_id)
            return OpenDraft(
                draft=draft,
                key=key,
                composition=self._composition(key, draft),
                files=tuple((file, self._label(key, draft, file)) for file in files),
            )
        except CannotOpenError:
            raise Refusal(RefusalCode.DRAFT_ELSEWHERE) from None

    def _composition(self, key: ContentKey, draft: Draft) -> Composition:
        sealed = draft.composition or b""
        return Composition.from_json(
            self.parts.open_part(key, draft.content_id, draft.form_part, sealed, None)
        )

    def _label(self, key: ContentKey, draft: Draft, file: DraftFile) -> Label:
        return Label.from_json(
            self.parts.open_part(key, draft.content_id, file.id, file.label, None, "label")
        )
