"""Whether a partner's registration can stand, by itself and beside those that stand already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import IPv4Network, IPv6Network, ip_network

from secure_mail.domain.addresses import EmailAddress, InvalidAddressError
from secure_mail.domain.mail_providers import LARGE_PROVIDERS
from secure_mail.domain.partners import (
    CertificateFacts,
    Check,
    PartnerOrganisation,
    PartnerState,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a registration is judged."""

    now: datetime
    today: date
    """In the deployment's time zone."""


def narrow_enough(network: IPv4Network | IPv6Network) -> bool:
    """Whether a network may prove a partner alone: narrower than /24 or /48 (intake.md)."""
    return network.prefixlen > (24 if network.version == 4 else 48)


def fault(
    partner: PartnerOrganisation,
    certificates: Sequence[CertificateFacts],
    at: Moment,
    *,
    loopback_is_exclusive: bool = False,
) -> str | None:
    """What is wrong with a registration and what to do; None when it can stand.

    `certificates` are the facts of the partner's own, in their order.
    """
    required = partner.required - {Check.TLS}
    usable = [one for one in certificates if at.now <= one.certificate.not_after]
    if not partner.domains:
        return "name at least one --domain"
    if not required:
        return "require at least one check besides tls"
    if stray := _stray(partner):
        return stray
    if Check.NETWORK in required:
        loopback = loopback_is_exclusive
        if wide := _network_fault(partner, loopback_is_exclusive=loopback):
            return wide
    if Check.CLIENT_CERTIFICATE in required and not any(one.client for one in usable):
        return "the check client_certificate needs --certificate FILE.pem of a TLS client"
    if Check.SMIME in required and not any(_signs(one, partner) for one in usable):
        return (
            "the check smime needs --certificate FILE.pem that names (rfc822Name) "
            "an address of the partner"
        )
    if (partner.signing_domains or partner.allow_spf) and Check.DMARC not in required:
        return "--signing-domain and --allow-spf belong to the check dmarc: require it"
    return _time_fault(partner, at)


def clash(partner: PartnerOrganisation, others: Iterable[PartnerOrganisation]) -> str | None:
    """What another partner owns already; None when nothing. Suspended partners own nothing."""
    pins = {one.fingerprint for one in partner.certificates}
    for other in others:
        if other.id == partner.id or other.state is PartnerState.SUSPENDED:
            continue
        theirs = f"of the partner {other.name!r} already"
        if not partner.addresses and not other.addresses:
            for domain in sorted({*partner.domains} & {*other.domains}):
                return f"the domain {domain} is {theirs}"
        if {*partner.addresses} & {*other.addresses}:
            return f"an --address is {theirs}"
        if pins & {one.fingerprint for one in other.certificates}:
            return f"a certificate is {theirs}"
    return None


def _stray(partner: PartnerOrganisation) -> str | None:
    """Addresses outside of the domains, and domains whose addresses are strangers' too."""
    for text in partner.addresses:
        if not any(text.endswith((f"@{domain}", f".{domain}")) for domain in partner.domains):
            return "an --address is not of any --domain"
    if not partner.addresses and (open_to_all := sorted({*partner.domains} & LARGE_PROVIDERS)):
        return f"{open_to_all[0]} gives addresses to everybody: name the partner's by --address"
    return None


def _network_fault(partner: PartnerOrganisation, *, loopback_is_exclusive: bool) -> str | None:
    if not partner.networks:
        return "the check network needs --network CIDR"
    alone = partner.required == {Check.TLS, Check.NETWORK}
    if alone and not partner.exclusive:
        return "the check network alone needs --exclusive: only this partner sends from there"
    for text in partner.networks:
        network = ip_network(text)
        if loopback_is_exclusive and network.is_loopback:
            continue
        if network.prefixlen == 0:
            return f"the network {text} is everybody's"
        if alone and not narrow_enough(network):
            return f"the network {text} is too wide: narrower than /24 or /48, or another check"
    return None


def _signs(one: CertificateFacts, partner: PartnerOrganisation) -> bool:
    return any(partner.owns(address) for address in map(_parsed, one.mailboxes) if address)


def _parsed(text: str) -> EmailAddress | None:
    try:
        return EmailAddress.parse(text)
    except InvalidAddressError:
        return None


def _time_fault(partner: PartnerOrganisation, at: Moment) -> str | None:
    if partner.until is None:
        return None
    if partner.until < at.today:
        return f"the agreement ended on {partner.until}: give a later --until"
    if partner.since is not None and partner.until < partner.since:
        return "--until is before --since"
    return None
