"""Cases, their summaries and timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update

from secure_mail.application.ports.store_casework import CasePage, CaseQuery, QueueCount
from secure_mail.domain.cases import Case, CaseEvent, CaseState, SealedSummary
from secure_mail.domain.ids import CaseId, QueueName, Reference, StaffId
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.repositories import queue_page
from secure_mail.infrastructure.db.repositories.intake import MESSAGE
from secure_mail.infrastructure.db.repositories.queue_page import CASE
from secure_mail.infrastructure.db.tables import casework as tables
from secure_mail.infrastructure.db.transaction import Transaction

SUMMARY = Mapped(tables.CaseSummary, SealedSummary)
EVENT = Mapped(tables.CaseEvent, CaseEvent)
NEWEST_FIRST = (CASE.c.received_at.desc(), CASE.c.id.desc())


class SqlCases:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, case: Case, summary: SealedSummary) -> None:
        self._tx.add(CASE, case)
        self._tx.add(SUMMARY, summary)

    def get(self, case: CaseId) -> Case | None:
        return self._tx.first(CASE, CASE.c.id == case)

    def by_reference(self, reference: Reference) -> Case | None:
        joined = select(MESSAGE.c.case_id).where(MESSAGE.c.reference == reference)
        return self._tx.first(CASE, CASE.c.reference == reference) or self._tx.first(
            CASE, CASE.c.id == joined.scalar_subquery()
        )

    def save(self, case: Case) -> bool:
        return self._tx.store(CASE, case, CASE.c.version == case.version - 1)

    def page(self, query: CaseQuery) -> CasePage:
        return queue_page.page(self._tx, query)

    def counts(
        self, queues: Sequence[QueueName], now: datetime, today_end: datetime, staff: StaffId | None
    ) -> dict[QueueName, QueueCount]:
        return queue_page.counts(self._tx, queues, now, today_end, staff)

    def of_address(self, address_index: bytes, limit: int = 50) -> Sequence[Case]:
        return self._tx.all(
            CASE, CASE.c.address_index == address_index, order=NEWEST_FIRST, limit=limit
        )

    def readable(self, address_index: bytes, since: datetime) -> Sequence[Case]:
        return self._tx.all(
            CASE,
            CASE.c.address_index == address_index,
            or_(
                CASE.c.state != CaseState.CLOSED,
                CASE.c.closed_at >= since,
                CASE.c.answered_at >= since,
            ),
            order=NEWEST_FIRST,
        )

    def put_summary(self, summary: SealedSummary) -> None:
        changed = self._tx.change(
            update(SUMMARY.table)
            .where(SUMMARY.c.case_id == summary.case_id)
            .values(holder=summary.holder, sealed=summary.sealed)
        )
        if not changed:
            self._tx.add(SUMMARY, summary)

    def summaries(self, cases: Sequence[CaseId]) -> dict[CaseId, SealedSummary]:
        found = self._tx.all(SUMMARY, SUMMARY.c.case_id.in_(cases))
        return {summary.case_id: summary for summary in found}

    def add_event(self, event: CaseEvent) -> None:
        self._tx.add(EVENT, event)

    def replace_event_seal(self, event: CaseEvent) -> None:
        self._tx.change(
            update(EVENT.table)
            .where(EVENT.c.id == event.id)
            .values(holder=event.holder, note=event.note)
        )

    def events(self, case: CaseId) -> Sequence[CaseEvent]:
        return self._tx.all(EVENT, EVENT.c.case_id == case, order=(EVENT.c.at, EVENT.c.id))
