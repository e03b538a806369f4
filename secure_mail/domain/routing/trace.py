"""What each rule saw: kept with the decision, for staff a sentence, for auditors this."""

from __future__ import annotations

import json
from dataclasses import dataclass

from secure_mail.domain.routing.facts import Value, fact_rule

STATION = "authenticate"
"""Stands as the rule of what was found out about the sender before any rule was asked.

`fact` is then a partner's check (`op` is `required` or `seen`), or a method of sender
authentication (`op` is `found`, `seen` its result, `operand` the reason).
"""
JsonValue = str | int | bool | list[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """One comparison, or with `fact` = `rule` whether the rule as a whole held."""

    rule: str
    fact: str
    op: str
    operand: JsonValue
    seen: JsonValue
    """Masked: of what a person wrote, the first sign and the length at most."""
    result: bool

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "rule": self.rule,
            "fact": self.fact,
            "op": self.op,
            "operand": self.operand,
            "seen": self.seen,
            "result": self.result,
        }


class Trace:
    """Collects the lines of one evaluation."""

    def __init__(self) -> None:
        self._lines: list[TraceLine] = []
        self._rule = ""

    def begin(self, rule: str) -> None:
        """Everything compared from now on belongs to this rule."""
        self._rule = rule

    def compared(self, fact: str, op: str, operand: object, seen: Value, *, result: bool) -> None:
        self._add(fact, op, _plain(operand), masked(fact, seen), result=result)

    def ended(self, *, held: bool) -> None:
        """Writes whether the rule's condition as a whole was true."""
        self._add("rule", "holds", None, None, result=held)

    def noted(self, rule: str, op: str, operand: str, *, result: bool) -> None:
        """Writes what was decided outside the rules: a row of the eligibility table, a failure."""
        self._rule = rule
        self._add(rule, op, operand, None, result=result)

    def lines(self) -> tuple[TraceLine, ...]:
        return tuple(self._lines)

    def _add(
        self, fact: str, op: str, operand: JsonValue, seen: JsonValue, *, result: bool
    ) -> None:
        self._lines.append(
            TraceLine(rule=self._rule, fact=fact, op=op, operand=operand, seen=seen, result=result)
        )


def masked(fact: str, seen: Value) -> JsonValue:
    """The observed value as a trace may keep it."""
    rule = fact_rule(fact)
    if seen is None:
        return None
    if rule is None or rule.private:
        text = str(seen)
        return f"… ({len(text)})"
    return _plain(seen)


def to_json(lines: tuple[TraceLine, ...]) -> str:
    """The trace as it is stored: a JSON list, oldest line first."""
    return json.dumps([line.as_json() for line in lines], ensure_ascii=False)


def _plain(value: object) -> JsonValue:
    if isinstance(value, bool | int):
        return value
    if isinstance(value, frozenset):
        return sorted(str(word) for word in value)
    if isinstance(value, tuple):
        return [str(word) for word in value]
    return str(value)
