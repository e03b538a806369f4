"""To another queue: 32 octets per message are re-sealed, the content is not; arrival time stays."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secure_mail.application.casework.opening import Opening
from secure_mail.application.casework.trail import Trail, save_next, workable_case
from secure_mail.application.ports.clock import BusinessCalendar
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.ports.vault import Opener, Sealer
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.cases import Case, CaseEventKind, SealedSummary
from secure_mail.domain.ids import ContentId, QueueName, Reference
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import KeyName, Purpose, SealedKey, queue_key


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCase:
    """Raises Refusal NOT_FOUND (no such case, or no other queue of that name), NO_ACCESS, STALE;
    CannotOpenError, recorded as an alarm.
    """

    units: Units
    rules: Rules
    calendar: BusinessCalendar
    opener: Opener
    sealer: Sealer
    opening: Opening
    trail: Trail

    def __call__(
        self,
        staff: StaffIdentity,
        reference: Reference,
        version: int,
        to: QueueName,
        reason: str = "",
    ) -> Case:
        """`reason` is for colleagues: the new queue reads it, the sender never does."""
        book = self.rules.in_force()
        target = book.queue(to)
        if target is None:
            raise Refusal(RefusalCode.NOT_FOUND)
        with self.trail.alarmed(self.units, staff, str(reference)), self.units() as uow:
            case = workable_case(uow, staff, reference, version)
            if case.queue == to:
                raise Refusal(RefusalCode.NOT_FOUND)
            holder = queue_key(target.key)
            self._reseal(uow, case, holder)
            days = book.sla_of(target).first_reply
            moved = save_next(
                uow,
                replace(
                    case,
                    queue=target.name,
                    assignee=None,
                    due_at=None if days is None else self.calendar.due(case.received_at, days),
                ),
            )
            self.trail.write(
                uow,
                staff,
                case.id,
                CaseEventKind.TRANSFERRED,
                reason,
                self.sealer,
                holder,
                before=case.queue,
                to=target.name,
            )
            uow.commit()
        return moved

    def _reseal(self, uow: UnitOfWork, case: Case, holder: KeyName) -> None:
        for message in uow.messages.of_case(case.id):
            key = self._key(message.sealed_key, message.content_id, holder)
            uow.messages.save(replace(message, sealed_key=key), message.state)
        for reply in uow.replies.of_case(case.id):
            key = self._key(reply.for_staff, reply.content_id, holder)
            uow.replies.reseal(reply.id, key)
        for summary in self.opening.summaries(uow.cases.summaries([case.id])).values():
            sealed = self.sealer.seal_value(summary.to_json(), holder, Purpose.SUMMARY, case.id)
            uow.cases.put_summary(SealedSummary(case_id=case.id, holder=holder, sealed=sealed))
        for event in uow.cases.events(case.id):
            if event.note is not None:
                text = self.opening.note(event).encode()
                note = self.sealer.seal_value(text, holder, Purpose.NOTE, event.id)
                uow.cases.replace_event_seal(replace(event, holder=holder, note=note))

    def _key(self, sealed: SealedKey, content: ContentId, holder: KeyName) -> SealedKey:
        return self.sealer.seal_key(self.opener.open_key(sealed, content), holder, content)
