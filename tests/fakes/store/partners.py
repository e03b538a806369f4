"""The registry of partners and their passports in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from secure_mail.domain.ids import PartnerId
from secure_mail.domain.partners import PartnerOrganisation
from secure_mail.domain.passports import CheckDay
from tests.fakes.store.state import State, one, put


class FakePartners:
    def __init__(self, state: State) -> None:
        self._partners = state.partners

    def add(self, partner: PartnerOrganisation) -> None:
        put(self._partners, partner.id, partner, lambda each: each.name)

    def get(self, partner: PartnerId) -> PartnerOrganisation | None:
        return self._partners.get(partner)

    def by_name(self, name: str) -> PartnerOrganisation | None:
        return one(partner for partner in self._partners.values() if partner.name == name)

    def all(self) -> Sequence[PartnerOrganisation]:
        return sorted(self._partners.values(), key=lambda partner: partner.name)

    def save(self, partner: PartnerOrganisation) -> None:
        if partner.id in self._partners:
            self._partners[partner.id] = partner


class FakePassports:
    def __init__(self, state: State) -> None:
        self._partners = state.partners
        self._passports = state.passports

    def note(self, rows: Sequence[CheckDay]) -> None:
        for row in rows:
            if row.partner_id in self._partners:
                key = (row.partner_id, row.day, row.check)
                self._passports[key] = _sum(self._passports.get(key), row)

    def of(self, partner: PartnerId) -> Sequence[CheckDay]:
        theirs = [row for row in self._passports.values() if row.partner_id == partner]
        return sorted(theirs, key=lambda row: (row.day, row.check))

    def forget(self, before: date) -> int:
        old = [key for key, row in self._passports.items() if row.day < before]
        for key in old:
            del self._passports[key]
        return len(old)


def _sum(known: CheckDay | None, row: CheckDay) -> CheckDay:
    if known is None:
        return row
    return replace(
        known,
        held=known.held + row.held,
        missed=known.missed + row.missed,
        last_held_at=_later(known.last_held_at, row.last_held_at),
        last_missed_at=_later(known.last_missed_at, row.last_missed_at),
    )


def _later(*instants: datetime | None) -> datetime | None:
    return max((one for one in instants if one), default=None)
