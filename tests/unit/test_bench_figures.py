"""The bench's arithmetic: percentiles, ratios of the same round, the order of rounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import Spread, paired, percentile, rotated

POSITIVE = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=50)


def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed():
    hundred = list(range(100, 0, -1))
    assert percentile(hundred, 0.5) == 50
    assert percentile(hundred, 0.99) == 99
    assert percentile(hundred, 1) == 100
    assert percentile([7.0], 0.99) == 7.0


def test_one_slow_letter_of_a_hundred_is_beyond_the_99th():
    assert percentile([1.0] * 99 + [500.0], 0.99) == 1.0
    assert percentile([1.0] * 98 + [500.0] * 2, 0.99) == 500.0


@pytest.mark.parametrize("share", [0, -0.1, 1.01])
def test_a_share_that_is_none_has_no_percentile(share):
    with pytest.raises(ValueError, match="share"):
        percentile([1.0], share)


def test_nothing_measured_is_no_figure():
    with pytest.raises(ValueError, match="values"):
        percentile([], 0.5)
    with pytest.raises(ValueError, match="round"):
        Spread.of([])


@given(values=POSITIVE, share=st.floats(0.01, 1))
def test_a_percentile_was_really_measured(values, share):
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9


def test_ratios_are_of_the_same_round_not_of_the_medians():
    # The machine was four times slower in the second round, for both.
    ours, theirs = [400.0, 100.0, 420.0], [200.0, 50.0, 100.0]
    assert paired(ours, theirs) == [2.0, 2.0, 4.2]
    assert Spread.of(paired(ours, theirs)).median == 2.0


def test_a_round_without_its_pair_is_refused():
    with pytest.raises(ValueError, match="lacks"):
        paired([1.0, 2.0], [1.0])


def test_a_reference_of_nothing_makes_no_finite_ratio():
    assert paired([1.0], [0.0]) == [float("inf")]


@given(values=POSITIVE)
def test_a_spread_is_in_order(values):
    spread = Spread.of(values)
    assert spread.least <= spread.median <= spread.most
    assert spread.factor >= 1


def test_a_spread_from_zero_is_endless():
    assert Spread.of([0.0, 1.0]).factor == float("inf")


def test_everybody_is_first_in_turn():
    names = ["a", "b", "c"]
    orders = [rotated(names, number) for number in range(4)]
    assert orders == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]]
