"""What is wrong with a rules file: every fault at once, each with its line and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault."""

    line: int
    """From 1."""
    what: str
    """What is wrong, and what to do."""


class InvalidRulesError(Exception):
    """The file is not used. Its text lists `file:line: what, what to do`, a line per fault."""

    def __init__(self, name: str, findings: Sequence[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        self.lines = tuple(f"{name}:{found.line}: {found.what}" for found in self.findings)
        super().__init__("\n".join(self.lines))
