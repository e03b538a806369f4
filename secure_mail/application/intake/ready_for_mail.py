"""Says, before MAIL is answered, whether a message can be taken and whose mail is believed."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.ports.blobs import Blobs, BlobsUnavailableError
from secure_mail.application.ports.clock import BusinessCalendar, Clock
from secure_mail.application.ports.store import StoreDownError, Units
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.partners import PartnerOrganisation, owner_of
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.work import JobKind


@dataclass(frozen=True, slots=True)
class Readiness:
    """What one look at the store says; good for a second or so."""

    partners: tuple[PartnerOrganisation, ...]
    """Those whose agreement is in force today."""

    def partner_of(self, address: EmailAddress) -> PartnerOrganisation | None:
        """Whose address it is."""
        return owner_of(self.partners, address)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyForMail:
    """Says whether a door may begin a message. Reads only."""

    units: Units
    blobs: Blobs
    clock: Clock
    calendar: BusinessCalendar
    backlog_limit: int
    """Messages that may wait for processing before new ones are put off."""

    def __call__(self) -> Readiness:
        """Blocking. Raises Refusal (STORAGE_LOW, BACKLOG, TEMPORARY)."""
        try:
            if not self.blobs.room():
                raise Refusal(RefusalCode.STORAGE_LOW)
            with self.units.reading() as uow:
                if uow.outbox.backlog(JobKind.PROCESS_MESSAGE, self.backlog_limit) >= (
                    self.backlog_limit
                ):
                    raise Refusal(RefusalCode.BACKLOG)
                partners = uow.partners.all()
        except (StoreDownError, BlobsUnavailableError) as error:
            raise Refusal(RefusalCode.TEMPORARY) from error
        today = self.calendar.today(self.clock.now())
        return Readiness(tuple(partner for partner in partners if partner.in_force_on(today)))
