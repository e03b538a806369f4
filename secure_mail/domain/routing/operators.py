"""What each operator asks. Texts arrive folded, names of lists replaced by their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from secure_mail.domain.routing.facts import FactKind, Value


class Op(StrEnum):
    EQ = "eq"
    NE = "ne"
    IN = "in"
    NOT_IN = "not_in"
    IN_LIST = "in_list"
    CONTAINS = "contains"
    CONTAINS_ANY = "contains_any"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    MATCHES = "matches"
    GT = "gt"
    LT = "lt"
    EXISTS = "exists"
    INTERSECTS = "intersects"


Operand = str | int | bool | tuple[str | int, ...]


def _any_of(seen: Value, words: Operand) -> bool:
    return isinstance(words, tuple) and seen in words


def _contains(seen: Value, part: Operand) -> bool:
    return isinstance(seen, str) and isinstance(part, str) and part in seen


def _contains_any(seen: Value, parts: Operand) -> bool:
    return isinstance(parts, tuple) and any(_contains(seen, part) for part in parts)


def _starts(seen: Value, part: Operand) -> bool:
    return isinstance(seen, str) and isinstance(part, str) and seen.startswith(part)


def _ends(seen: Value, part: Operand) -> bool:
    return isinstance(seen, str) and isinstance(part, str) and seen.endswith(part)


def _greater(seen: Value, bound: Operand) -> bool:
    return isinstance(seen, int) and isinstance(bound, int) and seen > bound


def _less(seen: Value, bound: Operand) -> bool:
    return isinstance(seen, int) and isinstance(bound, int) and seen < bound


def _intersects(seen: Value, words: Operand) -> bool:
    return (
        isinstance(seen, frozenset)
        and isinstance(words, tuple)
        and any(word in seen for word in words)
    )


OPERATORS: Mapping[Op, Callable[[Value, Operand], bool]] = {
    Op.EQ: lambda seen, operand: seen == operand,
    Op.NE: lambda seen, operand: seen != operand,
    Op.IN: _any_of,
    Op.NOT_IN: lambda seen, words: not _any_of(seen, words),
    Op.IN_LIST: _any_of,
    Op.CONTAINS: _contains,
    Op.CONTAINS_ANY: _contains_any,
    Op.STARTS_WITH: _starts,
    Op.ENDS_WITH: _ends,
    # The seen value is then the set of the fact's patterns that occur in its text.
    Op.MATCHES: lambda hits, pattern: isinstance(hits, frozenset) and pattern in hits,
    Op.GT: _greater,
    Op.LT: _less,
    Op.EXISTS: lambda seen, wanted: (seen is not None) == wanted,
    Op.INTERSECTS: _intersects,
}

_WORDS = frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.IN_LIST, Op.EXISTS})
_PARTS = frozenset({Op.CONTAINS, Op.CONTAINS_ANY, Op.STARTS_WITH, Op.ENDS_WITH, Op.MATCHES})

ASKED_OF: Mapping[FactKind, frozenset[Op]] = {
    FactKind.WORD: _WORDS | _PARTS,
    FactKind.TEXT: _WORDS | _PARTS,
    FactKind.NUMBER: frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.GT, Op.LT, Op.EXISTS}),
    FactKind.FLAG: frozenset({Op.EQ, Op.NE, Op.EXISTS}),
    FactKind.SET: frozenset({Op.INTERSECTS, Op.EXISTS}),
}
"""Which operators may be asked of which kind of fact."""
