"""The DNS questions of one message: each asked once, and all of them bounded in time together."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from ipaddress import ip_address

import dns.exception
import dns.name
import dns.nameserver
import dns.rdata
import dns.rdatatype
import dns.resolver
from dns.rdtypes.ANY.TXT import TXT

SECONDS_EACH = 5.0
"""For one question, tries included."""
SECONDS_TRY = 2.0
SECONDS_ALL = 20.0
"""For all questions of one message (RFC 7208, 4.6.4, of SPF alone)."""
REMEMBERED = 2000
"""Answers kept for as long as they say they live."""
PORT = 53
EDNS_PAYLOAD = 1232
"""Octets that no path cuts into fragments (DNS flag day 2020)."""

_WITH_PORT = re.compile(r"(?:\[(.+)\]|([^:]+)):([0-9]{1,5})")


class DnsFailureError(Exception):
    """DNS did not answer, or said that it cannot; later it may."""


def open_resolver(servers: Sequence[str] = ()) -> dns.resolver.Resolver:
    """A resolver that asks `servers`, each `ADDRESS` or `ADDRESS:PORT`, or else the system's.

    Raises ValueError when a server is written in no such way.
    """
    try:
        resolver = dns.resolver.Resolver(configure=not servers)
    except dns.resolver.NoResolverConfiguration:
        # As the system's own resolver does: without a configuration, this machine is asked.
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
    if servers:
        resolver.nameservers = list(map(_server, servers))
    resolver.timeout = SECONDS_TRY
    resolver.lifetime = SECONDS_EACH
    resolver.use_edns(0, 0, EDNS_PAYLOAD)
    resolver.cache = dns.resolver.LRUCache(REMEMBERED)
    return resolver


def _server(text: str) -> dns.nameserver.Nameserver:
    match = _WITH_PORT.fullmatch(text)
    host, port = (match[1] or match[2], int(match[3])) if match else (text.strip("[]"), PORT)
    if not 0 < port < 65536:
        raise ValueError(text)
    return dns.nameserver.Do53Nameserver(str(ip_address(host)), port)


class Lookups:
    """Not for concurrent use: one message, one thread."""

    def __init__(self, resolver: dns.resolver.Resolver, seconds: float = SECONDS_ALL) -> None:
        self._resolver = resolver
        self._until = time.monotonic() + seconds
        self._known: dict[tuple[str, str], tuple[dns.rdata.Rdata, ...] | None] = {}

    def txt(self, name: str) -> tuple[bytes, ...]:
        """Every TXT record of a name, its strings joined. Raises DnsFailureError."""
        return tuple(
            b"".join(record.strings)
            for record in self.records(name, "TXT")
            if isinstance(record, TXT)
        )

    def records(self, name: str, kind: str) -> tuple[dns.rdata.Rdata, ...]:
        """The records of a name, aliases followed; none where there are none.

        Raises DnsFailureError, also when it has been raised for this question before.
        """
        asked = name.lower(), kind
        if asked not in self._known:
            try:
                self._known[asked] = self._ask(name, kind)
            except DnsFailureError:
                self._known[asked] = None
        known = self._known[asked]
        if known is None:
            raise DnsFailureError
        return known

    def _ask(self, name: str, kind: str) -> tuple[dns.rdata.Rdata, ...]:
        left = self._until - time.monotonic()
        if left <= 0:
            raise DnsFailureError
        try:
            absolute = dns.name.from_text(name, dns.name.root)
        except (dns.exception.DNSException, UnicodeError):
            return ()  # no name: nobody can have published anything there
        try:
            answer = self._resolver.resolve(absolute, kind, lifetime=min(left, SECONDS_EACH))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError) as error:
            raise DnsFailureError from error
        return tuple(answer)
