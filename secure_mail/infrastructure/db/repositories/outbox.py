"""The outbox: the queue of work. Only its row has a lease, with an attempt that fences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, literal, select, text, update

from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.domain.ids import OutboxId
from secure_mail.domain.work import LEASE, Claim, FencedError, JobKind, JobState, OutboxEntry
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.tables import intake as tables
from secure_mail.infrastructure.db.transaction import Transaction

ENTRY = Mapped(tables.OutboxEntry, OutboxEntry, apart=("lease_until",))
READY = ENTRY.c.ready_at


class SqlOutbox:
    """`added` is told when work was left, so that the commit rings the doorbell."""

    def __init__(
        self, transaction: Transaction, ids: Ids, clock: Clock, added: Callable[[], None]
    ) -> None:
        self._tx = transaction
        self._ids = ids
        self._clock = clock
        self._added = added

    def add(self, kind: JobKind, subject: UUID, due_at: datetime) -> None:
        entry = OutboxEntry(
            id=OutboxId(self._ids.new()),
            kind=kind,
            subject=subject,
            created_at=self._clock.now(),
            due_at=due_at,
        )
        self._tx.add_later(ENTRY.table, ENTRY.row(entry) | {"ready_at": due_at})
        self._added()

    def claim(self, limit: int, now: datetime) -> Sequence[Claim]:
        # SQLite has no row locks and needs none: BEGIN IMMEDIATE lets one claim at a time.
        ready = (
            select(ENTRY.c.id)
            .where(now >= READY)
            .order_by(READY, ENTRY.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        taken = self._tx.take(
            update(ENTRY.table)
            .where(ENTRY.c.id.in_(ready))
            .values(state=JobState.CLAIMED, attempt=ENTRY.c.attempt + 1, ready_at=now + LEASE)
            .returning(ENTRY.c.id, ENTRY.c.kind, ENTRY.c.subject, ENTRY.c.attempt, ENTRY.c.due_at)
        )
        in_order = sorted(taken, key=lambda row: (row["due_at"], row["id"]))
        return [
            Claim(OutboxId(row["id"]), row["kind"], row["subject"], row["attempt"])
            for row in in_order
        ]

    def take_back(self) -> int:
        return self._tx.change(
            update(ENTRY.table)
            .where(ENTRY.c.state == JobState.CLAIMED)
            .values(state=JobState.PENDING, ready_at=ENTRY.c.due_at)
        )

    def give_back(self, claim: Claim) -> None:
        self._tx.change(
            update(ENTRY.table)
            .where(_held(claim))
            .values(state=JobState.PENDING, attempt=ENTRY.c.attempt - 1, ready_at=ENTRY.c.due_at)
        )

    def renew(self, claim: Claim, now: datetime) -> None:
        self._set(claim, ready_at=now + LEASE)

    def done(self, claim: Claim) -> None:
        self._set(claim, state=JobState.DONE, ready_at=None)

    def retry(self, claim: Claim, due_at: datetime, error: str) -> None:
        self._tx.change(
            update(ENTRY.table)
            .where(_held(claim))
            .values(state=JobState.PENDING, due_at=due_at, ready_at=due_at, last_error=error)
        )

    def bury(self, claim: Claim, error: str) -> None:
        self._set(claim, state=JobState.DEAD, ready_at=None, last_error=error)

    def held(self, claim: Claim) -> OutboxEntry | None:
        row = self._tx.row(select(ENTRY.table).where(_held(claim)))
        return None if row is None else ENTRY.noun(row, lease_until=row["ready_at"])

    def of(self, kind: JobKind, subject: UUID) -> OutboxEntry | None:
        row = self._tx.row(
            select(ENTRY.table)
            .where(ENTRY.c.subject == subject, ENTRY.c.kind == kind)
            .order_by(ENTRY.c.created_at.desc(), ENTRY.c.id.desc())
            .limit(1)
        )
        if row is None:
            return None
        claimed = row["state"] is JobState.CLAIMED
        return ENTRY.noun(row, lease_until=row["ready_at"] if claimed else None)

    def backlog(self, kind: JobKind, cap: int) -> int:
        waiting = (
            select(literal(1)).where(READY.is_not(None), ENTRY.c.kind == kind).limit(cap).subquery()
        )
        [counted] = self._tx.rows(select(func.count().label("rows")).select_from(waiting))
        return int(counted["rows"])

    def dead(self, kind: JobKind, cap: int) -> int:
        buried = (
            select(literal(1)).where(text(tables.DEAD), ENTRY.c.kind == kind).limit(cap).subquery()
        )
        [counted] = self._tx.rows(select(func.count().label("rows")).select_from(buried))
        return int(counted["rows"])

    def delete_done(self, before: datetime) -> int:
        settled = ENTRY.c.state.in_((JobState.DONE, JobState.DEAD))
        return self._tx.change(delete(ENTRY.table).where(settled, ENTRY.c.created_at < before))

    def _set(self, claim: Claim, **values: object) -> None:
        if not self._tx.change(update(ENTRY.table).where(_held(claim)).values(**values)):
            raise FencedError


def _held(claim: Claim) -> ColumnElement[bool]:
    """The row is still claimed, by this attempt, and for this work.

    A claim comes back through the broker: one that was made up there must not end other work.
    """
    return and_(
        ENTRY.c.id == claim.id,
        ENTRY.c.kind == claim.kind,
        ENTRY.c.subject == claim.subject,
        ENTRY.c.state == JobState.CLAIMED,
        ENTRY.c.attempt == claim.attempt,
    )
