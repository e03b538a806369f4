"""Taking a case, taking the next one, handing one to a colleague."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secure_mail.application.casework.trail import (
    Trail,
    needs_work,
    save_next,
    workable_case,
)
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.store_casework import CaseQuery
from secure_mail.domain.access import MAY_WORK, StaffIdentity
from secure_mail.domain.cases import TO_ANSWER, Case, CaseEventKind, CaseState
from secure_mail.domain.ids import QueueName, Reference, StaffId
from secure_mail.domain.refusals import Refusal, RefusalCode

CANDIDATES = 5
"""Cases that "take the next" tries: a colleague may be taking the first at the same moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCase:
    """The case becomes this person's, and open if it was new."""

    units: Units
    trail: Trail

    def __call__(self, staff: StaffIdentity, reference: Reference, version: int) -> Case:
        """Raises Refusal NOT_FOUND, NO_ACCESS, STALE."""
        with self.units() as uow:
            case = workable_case(uow, staff, reference, version)
            taken = save_next(uow, _assigned(case, staff.id))
            self.trail.leave(uow, staff, case.id, CaseEventKind.CLAIMED)
            uow.commit()
        return taken


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeNext:
    """The unassigned case of the queue that is due first; None when there is none."""

    units: Units
    trail: Trail

    def __call__(self, staff: StaffIdentity, queue: QueueName) -> Case | None:
        """Raises Refusal NO_ACCESS."""
        needs_work(staff, queue)
        waiting = CaseQuery(
            queues=(queue,),
            states=TO_ANSWER,
            unassigned=True,
            limit=CANDIDATES,
        )
        with self.units() as uow:
            for case in uow.cases.page(waiting).cases:
                taken = replace(_assigned(case, staff.id), version=case.version + 1)
                if uow.cases.save(taken):
                    self.trail.leave(uow, staff, case.id, CaseEventKind.CLAIMED)
                    uow.commit()
                    return taken
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignCase:
    """Hands the case to a colleague who works in its queue, or to nobody."""

    units: Units
    trail: Trail

    def __call__(
        self, staff: StaffIdentity, reference: Reference, version: int, to: StaffId | None
    ) -> Case:
        """Raises Refusal NOT_FOUND, NO_ACCESS (also when the colleague has none), STALE."""
        with self.units() as uow:
            case = workable_case(uow, staff, reference, version)
            if to is not None and to not in {
                one.id for one in uow.staff.holders(case.queue, MAY_WORK)
            }:
                raise Refusal(RefusalCode.NO_ACCESS, queue=case.queue)
            assigned = save_next(uow, _assigned(case, to))
            self.trail.leave(uow, staff, case.id, CaseEventKind.ASSIGNED, to=str(to) if to else "")
            uow.commit()
        return assigned


def _assigned(case: Case, to: StaffId | None) -> Case:
    state = CaseState.OPEN if case.state is CaseState.NEW and to else case.state
    return replace(case, assignee=to, state=state)
