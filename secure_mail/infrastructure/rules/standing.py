"""In force is what was approved, not what lies in the folder: a changed file is a candidate."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from secure_mail.domain.routing.rulebook import RuleBook
from secure_mail.infrastructure.rules.findings import InvalidRulesError
from secure_mail.infrastructure.rules.loader import LoadedRules, load

APPROVED = "the approved rules"
"""Name of the stored text in messages."""


class Standing(StrEnum):
    """What a rules file is to the service."""

    FIRST = "first"
    """Nothing is approved yet: the first start approves it."""
    IN_FORCE = "in-force"
    CANDIDATE = "candidate"
    """Another version is approved: this one is reported and not used."""


def compare(in_force_hash: str | None, file: bytes) -> Standing:
    """What the file is, given the hash of the approved RuleSet row (None: the table is empty)."""
    if in_force_hash is None:
        return Standing.FIRST
    same = hashlib.sha256(file).hexdigest() == in_force_hash
    return Standing.IN_FORCE if same else Standing.CANDIDATE


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenRules:
    rules: LoadedRules
    """To be used: the file, or the approved text when the file differs from it."""
    standing: Standing
    """Of the file."""
    candidate: tuple[str, ...] = ()
    """What is wrong with a candidate, `file:line: what, what to do`; empty: it would load."""


def choose(approved: str | None, file: bytes, name: str) -> ChosenRules:
    """The rules to use: the approved text if there is one, else the file.

    `approved` is the text of the RuleSet row; on FIRST the caller stores `rules.text` under
    `rules.book.hash`. Raises InvalidRulesError when what would be used does not load.
    """
    if approved is None:
        return ChosenRules(rules=load(file, name), standing=Standing.FIRST)
    text = approved.encode()
    standing = compare(hashlib.sha256(text).hexdigest(), file)
    faults: tuple[str, ...] = ()
    if standing is Standing.CANDIDATE:
        try:
            load(file, name)
        except InvalidRulesError as invalid:
            faults = invalid.lines
    return ChosenRules(rules=load(text, APPROVED), standing=standing, candidate=faults)


class RulesInForce:
    """The port Rules over one loaded version."""

    def __init__(self, book: RuleBook) -> None:
        self._book = book

    def in_force(self) -> RuleBook:
        return self._book
