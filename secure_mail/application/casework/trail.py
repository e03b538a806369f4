"""What every change of a case leaves behind: a line of its timeline and an audit event."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import UnitOfWork
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.cases import Case, CaseEvent, CaseEventKind
from secure_mail.domain.events import AuditEvent, AuditKind
from secure_mail.domain.ids import CaseId, EventId, QueueName, Reference
from secure_mail.domain.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Writes the event and the audit of one act of a member of staff, in the act's transaction."""

    clock: Clock
    ids: Ids

    def leave(
        self,
        uow: UnitOfWork,
        staff: StaffIdentity,
        case: CaseId,
        kind: CaseEventKind,
        audit: AuditKind = AuditKind.CASE_CHANGED,
        **facts: str,
    ) -> datetime:
        """Returns the instant that both carry."""
        now = self.clock.now()
        event = CaseEvent(
            id=EventId(self.ids.new()),
            case_id=case,
            at=now,
            kind=kind,
            actor=staff.actor,
            facts=facts,
        )
        uow.cases.add_event(event)
        self.audit(uow, staff, str(case), audit, act=kind.value, **facts)
        return now

    def audit(
        self, uow: UnitOfWork, staff: StaffIdentity, subject: str, kind: AuditKind, **facts: str
    ) -> None:
        uow.audit.add(
            AuditEvent(
                id=EventId(self.ids.new()),
                at=self.clock.now(),
                kind=kind,
                actor=staff.actor,
                subject=subject,
                facts=facts,
            )
        )


def readable_case(uow: UnitOfWork, staff: StaffIdentity, reference: Reference) -> Case:
    """The case, if this person may read its queue.

    Raises Refusal NOT_FOUND, NO_ACCESS (fact `queue`: whom to ask).
    """
    case = uow.cases.by_reference(reference)
    if case is None:
        raise Refusal(RefusalCode.NOT_FOUND)
    if not staff.may_read(case.queue):
        raise Refusal(RefusalCode.NO_ACCESS, queue=case.queue)
    return case


def workable_case(
    uow: UnitOfWork, staff: StaffIdentity, reference: Reference, version: int
) -> Case:
    """The case, if this person may change it and has seen its latest version.

    Raises Refusal NOT_FOUND, NO_ACCESS, STALE.
    """
    case = readable_case(uow, staff, reference)
    needs_work(staff, case.queue)
    if case.version != version:
        raise Refusal(RefusalCode.STALE)
    return case


def needs_work(staff: StaffIdentity, queue: QueueName) -> None:
    """Raises Refusal NO_ACCESS unless the person works in the queue."""
    if not staff.may_work(queue):
        raise Refusal(RefusalCode.NO_ACCESS, queue=queue)


def save_next(uow: UnitOfWork, changed: Case) -> Case:
    """Stores the next version. Raises Refusal STALE when someone was faster."""
    following = replace(changed, version=changed.version + 1)
    if not uow.cases.save(following):
        raise Refusal(RefusalCode.STALE)
    return following
