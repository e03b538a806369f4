"""The audit trail, rule sets, service notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert

from secure_mail.application.ports.store_upkeep import ServiceNotice, StoredRuleSet
from secure_mail.domain.events import AuditEvent
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.tables import upkeep
from secure_mail.infrastructure.db.transaction import Transaction

EVENT = Mapped(upkeep.AuditEvent, AuditEvent)
RULES = Mapped(upkeep.RuleSet, StoredRuleSet)
NOTICE = Mapped(upkeep.ServiceNotice, ServiceNotice)


class SqlAudit:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, event: AuditEvent) -> None:
        self._tx.add_later(EVENT.table, EVENT.row(event))

    def of(self, subject: str) -> Sequence[AuditEvent]:
        return self._tx.all(EVENT, EVENT.c.subject == subject, order=(EVENT.c.at, EVENT.c.id))


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
