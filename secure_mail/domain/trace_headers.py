"""The header section as a list of fields, and what a relay's own Received says of its client.

Strict: what two readers might read in two ways says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

MAX_FIELDS = 1000
"""Fields of a section; no mail program writes as many, and every signature walks over them."""

_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]+):(.*)\Z", re.DOTALL)
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_ODD = re.compile(rb"\r(?!\n)|(?<!\r)\n|\x00")
_BLANK_FOLD = re.compile(rb"\r\n[ \t]*(?=\r\n)")
_OVER_TLS = frozenset({
    "esmtps", "esmtpsa", "utf8smtps", "utf8smtpsa",
    "lmtps", "lmtpsa", "utf8lmtps", "utf8lmtpsa",
})  # fmt: skip
"""RFC 3848 and RFC 6531, 4.3: the protocol's name says that it ran over TLS."""
_LITERAL = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]", re.IGNORECASE)
_RECEIVED = re.compile(
    r"""
    \s* from \s+ (?P<client>[^\s()\x00]++ (?:\s*\x00\d++\x00)*)   # one word, and comments
    \s+ by \s+ (?P<by>[^\s();\x00]++) (?:\s*\x00\d++\x00)*
    (?: \s+ via \s+ [^\s();\x00]++ (?:\s*\x00\d++\x00)* )?
    \s+ with \s+ (?P<with>[^\s();\x00]++)
    (?P<rest>[^;]*) ; [^;]*
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CLAUSE = re.compile(r"\b(?:from|by|with)\b", re.IGNORECASE)


class UnclearHeadersError(ValueError):
    """Two programs may see two different sets of headers in this section."""


@dataclass(frozen=True, slots=True)
class HeaderField:
    """One field as it was written."""

    name: str
    """Lower case."""
    raw_name: bytes = field(repr=False)
    raw_value: bytes = field(repr=False)
    """From the colon to the CRLF, both left out, folds left in."""

    @property
    def value(self) -> str:
        """Unfolded; octets that are no UTF-8 are replaced."""
        return _FOLD.sub(b"", self.raw_value).decode("utf-8", "replace").strip()


def header_fields(section: bytes) -> tuple[HeaderField, ...]:
    """The fields, topmost first. `section` ends with the CRLF of the last one.

    Raises UnclearHeadersError: bare CR or LF, NUL, a line that is no field, a fold that begins the
    section or is blank, more than MAX_FIELDS.
    """
    if _ODD.search(section) or _BLANK_FOLD.search(section):
        raise UnclearHeadersError
    lines = re.split(rb"\r\n(?![ \t])", section.removesuffix(b"\r\n")) if section else []
    if len(lines) > MAX_FIELDS:
        raise UnclearHeadersError
    return tuple(map(_field, lines))


def _field(line: bytes) -> HeaderField:
    match = _FIELD.match(line)
    if not match:
        raise UnclearHeadersError
    return HeaderField(match[1].lower().decode("ascii"), match[1], match[2])


def named(fields: Sequence[HeaderField], name: str) -> tuple[HeaderField, ...]:
    """The fields of one name, topmost first."""
    return tuple(one for one in fields if one.name == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """What the host that wrote a Received field says of the client it had."""

    by: str
    """Its own name, lower case."""
    client: str | None = field(default=None, repr=False)
    """The client's IP address, where the field names exactly one."""
    tls: bool = False


def hop_of(received: HeaderField) -> Hop | None:
    """What a Received field says (RFC 5321, 4.4); None when it is written any other way.

    The client chose what stands behind `from`, so that word may not bring clauses of its own.
    """
    comments: list[str] = []
    flat = _without_comments(received.value, comments)
    match = _RECEIVED.fullmatch(flat) if flat is not None else None
    if match is None or _CLAUSE.search(match["rest"]):
        return None
    client = re.sub(r"\x00(\d+)\x00", lambda mark: f" {comments[int(mark[1])]} ", match["client"])
    return Hop(
        by=_host(match["by"]),
        client=_only_address(client),
        tls=match["with"].lower() in _OVER_TLS,
    )


def relays_hop(fields: Sequence[HeaderField], names: Sequence[str]) -> Hop | None:
    """What the relay that handed the message over says: the topmost Received, if it is the relay's.

    `names`: what the relay is called; with another host on top, its own word is not known.
    """
    received = named(fields, "received")
    hop = hop_of(received[0]) if received else None
    return hop if hop and hop.by in {_host(name) for name in names if name} else None


def _host(name: str) -> str:
    return name.lower().rstrip(".")


def _only_address(text: str) -> str | None:
    found = set()
    for literal in _LITERAL.findall(text):
        try:
            address = ip_address(literal)
        except ValueError:
            return None
        found.add(str(getattr(address, "ipv4_mapped", None) or address))
    return found.pop() if len(found) == 1 else None


def _without_comments(value: str, comments: list[str]) -> str | None:
    """The value with a mark for each outermost comment; None where brackets do not match."""
    if "\x00" in value or '"' in value or "\\" in value:
        # Nothing that a relay writes of itself needs quoting: somebody else's words are in it.
        return None
    flat: list[str] = []
    depth = start = 0
    for at, sign in enumerate(value):
        if sign == "(":
            start = at + 1 if not depth else start
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth < 0:
                return None
            if not depth:
                flat.append(f"\x00{len(comments)}\x00")
                comments.append(value[start:at])
        elif not depth:
            flat.append(sign)
    return "".join(flat) if not depth else None
