"""An internal note: sealed to the queue's key, never sent."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.casework.trail import Trail, save_next, workable_case
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.vault import Sealer
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.cases import Case, CaseEvent, CaseEventKind
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import EventId, Reference
from secure_mail.domain.sealing import Purpose, queue_key


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
            queue = self.rules.in_force().queues[case.queue]
            event_id, holder = EventId(self.ids.new()), queue_key(queue.key)
            uow.cases.add_event(
                CaseEvent(
                    id=event_id,
                    case_id=case.id,
                    at=self.clock.now(),
                    kind=CaseEventKind.NOTE,
                    actor=staff.actor,
                    holder=holder,
                    note=self.sealer.seal_value(text.encode(), holder, Purpose.NOTE, event_id),
                )
            )
            self.trail.audit(uow, staff, str(case.id), AuditKind.CASE_CHANGED, act="note")
            noted = save_next(uow, case)
            uow.commit()
        return noted
