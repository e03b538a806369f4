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

_LINE_END = re.compile(rb"[\r\n]")
_KEPT = frozenset({
    b"from", b"to", b"cc", b"date", b"message-id", b"auto-submitted", b"x-secure-mail",
})  # fmt: skip
_SIGNATURES = frozenset({b"dkim-signature", b"arc-message-signature"})


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
    """A state machine over octets: `feed` what arrives, then ask for the `result`.

    Lines may end in CRLF, CR or LF: a parser that takes any of them must not see more headers than
    the door did. A line that is no header does not end the section, for the same reason.
    """

    def __init__(self) -> None:
        self._line = bytearray()
        self._after_cr = False
        self._name = b""
        self._value = bytearray()
        self._seen = 0
        self._over = False
        self._cut = False
        self._froms = 0
        self._received = 0
        self._values: dict[bytes, list[str]] = {}
        self._section = bytearray()
        self._empty_line = False
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
            self._end_line()
            self._finish()
        froms = self._values.get(b"from", [])
        countable = not self._cut and self._froms <= FROM_LIMIT
        return TappedHeaders(
            from_addresses=tuple(a for value in froms for a in addresses_in(value))
            if countable
            else (),
            from_headers=self._froms,
            received=self._received,
            own_mark=self._first(b"x-secure-mail"),
            message_id=self._first(b"message-id").strip("<>"),
            auto_submitted=self._first(b"auto-submitted"),
            to=self._first(b"to"),
            cc=self._first(b"cc"),
            date=self._first(b"date"),
            cut=self._cut,
            signed=self.signed,
            section=b"" if self._cut else bytes(self._section),
        )

    def _taken(self, data: bytes) -> int:
        at = 0
        while not self.done and at < len(data):
            match = _LINE_END.search(data, at)
            end = match.start() if match else len(data)
            self._octets(data[at:end])
            at = end
            if match and not self.done:
                self._line_end(match[0])
                at += 1
        self._section += data[: at - self._empty_line]
        return at

    def _octets(self, piece: bytes) -> None:
        if not piece:
            return
        self._after_cr = False
        room = max(SECTION_LIMIT - self._seen, 0)
        self._seen += len(piece)
        self._take(piece[:room])
        if len(piece) > room:
            self._end_line()
            self._cut = True
            self._finish()

    def _take(self, piece: bytes) -> None:
        room = VALUE_LIMIT - len(self._line)
        self._line += piece[:room]
        self._over = self._over or len(piece) > room

    def _line_end(self, octet: bytes) -> None:
        if octet == b"\n" and self._after_cr:
            self._after_cr = False
            return
        self._after_cr = octet == b"\r"
        self._seen += 1
        if self._line:
            self._end_line()
        else:
            self._empty_line = True
            self._before_body = self._after_cr
            self._finish()

    def _end_line(self) -> None:
        line, over = bytes(self._line), self._over
        self._line.clear()
        self._over = False
        if line[:1] in b" \t" and line:
            self._keep(line, over=over)
            return
        self._close_header()
        name, colon, value = line.partition(b":")
        name = name.rstrip().lower()
        if not colon:
            return
        self._received += name == b"received"
        self._froms += name == b"from"
        self.signed = self.signed or name in _SIGNATURES
        if name in _KEPT:
            self._name = name
            self._keep(value, over=over)

    def _keep(self, text: bytes, *, over: bool) -> None:
        if not self._name:
            return
        room = VALUE_LIMIT - len(self._value)
        self._value += text[:room]
        self._cut = self._cut or over or len(text) > room

    def _close_header(self) -> None:
        most = FROM_LIMIT if self._name == b"from" else 1
        values = self._values.setdefault(self._name, [])
        if self._name and len(values) < most:
            values.append(self._value.decode("utf-8", "replace").strip())
        self._name = b""
        self._value.clear()

    def _finish(self) -> None:
        self._close_header()
        self.done = True

    def _first(self, name: bytes) -> str:
        return next(iter(self._values.get(name, [])), "")
