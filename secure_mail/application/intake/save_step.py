"""Keeps the answers of one step; what an earlier step said stays."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.vault import Sealer
from secure_mail.domain.compose import Composition, OpenDraft
from secure_mail.domain.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveStep:
    """Seals the new answers under the draft's content key."""

    units: Units
    clock: Clock
    sealer: Sealer

    def __call__(self, opened: OpenDraft, answers: Composition) -> OpenDraft:
        """Raises Refusal STALE when another page of the same browser saved meanwhile."""
        draft = opened.draft
        sealed = self.sealer.seal_part(
            opened.key, draft.content_id, draft.form_part, answers.to_json()
        )
        saved = replace(
            draft, composition=sealed, updated_at=self.clock.now(), version=draft.version + 1
        )
        with self.units() as uow:
            if not uow.drafts.save(saved):
                raise Refusal(RefusalCode.STALE)
            uow.commit()
        return replace(opened, draft=saved, composition=answers)
