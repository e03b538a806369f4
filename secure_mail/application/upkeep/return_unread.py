"""An answer that was not displayed in 14 days goes back to its clerk: send it by post."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import Units
from secure_mail.domain.cases import (
    ANSWER_UNREAD,
    AnswerState,
    CaseEvent,
    CaseEventKind,
    CaseState,
)
from secure_mail.domain.ids import EventId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnUnread:
    """Marks the case and opens it again; returns how many answers came back."""

    units: Units
    clock: Clock
    ids: Ids

    def __call__(self) -> int:
        now = self.clock.now()
        with self.units() as uow:
            unread = uow.replies.unread_since(now - ANSWER_UNREAD, 200)
            for reply in unread:
                uow.replies.save(replace(reply, reminded_at=now))
                case = uow.cases.get(reply.case_id)
                if case is None:
                    continue
                uow.cases.save(
                    replace(
                        case,
                        state=CaseState.OPEN,
                        answer=AnswerState.NOT_DISPLAYED,
                        closed_at=None,
                        close_reason=None,
                        version=case.version + 1,
                    )
                )
                uow.cases.add_event(
                    CaseEvent(
                        id=EventId(self.ids.new()),
                        case_id=case.id,
                        at=now,
                        kind=CaseEventKind.ANSWER_NOT_DISPLAYED,
                        actor="scheduler",
                        facts={"reply": str(reply.id)},
                    )
                )
            uow.commit()
        return len(unread)
