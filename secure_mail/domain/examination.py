"""What an examination of a deployment found: one value for each thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    """It works; something ought to be done."""
    FAIL = "fail"
    """A promise of the service does not hold."""
    UNKNOWN = "unknown"
    """It could not be looked at from here. Never taken for `ok`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    group: str
    """Which part of the deployment."""
    name: str
    """What was looked at; the same at every run."""
    state: State
    what: str
    """What was found, without secrets."""
    remedy: str = ""
    """What to do, or what to publish; empty when there is nothing to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """Makes the findings of one group."""

    group: str

    def ok(self, name: str, what: str, remedy: str = "") -> Finding:
        return self._found(name, State.OK, what, remedy)

    def warn(self, name: str, what: str, remedy: str) -> Finding:
        return self._found(name, State.WARN, what, remedy)

    def fail(self, name: str, what: str, remedy: str) -> Finding:
        return self._found(name, State.FAIL, what, remedy)

    def unknown(self, name: str, what: str, remedy: str = "") -> Finding:
        return self._found(name, State.UNKNOWN, what, remedy)

    def _found(self, name: str, state: State, what: str, remedy: str) -> Finding:
        return Finding(group=self.group, name=name, state=state, what=what, remedy=remedy)
