from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.infrastructure.rules.business_days import FinnishBusinessDays, is_business_day

HELSINKI = ZoneInfo("Europe/Helsinki")
calendar = FinnishBusinessDays("Europe/Helsinki")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HELSINKI).astimezone(UTC)


@pytest.mark.parametrize(
    "day",
    [
        "2026-01-01", "2026-01-06", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14",
        "2026-06-19", "2026-12-24", "2026-12-25", "2024-12-06", "2025-06-20", "2026-02-28",
    ],
)  # fmt: skip
def test_offices_are_closed(day: str):
    assert not is_business_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    "day", ["2026-01-02", "2026-04-02", "2026-06-18", "2026-12-23", "2026-12-31"]
)
def test_offices_are_open(day: str):
    assert is_business_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-23T10:00", 5, "2026-11-30"),  # Monday to Monday
        ("2026-11-27T10:00", 1, "2026-11-30"),  # over a weekend
        ("2026-11-28T10:00", 1, "2026-11-30"),  # arrived on a Saturday: Monday is the first day
        ("2026-11-28T10:00", 0, "2026-11-30"),
        ("2026-11-27T23:59", 0, "2026-11-27"),
        ("2026-12-23T10:00", 1, "2026-12-28"),  # over Christmas Eve
        ("2026-06-18T10:00", 1, "2026-06-22"),  # over Midsummer Eve
        ("2026-03-27T10:00", 5, "2026-04-07"),  # over Easter and the change to summer time
        ("2026-10-23T10:00", 2, "2026-10-27"),  # over the change to winter time
        ("2026-12-30T10:00", 3, "2027-01-05"),  # over New Year
    ],
)
def test_due(start: str, days: int, due: str):
    assert calendar.due(local(start), days) == local(f"{due}T23:59:59")


def test_a_day_begins_at_midnight_in_finland():
    before = datetime(2026, 11, 23, 21, 59, 59, tzinfo=UTC)
    assert calendar.today(before) == date(2026, 11, 23)
    assert calendar.today(before + timedelta(seconds=1)) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("now", "late"),
    [
        ("2026-11-26T12:00", 0),
        ("2026-11-27T23:59:59", 0),  # the due day itself
        ("2026-11-28T12:00", 0),  # Saturday
        ("2026-11-30T00:00", 1),
        ("2026-12-07T12:00", 6),  # Independence Day was a Sunday
    ],
)
def test_days_late(now: str, late: int):
    assert calendar.days_late(local("2026-11-27T23:59:59"), local(now)) == late


@pytest.mark.parametrize(
    ("instant", "inside"),
    [
        ("2026-11-24T07:59:59", False),
        ("2026-11-24T08:00", True),
        ("2026-11-24T16:14:59", True),
        ("2026-11-24T16:15", False),
        ("2026-11-22T12:00", False),
        ("2026-12-24T12:00", False),
    ],
)
def test_business_hours_are_half_open(instant, inside):
    assert calendar.in_business_hours(local(instant)) is inside


@given(
    st.integers(0, 20 * 365 * 24 * 60).map(
        lambda minutes: local("2020-01-01T00:00") + timedelta(minutes=minutes)
    ),
    st.integers(0, 20),
)
def test_a_due_day_is_a_business_day_and_so_many_after_the_start(start: datetime, days: int):
    due = calendar.due(start, days)
    assert is_business_day(calendar.today(due))
    assert due.tzinfo is UTC
    if is_business_day(calendar.today(start)):
        assert calendar.days_late(start, due) == days
    assert calendar.days_late(due, due) == 0
