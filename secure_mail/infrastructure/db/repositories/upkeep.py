"""The audit trail, partners, rule sets, service notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, delete, insert, select

from secure_mail.application.ports.store_upkeep import ServiceNotice, StoredRuleSet
from secure_mail.domain.events import AuditEvent
from secure_mail.domain.ids import PartnerId
from secure_mail.domain.partners import PartnerOrganisation
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.tables import partners, upkeep
from secure_mail.infrastructure.db.tables.columns import table_of
from secure_mail.infrastructure.db.transaction import Transaction

EVENT = Mapped(upkeep.AuditEvent, AuditEvent)
RULES = Mapped(upkeep.RuleSet, StoredRuleSet)
NOTICE = Mapped(upkeep.ServiceNotice, ServiceNotice)
PARTNER = Mapped(partners.PartnerOrganisation, PartnerOrganisation, apart=("domains",))
DOMAIN = table_of(partners.PartnerDomain)


class SqlAudit:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, event: AuditEvent) -> None:
        self._tx.add_later(EVENT.insertion, EVENT.row(event))

    def of(self, subject: str) -> Sequence[AuditEvent]:
        self._tx.settle()
        return self._tx.all(EVENT, EVENT.c.subject == subject, order=(EVENT.c.at, EVENT.c.id))


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


class SqlRuleSets:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def in_force(self) -> StoredRuleSet | None:
        return self._tx.first(RULES, order=(RULES.c.approved_at.desc(),))

    def approve(self, rule_set: StoredRuleSet) -> None:
        # An earlier file may be approved again.
        self._tx.change(delete(RULES.table).where(RULES.c.hash == rule_set.hash))
        self._tx.add(RULES, rule_set)


class SqlNotices:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def current(self, now: datetime) -> Sequence[ServiceNotice]:
        lasting = (NOTICE.c.starts_at <= now, NOTICE.c.ends_at > now)
        return self._tx.all(NOTICE, *lasting, order=(NOTICE.c.starts_at, NOTICE.c.id))

    def all(self) -> Sequence[ServiceNotice]:
        return self._tx.all(NOTICE, order=(NOTICE.c.starts_at, NOTICE.c.id))

    def add(self, starts_at: datetime, ends_at: datetime, text: dict[str, str]) -> int:
        [added] = self._tx.take(
            insert(NOTICE.table)
            .values(starts_at=starts_at, ends_at=ends_at, text=text)
            .returning(NOTICE.c.id)
        )
        return int(added["id"])

    def remove(self, notice: int) -> bool:
        return self._tx.change(delete(NOTICE.table).where(NOTICE.c.id == notice)) == 1
