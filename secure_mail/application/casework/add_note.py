"""An internal note: sealed to the queue's key, never sent."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.casework.trail import Trail, save_next, workable_case
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.vault import Sealer
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.cases import Case, CaseEventKind
from secure_mail.domain.ids import Reference
from secure_mail.domain.sealing import queue_key


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """Raises Refusal NOT_FOUND, NO_ACCESS, STALE."""

    units: Units
    clock: Clock
    ids: Ids
    rules: Rules
    sealer: Sealer
    trail: Trail

    def __call__(self, staff: StaffIdentity, reference: Reference, version: int, text: str) -> Case:
        with self.units() as uow:
            case = workable_case(uow, staff, reference, version)
            holder = queue_key(self.rules.in_force().queues[case.queue].key)
            self.trail.write(uow, staff, case.id, CaseEventKind.NOTE, text, self.sealer, holder)
            noted = save_next(uow, case)
            uow.commit()
        return noted
