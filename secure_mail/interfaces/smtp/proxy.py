"""Reads the PROXY header: a load balancer's word on who the client is, versions 1 and 2.

Pure. The rules are those of HAProxy's `proxy-protocol.txt`, without its options: one header, before
anything else, from balancers that are known. Nobody else's word is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import assert_never

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
"""Of version 2."""
WORD = b"PROXY "
"""Of version 1."""
MAX_TEXT = 107
"""Octets of a header of version 1 with its CRLF."""
MAX_BINARY = 4096
"""Octets of a header of version 2: an address, and what balancers add (TLS facts, their names)."""

_FIXED = 16
_LOCAL, _PROXY = 0x20, 0x21


class ProxyError(Exception):
    """It is no PROXY header; the connection cannot go on."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """Who connects, by the balancer's word."""

    address: str | None = field(repr=False)
    """None: the balancer itself (it looks whether we are well), or it does not know either."""
    length: int
    """Octets of the header; what follows is the client's."""


def read(octets: bytes) -> Introduction | None:
    """The header at the beginning; None while more of it is to come. Raises ProxyError."""
    if octets[: len(SIGNATURE)] == SIGNATURE[: len(octets)]:
        return _binary(octets)
    if octets[: len(WORD)] == WORD[: len(octets)]:
        return _text(octets)
    raise ProxyError("no header")


def _text(octets: bytes) -> Introduction | None:
    end = octets.find(b"\r\n", 0, MAX_TEXT)
    if end < 0:
        if len(octets) >= MAX_TEXT:
            raise ProxyError("too long")
        return None
    try:
        words = octets[:end].decode("ascii").split(" ")
        match words:
            case ["PROXY", "UNKNOWN", *_]:
                return Introduction(None, end + 2)
            case ["PROXY", "TCP4" | "TCP6" as family, source, target, *ports] if len(ports) == 2:
                kind: type[IPv4Address | IPv6Address] = (
                    IPv4Address if family == "TCP4" else IPv6Address
                )
                kind(target)
                if all(map(_is_port, ports)):
                    return Introduction(_plain(kind(source)), end + 2)
    except (UnicodeDecodeError, AddressValueError) as error:
        raise ProxyError("malformed") from error
    raise ProxyError("malformed")


def _binary(octets: bytes) -> Introduction | None:
    if len(octets) < _FIXED:
        return None
    command, family = octets[12], octets[13]
    length = _FIXED + int.from_bytes(octets[14:_FIXED], "big")
    if length > MAX_BINARY:
        raise ProxyError("too long")
    if command not in {_LOCAL, _PROXY}:
        raise ProxyError("unknown command")
    if len(octets) < length:
        return None
    if command == _LOCAL:
        return Introduction(None, length)
    body = octets[_FIXED:length]
    match family:
        case 0x00 | 0x31:  # unspecified, or a socket in a folder
            return Introduction(None, length)
        case 0x11 if len(body) >= 12:
            return Introduction(_plain(IPv4Address(body[:4])), length)
        case 0x21 if len(body) >= 36:
            return Introduction(_plain(IPv6Address(body[:16])), length)
        case _:
            raise ProxyError("unknown family")


def _plain(address: IPv4Address | IPv6Address) -> str:
    """An IPv4 address is never written as an IPv6 one; a scope says nothing elsewhere."""
    match address:
        case IPv4Address():
            return str(address)
        case IPv6Address(scope_id=str()):
            raise ProxyError("malformed")
        case IPv6Address():
            return str(address.ipv4_mapped or address)
        case _:
            assert_never(address)


def _is_port(word: str) -> bool:
    plain = word.isascii() and word.isdigit() and len(word) <= 5
    return plain and int(word) <= 65535 and str(int(word)) == word
