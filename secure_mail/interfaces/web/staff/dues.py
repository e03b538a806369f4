"""When a case is to be answered, as a page marks it: late, today, or a day to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from secure_mail.application.ports.clock import BusinessCalendar
from secure_mail.domain.cases import TO_ANSWER, Case


@dataclass(frozen=True, slots=True)
class Dues:
    """Judged at one instant, for a whole page."""

    calendar: BusinessCalendar
    now: datetime

    def of(self, case: Case) -> dict[str, object]:
        """`due_at`, `due` (late, today, None), `late_days` (at least one when late)."""
        late = case.overdue_at(self.now)
        days = 0
        if late and case.due_at is not None:
            days = max(1, self.calendar.days_late(case.due_at, self.now))
        due_at = case.due_at if case.state in TO_ANSWER else None
        today = due_at is not None and self._day(due_at) == self._day(self.now)
        mark = "late" if late else "today" if today else None
        return {"due_at": case.due_at, "due": mark, "late_days": days}

    def _day(self, instant: datetime) -> object:
        return self.calendar.today(instant)
