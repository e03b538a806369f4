"""Limits judged on the octets alone, before anything is parsed: what follows is never quadratic.

A message over a limit is held with its raw bytes; a person decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from secure_mail.application.ports.mime import UnreadableError

_SECTION_END = re.compile(rb"\r\n\r\n|\n\n|\r\r|\n\r\n|\r\n\n")
_FIELD_START = re.compile(rb"(?:\r\n|\r|\n)(?![ \t])")
_ADDRESS_FIELD = re.compile(rb"(?i)(?:from|sender|reply-to)[ \t]*:")
_BOUNDARY = re.compile(rb"(?i)\bboundary(?:\*\d{0,3})?\*?[ \t]{0,8}=")
_DELIMITER = re.compile(rb"(?:^|[\r\n])--[^\r\n]")
_CONTENT_FIELD = re.compile(
    rb"(?i)(?:^|[\r\n])content-(?:type|disposition)[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Figures that 926 real messages kept, but for one made to break parsers."""

    octets: int = 36 * 1024 * 1024
    """SMTP's default limit: what the parser can open, it peaks at nine times the size."""
    lines: int = 2_000_000
    section: int = 256 * 1024
    """Octets of the header section."""
    header_lines: int = 2000
    field: int = 64 * 1024
    """Octets of one header, or of one Content-Type or Content-Disposition of any part."""
    comments: int = 50
    """Parentheses in From, Sender and Reply-To: comments nest."""
    boundaries: int = 100
    """Declared boundaries, hence nesting."""
    nested_lines: int = 50_000_000
    """Lines times boundaries: each open boundary is looked for in each line."""
    delimiters: int = 3000
    """Lines that begin like the delimiter of a part."""
    parameters: int = 200


def precheck(raw: bytes, limits: Limits) -> None:
    """Raises UnreadableError with the code of the first limit that does not hold."""
    lines = raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")
    boundaries = _count(_BOUNDARY, raw, limits.boundaries)
    _demand(len(raw) <= limits.octets, "too-large-to-open")
    _demand(lines <= limits.lines, "too-many-lines")
    _demand(boundaries <= limits.boundaries, "nested-too-deep")
    _demand(lines * boundaries <= limits.nested_lines, "nested-too-deep")
    _demand(_count(_DELIMITER, raw, limits.delimiters) <= limits.delimiters, "too-many-parts")
    _headers(raw, limits)
    for match in _CONTENT_FIELD.finditer(raw):
        _demand(match.end() - match.start() <= limits.field, "header-too-long")
        _demand(raw.count(b";", *match.span()) <= limits.parameters, "too-many-parameters")


def _headers(raw: bytes, limits: Limits) -> None:
    end = _SECTION_END.search(raw)
    section = raw[: end.start() if end else len(raw)]
    _demand(len(section) <= limits.section, "headers-too-long")
    fields = _FIELD_START.split(section)
    _demand(
        section.count(b"\n") + section.count(b"\r") <= 2 * limits.header_lines, "too-many-headers"
    )
    _demand(len(fields) <= limits.header_lines, "too-many-headers")
    for field in fields:
        _demand(len(field) <= limits.field, "header-too-long")
        if _ADDRESS_FIELD.match(field):
            _demand(field.count(b"(") <= limits.comments, "nested-comments")


def _count(pattern: re.Pattern[bytes], raw: bytes, most: int) -> int:
    """Occurrences, counted no further than one beyond the limit."""
    found = 0
    for _ in pattern.finditer(raw):
        found += 1
        if found > most:
            break
    return found


def _demand(holds: bool, code: str) -> None:  # noqa: FBT001 - a condition and its name
    if not holds:
        raise UnreadableError(code)
