"""Limits of links.md rule 12 and of codes, with their edges as examples."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.domain.limits import (
    DAY,
    HOUR,
    Asked,
    CodeLimits,
    LinkLimits,
    code_allowed,
    code_digits,
    link_to_address_allowed,
    mail_to_domain_allowed,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIMITS = LinkLimits()
HERE, THERE = b"here", b"there"
SECOND = timedelta(seconds=1)


def asked(ago: timedelta, network: bytes = HERE, *, mailed: bool = True) -> Asked:
    return Asked(NOW - ago, network, mailed)


def spread(count: int, network: bytes = HERE) -> list[Asked]:
    """So many, none of them in the last hour."""
    return [asked(HOUR * (2 + n), network) for n in range(count)]


@pytest.mark.parametrize(("in_hour", "allowed"), [(2, True), (3, False)])
def test_rule_12_three_an_hour_for_one_network(in_hour, allowed):
    earlier = [asked(timedelta(minutes=5))] * in_hour
    assert link_to_address_allowed(LIMITS, earlier, HERE, NOW) is allowed


@pytest.mark.parametrize(
    ("ago", "allowed"),
    [(HOUR - SECOND, False), (HOUR, True), (HOUR + SECOND, True)],
)
def test_rule_12_the_hour_is_half_open(ago, allowed):
    assert link_to_address_allowed(LIMITS, [asked(ago)] * 3, HERE, NOW) is allowed


@pytest.mark.parametrize(
    ("ago", "allowed"),
    [(DAY - SECOND, False), (DAY, True), (DAY + SECOND, True)],
)
def test_rule_12_the_day_is_half_open(ago, allowed):
    earlier = [asked(ago), *spread(6)]
    assert link_to_address_allowed(LIMITS, earlier, HERE, NOW) is allowed


def test_rule_12_one_network_gets_seven_a_day_and_three_are_kept():
    assert link_to_address_allowed(LIMITS, spread(6), HERE, NOW)
    assert not link_to_address_allowed(LIMITS, spread(7), HERE, NOW)
    assert link_to_address_allowed(LIMITS, spread(7), THERE, NOW)
    assert link_to_address_allowed(LIMITS, spread(9), THERE, NOW)
    assert not link_to_address_allowed(LIMITS, spread(10), THERE, NOW)


def test_rule_12_a_stranger_who_used_up_the_hour_locks_nobody_out():
    stranger = [asked(timedelta(minutes=1), HERE)] * 3
    assert not link_to_address_allowed(LIMITS, stranger, HERE, NOW)
    assert link_to_address_allowed(LIMITS, stranger, THERE, NOW)


def test_rule_12_a_network_that_asked_a_day_ago_is_new_again():
    earlier = [asked(DAY, THERE), *spread(7, HERE)]
    assert link_to_address_allowed(LIMITS, earlier, THERE, NOW)
    assert not link_to_address_allowed(LIMITS, [asked(DAY - SECOND, THERE), *earlier], THERE, NOW)


def test_rule_12_a_request_that_was_turned_down_uses_up_nothing():
    turned_down = [asked(timedelta(minutes=1), mailed=False)] * 50
    assert link_to_address_allowed(LIMITS, turned_down, HERE, NOW)


@given(st.lists(st.tuples(st.timedeltas(timedelta(0), 2 * DAY), st.sampled_from([HERE, b"x"]))))
def test_rule_12_never_more_than_ten_a_day_and_a_newcomer_never_below_one_of_the_kept(history):
    earlier = [asked(ago, network) for ago, network in history]
    day = sum(1 for ago, _ in history if ago < DAY)
    hour = sum(1 for ago, _ in history if ago < HOUR)
    allowed = link_to_address_allowed(LIMITS, earlier, THERE, NOW)
    assert allowed == (day < 10 and hour < 6)


@pytest.mark.parametrize(
    ("domain", "count", "allowed"),
    [("kunta.example", 199, True), ("kunta.example", 200, False), ("gmail.com", 10_000, True)],
)
def test_rule_12_two_hundred_an_hour_for_a_domain_but_not_for_large_providers(
    domain, count, allowed
):
    assert mail_to_domain_allowed(LIMITS, domain, count) is allowed


def test_the_demo_multiplies_every_limit():
    wide = LIMITS.times(100)
    assert (wide.address_hour, wide.address_day, wide.kept_for_others) == (300, 1000, 300)
    assert (wide.network_hour, wide.domain_hour, wide.total_hour) == (1000, 20_000, 200_000)
    assert wide.exempt_domains == LIMITS.exempt_domains
    codes = CodeLimits().times(100)
    assert (codes.address_hour, codes.address_day, codes.network_hour) == (300, 600, 1000)
    assert codes.kept_for_others == 300


@pytest.mark.parametrize(
    ("mailed", "allowed"),
    [
        ([timedelta(minutes=1)] * 2, True),
        ([timedelta(minutes=1)] * 3, False),
        ([HOUR - SECOND] * 3, False),
        ([HOUR] * 3, True),
        ([HOUR * 2] * 5, True),
        ([HOUR * 2] * 6, False),
        ([DAY - SECOND] * 6, False),
        ([DAY] * 6, True),
    ],
)
def test_codes_three_an_hour_and_six_a_day(mailed, allowed):
    earlier = [asked(ago) for ago in mailed]
    assert code_allowed(CodeLimits(), earlier, HERE, NOW) is allowed


@pytest.mark.parametrize(
    ("mailed", "here", "there"),
    [
        ([timedelta(minutes=1)] * 3, False, True),
        ([timedelta(minutes=1)] * 5, False, True),
        ([timedelta(minutes=1)] * 6, False, False),
        ([HOUR * 2] * 8, False, True),
        ([HOUR * 2] * 9, False, False),
        ([DAY] * 9, True, True),
    ],
)
def test_a_stranger_who_used_up_the_codes_locks_nobody_out(mailed, here, there):
    earlier = [asked(ago) for ago in mailed]
    assert code_allowed(CodeLimits(), earlier, HERE, NOW) is here
    assert code_allowed(CodeLimits(), earlier, THERE, NOW) is there


def test_a_network_that_asked_for_a_code_within_the_day_has_no_share_of_the_kept():
    used_up = [asked(HOUR * 2)] * 6
    turned_down = asked(DAY - SECOND, THERE, mailed=False)
    assert not code_allowed(CodeLimits(), [turned_down, *used_up], THERE, NOW)
    assert code_allowed(CodeLimits(), [asked(DAY, THERE), *used_up], THERE, NOW)


def test_a_request_for_a_code_that_was_turned_down_uses_up_nothing():
    earlier = [asked(timedelta(minutes=1), mailed=False)] * 50
    assert code_allowed(CodeLimits(), earlier, HERE, NOW)


@pytest.mark.parametrize(("wrong", "digits"), [(0, 8), (10, 8), (11, 16)])
def test_more_than_ten_wrong_tries_make_the_next_codes_longer(wrong, digits):
    assert code_digits(wrong) == digits
