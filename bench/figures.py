"""The bench's arithmetic: pure, so that it can be tested without running anything."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Spread:
    """What several rounds gave."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Raises ValueError when there is no value."""
        if not values:
            raise ValueError("no round, no figure")
        return cls(min(values), statistics.median(values), max(values))

    @property
    def factor(self) -> float:
        """How far apart the rounds were: most over least."""
        return self.most / self.least if self.least > 0 else float("inf")


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not exceed (nearest rank: one that was really measured)."""
    if not values or not 0 < share <= 1:
        raise ValueError("a percentile needs values and a share above 0, up to 1")
    return sorted(values)[ceil(share * len(values)) - 1]


def paired(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Ratios within each round: what slows the machine down for a while slows both."""
    if len(ours) != len(theirs):
        raise ValueError("a round lacks one of the two")
    return [
        own / other if other > 0 else float("inf") for own, other in zip(ours, theirs, strict=True)
    ]


def rotated(names: Sequence[str], number: int) -> list[str]:
    """The order of one round: everybody is first in turn, and follows the same neighbour."""
    start = number % len(names)
    return [*names[start:], *names[:start]]
