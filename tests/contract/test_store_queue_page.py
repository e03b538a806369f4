"""The queue page: keyset pages in the order of an index, counts of what is not closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.dialects import sqlite

from secure_mail.application.ports.store_casework import CaseQuery, QueueCount
from secure_mail.domain.cases import AnswerState, CaseState
from secure_mail.domain.ids import CaseId, QueueName, StaffId
from secure_mail.domain.messages import Assurance
from secure_mail.infrastructure.db.repositories import queue_page
from secure_mail.infrastructure.db.repositories.queue_page import CASE, LOOKED_THROUGH
from tests.fakes.chance import START
from tests.fakes.store import samples

HOUR = timedelta(hours=1)
QUEUES = (QueueName("abroad"), QueueName("tax"))
EVERY = CaseQuery(queues=QUEUES)
CLERK = StaffId(samples.new())


def add(store, **changes):
    case = samples.case(**changes)
    with store.writing() as unit:
        unit.cases.add(case, samples.summary(case))
    return case.id


def pages(store, query):
    """The ids of every page, walked by its cursor."""
    found = []
    with store.units.reading() as unit:
        while True:
            page = unit.cases.page(query)
            found.append([case.id for case in page.cases])
            if page.next is None:
                return found
            query = replace(query, after=page.next)


def listed(store, **filters):
    return [case for page in pages(store, replace(EVERY, **filters)) for case in page]


def test_the_oldest_due_is_first_and_what_has_no_due_time_is_last(store):
    never = add(store, due_at=None)
    late = add(store, due_at=START + HOUR, queue=QUEUES[1], state=CaseState.OPEN)
    early = add(store, due_at=START, state=CaseState.WAITING)
    second_never = add(store, due_at=None)
    add(store, due_at=START, state=CaseState.CLOSED)
    add(store, due_at=START, queue=QueueName("other"))
    in_order = [early, late, never, second_never]
    for limit in (1, 2, 3, 4, 5):
        walked = pages(store, replace(EVERY, limit=limit))
        assert [len(page) for page in walked[:-1]] == [limit] * (len(walked) - 1)
        assert [case for page in walked for case in page] == in_order


def test_cases_due_at_once_are_told_apart_by_their_ids(store):
    cases = [add(store, due_at=START) for _ in range(5)]
    assert pages(store, replace(EVERY, limit=2)) == [cases[:2], cases[2:4], cases[4:]]


def test_arrival_orders_when_asked(store):
    later = add(store, received_at=START + HOUR, due_at=START)
    first = add(store, received_at=START, due_at=None)
    closed = add(store, received_at=START, state=CaseState.CLOSED)
    assert listed(store, by_received=True, limit=1) == [first, later]
    assert listed(store, by_received=True, states=(CaseState.CLOSED,)) == [closed]
    assert listed(store, by_received=True, received_from=START + HOUR) == [later]


@pytest.mark.parametrize("by_received", [False, True])
def test_filters_narrow_and_pages_go_on(store, by_received):
    wanted = {
        "assignee": CLERK,
        "language": "sv",
        "topic": "tax",
        "purpose": "reply",
        "assurance": Assurance.SMTP_PARTNER,
        "received_from": START + HOUR,
        "due_before": START + HOUR,
        "unread_answer": True,
    }
    plain = add(store)
    case = {name: wanted[name] for name in ("assignee", "language", "topic", "purpose")}
    matching = [
        add(
            store,
            **case,
            assurance=Assurance.SMTP_PARTNER,
            received_at=START + HOUR,
            due_at=START,
            answer=answer,
        )
        for answer in (AnswerState.SENT, AnswerState.NOT_DISPLAYED)
    ]
    for name, value in wanted.items():
        found = listed(store, by_received=by_received, limit=1, **{name: value})
        assert found == matching, name
    assert listed(store, by_received=by_received, **wanted) == matching
    assert listed(store, by_received=by_received, unassigned=True) == [plain]
    assert listed(store, queues=(QUEUES[1],), assignee=CLERK, by_received=by_received) == []


def test_nothing_asked_for_is_nothing_found(store):
    add(store)
    assert listed(store, queues=()) == []
    assert listed(store, states=()) == []


def test_counts_are_of_what_is_not_closed(store):
    now, today_end = START, START + 8 * HOUR
    clerk = {"assignee": CLERK}
    add(store, due_at=now, **clerk)
    add(store, due_at=now + HOUR, state=CaseState.OPEN, answer=AnswerState.SENT)
    add(store, due_at=today_end, answer=AnswerState.NOT_DISPLAYED)
    add(store, due_at=today_end + HOUR, answer=AnswerState.DISPLAYED)
    add(store, due_at=now, state=CaseState.WAITING)
    add(store, due_at=None, state=CaseState.OPEN)
    add(store, due_at=now, state=CaseState.CLOSED, answer=AnswerState.SENT, **clerk)
    with store.units.reading() as unit:
        counts = unit.cases.counts(QUEUES, now, today_end, CLERK)
        assert counts == {
            QUEUES[0]: QueueCount(
                new=3, open=6, mine=1, unassigned=5, due_today=2, overdue=1, unread_answers=2
            ),
            QUEUES[1]: QueueCount(),
        }
        assert unit.cases.counts(QUEUES, now, today_end, None)[QUEUES[0]].mine == 0
        assert unit.cases.counts((), now, today_end, CLERK) == {}


@pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)
def test_a_page_that_looked_through_enough_ends_with_a_cursor(store):
    passed_over = [samples.case(language="fi", due_at=START) for _ in range(LOOKED_THROUGH)]
    with store.database.writing() as connection:
        connection.execute(insert(CASE.table), [CASE.row(case) for case in passed_over])
        connection.commit()
    wanted = add(store, language="sv")
    assert pages(store, replace(EVERY, language="sv")) == [[], [wanted]]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (EVERY, "ix_case_queue_due (queue=? AND state=?"),
        (replace(EVERY, assignee=CLERK), "ix_case_assignee_due (assignee=? AND state=?"),
        (replace(EVERY, by_received=True), "ix_case_queue_received (queue=?"),
    ],
)
def test_sqlite_reads_the_page_in_the_order_of_its_index(sqlite_database, query, index):
    for after in (None, (START, CaseId(samples.new()))):
        statement = queue_page.window(replace(query, after=after)).compile(
            dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True}
        )
        plan = explain(sqlite_database, str(statement), len(statement.positiontup))
        ranges = [line for line in plan if "SEARCH case" in line]
        assert ranges
        assert all(index in line for line in ranges)
        # One small sort per range, of what its LIMIT let through: the range itself came in order.
        assert sum("TEMP B-TREE" in line for line in plan) == len(ranges)


def test_sqlite_counts_from_the_partial_index_alone(sqlite_database):
    asked = []
    with sqlite_database.reading() as connection:

        class Recorder:
            def rows(self, query):
                asked.append(query.compile(connection, compile_kwargs={"render_postcompile": True}))
                return []

        queue_page.counts(Recorder(), QUEUES, START, START + HOUR, CLERK)
    [statement] = asked
    plan = explain(sqlite_database, str(statement), len(statement.positiontup))
    assert any("COVERING INDEX ix_case_counts" in line for line in plan)


def explain(database, statement, parameters):
    with database.reading() as connection:
        rows = connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", ("",) * parameters
        ).all()
    return [row[3] for row in rows]
