"""Business days of a Finnish public body."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

OPENS, CLOSES = time(8), time(16, 15)
"""Office hours of state agencies (decree 332/1994)."""
_LAST_SECOND = time(23, 59, 59)
_DAY = timedelta(days=1)


class FinnishBusinessDays:
    """The port BusinessCalendar: Monday to Friday, public holidays of Finland left out.

    The eves of Christmas and Midsummer count as holidays, because offices are closed.
    """

    def __init__(self, timezone: str) -> None:
        """Takes the deployment's IANA time zone: `RuleBook.timezone`."""
        self._zone = ZoneInfo(timezone)

    def due(self, start: datetime, days: int) -> datetime:
        """The last second of that day, so that its date is the due day wherever it is shown."""
        day = self.today(start)
        while not is_business_day(day):
            day -= _DAY
        for _ in range(days):
            day = _next_business_day(day)
        if days == 0 and day != self.today(start):
            day = _next_business_day(day)
        return datetime.combine(day, _LAST_SECOND, self._zone).astimezone(UTC)

    def days_late(self, due: datetime, now: datetime) -> int:
        day, today = self.today(due), self.today(now)
        span = (today - day).days
        return sum(is_business_day(day + _DAY * passed) for passed in range(1, span + 1))

    def today(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    def in_business_hours(self, instant: datetime) -> bool:
        """Half-open: the closing minute is outside."""
        local = instant.astimezone(self._zone)
        return is_business_day(local.date()) and OPENS <= local.time() < CLOSES


def is_business_day(day: date) -> bool:
    """Whether offices are open on that day."""
    return day.weekday() < 5 and day not in _closed_days(day.year)


def _next_business_day(day: date) -> date:
    day += _DAY
    while not is_business_day(day):
        day += _DAY
    return day


@cache
def _closed_days(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FI", years=year))
