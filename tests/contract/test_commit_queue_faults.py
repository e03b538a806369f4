"""Group commit when a unit, a row or the disk fails: the others lose nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import event

from secure_mail.application.ports.store import ConflictError, StoreDownError, StoreFullError
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import INTAKE, SealedKey
from secure_mail.domain.work import JobKind
from secure_mail.infrastructure.db.commit_queue import GroupCommitQueue
from secure_mail.infrastructure.db.engine import StatementError
from tests.contract.commit_queue_rig import accepting, all_of, ledger, numbers
from tests.contract.conftest import CountingBell
from tests.fakes.chance import START, FixedClock, SeededIds
from tests.fakes.store import samples

KEY_OF_TEXT = SealedKey(INTAKE, "text")


def test_a_unit_that_fails_leaves_no_trace_and_no_gap(store):
    taken = samples.message()
    store.accept(accepting(taken))
    refused = samples.message()

    def refuse(unit):
        accepting(refused, work=True)(unit)
        raise Refusal(RefusalCode.LINK_DEAD)

    async def ask():
        units = [
            accepting(),
            refuse,
            accepting(samples.message(reference=taken.reference)),
            accepting(),
        ]
        return await asyncio.gather(*map(store.commits.run, units), return_exceptions=True)

    first, refusal, conflict, last = asyncio.run(ask())
    assert isinstance(refusal, Refusal)
    assert isinstance(conflict, ConflictError)
    assert numbers(store, [taken, first, last]) == [1, 2, 3]
    with store.units.reading() as unit:
        assert unit.messages.get(refused.id) is None
        assert unit.ledger.count().balanced
    assert store.bell.rings == 0


def test_what_a_failed_unit_looked_at_is_not_lost_to_the_others(store):
    """Rows written late are written early when somebody reads them; a failure then undoes both."""
    message = samples.message()

    def look_and_fail(unit):
        assert unit.outbox.of(JobKind.PROCESS_MESSAGE, message.id) is not None
        unit.outbox.add(JobKind.SEND_CODE, message.id, START)
        raise KeyError

    async def ask():
        units = [accepting(message, work=True), look_and_fail, accepting()]
        return await asyncio.gather(*map(store.commits.run, units), return_exceptions=True)

    _, failure, _ = asyncio.run(ask())
    assert isinstance(failure, KeyError)
    with store.units.reading() as unit:
        assert unit.outbox.of(JobKind.PROCESS_MESSAGE, message.id) is not None
        assert unit.outbox.of(JobKind.SEND_CODE, message.id) is None


def test_a_row_that_the_database_rejects_fails_its_unit_alone(counted, database):
    queue, _, _ = counted

    def without_content(unit):
        unit.messages.add(samples.message(), None, None)

    first, rejected, last = asyncio.run(all_of(queue, [accepting(), without_content, accepting()]))
    assert isinstance(rejected, StatementError)
    assert not isinstance(first, Exception)
    assert not isinstance(last, Exception)
    assert ledger(database) == [1, 2]


def test_a_value_that_no_column_takes_fails_its_unit_alone(sqlite_database):
    """The driver itself refuses it, with words that hold the value."""
    queue = GroupCommitQueue(sqlite_database, SeededIds(), FixedClock(), CountingBell())
    for message in (samples.message(mailbox="\ud800"), samples.message(sealed_key=KEY_OF_TEXT)):
        units = [accepting(), accepting(message), accepting()]
        first, rejected, last = asyncio.run(all_of(queue, units))
        assert isinstance(rejected, Exception)
        assert "\ud800" not in repr(rejected)
        assert not isinstance(first, Exception)
        assert not isinstance(last, Exception)
    queue.close()
    assert ledger(sqlite_database) == [1, 2, 3, 4]


def test_what_a_failed_unit_added_is_nobody_s_duplicate(counted):
    """Else a sender would hear of a message that is not there."""
    queue, _, _ = counted
    digest = bytes(32)

    def arriving(message, *, fails=False):
        def unit(unit):
            known = unit.messages.duplicate(digest, START)
            if known is None:
                unit.contents.add(message.content_id, [])
                unit.messages.add(message, digest, START + timedelta(days=7))
            if fails:
                raise KeyError
            return known or message

        return unit

    mine, again = samples.message(), samples.message()
    units = [arriving(samples.message(), fails=True), arriving(mine), arriving(again)]
    failure, first, second = asyncio.run(all_of(queue, units))
    assert isinstance(failure, KeyError)
    assert first.id == second.id == mine.id
    third = asyncio.run(queue.run(arriving(samples.message())))
    assert third.id == mine.id


def test_who_only_asks_hears_the_truth(counted):
    queue, _, _ = counted
    message, digest = samples.message(), bytes(32)

    def arriving(unit):
        unit.contents.add(message.content_id, [])
        unit.messages.add(message, digest, START + timedelta(days=7))

    asyncio.run(queue.run(arriving))
    units = [
        lambda unit: unit.messages.duplicate(digest, START),
        lambda unit: unit.messages.reference_taken(message.reference),
        lambda unit: unit.messages.reference_taken(samples.reference()),
    ]
    known, taken, free = asyncio.run(all_of(queue, units))
    assert (known.id, taken, free) == (message.id, True, False)


def test_a_commit_of_unknown_outcome_is_temporary_for_all(counted, database):
    queue, _commits, bell = counted

    def fail(_connection):
        raise ConnectionResetError

    event.listen(database.engine, "commit", fail)
    answers = asyncio.run(all_of(queue, [accepting(work=True) for _ in range(3)]))
    assert [type(answer) for answer in answers] == [StoreDownError] * 3
    assert bell.rings == 0
    event.remove(database.engine, "commit", fail)
    assert asyncio.run(queue.run(accepting())).id
    assert ledger(database) == [1]


def test_a_full_disk_is_told_to_all_as_such(sqlite_database):
    queue = GroupCommitQueue(sqlite_database, SeededIds(), FixedClock(), CountingBell())

    def limit(connection):
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    event.listen(sqlite_database.engine, "begin", limit)

    def large(unit):
        content = samples.message().content_id
        part = samples.part(content_id=content, inline=bytes(2_000_000))
        unit.contents.add(content, [part])

    [answer] = asyncio.run(all_of(queue, [large]))
    assert isinstance(answer, StoreFullError | StoreDownError)
    assert ledger(sqlite_database) == []
    queue.close()
