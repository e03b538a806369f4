"""Partner organisations: who they are and what must hold before their mail is believed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address, ip_network

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


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What a certificate says of itself, as far as a partner is proved by it."""

    certificate: Certificate
    not_before: datetime
    mailboxes: tuple[str, ...] = field(default=(), repr=False)
    """Its `rfc822Name` alternatives, as written (RFC 5280, 4.2.1.6)."""
    client: bool = True
    """Whether a TLS client may show it: its extended key usage, if it has one, says so."""

    def in_force_at(self, at: datetime) -> bool:
        """Both ends included (RFC 5280, 4.1.2.5)."""
        return self.not_before <= at <= self.certificate.not_after

    def speaks_for(self, address: EmailAddress) -> bool:
        """Whether it names the address: domains in any case, local parts as written (RFC 5280)."""
        spelled = (mailbox.rpartition("@") for mailbox in self.mailboxes)
        return any(
            (local, domain.lower()) == (address.local, address.domain)
            for local, _, domain in spelled
        )


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
    """CIDR, of the servers that its mail comes from."""
    exclusive: bool = False
    """Whether nobody else sends from these networks."""
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

    def over_on(self, day: date) -> bool:
        """Suspended, or its agreement has ended."""
        ended = self.until is not None and self.until < day
        return self.state is PartnerState.SUSPENDED or ended

    @property
    def required(self) -> frozenset[Check]:
        """Every check that must hold; `tls` always."""
        return _with_tls(self.require)

    def pins(self, fingerprint: str) -> bool:
        """Whether a certificate is one that the partner registered."""
        return any(known.fingerprint == fingerprint for known in self.certificates)

    def owns(self, address: EmailAddress) -> bool:
        """Whether the address is one of this partner's."""
        if self.addresses:
            return address.folded in self.addresses
        return any(address.under(domain) for domain in self.domains)

    def closeness(self, address: EmailAddress) -> int:
        """Length of the longest of its domains that the address is under; 0 when under none."""
        return max((len(domain) for domain in self.domains if address.under(domain)), default=0)

    def network_holds(self, peer: str) -> bool:
        """Whether the client address lies in a registered network.

        One that others send from as well says nothing, unless another check is required with it.
        """
        meaningful = self.exclusive or bool(self.required - {Check.TLS, Check.NETWORK})
        return meaningful and _within(peer, self.networks)


@lru_cache
def _with_tls(checks: tuple[Check, ...]) -> frozenset[Check]:
    """Remembered: it is asked several times of every message."""
    return frozenset({Check.TLS, *checks})


@lru_cache
def _within(address: str, networks: tuple[str, ...]) -> bool:
    """Remembered: every message of a partner asks it again, and reading networks is slow."""
    found = ip_address(address)
    return any(found in ip_network(network) for network in networks)


def owner_of(
    partners: Iterable[PartnerOrganisation],
    address: EmailAddress,
    over: Iterable[PartnerOrganisation] = (),
) -> PartnerOrganisation | None:
    """Whose address it is: who names the address itself, else who names the longest domain.

    The one answer of every door and the worker: two answers would hold a proved partner's mail.
    What those named whose time is `over` falls to nobody with a shorter domain: their own signature
    would prove their mail to be his.
    """
    owner = max(
        (partner for partner in partners if partner.owns(address)),
        key=lambda partner: (bool(partner.addresses), partner.closeness(address)),
        default=None,
    )
    if owner is None:
        return None
    close = owner.closeness(address)
    shadowed = any(one.owns(address) and one.closeness(address) > close for one in over)
    return None if shadowed else owner


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFile:
    """A file that should hold one certificate, unread."""

    name: str
    pem: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPartner:
    """A registration as the operator gives it, parsed but not judged."""

    name: str
    domains: tuple[str, ...]
    addresses: tuple[EmailAddress, ...] = ()
    require: tuple[Check, ...]
    networks: tuple[str, ...] = ()
    exclusive: bool = False
    certificates: tuple[CertificateFile, ...] = ()
    signing_domains: tuple[str, ...] = ()
    allow_spf: bool = False
    hourly: int | None = None
    since: date | None = None
    until: date | None = None
