"""Looks into a CMS object (RFC 5652) as far as policy asks; verifies and decrypts nothing.

It only refuses, before openssl is asked: nothing is believed because of what is told here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_RSADSI = bytes.fromhex("2a864886f70d01")
DATA = _RSADSI + b"\x07\x01"
SIGNED_DATA = _RSADSI + b"\x07\x02"
ENCRYPTED = frozenset({_RSADSI + b"\x07\x03", _RSADSI + bytes.fromhex("09100117")})
"""enveloped-data, and auth-enveloped-data (RFC 5083)."""
_SIGNING_TIME = _RSADSI + b"\x09\x05"
_HASHES = bytes.fromhex("6086480165030402")
_STRONG = frozenset(_HASHES + bytes([arc]) for arc in (1, 2, 3, 8, 9, 10, 12))
"""SHA-2 and SHA-3 of 256 bits and more, SHAKE256 (RFC 5754, RFC 8419, RFC 8702)."""
_MOST = 200_000
"""Elements that are looked at: what a streaming signer makes of 36 MiB has a tenth of it."""
_DEEPEST = 12
_SEQUENCE, _SET, _OID, _UTC, _GENERALIZED = 0x30, 0x31, 0x06, 0x17, 0x18
_CONTEXT_0 = 0xA0


class MalformedError(ValueError):
    """No CMS object, or not one that this needs to understand."""


@dataclass(frozen=True, slots=True)
class SignedFacts:
    """What a signature says of itself."""

    of_data: bool
    """Whether it signs plain data, not an object of another protocol."""
    has_content: bool
    strong: bool
    """Whether every digest is one that nobody finds twins for."""
    signed_at: datetime | None
    """The earliest; None when a signer does not say."""


@dataclass(frozen=True, slots=True)
class _Element:
    tag: int
    start: int
    end: int
    after: int


def content_type(octets: bytes) -> bytes:
    """The object identifier that a CMS object begins with. Raises MalformedError."""
    reader = _Reader(octets)
    outer = reader.whole()
    first = next(reader.inside(outer), None)
    return reader.octets(_expected(first, _OID))


def signed_facts(octets: bytes) -> SignedFacts:
    """Raises MalformedError."""
    reader = _Reader(octets)
    _, wrapped = reader.several(reader.whole(), 2)
    (data,) = reader.several(_expected(wrapped, _CONTEXT_0), 1)
    fields = reader.several(_expected(data, _SEQUENCE), 4, more=True)
    kind, *content = reader.several(_expected(fields[2], _SEQUENCE), 1, more=True)
    signers = [
        reader.several(one, 5, more=True) for one in reader.inside(_expected(fields[-1], _SET))
    ]
    algorithms = [*reader.inside(_expected(fields[1], _SET)), *(signer[2] for signer in signers)]
    digests = {reader.octets(reader.several(one, 1, more=True)[0]) for one in algorithms}
    times = [_signing_time(reader, signer[3]) for signer in signers]
    said = [time for time in times if time is not None]
    return SignedFacts(
        of_data=reader.octets(_expected(kind, _OID)) == DATA,
        has_content=bool(content),
        strong=bool(signers) and digests <= _STRONG,
        signed_at=min(said) if said and len(said) == len(times) else None,
    )


def _signing_time(reader: _Reader, attributes: _Element) -> datetime | None:
    """RFC 5652, 11.3; only among the signed attributes."""
    if attributes.tag != _CONTEXT_0:
        return None
    for attribute in reader.inside(attributes):
        kind, values = reader.several(attribute, 2)
        if reader.octets(kind) == _SIGNING_TIME:
            (value,) = reader.several(values, 1)
            return _time(value.tag, reader.octets(value))
    return None


def _time(tag: int, octets: bytes) -> datetime | None:
    text = octets.decode("ascii", "replace")
    if tag == _UTC:
        # RFC 5280, 4.1.2.5.1
        text = ("19" if text[:2] >= "50" else "20") + text
    elif tag != _GENERALIZED:
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _expected(element: _Element | None, tag: int) -> _Element:
    if element is None or element.tag != tag:
        raise MalformedError
    return element


class _Reader:
    """BER (X.690), of which DER is a part: lengths may be left open, which streaming signers do."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._left = _MOST

    def whole(self) -> _Element:
        element = _expected(self._at(0, len(self._octets), 0), _SEQUENCE)
        if element.after != len(self._octets):
            raise MalformedError
        return element

    def octets(self, element: _Element) -> bytes:
        return self._octets[element.start : element.end]

    def inside(self, element: _Element) -> Iterator[_Element]:
        at = element.start
        while at < element.end:
            found = self._at(at, element.end, 1)
            yield found
            at = found.after

    def several(self, element: _Element, count: int, *, more: bool = False) -> list[_Element]:
        """What is inside: so many elements, or at least so many."""
        found = list(self.inside(element))
        if len(found) < count or (len(found) > count and not more):
            raise MalformedError
        return found

    def _at(self, at: int, end: int, depth: int) -> _Element:
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST or at + 2 > end:
            raise MalformedError
        tag, length = self._octets[at], self._octets[at + 1]
        start = at + 2
        if tag & 0x1F == 0x1F:
            raise MalformedError
        if length == 0x80:
            return self._open(tag, start, end, depth)
        if length > 0x80:
            many = length - 0x80
            length = int.from_bytes(self._octets[start : start + many], "big")
            start += many
        if start + length > end:
            raise MalformedError
        return _Element(tag, start, start + length, start + length)

    def _open(self, tag: int, start: int, end: int, depth: int) -> _Element:
        """Up to the two zero octets that close it; only constructed values may be open."""
        if not tag & 0x20:
            raise MalformedError
        at = start
        while self._octets[at : at + 2] != b"\0\0":
            at = self._at(at, end, depth + 1).after
        if at + 2 > end:
            raise MalformedError
        return _Element(tag, start, at, at + 2)
