"""Patterns on a linear-time engine (google-re2): no text can make a rule slow."""

from __future__ import annotations

from collections.abc import Iterable

import re2

MAX_MEMORY = 64 * 1024 * 1024
"""Octets for one automaton: far more than it needs, because a full one finds nothing."""


class InvalidPatternError(ValueError):
    """The pattern does not compile; the text says why."""


class Re2Patterns:
    """The domain's PatternSet: one automaton per fact, which finds all its patterns in one pass."""

    def __init__(self, patterns: Iterable[tuple[str, str]]) -> None:
        """Takes pairs of fact and pattern; raises InvalidPatternError."""
        self._sets: dict[str, tuple[re2.Set, tuple[str, ...]]] = {}
        by_fact: dict[str, dict[str, None]] = {}
        for fact, pattern in patterns:
            by_fact.setdefault(fact, {})[pattern] = None
        for fact, wanted in by_fact.items():
            automaton = re2.Set.SearchSet(_options())
            for pattern in wanted:
                check_pattern(pattern)
                automaton.Add(pattern)
            automaton.Compile()
            self._sets[fact] = (automaton, tuple(wanted))

    def hits(self, fact: str, text: str) -> frozenset[str]:
        if fact not in self._sets:
            return frozenset()
        automaton, patterns = self._sets[fact]
        found = automaton.Match(text.encode(errors="replace")) or ()
        return frozenset(patterns[index] for index in found)


def check_pattern(pattern: str) -> None:
    """Raises InvalidPatternError for a pattern that the engine cannot hold to linear time."""
    try:
        re2.compile(pattern, _options())
    except re2.error as fault:
        reason = fault.args[0]
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise InvalidPatternError(text) from None


def _options() -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.never_capture = True
    options.max_mem = MAX_MEMORY
    return options
