"""An answer that was not displayed in 14 days goes back to its clerk: send it by post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.domain.cases import (
    ANSWER_UNREAD,
    Case,
    CaseEvent,
    CaseEventKind,
    Reply,
    returned_to_clerk,
)
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import EventId

BATCH = 200
SCHEDULER = "scheduler"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnUnread:
    """Marks the case and opens it again; returns how many answers came back."""

    units: Units
    clock: Clock
    ids: Ids

    def __call__(self) -> int:
        now, returned = self.clock.now(), 0
        with self.units() as uow:
            for reply in uow.replies.unread_since(now - ANSWER_UNREAD, BATCH):
                case = uow.cases.get(reply.case_id)
                # One that changed in this moment is looked at again in the next round.
                if case is None or not uow.cases.save(returned_to_clerk(case)):
                    continue
                returned += 1
                self._tell(uow, case, reply, now)
            uow.commit()
        return returned

    def _tell(self, uow: UnitOfWork, case: Case, reply: Reply, now: datetime) -> None:
        act, facts = CaseEventKind.ANSWER_NOT_DISPLAYED, {"reply": str(reply.id)}
        uow.cases.add_event(
            CaseEvent(
                id=EventId(self.ids.new()),
                case_id=case.id,
                at=now,
                kind=act,
                actor=SCHEDULER,
                facts=facts,
            )
        )
        kind = AuditKind.CASE_CHANGED
        uow.audit.add(audit_event(self.ids, now, kind, SCHEDULER, case.id, act=act.value, **facts))
