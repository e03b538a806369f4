"""Who asks: the right-most address that is not one of our proxies (links.md rule 12)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.requests import Request

from secure_mail.interfaces.web.config import WebConfig

UNKNOWN = "0.0.0.0"  # noqa: S104  an address that nobody has; nothing is bound to it
"""A peer without an address, such as a unix socket."""


def client_of(request: Request, web: WebConfig) -> str:
    """The client's IP address; serves limits only and is never stored."""
    peer = request.client.host if request.client else UNKNOWN
    forwarded = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    return right_most([*forwarded, peer], web.trusted_proxies)


def right_most(chain: Iterable[str], trusted: Iterable[IPv4Network | IPv6Network]) -> str:
    """Goes left while the address is a trusted proxy's; stops at what is no address."""
    proxies = tuple(trusted)
    found = UNKNOWN
    for text in reversed(tuple(chain)):
        address = _address(text.strip())
        if address is None:
            return found
        found = str(address)
        if not any(address in network for network in proxies):
            return found
    return found


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Also `[2001:db8::1]:443` and `192.0.2.1:443`, as some proxies write them."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
