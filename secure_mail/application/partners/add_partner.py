"""Registers a partner organisation: from now on its mail is believed when the checks hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network

from secure_mail.application.auditing import audit_event
from secure_mail.application.partners.registering import PartnerFaultError, Registrar
from secure_mail.application.ports.clock import Ids
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import PartnerId
from secure_mail.domain.partners import Check, NewPartner, PartnerOrganisation


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPartner:
    """Checks the registration and stores it, or several in one transaction."""

    units: Units
    ids: Ids
    registrar: Registrar

    def __call__(self, new: NewPartner, actor: str) -> PartnerOrganisation:
        """Raises PartnerFaultError, ConflictError (the name is taken)."""
        (partner,) = self.together((new,), actor)
        return partner

    def together(self, new: Sequence[NewPartner], actor: str) -> tuple[PartnerOrganisation, ...]:
        """All of them or none. Raises as for one; a PartnerFaultError then begins with the name."""
        added: list[PartnerOrganisation] = []
        with self.units() as uow:
            for each in new:
                try:
                    added.append(self._added(uow, each, actor))
                except PartnerFaultError as fault:
                    if len(new) == 1:
                        raise
                    raise PartnerFaultError(f"{each.name}: {fault}") from None
            uow.commit()
        return tuple(added)

    def _added(self, uow: UnitOfWork, new: NewPartner, actor: str) -> PartnerOrganisation:
        certificates = self.registrar.read(new.certificates)
        partner = replace(
            self._registered(new), certificates=tuple(one.certificate for one in certificates)
        )
        self.registrar.refuse_fault(partner, certificates)
        uow.partners.add(partner)
        self.registrar.refuse_clash(partner, uow.partners.all())
        uow.audit.add(
            audit_event(
                self.ids,
                partner.created_at,
                AuditKind.PARTNER_CHANGED,
                actor,
                partner.id,
                change="added",
            )
        )
        return partner

    def _registered(self, new: NewPartner) -> PartnerOrganisation:
        return PartnerOrganisation(
            id=PartnerId(self.ids.new()),
            name=new.name,
            domains=tuple(domain.lower().rstrip(".") for domain in new.domains),
            addresses=tuple(address.folded for address in new.addresses),
            require=tuple(dict.fromkeys(check for check in new.require if check is not Check.TLS)),
            networks=tuple(str(ip_network(network)) for network in new.networks),
            exclusive=new.exclusive,
            signing_domains=tuple(domain.lower().rstrip(".") for domain in new.signing_domains),
            allow_spf=new.allow_spf,
            hourly=new.hourly,
            since=new.since,
            until=new.until,
            created_at=self.registrar.clock.now(),
        )
