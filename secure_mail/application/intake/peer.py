"""The client at the other end of an SMTP session, and what its connection proves."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address, ip_network

from secure_mail.domain.partners import Check, PartnerOrganisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Facts of one session, taken from the connection itself."""

    address: str = field(repr=False)
    """IP address without a scope id; an IPv4 address is never written as an IPv6 one."""
    helo: str | None = field(default=None, repr=False)
    tls_version: str | None = None
    """`TLSv1.3`; None without TLS."""
    relayed: bool = False
    """It is one of SMTP_TRUSTED_RELAYS: the connection then says nothing of the sender."""
    certificate: str | None = None
    """SHA-256 of the client certificate (DER), lower-case hex, on the partners' listener only."""

    @property
    def network(self) -> str:
        """The /24 or /48 around it, as CIDR."""
        return _network_of(self.address)

    def proofs(self, partner: PartnerOrganisation) -> frozenset[Check]:
        """The checks that hold for this partner by the connection alone."""
        if self.relayed:
            return frozenset()
        held = set()
        if self.tls_version:
            held.add(Check.TLS)
        if partner.network_holds(self.address):
            held.add(Check.NETWORK)
        if self.certificate is not None and partner.pins(self.certificate):
            held.add(Check.CLIENT_CERTIFICATE)
        return frozenset(held)


@lru_cache
def _network_of(address: str) -> str:
    bits = 24 if ip_address(address).version == 4 else 48
    return str(ip_network(f"{address}/{bits}", strict=False))
