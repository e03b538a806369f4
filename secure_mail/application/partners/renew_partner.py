"""Renews what runs out of a partner: its certificates, the last day of its agreement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from secure_mail.application.auditing import audit_event
from secure_mail.application.partners.registering import PartnerFaultError, Registrar
from secure_mail.application.ports.clock import Ids
from secure_mail.application.ports.store import Units
from secure_mail.domain.events import AuditKind
from secure_mail.domain.partners import CertificateFacts, CertificateFile, PartnerOrganisation
from secure_mail.domain.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewPartner:
    """A new certificate comes beside the old one, which goes when it has ended or is dropped."""

    units: Units
    ids: Ids
    registrar: Registrar

    def __call__(
        self,
        name: str,
        actor: str,
        *,
        certificates: Sequence[CertificateFile] = (),
        drop: Collection[str] = (),
        until: date | None = None,
    ) -> PartnerOrganisation:
        """`drop` are fingerprints. Raises Refusal NOT_FOUND, PartnerFaultError."""
        brought = self.registrar.read(certificates)
        now = self.registrar.clock.now()
        with self.units() as uow:
            partner = uow.partners.by_name(name)
            if partner is None:
                raise Refusal(RefusalCode.NOT_FOUND)
            for fingerprint in drop:
                if not partner.pins(fingerprint):
                    raise PartnerFaultError("it has no certificate with that fingerprint to drop")
            kept = self._kept(partner, brought, drop)
            renewed = replace(
                partner,
                certificates=tuple(one.certificate for one in kept),
                until=until or partner.until,
            )
            self.registrar.refuse_fault(renewed, kept)
            self.registrar.refuse_clash(renewed, uow.partners.all())
            uow.partners.save(renewed)
            uow.audit.add(
                audit_event(
                    self.ids,
                    now,
                    AuditKind.PARTNER_CHANGED,
                    actor,
                    partner.id,
                    change="renewed",
                    certificates=" ".join(one.fingerprint[:16] for one in renewed.certificates),
                    until=str(renewed.until or ""),
                )
            )
            uow.commit()
        return renewed

    def _kept(
        self,
        partner: PartnerOrganisation,
        brought: Sequence[CertificateFacts],
        drop: Collection[str],
    ) -> tuple[CertificateFacts, ...]:
        """The old ones that go on, then the new ones."""
        now = self.registrar.clock.now()
        new = {one.certificate.fingerprint for one in brought}
        old = (
            self.registrar.certificates.read(one.pem.encode())
            for one in partner.certificates
            if one.fingerprint not in {*drop, *new} and now <= one.not_after
        )
        return (*old, *brought)
