"""Partners with their passports: what held, what was missed, what runs out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from secure_mail.application.ports.clock import BusinessCalendar, Clock
from secure_mail.application.ports.store import Units
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.ids import PartnerId
from secure_mail.domain.passports import Passport, passport
from secure_mail.domain.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPassports:
    """All, by name. Of a member of staff: for who may see partners. Raises Refusal NO_ACCESS."""

    units: Units
    clock: Clock
    calendar: BusinessCalendar

    def __call__(self, staff: StaffIdentity | None = None) -> Sequence[Passport]:
        if staff is not None and not staff.may_see_partners:
            raise Refusal(RefusalCode.NO_ACCESS)
        today = self.calendar.today(self.clock.now())
        with self.units.reading() as uow:
            return [
                passport(one, uow.passports.of(one.id), today, self.calendar.today)
                for one in uow.partners.all()
            ]

    def one(self, partner: PartnerId, staff: StaffIdentity) -> Passport:
        """Raises Refusal NO_ACCESS, NOT_FOUND."""
        found = next((each for each in self(staff) if each.partner.id == partner), None)
        if found is None:
            raise Refusal(RefusalCode.NOT_FOUND)
        return found
