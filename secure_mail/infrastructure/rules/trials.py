"""The file's own tests: each gives facts and says what must come of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from secure_mail.domain.routing.evaluate import Decision, decide
from secure_mail.domain.routing.facts import FACTS, HEADER, Facts, attribute
from secure_mail.domain.routing.rulebook import RuleBook
from secure_mail.infrastructure.rules.schema import FileModel, TrialModel


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """How one test of the file went."""

    name: str
    line: int
    faults: tuple[str, ...]
    """Empty: it passed."""
    hit: frozenset[str]
    """Ids of the rules whose condition was true."""

    @property
    def passed(self) -> bool:
        return not self.faults


_FACTS = TypeAdapter(Facts)


def run_trials(
    file: FileModel, book: RuleBook, line_of: Callable[[int], int]
) -> Iterator[TrialResult]:
    """Runs every test; `line_of` gives the line of a test by its place."""
    for index, trial in enumerate(file.tests):
        yield _run(trial, book, line_of(index))


def _run(trial: TrialModel, book: RuleBook, line: int) -> TrialResult:
    try:
        facts = given_facts(trial.given)
    except ValueError as fault:
        return TrialResult(name=trial.name, line=line, faults=(str(fault),), hit=frozenset())
    decision = decide(book, facts)
    hit = frozenset(seen.rule for seen in decision.trace if seen.fact == "rule" and seen.result)
    faults = tuple(_differences(trial, decision))
    return TrialResult(name=trial.name, line=line, faults=faults, hit=hit)


def given_facts(given: Mapping[str, str | bool | int | list[str]]) -> Facts:
    """Facts out of the names that rules use. Raises ValueError that says which name or value."""
    values: dict[str, object] = {}
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in given.items():
        if name.startswith(HEADER):
            listed = value if isinstance(value, list) else [str(value)]
            headers[name.removeprefix(HEADER)] = tuple(listed)
        elif name in FACTS:
            values[attribute(name)] = value
        else:
            raise ValueError(f"no fact {name}: write one of {', '.join(sorted(FACTS))}")
    try:
        return _FACTS.validate_python({**values, "headers": headers})
    except ValidationError as fault:
        first = fault.errors(include_input=False, include_url=False)[0]
        raise ValueError(f"given {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _differences(trial: TrialModel, decision: Decision) -> Iterator[str]:
    for name in sorted(trial.expect.model_fields_set):
        wanted: object = getattr(trial.expect, name)
        found: object = getattr(decision, name)
        if isinstance(found, tuple):
            found = list(found)
        if wanted != found:
            yield f"expected {name} {_said(wanted)}, came {_said(found)} by rule {decision.rule}"


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return "nothing" if value is None else str(value)
