"""The queue page: the index is the list. Keyset pages, counts from a partial index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    and_,
    case,
    false,
    func,
    select,
    text,
    true,
    tuple_,
    union_all,
)

from secure_mail.application.ports.store_casework import CasePage, CaseQuery, QueueCount
from secure_mail.domain.cases import TO_ANSWER, AnswerState, Case, CaseState
from secure_mail.domain.ids import CaseId, QueueName, StaffId
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.tables import casework as tables
from secure_mail.infrastructure.db.tables.columns import NEVER
from secure_mail.infrastructure.db.transaction import Transaction

CASE = Mapped(tables.Case, Case)
LOOKED_THROUGH = 2000
"""Rows that one page looks at for filters that no index serves; its cursor goes on from there."""
UNREAD = CASE.c.answer.in_((AnswerState.SENT, AnswerState.NOT_DISPLAYED))
WAITS_FOR_US = CASE.c.state.in_(TO_ANSWER)


def page(tx: Transaction, query: CaseQuery) -> CasePage:
    """First the keys in the order of an index, then the cases of one page of them."""
    if not query.queues or not query.states:
        return CasePage(cases=(), next=None)
    looked_at = tx.rows(window(query))
    hits = [row for row in looked_at if row["hit"]]
    shown = [CaseId(row["id"]) for row in hits[: query.limit]]
    last = None
    if len(hits) > query.limit:
        last = hits[query.limit - 1]
    elif len(looked_at) == LOOKED_THROUGH:
        last = looked_at[-1]
    found = {case.id: case for case in tx.all(CASE, CASE.c.id.in_(shown))}
    return CasePage(
        cases=tuple(found[case] for case in shown),
        next=None if last is None else (last["key"] or NEVER, CaseId(last["id"])),
    )


def window(query: CaseQuery) -> Select[*tuple[Any, ...]]:
    """The next rows as id, sort key and hit: a range of an index per queue and state, merged."""
    key = CASE.c.received_at if query.by_received else CASE.c.due_at
    filters = list(_filters(query))
    size = LOOKED_THROUGH if filters else query.limit + 1
    hit = case((and_(true(), *filters), 1), else_=0)
    ranges = [
        select(CASE.c.id, key.label("key"), hit.label("hit"))
        .where(start, *_bounds(query, key))
        .order_by(key, CASE.c.id)
        .limit(size)
        .subquery()
        for start in _starts(query)
    ]
    merged = union_all(*[select(part) for part in ranges]).subquery()
    return select(merged).order_by(merged.c.key, merged.c.id).limit(size)


def _starts(query: CaseQuery) -> Iterator[ColumnElement[bool]]:
    """Equalities on the leading columns of the index that is read."""
    if query.by_received:
        yield from (CASE.c.queue == queue for queue in query.queues)
        return
    for state in query.states:
        if query.assignee is not None:
            yield and_(CASE.c.assignee == query.assignee, CASE.c.state == state)
        else:
            yield from (
                and_(CASE.c.queue == queue, CASE.c.state == state) for queue in query.queues
            )


def _bounds(query: CaseQuery, key: Column[datetime]) -> Iterator[ColumnElement[bool]]:
    """Where in the index to begin and to end."""
    if query.after is not None:
        yield tuple_(key, CASE.c.id) > query.after
    if query.by_received and query.received_from is not None:
        yield CASE.c.received_at >= query.received_from
    if not query.by_received and query.due_before is not None:
        yield CASE.c.due_at < query.due_before


def _filters(query: CaseQuery) -> Iterator[ColumnElement[bool]]:
    """What the index in use does not decide."""
    c = CASE.c
    if query.by_received:
        yield c.state.in_(query.states)
        if query.due_before is not None:
            yield c.due_at < query.due_before
    elif query.received_from is not None:
        yield c.received_at >= query.received_from
    if query.assignee is not None:
        yield c.queue.in_(query.queues) if not query.by_received else c.assignee == query.assignee
    if query.unassigned:
        yield c.assignee.is_(None)
    if query.unread_answer:
        yield UNREAD
    for column, wanted in (
        (c.language, query.language),
        (c.topic, query.topic),
        (c.purpose, query.purpose),
        (c.assurance, query.assurance),
    ):
        if wanted is not None:
            yield column == wanted


def counts(
    tx: Transaction,
    queues: Sequence[QueueName],
    now: datetime,
    today_end: datetime,
    staff: StaffId | None,
) -> dict[QueueName, QueueCount]:
    """Read from the partial index alone; its condition must be literal for SQLite to see it."""
    c = CASE.c
    mine = false() if staff is None else c.assignee == staff
    query = (
        select(
            c.queue,
            func.count().label("open"),
            func.count().filter(c.state == CaseState.NEW).label("new"),
            func.count().filter(mine).label("mine"),
            func.count().filter(c.assignee.is_(None)).label("unassigned"),
            func.count().filter(WAITS_FOR_US, c.due_at > now, c.due_at <= today_end).label("today"),
            func.count().filter(WAITS_FOR_US, c.due_at <= now).label("overdue"),
            func.count().filter(UNREAD).label("unread"),
        )
        .where(c.queue.in_(queues), text(tables.NOT_CLOSED))
        .group_by(c.queue)
    )
    found = {
        row["queue"]: QueueCount(
            new=row["new"],
            open=row["open"],
            mine=row["mine"],
            unassigned=row["unassigned"],
            due_today=row["today"],
            overdue=row["overdue"],
            unread_answers=row["unread"],
        )
        for row in tx.rows(query)
    }
    return {queue: found.get(queue, QueueCount()) for queue in queues}
