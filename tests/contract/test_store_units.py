"""Transactions: what a unit of work promises, whatever the store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from secure_mail.application.ports.store import ConflictError
from secure_mail.domain.work import JobKind
from tests.fakes.chance import START
from tests.fakes.store import samples


def test_without_a_commit_nothing_stays(store):
    session = samples.session()
    with store.units() as unit:
        unit.sessions.add(session)
    with store.units.reading() as unit:
        assert unit.sessions.by_secret(session.secret_hash, session.kind) is None


def test_a_failure_rolls_back(store):
    session = samples.session()

    def fail():
        with store.writing() as unit:
            unit.sessions.add(session)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with store.units.reading() as unit:
        assert unit.sessions.by_secret(session.secret_hash, session.kind) is None


def test_a_transaction_ends_with_its_commit(store):
    with store.units() as unit:
        unit.commit()
        for further in (
            lambda: unit.staff.add(samples.member()),
            lambda: unit.staff.by_email("nobody@example.org"),
            unit.commit,
        ):
            with pytest.raises(RuntimeError, match="was committed"):
                further()


def test_the_doorbell_rings_after_a_commit_that_left_work_and_only_then(store):
    with store.writing() as unit:
        unit.sessions.add(samples.session())
    with store.units() as unit:
        unit.outbox.add(JobKind.SEND_CODE, samples.new(), START)
    assert store.bell.rings == 0
    with store.units() as unit:
        unit.outbox.add(JobKind.SEND_CODE, samples.new(), START)
        unit.outbox.add(JobKind.SEND_CODE, samples.new(), START)
        assert store.bell.rings == 0
        unit.commit()
        assert store.bell.rings == 1


def test_reading_sees_one_snapshot_and_cannot_write(store):
    session = samples.session()
    with store.units.reading() as reader:
        assert reader.staff.all() == []
        with store.writing() as unit:
            unit.staff.add(samples.member())
        assert reader.staff.all() == []
        with pytest.raises(RuntimeError, match="reading"):
            reader.commit()
        if store.database is not None:
            with pytest.raises(RuntimeError, match="reading"):
                reader.sessions.add(session)
    with store.units.reading() as reader:
        assert len(reader.staff.all()) == 1


def test_writers_of_many_threads_take_turns(store):
    member = samples.member()
    with store.writing() as unit:
        unit.staff.add(member)

    def work(_):
        with store.writing() as unit:
            found = unit.staff.get(member.id)
            unit.staff.accept_step(member.id, found.last_totp_step + 1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(40)))
    with store.units.reading() as unit:
        # PostgreSQL lets two read the same step: one of their conditional updates then fails.
        step = unit.staff.get(member.id).last_totp_step
        assert step <= 40
        assert step == 40 or (store.database and store.database.turns is None)


def test_a_conflict_says_nothing_of_the_values(store):
    with store.writing() as unit:
        member = samples.member()
        unit.staff.add(member)
    with store.units() as unit, pytest.raises(ConflictError) as caught:
        unit.staff.add(samples.member(email=member.email))
    error = caught.value
    while error is not None:
        assert member.email not in f"{error} {error.args}"
        error = error.__cause__ or error.__context__


def test_an_instant_keeps_its_microseconds_and_comes_back_in_utc(store):
    helsinki = datetime.fromisoformat("2026-07-01T12:00:00.000001+03:00")
    with store.writing() as unit:
        session = samples.session(created_at=helsinki)
        unit.sessions.add(session)
    with store.units.reading() as unit:
        kept = unit.sessions.by_secret(session.secret_hash, session.kind).created_at
        assert kept == helsinki
        assert store.database is None or kept.utcoffset() == timedelta(0)


@pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)
def test_an_instant_without_zone_is_a_defect(store):
    naive = samples.session(created_at=START.replace(tzinfo=None))
    with store.units() as unit, pytest.raises(Exception, match="time zone"):
        unit.sessions.add(naive)
