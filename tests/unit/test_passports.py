"""The partner passport: what is counted, what is shown, what runs out soon."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from secure_mail.domain.partners import Certificate, Check
from secure_mail.domain.passports import SHOWN, CheckDay, counted, passport
from tests.fakes.store import samples

TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def partner(**changes):
    return samples.partner(**{"require": (Check.DMARC,), **changes})


def seen(days_ago, **more):
    at = NOON - timedelta(days=days_ago)
    whose = more.pop("whose", partner())
    return counted(whose.id, at=at, day=TODAY - timedelta(days=days_ago), **more)


def made(whose, rows=()):
    return passport(whose, rows, TODAY, lambda instant: instant.date())


def test_what_is_counted_comes_in_the_order_of_the_checks():
    rows = seen(0, held={Check.SMIME, Check.TLS}, missed={Check.NETWORK}, times=3)
    assert [(row.check, row.held, row.missed) for row in rows] == [
        (Check.TLS, 3, 0),
        (Check.NETWORK, 0, 3),
        (Check.SMIME, 3, 0),
    ]
    assert {row.last_held_at for row in rows} == {NOON, None}
    assert {row.last_missed_at for row in rows} == {NOON, None}


def test_a_new_partner_has_its_required_checks_and_no_days():
    found = made(partner())
    assert [(one.check, one.required, one.held) for one in found.standings] == [
        (Check.TLS, True, 0),
        (Check.DMARC, True, 0),
    ]
    assert (found.days, found.expiries, found.warnings) == ((), (), ())


def test_counts_are_of_thirty_days_and_the_last_times_of_all():
    whose = partner()
    rows = [
        *seen(SHOWN, whose=whose, held={Check.TLS}, missed={Check.DMARC}),
        *seen(SHOWN - 1, whose=whose, held={Check.TLS}, missed=()),
        *seen(0, whose=whose, held={Check.TLS, Check.NETWORK}, missed=()),
    ]
    found = made(whose, rows)
    by_check = {one.check: one for one in found.standings}
    assert (by_check[Check.TLS].held, by_check[Check.TLS].last_held_at) == (2, NOON)
    assert (by_check[Check.DMARC].missed, by_check[Check.DMARC].last_missed_at) == (
        0,
        NOON - timedelta(days=SHOWN),
    )
    assert by_check[Check.NETWORK].required is False
    assert [day for day, _ in found.days] == [TODAY, TODAY - timedelta(days=SHOWN - 1)]
    assert [row.check for row in found.days[0][1]] == [Check.TLS, Check.NETWORK]


@pytest.mark.parametrize(
    ("ends", "days", "soon"),
    [
        (TODAY + timedelta(days=31), 31, False),
        (TODAY + timedelta(days=30), 30, True),
        (TODAY, 0, True),
        (TODAY - timedelta(days=1), -1, True),
    ],
)
def test_what_ends_within_thirty_days_is_warned_of(ends, days, soon):
    at = datetime(ends.year, ends.month, ends.day, 23, 59, tzinfo=UTC)
    certificate = Certificate(fingerprint="ab" * 32, pem="", not_after=at)
    found = made(partner(until=ends, certificates=(certificate,)))
    assert [(one.fingerprint, one.on, one.days) for one in found.expiries] == [
        (None, ends, days),
        ("ab" * 32, ends, days),
    ]
    assert len(found.warnings) == (2 if soon else 0)


def test_a_row_says_nothing_of_a_mail():
    assert set(CheckDay.__dataclass_fields__) == {
        "partner_id",
        "day",
        "check",
        "held",
        "missed",
        "last_held_at",
        "last_missed_at",
    }
