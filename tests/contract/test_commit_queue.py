"""Group commit: one COMMIT for all that wait, numbers without gap in the order of commits."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
import uvloop
from sqlalchemy import event, text

from secure_mail.application.ports.store import ConflictError, StoreDownError, StoreFullError
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.work import JobKind
from secure_mail.infrastructure.db.commit_queue import GROUP, GroupCommitQueue
from secure_mail.infrastructure.db.engine import StatementError
from tests.contract.conftest import CountingBell
from tests.fakes.chance import START, FixedClock, SeededIds
from tests.fakes.store import samples


def accepting(message=None, *, work=False):
    """A unit that accepts one message and answers it."""
    message = message or samples.message()

    def unit(unit):
        unit.contents.add(message.content_id, [])
        unit.messages.add(message, None, None)
        if work:
            unit.outbox.add(JobKind.PROCESS_MESSAGE, message.id, START)
        return message

    return unit


def numbers(store, messages):
    with store.units.reading() as unit:
        return [unit.ledger.number(message.id) for message in messages]


@pytest.fixture
def counted(database):
    """A commit queue and the COMMITs that its database saw."""
    commits = []
    event.listen(database.engine, "commit", lambda _connection: commits.append(1))
    bell = CountingBell()
    queue = GroupCommitQueue(database, SeededIds(), FixedClock(), bell)
    yield queue, commits, bell
    queue.close()


def ledger(database):
    with database.reading() as connection:
        rows = connection.execute(text("SELECT number FROM ledger_entry ORDER BY number"))
        return [row[0] for row in rows]


async def all_of(queue, units):
    return await asyncio.gather(*(queue.run(unit) for unit in units), return_exceptions=True)


def test_the_result_comes_after_the_commit(store):
    message = store.accept(accepting())
    with store.units.reading() as unit:
        assert unit.messages.get(message.id) == message
    assert numbers(store, [message]) == [1]


def test_many_units_share_few_commits_and_are_numbered_without_gap(counted, database):
    queue, commits, bell = counted
    answers = asyncio.run(all_of(queue, [accepting(work=True) for _ in range(100)]))
    assert len({message.id for message in answers}) == 100
    assert ledger(database) == list(range(1, 101))
    assert len(commits) <= 10
    assert bell.rings == len(commits)


def test_numbers_follow_the_order_of_asking(store):
    messages = [samples.message() for _ in range(5)]

    async def ask():
        await asyncio.gather(*(store.commits.run(accepting(message)) for message in messages))

    asyncio.run(ask())
    assert numbers(store, messages) == [1, 2, 3, 4, 5]


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


def test_a_unit_must_not_commit(store):
    with pytest.raises(RuntimeError, match="must not commit"):
        store.accept(lambda unit: unit.commit())


@pytest.mark.parametrize("failure", [StopIteration, KeyError])
def test_whatever_a_unit_raises_reaches_its_asker_alone(counted, failure):
    def fail(_unit):
        raise failure

    fault, message = asyncio.run(all_of(counted[0], [fail, accepting()]))
    assert isinstance(fault, RuntimeError if failure is StopIteration else failure)
    assert message.id


def test_an_asker_that_gave_up_does_not_disturb_the_group(counted, database):
    queue, _commits, _bell = counted
    begun, go_on = Event(), Event()

    def slow(_unit):
        begun.set()
        go_on.wait(10)

    async def ask():
        first = asyncio.create_task(queue.run(slow))
        await asyncio.to_thread(begun.wait, 10)
        gone = asyncio.create_task(queue.run(accepting()))
        stays = asyncio.create_task(queue.run(accepting()))
        await asyncio.sleep(0)
        gone.cancel()
        go_on.set()
        await first
        await stays
        assert gone.cancelled()

    asyncio.run(ask())
    assert ledger(database) == [1, 2]


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


def test_it_serves_several_event_loops_of_either_kind(counted, database):
    queue, commits, _bell = counted

    def ask(run):
        return run(all_of(queue, [accepting() for _ in range(20)]))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, [asyncio.run, uvloop.run] * 2))
    assert sum(len(answer) for answer in answers) == 80
    assert ledger(database) == list(range(1, 81))
    assert len(commits) < 40


def test_a_loop_that_ended_meanwhile_is_nobody_to_tell(counted, database):
    queue, _commits, _bell = counted
    begun, go_on = Event(), Event()

    def slow(_unit):
        begun.set()
        go_on.wait(10)

    async def leave():
        tasks = [asyncio.create_task(queue.run(unit)) for unit in (slow, accepting())]
        await asyncio.to_thread(begun.wait, 10)
        for task in tasks:
            task.cancel()

    asyncio.run(leave())
    go_on.set()
    asyncio.run(queue.run(accepting()))
    assert ledger(database) == [1, 2]


def test_a_group_has_a_cap(counted, database):
    queue, commits, _bell = counted
    asyncio.run(all_of(queue, [accepting() for _ in range(GROUP + 1)]))
    assert len(commits) >= 2
    assert ledger(database) == list(range(1, GROUP + 2))


def test_closing_commits_what_waits_and_then_refuses(database):
    queue = GroupCommitQueue(database, SeededIds(), FixedClock(), CountingBell())

    async def ask():
        asked = [asyncio.create_task(queue.run(accepting())) for _ in range(5)]
        await asyncio.sleep(0)
        await asyncio.to_thread(queue.close)
        await asyncio.gather(*asked)
        with pytest.raises(StoreDownError, match="closed"):
            await queue.run(accepting())

    asyncio.run(ask())
    queue.close()
    assert ledger(database) == [1, 2, 3, 4, 5]


def test_two_queues_on_one_database_number_in_the_order_of_commits(postgres_database):
    queues = [
        GroupCommitQueue(postgres_database, SeededIds(seed), FixedClock(), CountingBell())
        for seed in (1, 2)
    ]
    seen = []

    async def ask():
        async def one(queue):
            message = await queue.run(accepting())
            with postgres_database.reading() as connection:
                query = text("SELECT max(number), count(*) FROM ledger_entry")
                seen.append(tuple(connection.execute(query).one()))
            return message

        await asyncio.gather(*(one(queue) for queue in queues * 60))

    asyncio.run(ask())
    for queue in queues:
        queue.close()
    assert ledger(postgres_database) == list(range(1, 121))
    # Whenever somebody looked, all numbers up to the highest were there.
    assert all(highest == count for highest, count in seen)
