"""Who wrote it, and how far that is proved: from evidence to a sender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from secure_mail.domain.addresses import EmailAddress, InvalidAddressError
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.links import Audience, Declaration, SecureLink
from secure_mail.domain.messages import Assurance
from secure_mail.domain.partners import Check, PartnerOrganisation, owner_of
from secure_mail.domain.requests import LinkRequest
from secure_mail.domain.routing.facts import SenderKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    address: EmailAddress | None = field(repr=False)
    kind: SenderKind
    assurance: Assurance
    partner: PartnerOrganisation | None = None
    """The partner that it is proved to be."""
    claimed: PartnerOrganisation | None = None
    """The partner in force that owns envelope sender and author of a mail, proved or not."""
    declaration: Declaration | None = None

    @property
    def country(self) -> str | None:
        return self.declaration.country if self.declaration else None


def of_form(
    opened: bytes, link: SecureLink, partners: Sequence[PartnerOrganisation], today: date
) -> Sender:
    """The holder of a link: the address is confirmed, the person is not identified.

    `opened` is the registration's value: JSON of LinkRequest.
    """
    request = LinkRequest.from_json(opened)
    address = request.address
    partner = registered(address, partners, today)
    if partner is not None:
        kind = SenderKind.PARTNER
    elif link.audience is Audience.PARTNER:
        kind = SenderKind.PARTNER_UNREGISTERED
    else:
        kind = SenderKind.CUSTOMER_ABROAD
    return Sender(
        address=address,
        kind=kind,
        assurance=Assurance.LINK_CONFIRMED,
        partner=partner,
        declaration=request.declaration,
    )


def of_mail(evidence: Evidence, partners: Sequence[PartnerOrganisation], today: date) -> Sender:
    """The single From of a mail; a partner only if every required check held."""
    address = single_author(evidence)
    partner = registered(address, partners, today) if address else None
    agreed = partner is not None and evidence.partner == str(partner.id)
    proved = partner is not None and agreed and partner.required <= held(evidence)
    if partner is None:
        kind = SenderKind.UNKNOWN
    else:
        kind = SenderKind.PARTNER if proved else SenderKind.PARTNER_UNPROVED
    return Sender(
        address=address,
        kind=kind,
        assurance=Assurance.SMTP_PARTNER if proved else Assurance.SMTP_UNVERIFIED,
        partner=partner if proved else None,
        claimed=partner if agreed else None,
    )


def held(evidence: Evidence) -> frozenset[Check]:
    """The checks that held; behind a relay the client's network is not known."""
    found = {check for check in Check if check in evidence.checks}
    return frozenset(found - ({Check.NETWORK} if evidence.relayed else set()))


def registered(
    address: EmailAddress, partners: Sequence[PartnerOrganisation], today: date
) -> PartnerOrganisation | None:
    """The partner in force that an address belongs to."""
    in_force = [one for one in partners if one.in_force_on(today)]
    return owner_of(in_force, address, [one for one in partners if one.over_on(today)])


def single_author(evidence: Evidence) -> EmailAddress | None:
    """The one address of the one From; None when there are more, or it is none."""
    if len(evidence.header_from) != 1:
        return None
    try:
        return EmailAddress.parse(evidence.header_from[0])
    except InvalidAddressError:
        return None
