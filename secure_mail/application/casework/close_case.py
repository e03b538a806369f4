"""Closing a case with a reason, and opening it again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secure_mail.application.casework.trail import Trail, save_next, workable_case
from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.cases import Case, CaseEventKind, CaseState, CloseReason
from secure_mail.domain.ids import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCase:
    """Raises Refusal NOT_FOUND, NO_ACCESS, STALE. Closing a closed case changes its reason."""

    units: Units
    clock: Clock
    trail: Trail

    def __call__(
        self, staff: StaffIdentity, reference: Reference, version: int, reason: CloseReason
    ) -> Case:
        with self.units() as uow:
            case = workable_case(uow, staff, reference, version)
            closed = save_next(
                uow,
                replace(
                    case,
                    state=CaseState.CLOSED,
                    close_reason=reason,
                    closed_at=self.clock.now(),
                    waiting_for=None,
                    waiting_until=None,
                ),
            )
            self.trail.leave(uow, staff, case.id, CaseEventKind.CLOSED, reason=reason.value)
            uow.commit()
        return closed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenCase:
    """Raises Refusal NOT_FOUND, NO_ACCESS, STALE."""

    units: Units
    trail: Trail

    def __call__(self, staff: StaffIdentity, reference: Reference, version: int) -> Case:
        with self.units() as uow:
            case = workable_case(uow, staff, reference, version)
            opened = save_next(
                uow,
                replace(
                    case,
                    state=CaseState.OPEN,
                    close_reason=None,
                    closed_at=None,
                    waiting_for=None,
                    waiting_until=None,
                ),
            )
            self.trail.leave(uow, staff, case.id, CaseEventKind.REOPENED)
            uow.commit()
        return opened
