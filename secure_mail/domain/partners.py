"""Partner organisations: who they are and what must hold before their mail is believed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.ids import PartnerId


class Check(StrEnum):
    """What a partner's mail must show; `tls` is implied."""

    TLS = "tls"
    NETWORK = "network"
    DMARC = "dmarc"
    CLIENT_CERTIFICATE = "client_certificate"
    SMIME = "smime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate that a partner registered: for the handshake, for S/MIME, or for both."""

    fingerprint: str
    """SHA-256 of its DER, lower-case hex."""
    pem: str = field(repr=False)
    not_after: datetime


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
    certificates: tuple[Certificate, ...] = ()
    """Pinned: the check `client_certificate` or `smime` holds with one of exactly these."""
    signing_domains: tuple[str, ...] = ()
    """May sign (DKIM `d=`) for the partner besides the author's own domain."""
    allow_spf: bool = False
    """Whether an aligned SPF pass alone makes the check `dmarc` hold."""
    hourly: int | None = None
    """Messages that the partner may send in an hour; None is no limit of its own."""
    state: PartnerState = PartnerState.ACTIVE
    since: date | None = None
    """First day of the agreement, in the deployment's time zone."""
    until: date | None = None
    """Last day of the agreement, in the deployment's time zone."""
    created_at: datetime

    def in_force_on(self, day: date) -> bool:
        begun = self.since is None or self.since <= day
        return (
            self.state is PartnerState.ACTIVE
            and begun
            and (self.until is None or day <= self.until)
        )

    @property
    def required(self) -> frozenset[Check]:
        """Every check that must hold; `tls` always."""
        return frozenset({Check.TLS, *self.require})

    def pins(self, fingerprint: str) -> bool:
        """Whether a certificate is one that the partner registered."""
        return any(known.fingerprint == fingerprint for known in self.certificates)

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
    certificates: tuple[Certificate, ...] = ()
    signing_domains: tuple[str, ...] = ()
    allow_spf: bool = False
    hourly: int | None = None
    since: date | None = None
    until: date | None = None
