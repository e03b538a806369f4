"""A YAML reader that leaves no room: what two readers could understand differently is an error.

Plain `safe_load` keeps the last of two equal keys, reads `no` and `on` as booleans and `12:30` as a
number, and builds gigabytes out of aliases. Here only YAML 1.2's `true`, `false`, `null` and whole
numbers are not text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from secure_mail.infrastructure.rules.findings import Finding, InvalidRulesError

MAX_OCTETS = 1024 * 1024
MAX_DEPTH = 32

Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]
Path = tuple[str | int, ...]

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}\Z")


@dataclass(frozen=True, slots=True)
class Document:
    value: Plain
    lines: dict[Path, int]
    """Where each value stands, from 1."""

    def line(self, path: Path) -> int:
        """The line of the value, or of the nearest one around it that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(octets: bytes, name: str) -> Document:
    """Reads one document of UTF-8 text. Raises InvalidRulesError with every fault of form."""
    if len(octets) > MAX_OCTETS:
        raise InvalidRulesError(name, [Finding(1, "larger than 1 MiB: shorten the file")])
    try:
        events = list(yaml.parse(octets.decode(), Loader=yaml.CSafeLoader))
    except UnicodeDecodeError as fault:
        line = octets[: fault.start].count(b"\n") + 1
        raise InvalidRulesError(name, [Finding(line, "not UTF-8: save it as UTF-8")]) from None
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise InvalidRulesError(name, [Finding(line, f"not YAML: {fault.problem}")]) from None
    except yaml.YAMLError:
        raise InvalidRulesError(name, [Finding(1, "not YAML: remove control signs")]) from None
    faults = list(_faults_of_form(events))
    if faults:
        raise InvalidRulesError(name, faults)
    builder = _Builder(iter(events))
    document = builder.document()
    if builder.faults:
        raise InvalidRulesError(name, builder.faults)
    return document


def _faults_of_form(events: list[yaml.Event]) -> Iterator[Finding]:
    for event in events:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            yield Finding(line, "an alias (*name): write the value out")
        elif isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            yield Finding(line, "an anchor (&name): remove it and write the value out")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            yield Finding(line, f"a tag ({event.tag}): remove it")
    starts = [event for event in events if isinstance(event, yaml.DocumentStartEvent)]
    if not starts:
        yield Finding(1, "the file is empty: begin with `version: 1`")
    for start in starts[1:]:
        yield Finding(_line(start), "a second document: remove the line ---")
    yield from _too_deep(events)


def _too_deep(events: list[yaml.Event]) -> Iterator[Finding]:
    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            yield Finding(_line(event), f"nested deeper than {MAX_DEPTH}: use fewer brackets")
            return


class _Builder:
    """Turns the events of one document into plain values, noting the line of each."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._lines: dict[Path, int] = {}
        self.faults: list[Finding] = []

    def document(self) -> Document:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                break
        return Document(self._value(next(self._events), ()), self._lines)

    def _value(self, event: yaml.Event, path: Path) -> Plain:
        self._lines.setdefault(path, _line(event))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        if isinstance(event, yaml.ScalarEvent):
            return event.value if event.style else _resolved(event.value)
        raise AssertionError(event)

    def _sequence(self, path: Path) -> list[Plain]:
        found: list[Plain] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*path, len(found))))
        return found

    def _mapping(self, path: Path) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = _line(event)
            key = event.value if isinstance(event, yaml.ScalarEvent) else ""
            if not isinstance(event, yaml.ScalarEvent):
                self.faults.append(Finding(line, "a key that is no word: write a word before :"))
                self._value(event, (*path, key))
            elif key in found:
                self.faults.append(Finding(line, f"the key {key} stands twice: remove one"))
            self._lines[*path, key] = line
            found[key] = self._value(next(self._events), (*path, key))
        return found


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _resolved(text: str) -> Plain:
    """A plain scalar by the core schema of YAML 1.2; everything else is text."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    return int(text) if _WHOLE.match(text) else text
