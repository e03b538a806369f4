"""Conditions of rules: what may be asked of a message, and how it is answered.

A missing fact is null: comparisons with it are false, negations true, never an exception.
Texts compare under NFKC and case folding, so `HÄLSOVÅRDSAVGIFT` is `hälsovårdsavgift`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, assert_never

from secure_mail.domain.routing.facts import Facts, Value
from secure_mail.domain.routing.operators import OPERATORS, Op, Operand
from secure_mail.domain.routing.trace import Trace


class PatternSet(Protocol):
    """Patterns compiled for linear-time search, by the fact that they are asked of."""

    def hits(self, fact: str, text: str) -> frozenset[str]:
        """Those of the fact's patterns that occur in the text; letter case does not matter."""
        ...


@dataclass(frozen=True, slots=True)
class Always:
    """Fits every message."""


@dataclass(frozen=True, slots=True)
class Compare:
    fact: str
    op: Op
    operand: Operand
    """As written; a single text at `in_list`, `contains_any`, `intersects` is a list's name."""

    @property
    def list_name(self) -> str | None:
        """The list of the rules file that stands for the operand."""
        named = self.op in (Op.IN_LIST, Op.CONTAINS_ANY, Op.INTERSECTS) and isinstance(
            self.operand, str
        )
        return str(self.operand) if named else None


@dataclass(frozen=True, slots=True)
class AllOf:
    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    of: Condition


Condition = Always | Compare | AllOf | AnyOf | Not


def fold(text: str) -> str:
    """The form two spellings share: NFKC, case folded, NFKC again (Unicode 3.13, D146)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


class Observation:
    """One message under evaluation: each fact is folded and searched once at most."""

    def __init__(
        self, facts: Facts, patterns: PatternSet, lists: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._facts = facts
        self._patterns = patterns
        self._lists = lists
        self._folded: dict[str, Value] = {}
        self._hits: dict[str, Value] = {}

    def holds(self, condition: Condition, trace: Trace) -> bool:
        """Whether the condition is true; every comparison made is written to the trace."""
        match condition:
            case Always():
                return True
            case AllOf():
                return all(self.holds(part, trace) for part in condition.of)
            case AnyOf():
                return any(self.holds(part, trace) for part in condition.of)
            case Not():
                return not self.holds(condition.of, trace)
            case Compare():
                result = OPERATORS[condition.op](self._seen(condition), self._operand(condition))
                raw = self._facts.value(condition.fact)
                trace.compared(condition.fact, condition.op, condition.operand, raw, result=result)
                return result
            case _ as unknown:
                assert_never(unknown)

    def _seen(self, asked: Compare) -> Value:
        known = self._hits if asked.op is Op.MATCHES else self._folded
        if asked.fact not in known:
            value = self._facts.value(asked.fact)
            known[asked.fact] = (
                self._search(asked.fact, value) if asked.op is Op.MATCHES else _folded(value)
            )
        return known[asked.fact]

    def _search(self, fact: str, value: Value) -> Value:
        if not isinstance(value, str):
            return None
        return self._patterns.hits(fact, unicodedata.normalize("NFKC", value))

    def _operand(self, asked: Compare) -> Operand:
        if asked.op is Op.MATCHES:
            return asked.operand
        name = asked.list_name
        operand = asked.operand if name is None else self._lists[name]
        if isinstance(operand, tuple):
            return tuple(fold(word) if isinstance(word, str) else word for word in operand)
        return fold(operand) if isinstance(operand, str) else operand


def _folded(value: Value) -> Value:
    if isinstance(value, frozenset):
        return frozenset(fold(word) for word in value)
    return fold(value) if isinstance(value, str) else value
