"""Ending a sender's links by staff."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secure_mail.application.auditing import audit_event
from secure_mail.application.links.ending import end_links
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.vault import Sealer
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.cases import CaseEvent, CaseEventKind
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import EventId, Reference
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import Purpose, queue_key


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLinks:
    """Revokes all links of a case's sender, with a reason for the timeline (rule 16); how many.

    Raises NOT_FOUND, NO_ACCESS, STALE.
    """

    units: Units
    clock: Clock
    ids: Ids
    sealer: Sealer
    rules: Rules

    def __call__(
        self, staff: StaffIdentity, reference: Reference, *, version: int, reason: str
    ) -> int:
        now = self.clock.now()
        event_id = EventId(self.ids.new())
        with self.units() as uow:
            case = uow.cases.by_reference(reference)
            if case is None:
                raise Refusal(RefusalCode.NOT_FOUND)
            queue = self.rules.in_force().queue(case.queue)
            if queue is None or not staff.may_work(case.queue):
                raise Refusal(RefusalCode.NO_ACCESS, queue=case.queue)
            if case.version != version or not uow.cases.save(replace(case, version=version + 1)):
                raise Refusal(RefusalCode.STALE)
            ended = 0
            if case.address_index is not None:
                ended = end_links(
                    uow, self.ids, case.address_index, now, reason="staff", actor=staff.actor
                )
            facts = {"links": str(ended)}
            kind, act = AuditKind.CASE_CHANGED, CaseEventKind.LINKS_ENDED
            uow.audit.add(
                audit_event(self.ids, now, kind, staff.actor, case.id, act=act.value, **facts)
            )
            holder = queue_key(queue.key)
            uow.cases.add_event(
                CaseEvent(
                    id=event_id,
                    case_id=case.id,
                    at=now,
                    kind=act,
                    actor=staff.actor,
                    facts=facts,
                    holder=holder,
                    note=self.sealer.seal_value(reason.encode(), holder, Purpose.NOTE, event_id),
                )
            )
            uow.commit()
        return ended
