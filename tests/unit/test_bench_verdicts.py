"""The rules of a verdict: no ratio without a peer, none with errors, none in too much noise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.honesty import Killed
from bench.plan import FULL, OURS, POSTFIX, QUICK, STOCK, TARGETS
from bench.verdicts import Measure, Round, Target, Verdict, Word, bounded, judged, voided

TWICE = Target(
    number="P1",
    words="rate",
    case="P1",
    measure=Measure.RATE,
    against=POSTFIX,
    bound=2.0,
    every=1.0,
)
THIRD = Target(
    number="P5", words="cpu", case="P1", measure=Measure.CPU, against=POSTFIX, bound=1 / 3
)
A_ROUND = Round(
    number=0,
    rate=1000.0,
    cpu_ms=1.0,
    p50_ms=10.0,
    p99_ms=40.0,
    memory=1,
    load=0.0,
    others=0.0,
    client=0.2,
    acknowledged=1000,
)


def rounds(measure, *values, **changed):
    return [replace(A_ROUND, **{measure: value}, **changed) for value in values]


def verdict(target, ours, theirs):
    return judged(target, {OURS: ours, POSTFIX: theirs}, OURS)


def test_the_median_of_the_pairs_decides():
    found = verdict(TWICE, rounds("rate", 2100, 1900, 2500), rounds("rate", 1000, 1000, 1000))
    assert found.word is Word.MET
    assert (found.ratio.least, found.ratio.median, found.ratio.most) == (1.9, 2.1, 2.5)


def test_just_the_bound_is_met_and_just_below_is_not():
    theirs = rounds("rate", 1000)
    assert verdict(TWICE, rounds("rate", 2000), theirs).word is Word.MET
    assert verdict(TWICE, rounds("rate", 1999), theirs).word is Word.NOT_MET


def test_one_bad_pair_is_enough_where_every_pair_counts():
    found = verdict(TWICE, rounds("rate", 3000, 3000, 990), rounds("rate", 1000, 1000, 1000))
    assert found.ratio.median == 3.0
    assert found.word is Word.NOT_MET


def test_of_cost_less_is_better():
    theirs = rounds("cpu_ms", 3.0, 3.0, 3.0)
    assert verdict(THIRD, rounds("cpu_ms", 1.0, 0.9, 0.8), theirs).word is Word.MET
    assert verdict(THIRD, rounds("cpu_ms", 1.1, 1.1, 0.1), theirs).word is Word.NOT_MET


def test_without_the_peer_there_is_no_ratio():
    found = judged(TWICE, {OURS: rounds("rate", 9000)}, OURS)
    assert found.word is Word.ABSENT
    assert found.ratio is None


@pytest.mark.parametrize("side", [0, 1])
def test_an_error_on_either_side_forbids_a_verdict(side):
    sides = [rounds("rate", 3000, 3000), rounds("rate", 1000, 1000)]
    sides[side][1] = replace(sides[side][1], errors=("Lost: 451",))
    found = verdict(TWICE, *sides)
    assert found.word is Word.NONE
    assert "451" in found.why


def test_a_letter_of_ours_that_is_missing_is_a_failure_however_fast():
    found = verdict(TWICE, rounds("rate", 9000, missing=1), rounds("rate", 1000))
    assert found.word is Word.NOT_MET
    assert "missing" in found.why


def test_a_peer_that_lost_letters_is_no_reference():
    found = verdict(TWICE, rounds("rate", 3000), rounds("rate", 1000, missing=1))
    assert found.word is Word.NONE


def test_a_letter_that_nobody_acknowledged_forbids_a_verdict():
    found = verdict(TWICE, rounds("rate", 3000, unknown=1), rounds("rate", 1000))
    assert found.word is Word.NONE


def test_a_reference_that_differs_from_itself_by_more_than_three_is_noise():
    ours = rounds("rate", 9000, 9000)
    assert verdict(TWICE, ours, rounds("rate", 1000, 3000)).word is Word.MET
    noisy = verdict(TWICE, ours, rounds("rate", 1000, 3001))
    assert noisy.word is Word.NONE
    assert "noisy" in noisy.why
    assert noisy.ratio is not None


def test_what_one_side_did_not_tell_is_not_measured():
    p50 = replace(TWICE, measure=Measure.P50, every=None)
    found = verdict(p50, rounds("p50_ms", 1.0), rounds("p50_ms", None))
    assert found.word is Word.NONE
    assert found.why == "not measured"


def test_a_figure_with_a_bound_of_its_own():
    assert bounded("P7", "idle", 40.0, 40, "KiB").word is Word.MET
    assert bounded("P7", "idle", 40.1, 40, "KiB").word is Word.NOT_MET


@pytest.mark.parametrize(
    ("killed", "word"),
    [
        (Killed(sent=100, acknowledged=40, missing=0, stored=41), Word.MET),
        (Killed(sent=100, acknowledged=40, missing=1, stored=40), Word.NOT_MET),
        (Killed(sent=100, acknowledged=0, missing=0, stored=0), Word.NONE),
        (Killed(sent=100, acknowledged=100, missing=0, stored=100), Word.NONE),
    ],
)
def test_a_kill_proves_something_only_amid_the_load(killed, word):
    assert killed.verdict.word is word


def test_a_broken_promise_voids_every_good_figure():
    met, missed = (Verdict(number="P1", words="", word=w) for w in (Word.MET, Word.NOT_MET))
    kept, broken = (Verdict(number="H1", words="", word=w) for w in (Word.MET, Word.NOT_MET))
    assert voided([met, missed], [kept]) == [met, missed, kept]
    assert [one.word for one in voided([met, missed], [broken])] == [
        Word.NONE,
        Word.NOT_MET,
        Word.NOT_MET,
    ]


@pytest.mark.parametrize("plan", [FULL, QUICK], ids=["full", "quick"])
def test_every_target_has_its_case_and_a_peer_that_is_measured(plan):
    assert {target.case for target in TARGETS} <= set(plan.cases)
    assert {target.against for target in TARGETS} <= {POSTFIX, STOCK}


def test_the_targets_are_those_of_the_design():
    bounds = {(target.number, target.measure, target.against): target.bound for target in TARGETS}
    assert bounds["P1", Measure.RATE, POSTFIX] == 2
    assert bounds["P2", Measure.RATE, POSTFIX] == 3
    assert bounds["P4", Measure.RATE, POSTFIX] == 1
    assert bounds["P5", Measure.CPU, POSTFIX] == bounds["P5", Measure.CPU, STOCK] == 1 / 3
    assert bounds["P6", Measure.P50, POSTFIX] == 0.5
    assert bounds["P6", Measure.P99, POSTFIX] == 1
