"""Authentication-Results (RFC 8601): read by its grammar, and believed only where it is proved.

The field is only text, and the sender may write one too. What counts is the topmost block above
the Received of a host that is trusted, under exactly the name that was agreed with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from secure_mail.domain.authentication import CheckResult, Method, Result
from secure_mail.domain.trace_headers import (
    HeaderField,
    UnclearHeadersError,
    header_fields,
    hop_of,
)

MAX_VALUE = 32 * 1024
MAX_RESULTS = 50

_TOKEN = re.compile(r"[^\s()<>@,;:\\\"/\[\]?=\x00-\x1f\x7f]+")
_KEYWORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[0-9]+(?=[\s;(]|\Z)")
_NONE = re.compile(r"none(?=[\s;(]|\Z)", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+")
_PLAIN = re.compile(r"[^\s();\"\\\x00-\x1f\x7f]+")
"""Of a property: a token, or a local part and a domain, or base64; unquoted it ends at a blank."""
_QUOTED = re.compile(r'"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[\t -\x7e])*)"')
_ESCAPED = re.compile(r"\\(.)")
_COMMENT_PIECE = re.compile(r"[^()\\]+|\\.|[()]", re.DOTALL)
_ONCE = frozenset({Method.SPF, Method.DMARC, Method.ARC})
"""Of these there is one result per message; two that differ leave it unclear."""


class UnclearResultsError(ValueError):
    """The field does not follow the grammar."""


@dataclass(frozen=True, slots=True)
class ReportedResult:
    """One `method=result` with its properties, `ptype.property` in lower case."""

    method: str
    result: str
    properties: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """One field, read."""

    authserv_id: str
    results: tuple[ReportedResult, ...]


def parse_results(value: str) -> AuthenticationResults:
    """The unfolded value of one field. Raises UnclearResultsError."""
    if len(value) > MAX_VALUE:
        raise UnclearResultsError
    scan = _Scanner(value)
    authserv_id = scan.value(_TOKEN)
    scan.match(_VERSION)
    results: list[ReportedResult] = []
    absent = False
    while scan.sign(";"):
        if scan.ended:
            break  # a semicolon at the end is written by many
        if absent or len(results) >= MAX_RESULTS:
            raise UnclearResultsError
        if scan.match(_NONE):
            absent = not results
            if not absent:
                raise UnclearResultsError
            continue
        results.append(_result(scan))
    if not scan.ended or not (results or absent):
        raise UnclearResultsError
    return AuthenticationResults(authserv_id, tuple(results))


def trusted_results(
    section: bytes, *, authserv_id: str, received_by: str
) -> tuple[CheckResult, ...]:
    """What the host `received_by` reports under `authserv_id`; nothing when anything is unsure.

    `section` is the raw header section. Only the topmost contiguous block of fields of exactly
    that name counts, and only above the topmost Received of that host: nobody before it can have
    written there.
    """
    try:
        fields = header_fields(section)
    except UnclearHeadersError:
        return ()
    return results_above(fields, authserv_id=authserv_id, received_by=received_by)


def results_above(
    fields: Sequence[HeaderField], *, authserv_id: str, received_by: str
) -> tuple[CheckResult, ...]:
    """As `trusted_results`, of fields that are read already."""
    if not authserv_id or not received_by:
        return ()
    above = _above(fields, received_by.lower().rstrip("."))
    block: list[AuthenticationResults] = []
    for one in above:
        if one.name != "authentication-results":
            if block:
                break
            continue
        try:
            read = parse_results(one.value)
        except UnclearResultsError:
            return ()
        if read.authserv_id.lower() == authserv_id.lower():
            block.append(read)
        elif block:
            break
    return check_results(
        [result for one in block for result in one.results], source=authserv_id.lower()
    )


def check_results(reported: Sequence[ReportedResult], *, source: str) -> tuple[CheckResult, ...]:
    """The methods and results that we know; nothing where one method has two answers."""
    found: list[CheckResult] = []
    for one in reported:
        try:
            method, result = Method(one.method), Result(one.result)
        except ValueError:
            continue
        if method is Method.SPF and "smtp.mailfrom" not in one.properties:
            continue  # of the HELO name, which nobody is known by
        found.append(
            CheckResult(
                method=method,
                result=result,
                domain=_domain(method, one.properties),
                selector=one.properties.get("header.s", "").lower(),
                source=source,
            )
        )
    for method in _ONCE:
        if len({(one.result, one.domain) for one in found if one.method is method}) > 1:
            return ()
    return tuple(found)


def _above(fields: Sequence[HeaderField], host: str) -> Sequence[HeaderField]:
    """What stands above the topmost Received of that host; nothing if there is none."""
    for at, one in enumerate(fields):
        if one.name == "received":
            hop = hop_of(one)
            if hop and hop.by == host:
                return fields[:at]
            if hop is None and host in one.value.lower():
                # It may be that host's own, written crookedly: what stands below is anybody's.
                return ()
    return ()


_DOMAIN_OF = {
    Method.SPF: ("smtp.mailfrom",),
    Method.DKIM: ("header.d", "header.i"),
    Method.DMARC: ("header.from",),
    Method.ARC: (),
    Method.SMIME: (),
}


def _domain(method: Method, properties: dict[str, str]) -> str:
    for name in _DOMAIN_OF[method]:
        if name in properties:
            return properties[name].rpartition("@")[2].lower().rstrip(".")
    return ""


def _result(scan: _Scanner) -> ReportedResult:
    method = scan.keyword()
    if scan.sign("/") and not scan.match(_NUMBER):
        raise UnclearResultsError
    scan.need("=")
    result = scan.keyword()
    properties: dict[str, str] = {}
    while not scan.at_end_of_result:
        name = scan.keyword()
        if scan.sign("."):
            name = f"{name}.{scan.keyword()}"
        scan.need("=")
        value = scan.value(_PLAIN)
        if "." in name and properties.setdefault(name, value) != value:
            raise UnclearResultsError
    return ReportedResult(method, result, properties)


class _Scanner:
    """Reads a value from left to right; before each piece it skips blanks and nested comments."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._skip()

    @property
    def ended(self) -> bool:
        return self._at >= len(self._text)

    @property
    def at_end_of_result(self) -> bool:
        return self.ended or self._text[self._at] == ";"

    def match(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self._text, self._at)
        if not found:
            return None
        self._at = found.end()
        self._skip()
        return found[0]

    def sign(self, wanted: str) -> bool:
        if not self._text.startswith(wanted, self._at):
            return False
        self._at += len(wanted)
        self._skip()
        return True

    def need(self, wanted: str) -> None:
        if not self.sign(wanted):
            raise UnclearResultsError

    def keyword(self) -> str:
        found = self.match(_KEYWORD)
        if not found:
            raise UnclearResultsError
        return found.lower()

    def value(self, plain: re.Pattern[str]) -> str:
        """A quoted string, a plain value, or a quoted local part with what follows its `@`."""
        quoted = _QUOTED.match(self._text, self._at)
        if quoted:
            self._at = quoted.end()
            text = _ESCAPED.sub(r"\1", quoted[1])
            if self._text.startswith("@", self._at):
                text += self.match(plain) or ""
            self._skip()
            return text
        found = self.match(plain)
        if not found:
            raise UnclearResultsError
        return found

    def _skip(self) -> None:
        text = self._text
        while self._at < len(text):
            if text[self._at] in " \t":
                self._at += 1
            elif text[self._at] == "(":
                self._at = self._after_comment(self._at)
            else:
                return

    def _after_comment(self, start: int) -> int:
        depth = 0
        for piece in _COMMENT_PIECE.finditer(self._text, start):
            depth += {"(": 1, ")": -1}.get(piece[0], 0)
            if not depth:
                return piece.end()
        raise UnclearResultsError
