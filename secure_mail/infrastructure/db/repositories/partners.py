"""Partners with their domains, and what their mail showed by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, RowMapping, case, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from secure_mail.domain.ids import PartnerId
from secure_mail.domain.partners import PartnerOrganisation
from secure_mail.domain.passports import CheckDay
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.tables import partners
from secure_mail.infrastructure.db.tables.columns import table_of
from secure_mail.infrastructure.db.transaction import Transaction

PARTNER = Mapped(partners.PartnerOrganisation, PartnerOrganisation, apart=("domains",))
DOMAIN = table_of(partners.PartnerDomain)
DAY = Mapped(partners.PartnerCheckDay, CheckDay)


class SqlPartners:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, partner: PartnerOrganisation) -> None:
        self._tx.add(PARTNER, partner)
        self._add_domains(partner)

    def get(self, partner: PartnerId) -> PartnerOrganisation | None:
        row = self._tx.row(select(PARTNER.table).where(PARTNER.c.id == partner))
        return None if row is None else self._noun(row)

    def by_name(self, name: str) -> PartnerOrganisation | None:
        row = self._tx.row(select(PARTNER.table).where(PARTNER.c.name == name))
        return None if row is None else self._noun(row)

    def all(self) -> Sequence[PartnerOrganisation]:
        rows = self._tx.rows(select(PARTNER.table).order_by(PARTNER.c.name))
        return [self._noun(row) for row in rows]

    def save(self, partner: PartnerOrganisation) -> None:
        self._tx.store(PARTNER, partner)
        self._tx.change(delete(DOMAIN).where(DOMAIN.c.partner_id == partner.id))
        self._add_domains(partner)

    def _add_domains(self, partner: PartnerOrganisation) -> None:
        rows: list[dict[str, object]] = [
            {"partner_id": partner.id, "ordinal": ordinal, "domain": domain}
            for ordinal, domain in enumerate(partner.domains)
        ]
        if rows:
            self._tx.change(insert(DOMAIN), rows)

    def _noun(self, row: RowMapping) -> PartnerOrganisation:
        theirs = select(DOMAIN.c.domain).where(DOMAIN.c.partner_id == row["id"])
        rows = self._tx.rows(theirs.order_by(DOMAIN.c.ordinal))
        return PARTNER.noun(row, domains=tuple(found["domain"] for found in rows))


class SqlPassports:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def note(self, rows: Sequence[CheckDay]) -> None:
        known = {
            row["id"]
            for row in self._tx.rows(
                select(PARTNER.c.id).where(PARTNER.c.id.in_({row.partner_id for row in rows}))
            )
        }
        found = [DAY.row(row) for row in rows if row.partner_id in known]
        if found:
            self._tx.change(_ADDED, found)

    def of(self, partner: PartnerId) -> Sequence[CheckDay]:
        return self._tx.all(DAY, DAY.c.partner_id == partner, order=(DAY.c.day, DAY.c.check))

    def forget(self, before: date) -> int:
        return self._tx.change(delete(DAY.table).where(DAY.c.day < before))


_NEW = upsert(DAY.table)


def _later(name: str) -> ColumnElement[datetime]:
    """The later of two instants of which each may be missing."""
    old, new = DAY.c[name], _NEW.excluded[name]
    return case((new > old, new), else_=func.coalesce(old, new))


# SQLite took the clause over, word for word.
_ADDED = _NEW.on_conflict_do_update(
    index_elements=[DAY.c.partner_id, DAY.c.day, DAY.c.check],
    set_={
        "held": DAY.c.held + _NEW.excluded.held,
        "missed": DAY.c.missed + _NEW.excluded.missed,
        "last_held_at": _later("last_held_at"),
        "last_missed_at": _later("last_missed_at"),
    },
)
