"""Partner organisations: who they are and what must hold before their mail is believed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.ids import PartnerId


class Check(StrEnum):
    """Required checks; `tls` is implied. The others than network come with the doors."""

    TLS = "tls"
    NETWORK = "network"
    DMARC = "dmarc"
    CLIENT_CERTIFICATE = "client_certificate"
    SMIME = "smime"


AVAILABLE_CHECKS = frozenset({Check.TLS, Check.NETWORK})


class PartnerState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerOrganisation:
    id: PartnerId
    name: str
    domains: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    """If given, only these addresses of the domains."""
    require: tuple[Check, ...]
    networks: tuple[str, ...] = ()
    """CIDR, declared exclusive to this partner."""
    exclusive: bool = False
    state: PartnerState = PartnerState.ACTIVE
    until: date | None = None
    """Last day of the agreement, in the deployment's time zone."""
    created_at: datetime

    def in_force_on(self, day: date) -> bool:
        return self.state is PartnerState.ACTIVE and (self.until is None or day <= self.until)

    def owns(self, address: EmailAddress) -> bool:
        """Whether the address is one of this partner's."""
        if self.addresses:
            return address.folded in self.addresses
        return any(address.under(domain) for domain in self.domains)

    def network_holds(self, peer: str) -> bool:
        """Whether the client address lies in a network declared exclusive to this partner."""
        address = ip_address(peer)
        return self.exclusive and any(address in ip_network(net) for net in self.networks)


def owner_of(
    partners: Iterable[PartnerOrganisation], address: EmailAddress
) -> PartnerOrganisation | None:
    """Whose address it is; who names single addresses comes before who names a domain.

    The one answer of every door and the worker: two answers would hold a proved partner's mail.
    """
    owners = [partner for partner in partners if partner.owns(address)]
    return min(owners, key=lambda partner: not partner.addresses, default=None)


def narrow_enough(network: IPv4Network | IPv6Network) -> bool:
    """Whether a network may prove a partner alone: narrower than /24 or /48 (intake.md)."""
    return network.prefixlen > (24 if network.version == 4 else 48)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPartner:
    """A registration as the operator gives it, parsed but not judged."""

    name: str
    domains: tuple[str, ...]
    addresses: tuple[EmailAddress, ...] = ()
    require: tuple[Check, ...]
    networks: tuple[str, ...] = ()
    exclusive: bool = False
    until: date | None = None
