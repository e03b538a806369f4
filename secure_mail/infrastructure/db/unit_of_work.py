"""One transaction with its repositories; a commit that left work rings the doorbell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.work import Doorbell
from secure_mail.domain.ids import MessageId
from secure_mail.infrastructure.db.engine import Database
from secure_mail.infrastructure.db.repositories.cases import SqlCases
from secure_mail.infrastructure.db.repositories.contents import SqlContents
from secure_mail.infrastructure.db.repositories.drafts import SqlDrafts
from secure_mail.infrastructure.db.repositories.fetches import SqlFetches
from secure_mail.infrastructure.db.repositories.intake import SqlMessages
from secure_mail.infrastructure.db.repositories.ledger import SqlLedger
from secure_mail.infrastructure.db.repositories.links import SqlLinks, SqlSessions
from secure_mail.infrastructure.db.repositories.outbox import SqlOutbox
from secure_mail.infrastructure.db.repositories.partners import SqlPartners, SqlPassports
from secure_mail.infrastructure.db.repositories.registrations import SqlRegistrations
from secure_mail.infrastructure.db.repositories.replies import SqlCodes, SqlReplies
from secure_mail.infrastructure.db.repositories.staff import SqlStaff
from secure_mail.infrastructure.db.repositories.upkeep import (
    SqlAudit,
    SqlNotices,
    SqlRuleSets,
)
from secure_mail.infrastructure.db.transaction import Transaction


class SqlUnitOfWork:
    """The port UnitOfWork. `grouped`: the commit queue commits, and numbers what is accepted."""

    def __init__(
        self,
        transaction: Transaction,
        ids: Ids,
        clock: Clock,
        doorbell: Doorbell,
        *,
        grouped: bool = False,
    ) -> None:
        self.transaction = transaction
        self._ids = ids
        self._clock = clock
        self._doorbell = doorbell
        self._grouped = grouped
        self.accepted: list[MessageId] = []
        self.left_work = False

    def commit(self) -> None:
        if self._grouped:
            raise RuntimeError("a unit of the commit queue must not commit")
        self.transaction.commit()
        if self.left_work:
            self._doorbell.ring()

    def _accept(self, message: MessageId) -> None:
        if not self._grouped:
            raise RuntimeError("messages are added through the commit queue, which numbers them")
        self.accepted.append(message)

    def _leave_work(self) -> None:
        self.left_work = True

    @cached_property
    def registrations(self) -> SqlRegistrations:
        return SqlRegistrations(self.transaction)

    @cached_property
    def links(self) -> SqlLinks:
        return SqlLinks(self.transaction)

    @cached_property
    def sessions(self) -> SqlSessions:
        return SqlSessions(self.transaction)

    @cached_property
    def drafts(self) -> SqlDrafts:
        return SqlDrafts(self.transaction)

    @cached_property
    def contents(self) -> SqlContents:
        return SqlContents(self.transaction)

    @cached_property
    def messages(self) -> SqlMessages:
        return SqlMessages(self.transaction, self._accept)

    @cached_property
    def ledger(self) -> SqlLedger:
        return SqlLedger(self.transaction)

    @cached_property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(self.transaction, self._ids, self._clock, self._leave_work)

    @cached_property
    def cases(self) -> SqlCases:
        return SqlCases(self.transaction)

    @cached_property
    def replies(self) -> SqlReplies:
        return SqlReplies(self.transaction)

    @cached_property
    def codes(self) -> SqlCodes:
        return SqlCodes(self.transaction)

    @cached_property
    def staff(self) -> SqlStaff:
        return SqlStaff(self.transaction)

    @cached_property
    def partners(self) -> SqlPartners:
        return SqlPartners(self.transaction)

    @cached_property
    def passports(self) -> SqlPassports:
        return SqlPassports(self.transaction)

    @cached_property
    def audit(self) -> SqlAudit:
        return SqlAudit(self.transaction)

    @cached_property
    def rule_sets(self) -> SqlRuleSets:
        return SqlRuleSets(self.transaction)

    @cached_property
    def notices(self) -> SqlNotices:
        return SqlNotices(self.transaction)

    @cached_property
    def fetches(self) -> SqlFetches:
        return SqlFetches(self.transaction)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlUnits:
    """The port Units."""

    database: Database
    ids: Ids
    clock: Clock
    doorbell: Doorbell

    @contextmanager
    def __call__(self) -> Iterator[SqlUnitOfWork]:
        with self.database.writing() as connection:
            yield self._unit(Transaction.open(connection))

    @contextmanager
    def reading(self) -> Iterator[SqlUnitOfWork]:
        with self.database.reading() as connection:
            yield self._unit(Transaction.open(connection, writable=False))

    def _unit(self, transaction: Transaction) -> SqlUnitOfWork:
        return SqlUnitOfWork(transaction, self.ids, self.clock, self.doorbell)
