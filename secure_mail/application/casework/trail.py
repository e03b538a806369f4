"""What every change of a case leaves behind: a line of its timeline and an audit event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.blobs import BlobMissingError
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.ports.vault import Sealer
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.cases import Case, CaseEvent, CaseEventKind
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import CaseId, EventId, QueueName, Reference
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import CannotOpenError, KeyName, Purpose


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

    def write(
        self,
        uow: UnitOfWork,
        staff: StaffIdentity,
        case: CaseId,
        kind: CaseEventKind,
        text: str,
        sealer: Sealer,
        holder: KeyName,
        **facts: str,
    ) -> None:
        """As `leave`, with words of the clerk's that only the queue's key opens."""
        event_id = EventId(self.ids.new())
        event = CaseEvent(
            id=event_id,
            case_id=case,
            at=self.clock.now(),
            kind=kind,
            actor=staff.actor,
            facts=facts,
            holder=holder,
            note=sealer.seal_value(text.encode(), holder, Purpose.NOTE, event_id),
        )
        uow.cases.add_event(event)
        self.audit(uow, staff, str(case), AuditKind.CASE_CHANGED, act=kind.value, **facts)

    def audit(
        self, uow: UnitOfWork, staff: StaffIdentity, subject: str, kind: AuditKind, **facts: str
    ) -> None:
        uow.audit.add(audit_event(self.ids, self.clock.now(), kind, staff.actor, subject, **facts))

    @contextmanager
    def alarmed(self, units: Units, staff: StaffIdentity, subject: str) -> Iterator[None]:
        """Records that something stored did not open as it was sealed; the error goes on.

        Enter it outside of a transaction: the record has one of its own.
        """
        try:
            yield
        except (CannotOpenError, BlobMissingError):
            with units() as uow:
                self.audit(uow, staff, subject, AuditKind.SEAL_BROKEN)
                uow.commit()
            raise


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
