"""Says, before MAIL is answered, whether a message can be taken and whose mail is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

from secure_mail.application.ports.blobs import Blobs, BlobsUnavailableError
from secure_mail.application.ports.clock import BusinessCalendar, Clock
from secure_mail.application.ports.store import StoreDownError, Units
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.partners import Certificate, PartnerOrganisation, owner_of
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.work import JobKind

OWNERS_KEPT = 1024


@dataclass(frozen=True)
class Readiness:
    """What one look at the store says; good for a second or so."""

    partners: tuple[PartnerOrganisation, ...]
    """Those whose agreement is in force today."""
    certificates: tuple[Certificate, ...] = ()
    """What they registered, but for what has expired."""
    over: tuple[PartnerOrganisation, ...] = ()
    """Those who are suspended, or whose agreement has ended: their addresses are nobody's."""

    @cached_property
    def partner_of(self) -> Callable[[EmailAddress], PartnerOrganisation | None]:
        """Whose address it is; remembered, for it is asked several times of every message."""
        return lru_cache(OWNERS_KEPT)(partial(owner_of, self.partners, over=self.over))


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
        now = self.clock.now()
        today = self.calendar.today(now)
        in_force = tuple(partner for partner in partners if partner.in_force_on(today))
        return Readiness(
            in_force,
            tuple(
                certificate
                for partner in in_force
                for certificate in partner.certificates
                if now < certificate.not_after
            ),
            tuple(partner for partner in partners if partner.over_on(today)),
        )
