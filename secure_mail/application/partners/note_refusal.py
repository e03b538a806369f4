"""Counts in the passports what a door refused: numbers only, nothing of the mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from secure_mail.application.ports.clock import BusinessCalendar, Clock
from secure_mail.application.ports.store import Units
from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.domain.passports import counted


@dataclass(frozen=True, slots=True)
class RefusedMail:
    """Messages of one partner that were refused for the same missing checks."""

    partner: PartnerOrganisation
    missing: frozenset[Check]
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRefusal:
    """One row per partner, day and check, however many there were."""

    units: Units
    clock: Clock
    calendar: BusinessCalendar

    def __call__(self, refused: Iterable[RefusedMail]) -> None:
        """What no door can judge (S/MIME) counts neither way.

        Raises StoreDownError: the counts are lost, nothing else.
        """
        now = self.clock.now()
        day = self.calendar.today(now)
        with self.units() as uow:
            for one in sorted(refused, key=lambda each: each.partner.id):
                held = one.partner.required - one.missing - {Check.SMIME}
                uow.passports.note(
                    counted(
                        one.partner.id,
                        held=held,
                        missed=one.missing,
                        at=now,
                        day=day,
                        times=one.times,
                    )
                )
            uow.commit()
