"""Check that every rule can be understood, reached and told apart."""

from __future__ import annotations

from collections.abc import Iterator

from secure_mail.domain.routing.conditions import AllOf, Always, AnyOf, Compare, Condition
from secure_mail.domain.routing.operators import Op
from secure_mail.domain.routing.rulebook import Rule, Stage, Stop
from secure_mail.infrastructure.rules.build import rule as built
from secure_mail.infrastructure.rules.check_references import Fault
from secure_mail.infrastructure.rules.schema import FileModel
from secure_mail.infrastructure.rules.strict_yaml import Path

ORDER = list(Stage)


def faults_of_rules(file: FileModel) -> Iterator[Fault]:
    """Faults of a rule by itself and of the order of all."""
    rules = [built(model) for model in file.rules]
    yield from _of_order(rules)
    for index, rule in enumerate(rules):
        yield from _of_actions(("rules", index), rule)
    route = [index for index, rule in enumerate(rules) if rule.stage is Stage.ROUTE]
    if not route or not isinstance(rules[route[-1]].when, Always):
        where: Path = ("rules", route[-1]) if route else ("rules",)
        yield where, "the last rule of route must say when: always and name a queue: add one"
    yield from _unreachable(rules, file)


def _of_order(rules: list[Rule]) -> Iterator[Fault]:
    seen: set[str] = set()
    stage = 0
    for index, rule in enumerate(rules):
        if rule.id in seen:
            yield ("rules", index, "id"), f"a second rule {rule.id}: give it another id"
        if rule.id.startswith("eligibility-"):
            yield ("rules", index, "id"), "eligibility-… names rows of the table: choose another id"
        seen.add(rule.id)
        if ORDER.index(rule.stage) < stage:
            later = ORDER[stage].value
            yield ("rules", index, "stage"), f"{rule.stage} after {later}: move the rule up"
        stage = max(stage, ORDER.index(rule.stage))


def _of_actions(path: Path, rule: Rule) -> Iterator[Fault]:
    then = rule.then
    if sum(part is not None for part in (then.queue, then.hold, then.refuse)) > 1:
        yield (*path, "then"), "sets more than one of queue, hold and refuse: keep one"
    if then == type(then)():
        yield (*path, "then"), "does nothing: name an action"
    if rule.stage is Stage.AFTER and (then.settles or then.join_case):
        yield (*path, "then"), "after may not set queue, hold, refuse or join_case: use route"
    early = rule.stage in (Stage.GUARD, Stage.ELIGIBILITY)
    if early and then.settles and rule.stop is not Stop.ALL:
        yield path, f"settles the message in {rule.stage}: add stop: all"
    if rule.stop is not None and rule.stage in (Stage.GUARD, Stage.ROUTE) and not then.settles:
        wrong = rule.stage is Stage.ROUTE or rule.stop is Stop.ALL
        if wrong:
            yield path, "stops before a queue is chosen: set a queue or remove stop"
    if rule.stage is Stage.ROUTE and isinstance(rule.when, Always) and not then.settles:
        yield path, "fits every message but chooses no queue: set one"


def _unreachable(rules: list[Rule], file: FileModel) -> Iterator[Fault]:
    stoppers: list[Rule] = []
    for index, rule in enumerate(rules):
        path: Path = ("rules", index)
        for earlier in stoppers:
            if earlier.stop is Stop.STAGE and earlier.stage is not rule.stage:
                continue
            if isinstance(earlier.when, Always):
                yield path, f"is never reached: {earlier.id} stops every message before it"
                break
            if earlier.when == rule.when:
                yield path, f"is never reached: {earlier.id} asks the same and stops"
                break
        if rule.stop is not None:
            stoppers.append(rule)
        if _impossible(rule.when, file):
            yield (*path, "when"), "can never be true: its mailbox and topic exclude each other"


Possible = frozenset[str] | None
"""The values a fact can have where a condition is true; None: any."""


def _impossible(when: Condition, file: FileModel) -> bool:
    boxes, topics = _possible(when, "mailbox"), _possible(when, "topic")
    if boxes is not None and not boxes:
        return True
    if topics is None:
        return False
    named = {file.topics[name].mailbox for name in topics if name in file.topics}
    return not topics or (boxes is not None and bool(named) and named.isdisjoint(boxes))


def _possible(when: Condition, fact: str) -> Possible:
    match when:
        case Compare(fact=asked, op=Op.EQ, operand=str(word)) if asked == fact:
            return frozenset({word})
        case Compare(fact=asked, op=Op.IN, operand=tuple(words)) if asked == fact:
            return frozenset(str(word) for word in words)
        case AllOf(of=parts):
            narrowed: Possible = None
            for part in parts:
                found = _possible(part, fact)
                if found is not None:
                    narrowed = found if narrowed is None else narrowed & found
            return narrowed
        case AnyOf(of=parts):
            widened: frozenset[str] = frozenset()
            for part in parts:
                found = _possible(part, fact)
                if found is None:
                    return None
                widened |= found
            return widened
        case _:
            return None
