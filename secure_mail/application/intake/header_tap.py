"""The header tap: what a door must judge of a message, kept while the rest streams past.

Pure: octets in, a small value out, the same for every way of cutting them into chunks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from secure_mail.domain.address_lists import addresses_in
from secure_mail.domain.authentication import BodyHashes

VALUE_LIMIT = 8 * 1024
"""Octets kept of one header."""
SECTION_LIMIT = 256 * 1024
"""Octets of a header section; beyond it nothing more is looked at, and no From counts."""
FROM_LIMIT = 8
"""From headers whose text is kept; all are counted."""

_LINE_END = re.compile(rb"[\r\n]+")
_EMPTY_LINE = re.compile(rb"\n[\r\n]|\r\r")
"""The last octet of a line's end, and another line end at once."""
_KEPT = (b"from", b"to", b"cc", b"date", b"message-id", b"auto-submitted", b"x-secure-mail")
_SIGNATURES = frozenset({b"dkim-signature", b"arc-message-signature"})
_FIELD = re.compile(
    rb"[\r\n](%b)[ \t\v\f]*:([^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*)"
    % b"|".join((*_KEPT, *_SIGNATURES, b"received")),
    re.IGNORECASE,
)
"""A field that says something here, with its folds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TappedHeaders:
    """The headers a door judges, decoded as UTF-8; empty = absent. The first of each counts."""

    from_addresses: tuple[str, ...] = field(default=(), repr=False)
    """Every address of every From header, in order, as written; none when a header was cut."""
    from_headers: int = 0
    received: int = 0
    """Received headers: more than 30 is a loop (RFC 5321, 6.3)."""
    own_mark: str = field(default="", repr=False)
    """Value of X-Secure-Mail; whether it is ours, `OwnMail` says."""
    message_id: str = field(default="", repr=False)
    """Without angle brackets."""
    auto_submitted: str = ""
    to: str = field(default="", repr=False)
    cc: str = field(default="", repr=False)
    date: str = field(default="", repr=False)
    cut: bool = False
    """A header or the section was over its limit."""
    signed: bool = False
    """A DKIM or an ARC signature is in it."""
    section: bytes = field(default=b"", repr=False)
    """The header section as it came, without the empty line; empty when something was cut."""
    body: BodyHashes | None = None
    """Of a signed message; the gate takes them."""

    @property
    def single_from(self) -> str | None:
        """The one address of the one From header; None is a reason to refuse (RFC 5322, 3.6.2)."""
        only = self.from_headers == 1 and len(self.from_addresses) == 1
        return self.from_addresses[0] if only else None


class HeaderTap:
    """Keeps the octets of the header section, and reads them once it is over.

    Lines may end in CRLF, CR or LF: a parser that takes any of them must not see more headers than
    the door did. A line that is no header does not end the section, for the same reason.
    """

    def __init__(self) -> None:
        # A line end stands before the first line as before every other one.
        self._octets = bytearray(b"\n")
        self._section = b""
        self._values: dict[bytes, list[bytes]] = {}
        self._cut = False
        self._before_body = False
        self.signed = False
        """A signature was seen: the body is worth hashing."""
        self.done = False
        """The header section is over: feeding more changes nothing."""

    def feed(self, data: bytes) -> int:
        """Takes the next octets of the message; returns where among them the body begins."""
        taken = 0 if self.done else self._taken(data)
        if self._before_body and taken < len(data):
            # The LF of the empty line's CRLF is not of the body, though the CR ended the section.
            self._before_body = False
            taken += data.startswith(b"\n", taken)
        return taken

    def result(self) -> TappedHeaders:
        """What the octets fed so far say; ends the tap."""
        if not self.done:
            self._read(len(self._octets))
        froms = self._values.get(b"from", [])
        countable = not self._cut and len(froms) <= FROM_LIMIT
        return TappedHeaders(
            from_addresses=tuple(a for value in froms for a in addresses_in(_text(value)))
            if countable
            else (),
            from_headers=len(froms),
            received=len(self._values.get(b"received", [])),
            own_mark=self._first(b"x-secure-mail"),
            message_id=self._first(b"message-id").strip("<>"),
            auto_submitted=self._first(b"auto-submitted"),
            to=self._first(b"to"),
            cc=self._first(b"cc"),
            date=self._first(b"date"),
            cut=self._cut,
            signed=self.signed,
            section=b"" if self._cut else self._section,
        )

    def _taken(self, data: bytes) -> int:
        known = len(self._octets)
        self._octets += data[: SECTION_LIMIT + 2 - known]
        empty = _EMPTY_LINE.search(self._octets, known - 1)
        if empty:
            end = empty.end()
            self._before_body = empty[0].endswith(b"\r")
            self._read(end - 1)
            return end - known
        if len(self._octets) > SECTION_LIMIT + 1:
            self._cut = True
            self._read(SECTION_LIMIT + 1)
        return len(data)

    def _read(self, end: int) -> None:
        section = bytes(memoryview(self._octets)[:end])
        for name, value in _FIELD.findall(section):
            self._values.setdefault(name.lower(), []).append(value)
        self.signed = not _SIGNATURES.isdisjoint(self._values)
        self._cut = self._cut or any(
            len(value) > VALUE_LIMIT for name in _KEPT for value in self._values.get(name, ())
        )
        self._section = section[1:]
        self._octets = bytearray()
        self.done = True

    def _first(self, name: bytes) -> str:
        return _text(self._values[name][0]) if name in self._values else ""


def _text(value: bytes) -> str:
    """Unfolded."""
    return _LINE_END.sub(b"", value).decode("utf-8", "replace").strip()
