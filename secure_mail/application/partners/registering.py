"""What registering, renewing and resuming share: reading certificates, judging what results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from secure_mail.application.ports.certificates import Certificates, NoCertificateError
from secure_mail.application.ports.clock import BusinessCalendar, Clock
from secure_mail.domain.partners import CertificateFacts, CertificateFile, PartnerOrganisation
from secure_mail.domain.registration import Moment, clash, fault


class PartnerFaultError(ValueError):
    """The registration cannot stand; the text says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrar:
    clock: Clock
    calendar: BusinessCalendar
    certificates: Certificates
    loopback_is_exclusive: bool
    """In the demo a loopback network of any width counts as exclusive."""

    @property
    def moment(self) -> Moment:
        now = self.clock.now()
        return Moment(now=now, today=self.calendar.today(now))

    def read(self, files: Iterable[CertificateFile]) -> tuple[CertificateFacts, ...]:
        """Each certificate once. Raises PartnerFaultError: no certificate, or one that ended."""
        now, found = self.clock.now(), dict[str, CertificateFacts]()
        for file in files:
            try:
                facts = self.certificates.read(file.pem)
            except NoCertificateError as wrong:
                raise PartnerFaultError(f"{file.name} {wrong}") from None
            ended = facts.certificate.not_after
            if ended < now:
                raise PartnerFaultError(
                    f"the certificate in {file.name} ended on {ended.date()}: ask for the new one"
                )
            found[facts.certificate.fingerprint] = facts
        return tuple(found.values())

    def refuse_fault(
        self, partner: PartnerOrganisation, certificates: Sequence[CertificateFacts]
    ) -> None:
        """Raises PartnerFaultError when the registration alone cannot stand."""
        wrong = fault(
            partner,
            certificates,
            self.moment,
            loopback_is_exclusive=self.loopback_is_exclusive,
        )
        if wrong:
            raise PartnerFaultError(wrong)

    def refuse_clash(
        self, partner: PartnerOrganisation, others: Iterable[PartnerOrganisation]
    ) -> None:
        """Raises PartnerFaultError when another partner owns what this one names."""
        today = self.moment.today
        wrong = clash(partner, (one for one in others if one.until is None or today <= one.until))
        if wrong:
            raise PartnerFaultError(wrong)
