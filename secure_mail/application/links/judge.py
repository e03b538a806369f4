"""A part of SendLink: what a request for a link is answered with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from secure_mail.application.ports.clock import BusinessCalendar
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.store import UnitOfWork
from secure_mail.application.ports.vault import BlindIndex
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.eligibility import VerdictKind, declared, judge
from secure_mail.domain.ids import PartnerId
from secure_mail.domain.limits import (
    DAY,
    HOUR,
    Asked,
    LinkLimits,
    link_to_address_allowed,
    mail_to_domain_allowed,
)
from secure_mail.domain.links import Registration
from secure_mail.domain.partners import owner_of
from secure_mail.domain.refusals import RefusalCode
from secure_mail.domain.requests import LinkRequest


class Outcome(StrEnum):
    """Of a request; a RefusalCode value instead means: the mail tells the right channel."""

    LINK = "link"
    LIMITED = "limited"
    BLOCKED = "blocked"


SILENT = frozenset({Outcome.LIMITED, Outcome.BLOCKED})
"""Outcomes without a mail (rule 11)."""
NOT_TOLD = SILENT | {Outcome.LINK}
"""Outcomes that did not tell of another channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    outcome: Outcome | RefusalCode
    address_index: bytes = field(repr=False)
    domain_index: bytes = field(repr=False)
    partner_id: PartnerId | None
    """The partner in force whose address it is, whatever was chosen on the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Block, limits and the eligibility table (rules 11, 12, 16)."""

    index: BlindIndex
    rules: Rules
    calendar: BusinessCalendar
    limits: LinkLimits

    def __call__(
        self, uow: UnitOfWork, registration: Registration, request: LinkRequest, now: datetime
    ) -> Judgement:
        address = request.address
        today = self.calendar.today(now)
        partners = uow.partners.all()
        in_force = [one for one in partners if one.in_force_on(today)]
        over = [one for one in partners if one.over_on(today)]
        partner = owner_of(in_force, address, over)
        address_index = self.index.of(address)
        # An address without a local part stands for its whole domain.
        domain_index = self.index.of(EmailAddress("", address.domain))
        outcome = self._channel(request, registered=partner is not None)
        if uow.registrations.blocked(address_index, now):
            outcome = Outcome.BLOCKED
        elif not (
            self._domain_has_room(uow, registration, address.domain, domain_index)
            and self._address_has_room(uow, registration, address_index, outcome)
        ):
            outcome = Outcome.LIMITED
        return Judgement(
            outcome=outcome,
            address_index=address_index,
            domain_index=domain_index,
            partner_id=partner.id if partner else None,
        )

    def _channel(self, request: LinkRequest, *, registered: bool) -> Outcome | RefusalCode:
        verdict = judge(
            self.rules.in_force().eligibility,
            declared(request.declaration, registered=registered),
        )
        if verdict.kind is VerdictKind.REFUSED and isinstance(verdict.code, RefusalCode):
            return verdict.code
        return Outcome.LINK

    def _domain_has_room(
        self, uow: UnitOfWork, registration: Registration, domain: str, domain_index: bytes
    ) -> bool:
        since = registration.requested_at - HOUR
        return uow.registrations.total(since) <= self.limits.total_hour and mail_to_domain_allowed(
            self.limits, domain, uow.registrations.of_domain(domain_index, since)
        )

    def _address_has_room(
        self,
        uow: UnitOfWork,
        registration: Registration,
        address_index: bytes,
        outcome: Outcome | RefusalCode,
    ) -> bool:
        at = registration.requested_at
        earlier = uow.registrations.of_address(address_index, at - DAY)
        if outcome is Outcome.LINK:
            asked = [
                Asked(one.requested_at, one.network, one.outcome == Outcome.LINK) for one in earlier
            ]
            return link_to_address_allowed(self.limits, asked, registration.network, at)
        # The right channel is told once in 24 h (rule 11).
        return all(one.outcome in NOT_TOLD or at - one.requested_at >= DAY for one in earlier)
