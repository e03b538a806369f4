"""Loading a rules file: sound, complete and tested by itself, or not used at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pydantic import ValidationError

from secure_mail.domain.routing.rulebook import RuleBook
from secure_mail.infrastructure.rules.build import patterns_of, rule, rule_book
from secure_mail.infrastructure.rules.check_conditions import faults_of_conditions
from secure_mail.infrastructure.rules.check_references import (
    Fault,
    faults_of_eligibility,
    faults_of_references,
)
from secure_mail.infrastructure.rules.check_rules import faults_of_rules
from secure_mail.infrastructure.rules.findings import Finding, InvalidRulesError
from secure_mail.infrastructure.rules.patterns import Re2Patterns
from secure_mail.infrastructure.rules.schema import FileModel
from secure_mail.infrastructure.rules.strict_yaml import Document, Path, read
from secure_mail.infrastructure.rules.trials import TrialResult, run_trials


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedRules:
    """A sound file. It may be used when its own tests found nothing, which `load` sees to."""

    book: RuleBook
    text: str = field(repr=False)
    """The file itself, as a RuleSet row keeps it."""
    trials: tuple[TrialResult, ...]
    failures: tuple[Finding, ...]
    """Tests that failed, and rules that no test hits."""


def load(octets: bytes, name: str = "routing_rules.yaml") -> LoadedRules:
    """The rules of a file that is sound and passes its own tests.

    Raises InvalidRulesError that lists every fault as `file:line: what, what to do`.
    """
    loaded = examine(octets, name)
    if loaded.failures:
        raise InvalidRulesError(name, loaded.failures)
    return loaded


def examine(octets: bytes, name: str = "routing_rules.yaml") -> LoadedRules:
    """The rules of a sound file, with how each of its tests went. Raises InvalidRulesError."""
    document, file = _parsed(octets, name)
    faults = [
        *faults_of_references(file),
        *faults_of_eligibility(file),
        *faults_of_conditions(file),
        *faults_of_rules(file),
    ]
    if faults:
        raise InvalidRulesError(name, _located(faults, document, file))
    patterns = Re2Patterns(patterns_of(rule(model) for model in file.rules))
    book = rule_book(file, hashlib.sha256(octets).hexdigest(), patterns)
    trials = tuple(run_trials(file, book, lambda index: document.line(("tests", index))))
    failures = [Finding(trial.line, fault) for trial in trials for fault in trial.faults]
    failures += _located(_untested(book, trials), document, file)
    return LoadedRules(book=book, text=octets.decode(), trials=trials, failures=tuple(failures))


def json_schema() -> str:
    """JSON Schema (2020-12) of the file, for editors."""
    return json.dumps(FileModel.model_json_schema(by_alias=True), indent=2, ensure_ascii=False)


def _parsed(octets: bytes, name: str) -> tuple[Document, FileModel]:
    document = read(octets, name)
    try:
        # By way of JSON, where strict mode takes words for choices but nothing else for anything.
        return document, FileModel.model_validate_json(json.dumps(document.value))
    except ValidationError as invalid:
        errors = invalid.errors(include_input=False, include_url=False)
        findings = [
            _misshapen(error["loc"], error["type"], error["msg"], document) for error in errors
        ]
        raise InvalidRulesError(name, findings) from None


def _misshapen(place: Path, kind: str, message: str, document: Document) -> Finding:
    """A fault of shape, told about the place in the file (pydantic adds names of its own)."""
    path: Path = ()
    for step in place:
        if (*path, step) in document.lines:
            path = (*path, step)
    where = ".".join(map(str, path)) or "the file"
    match kind:
        case "extra_forbidden":
            what = f"{where}: unknown key, correct its spelling or remove it"
        case "missing":
            what = f"{where}: {place[-1]} is missing, add it"
        case _:
            what = f"{where}: {message.removeprefix('Value error, ')}"
    return Finding(document.line(path), what)


def _untested(book: RuleBook, trials: tuple[TrialResult, ...]) -> Iterator[Fault]:
    hit = frozenset[str]().union(*(trial.hit for trial in trials))
    for index, each in enumerate(book.rules):
        if each.id not in hit:
            yield ("rules", index), f"no test hits {each.id}: add one that does"


def _located(faults: Iterable[Fault], document: Document, file: FileModel) -> list[Finding]:
    return [Finding(document.line(path), f"{_said(path, file)}: {what}") for path, what in faults]


def _said(path: Path, file: FileModel) -> str:
    """The place in words: a rule by its id, everything else by its keys."""
    match path:
        case ("rules", int(index), *rest):
            return " ".join(["rule", file.rules[index].id, ".".join(map(str, rest))]).rstrip()
        case _:
            return ".".join(map(str, path))
