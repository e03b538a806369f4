"""Registers a partner organisation: from now on its mail is believed when the checks hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import Units
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import PartnerId
from secure_mail.domain.partners import (
    Check,
    NewPartner,
    PartnerOrganisation,
    narrow_enough,
)


class PartnerFaultError(ValueError):
    """The registration cannot stand; the text says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPartner:
    """Checks the registration and stores it, or several in one transaction."""

    units: Units
    clock: Clock
    ids: Ids
    loopback_is_exclusive: bool
    """In the demo a loopback network of any width counts as exclusive."""

    def __call__(self, new: NewPartner, actor: str) -> PartnerOrganisation:
        """Raises PartnerFaultError, ConflictError (the name is taken)."""
        (partner,) = self.together((new,), actor)
        return partner

    def together(self, new: Sequence[NewPartner], actor: str) -> tuple[PartnerOrganisation, ...]:
        """All of them or none. Raises as for one; a PartnerFaultError then begins with the name."""
        for each in new:
            if fault := self._fault(each):
                raise PartnerFaultError(fault if len(new) == 1 else f"{each.name}: {fault}")
        now = self.clock.now()
        partners = tuple(self._registered(each, now) for each in new)
        with self.units() as uow:
            for partner in partners:
                uow.partners.add(partner)
                uow.audit.add(
                    audit_event(
                        self.ids, now, AuditKind.PARTNER_CHANGED, actor, partner.id, change="added"
                    )
                )
            uow.commit()
        return partners

    def _registered(self, new: NewPartner, now: datetime) -> PartnerOrganisation:
        return PartnerOrganisation(
            id=PartnerId(self.ids.new()),
            name=new.name,
            domains=tuple(domain.lower().rstrip(".") for domain in new.domains),
            addresses=tuple(address.folded for address in new.addresses),
            require=tuple(dict.fromkeys(check for check in new.require if check is not Check.TLS)),
            networks=tuple(str(ip_network(network)) for network in new.networks),
            exclusive=new.exclusive,
            certificates=new.certificates,
            signing_domains=tuple(domain.lower().rstrip(".") for domain in new.signing_domains),
            allow_spf=new.allow_spf,
            hourly=new.hourly,
            since=new.since,
            until=new.until,
            created_at=now,
        )

    def _fault(self, new: NewPartner) -> str | None:
        proofs = [check for check in new.require if check is not Check.TLS]
        if not new.domains:
            return "name at least one --domain"
        if not proofs:
            return "require at least one check besides tls"
        stray = [address for address in new.addresses if not any(map(address.under, new.domains))]
        if stray:
            return "an --address is not of any --domain"
        return self._network_fault(new) if Check.NETWORK in proofs else None

    def _network_fault(self, new: NewPartner) -> str | None:
        if not new.networks:
            return "the check network needs --network CIDR"
        if not new.exclusive:
            return "the check network alone needs --exclusive: only this partner sends from there"
        for text in new.networks:
            network = ip_network(text)
            if not narrow_enough(network) and not (
                self.loopback_is_exclusive and network.is_loopback
            ):
                return f"the network {text} is too wide: narrower than /24 or /48, or another check"
        return None
