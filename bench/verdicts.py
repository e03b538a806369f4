"""The targets, and the rules by which a run says whether they are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bench.figures import Spread, paired

NOISE = 3.0
"""Beyond this factor between rounds of the reference itself, nothing is said."""


class Word(StrEnum):
    MET = "met"
    NOT_MET = "not met"
    NONE = "no verdict"
    ABSENT = "peer not installed"


class Measure(StrEnum):
    """What is compared, per round."""

    RATE = "rate"
    CPU = "cpu_ms"
    P50 = "p50_ms"
    P99 = "p99_ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bound on the ratio of ours to a peer's, in the same round."""

    number: str
    words: str
    case: str
    measure: Measure
    against: str
    bound: float
    """At least for a rate, at most for the rest."""
    every: float | None = None
    """The same for each single pair."""

    @property
    def at_least(self) -> bool:
        return self.measure is Measure.RATE

    def holds(self, ratio: float, bound: float) -> bool:
        return ratio >= bound if self.at_least else ratio <= bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One load on one contestant."""

    number: int
    rate: float
    cpu_ms: float
    p50_ms: float | None
    p99_ms: float | None
    memory: int
    load: float
    others: float
    """Cores that neither the contestant nor its client used, but somebody else did."""
    client: float
    """Share of one core that the load client used: near 1, it is the limit."""
    acknowledged: int
    errors: tuple[str, ...] = ()
    missing: int = 0
    """Acknowledged, but not found again as it was sent."""
    unknown: int = 0
    """Found, but never acknowledged."""

    def value(self, measure: Measure) -> float | None:
        found: float | None = getattr(self, measure.value)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    number: str
    words: str
    word: Word
    why: str = ""
    ratio: Spread | None = None
    bound: str = ""


def judged(target: Target, rounds: Mapping[str, Sequence[Round]], ours: str) -> Verdict:
    """What the rounds of a case say of a target."""
    sign, unit = ("≥", "×") if target.at_least else ("≤", "×")
    bound = f"{sign} {target.bound:.3g}{unit}"
    if target.every is not None:
        bound += f", every pair {sign} {target.every:.3g}{unit}"

    def said(word: Word, why: str = "", ratio: Spread | None = None) -> Verdict:
        return Verdict(
            number=target.number, words=target.words, word=word, why=why, ratio=ratio, bound=bound
        )

    mine, theirs = rounds.get(ours, ()), rounds.get(target.against, ())
    if not theirs:
        return said(Word.ABSENT, target.against)
    values = [[one.value(target.measure) for one in side] for side in (mine, theirs)]
    known = [[value for value in side if value is not None] for side in values]
    if not mine or len(known[0]) < len(mine) or len(known[1]) < len(theirs):
        return said(Word.NONE, "not measured")
    ratios = paired(*known)
    ratio = Spread.of(ratios)
    if lost := sum(one.missing for one in mine):
        return said(Word.NOT_MET, f"{lost} acknowledged letters are missing", ratio)
    if why := _spoilt(mine, theirs, Spread.of(known[1]), target.against):
        return said(Word.NONE, why, ratio)
    held = target.holds(ratio.median, target.bound)
    if target.every is not None:
        held = held and all(target.holds(each, target.every) for each in ratios)
    return said(Word.MET if held else Word.NOT_MET, "", ratio)


def _spoilt(mine: Sequence[Round], theirs: Sequence[Round], reference: Spread, name: str) -> str:
    """Why the rounds prove nothing; empty when they do."""
    for side in (mine, theirs):
        for one in side:
            if one.errors:
                return f"errors: {one.errors[0]}"
            if one.missing or one.unknown:
                return f"letters missing: {one.missing}, never acknowledged: {one.unknown}"
    if reference.factor > NOISE:
        return f"{name} itself differed by {reference.factor:.1f} between rounds: too noisy"
    return ""


def bounded(number: str, words: str, value: float, most: float, unit: str) -> Verdict:
    """A figure with a bound of its own, compared with nobody."""
    return Verdict(
        number=number,
        words=words,
        word=Word.MET if value <= most else Word.NOT_MET,
        why=f"{value:.1f} {unit}",
        bound=f"≤ {most:g} {unit}",
    )


def voided(verdicts: Sequence[Verdict], honesty: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts of a run; none is good when letters were lost, or lay in the clear."""
    if all(one.word is not Word.NOT_MET for one in honesty):
        return [*verdicts, *honesty]
    why = "void: a fast figure that breaks a promise is none"
    return [
        *(
            replace(one, word=Word.NONE, why=why) if one.word is Word.MET else one
            for one in verdicts
        ),
        *honesty,
    ]
