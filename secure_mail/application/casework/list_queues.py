"""The queues of a member of staff, with their counts."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.ports.clock import BusinessCalendar, Clock
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.store_casework import QueueCount
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.routing.rulebook import TRIAGE, QueueRule


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLines:
    queues: tuple[tuple[QueueRule, QueueCount], ...]
    mine: int
    held: int | None
    """None: this person does not read triage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQueues:
    """Queues the person may read, in the rules file's order."""

    units: Units
    clock: Clock
    rules: Rules
    calendar: BusinessCalendar

    def __call__(self, staff: StaffIdentity) -> QueueLines:
        now = self.clock.now()
        book = self.rules.in_force()
        readable = [queue for queue in book.queues.values() if staff.may_read(queue.name)]
        today_end = self.calendar.due(now, 0)
        with self.units.reading() as uow:
            counts = uow.cases.counts([q.name for q in readable], now, today_end, staff.id)
            held = uow.messages.held_count() if staff.may_read(TRIAGE) else None
        return QueueLines(
            queues=tuple((queue, counts[queue.name]) for queue in readable),
            mine=sum(count.mine for count in counts.values()),
            held=held,
        )
