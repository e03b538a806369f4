"""Check that every question suits its fact."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from secure_mail.domain.routing.conditions import Compare
from secure_mail.domain.routing.facts import HEADER, FactKind, FactRule, fact_rule
from secure_mail.domain.routing.operators import ASKED_OF, Op
from secure_mail.domain.routing.rulebook import Stage
from secure_mail.infrastructure.rules.build import comparisons
from secure_mail.infrastructure.rules.build import rule as built
from secure_mail.infrastructure.rules.check_references import Fault
from secure_mail.infrastructure.rules.patterns import InvalidPatternError, check_pattern
from secure_mail.infrastructure.rules.schema import FileModel
from secure_mail.infrastructure.rules.strict_yaml import Path

_LOST_BOUNDARY = re.compile(r"\\b(?:\((?:\?:)?)?[^\x00-\x7f]|[^\x00-\x7f]\)?\\b")
_TYPES: dict[FactKind, type] = {FactKind.NUMBER: int, FactKind.FLAG: bool}


def faults_of_conditions(file: FileModel) -> Iterator[Fault]:
    """Questions that cannot be asked of their fact, words that do not exist, bad patterns."""
    for index, model in enumerate(file.rules):
        rule = built(model)
        path: Path = ("rules", index, "when")
        for asked in comparisons(rule.when):
            if asked.fact.startswith(HEADER) and rule.stage not in (Stage.GUARD, Stage.ROUTE):
                yield path, f"{asked.fact} may be read in guard and route only: move the rule"
            fact = fact_rule(asked.fact)
            if fact is not None:
                yield from ((path, what) for what in _of_question(asked, fact, file))


def _of_question(asked: Compare, fact: FactRule, file: FileModel) -> Iterator[str]:
    if asked.op not in ASKED_OF[fact.kind]:
        fitting = ", ".join(sorted(ASKED_OF[fact.kind]))
        yield f"{asked.fact} cannot be asked {asked.op}: use one of {fitting}"
        return
    name = asked.list_name
    if name is not None and name not in file.lists:
        yield f"no list {name}: write one of {', '.join(sorted(file.lists)) or 'lists:'}"
        return
    if asked.op is Op.MATCHES:
        yield from _of_pattern(str(asked.operand))
    if asked.op in (Op.EQ, Op.NE, Op.IN, Op.NOT_IN):
        words: tuple[str | int, ...] = (
            asked.operand if isinstance(asked.operand, tuple) else (asked.operand,)
        )
    elif asked.op is Op.IN_LIST and name is not None:
        words = tuple(file.lists[name])
    else:
        return
    wanted = _TYPES.get(fact.kind, str)
    if any(type(word) is not wanted for word in words):
        yield f"{asked.fact} is compared with another kind of value: write {_example(fact.kind)}"
        return
    known = fact.choices or _of_file(asked.fact, file)
    unknown = [word for word in words if known is not None and word not in known]
    if unknown and known is not None:
        said = ", ".join(map(str, unknown))
        yield f"{asked.fact} is never {said}: write one of {', '.join(sorted(known))}"


def _of_pattern(pattern: str) -> Iterator[str]:
    try:
        check_pattern(pattern)
    except InvalidPatternError as fault:
        yield f"the pattern does not compile ({fault}): write it without look-around or references"
    if _LOST_BOUNDARY.search(pattern):
        yield r"\b knows a-z and digits only: put it beside such a letter, or use (^|\PL)"


def _of_file(fact: str, file: FileModel) -> Collection[str] | None:
    named: dict[str, Collection[str]] = {
        "mailbox": file.mailboxes,
        "topic": file.topics,
        "purpose": file.purposes,
    }
    return named.get(fact)


def _example(kind: FactKind) -> str:
    match kind:
        case FactKind.NUMBER:
            return "a whole number"
        case FactKind.FLAG:
            return "true or false"
        case _:
            return "text, in quotation marks if it looks like a number"
