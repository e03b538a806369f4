"""Which messages are fetched next, and how long to wait after a failure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from secure_mail.domain.fetching import LONGEST_PAUSE, Fetch, FetchState, due, left_behind, pause
from tests.fakes.chance import START

MINUTE = timedelta(minutes=1)


def known(**states):
    """`u7=("fetching", 2)`."""
    return {
        int(name[1:]): Fetch(
            account="a",
            folder="INBOX",
            uidvalidity=1,
            uid=int(name[1:]),
            state=FetchState(state),
            tries=tries,
            touched_at=START,
        )
        for name, (state, tries) in states.items()
    }


def test_new_messages_come_before_those_that_failed():
    seen = known(u1=("fetching", 2), u2=("stored", 1), u3=("failed", 3), u4=("fetching", 1))
    assert due({6, 5, 4, 3, 2, 1}, seen, START + MINUTE, MINUTE) == [5, 6, 4, 1]


def test_the_last_try_waits_a_while():
    seen = known(u1=("fetching", 1), u2=("fetching", 2), u3=("fetching", 3))
    soon, later = START + MINUTE - timedelta(seconds=1), START + MINUTE
    assert due({1, 2, 3}, seen, soon, MINUTE) == [1, 3]
    assert due({1, 2, 3}, seen, later, MINUTE) == [1, 2, 3]


def test_what_is_settled_and_still_there_is_to_be_moved():
    seen = known(u1=("fetching", 2), u2=("stored", 1), u3=("failed", 3), u9=("stored", 1))
    assert left_behind({1, 2, 3, 4}, seen) == [2, 3]


@pytest.mark.parametrize(
    ("failures", "longest"), [(0, 1), (1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (10**9, 300)]
)
def test_pauses_grow_to_five_minutes_and_are_spread(failures, longest):
    assert pause(failures, 1.0) == longest <= LONGEST_PAUSE
    assert pause(failures, 0.0) == longest / 2
