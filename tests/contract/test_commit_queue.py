"""Group commit: one COMMIT for all that wait, numbers without gap in the order of commits."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, current_thread

import pytest
import uvloop
from sqlalchemy import text

from secure_mail.application.ports.store import ConflictError, StoreDownError
from secure_mail.infrastructure.db.commit_queue import GROUP, GroupCommitQueue
from tests.contract.commit_queue_rig import accepting, all_of, ledger, numbers
from tests.contract.conftest import CountingBell
from tests.fakes.chance import FixedClock, SeededIds
from tests.fakes.store import samples


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


def test_a_unit_that_only_adds_is_run_before_its_turn_and_once(counted, database):
    queue, _commits, _bell = counted
    threads, clear = [], accepting()

    def adding(unit):
        threads.append(current_thread())
        return clear(unit)

    assert asyncio.run(queue.run(adding)).id
    assert threads == [current_thread()]
    assert ledger(database) == [1]


def test_a_unit_that_reads_is_run_when_its_turn_comes(counted, database):
    queue, _commits, _bell = counted
    seen, clear = [], accepting()

    def reading(unit):
        message = clear(unit)
        seen.append((current_thread().name, unit.messages.get(message.id)))
        return message

    message = asyncio.run(queue.run(reading))
    assert [(name, found.id) for name, found in seen] == [("commit-queue", message.id)]
    assert ledger(database) == [1]


def test_a_unit_that_takes_no_no_for_an_answer_is_run_at_its_turn_all_the_same(counted, database):
    """Else it would be told that it is done, and what it added would be gone."""
    queue, _commits, _bell = counted
    clear = accepting()

    def stubborn(unit):
        message = clear(unit)
        with suppress(Exception):
            unit.messages.held_count()
        return message

    assert asyncio.run(queue.run(stubborn)).id
    assert ledger(database) == [1]


def test_what_is_taken_already_shows_at_the_turn(counted, database):
    queue, commits, _bell = counted
    taken = samples.message()
    asyncio.run(queue.run(accepting(taken)))
    again = accepting(samples.message(reference=taken.reference))
    first, conflict, last = asyncio.run(all_of(queue, [accepting(), again, accepting()]))
    assert isinstance(conflict, ConflictError)
    assert first.id != last.id
    assert ledger(database) == [1, 2, 3]
    assert len(commits) == 2


def test_an_asker_that_gave_up_does_not_disturb_the_group(counted, database):
    queue, _commits, _bell = counted
    begun, go_on = Event(), Event()

    def slow(unit):
        assert unit.messages.held_count() == 0
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

    def slow(unit):
        assert unit.messages.held_count() == 0
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
