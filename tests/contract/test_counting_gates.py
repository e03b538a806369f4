"""What the speed of the SMTP door rests on, counted instead of timed: no clock can be unlucky."""

from __future__ import annotations

import asyncio
from asyncio import selector_events
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import event

from secure_mail.application.intake.sealed_body import HELD
from secure_mail.infrastructure.db.commit_queue import GroupCommitQueue
from secure_mail.interfaces.smtp.inbox import HIGH_WATER, Inbox
from secure_mail.interfaces.smtp.limits import SmtpLimits
from secure_mail.interfaces.smtp.wire import SmtpWire
from tests.fakes.blobs import MemoryBlobs, MemoryWriter
from tests.smtp_rig import LETTER, PARTNER, US, play, until

ONE_READ = 256 * 1024
"""Octets that asyncio takes from a socket at once."""
CROWD = SmtpLimits(connections=200, per_address=200)


@pytest.fixture
def writes(monkeypatch):
    """Writes of the server to its clients, each of which is one send of the kernel."""
    counted = Counter()
    write = selector_events._SelectorSocketTransport.write

    def counting(transport, data):
        counted["writes"] += isinstance(transport.get_protocol(), SmtpWire)
        write(transport, data)

    monkeypatch.setattr(selector_events._SelectorSocketTransport, "write", counting)
    return counted


@pytest.fixture
def hops(monkeypatch):
    """Calls that were handed to a thread of a pool."""
    counted = Counter()
    submit = ThreadPoolExecutor.submit

    def counting(pool, call, /, *args, **kwargs):
        counted["hops"] += 1
        return submit(pool, call, *args, **kwargs)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", counting)
    return counted


@pytest.fixture
def groups(monkeypatch):
    """Groups that the commit queue has written."""
    counted = Counter()
    commit = GroupCommitQueue._commit

    def counting(queue, group):
        counted["groups"] += 1
        commit(queue, group)

    monkeypatch.setattr(GroupCommitQueue, "_commit", counting)
    return counted


async def hand_over(client, letter=LETTER):
    await client.envelope(PARTNER, US)
    assert (await client.data(letter)).startswith("250 ")


def numbered(number):
    return LETTER.replace(b"Case 7", b"Case %d" % number)


def test_a_greeting_of_many_lines_is_one_write(tmp_path, writes):
    async def story(rig):
        async with rig.client() as client:
            before = writes["writes"]
            assert (await client.hello()).count("\n") >= 5
            assert writes["writes"] - before == 1

    play(tmp_path, story, require_tls=False)


def test_each_reply_of_a_message_is_one_write(tmp_path, writes):
    async def story(rig):
        async with rig.client() as client:
            await client.hello()
            before = writes["writes"]
            await hand_over(client)
            assert writes["writes"] - before == 4

    # Behind a relay, where a message may come without TLS.
    play(tmp_path, story, require_tls=False, relays=("127.0.0.1/32",))


def test_a_hundred_messages_that_wait_share_a_commit_or_two(tmp_path, groups):
    async def story(rig):
        commits = Counter()
        engine = rig.store._database.engine
        event.listen(engine, "commit", lambda _connection: commits.update(["commits"]))
        async with asyncio.TaskGroup() as crowd:
            # The writer's turn is ours, as it would be another's: everybody else has to wait.
            with rig.store._database.alone():
                for number in range(100):
                    crowd.create_task(one(rig, number))
                await until(lambda: len(rig.store.commits._waiting) >= 99)
        assert len(rig.stored) == 100
        assert commits["commits"] <= 2
        assert groups["groups"] <= 2

    async def one(rig, number):
        async with rig.client() as client:
            await client.secured()
            await hand_over(client, numbered(number))

    play(tmp_path, story, sqlite=True, limits=CROWD)


def test_a_message_without_questions_to_dns_is_handed_to_no_pool(tmp_path, hops):
    async def story(rig):
        async with rig.client() as client:
            await client.secured()
            # The first look at the store is kept for a second; what is counted comes after it.
            await hand_over(client, numbered(0))
            before = hops["hops"]
            for number in range(1, 11):
                await hand_over(client, numbered(number))
            # A second may have passed, on a busy machine several: a look at the store for each.
            assert hops["hops"] - before <= 5

    play(tmp_path, story, sqlite=True)


def test_a_client_faster_than_the_store_is_made_to_wait(tmp_path, monkeypatch):
    most = Counter()
    feed = Inbox.feed

    def measuring(inbox, data):
        feed(inbox, data)
        most["inbox"] = max(most["inbox"], len(inbox))

    monkeypatch.setattr(Inbox, "feed", measuring)
    blobs = Stuck()

    async def story(rig):
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            await client.ask("DATA")
            sending = asyncio.create_task(client.send(LETTER + b"long\r\n" * 2_000_000 + b".\r\n"))
            await until(blobs.reached.is_set)
            for _ in range(50):
                await asyncio.sleep(0)
            blobs.go_on.set()
            await sending
            assert (await client.reply()).startswith("250 ")
        # What was there, one read of the loop, and the plaintext that TLS had already opened.
        assert most["inbox"] <= HIGH_WATER + 2 * ONE_READ
        assert max(blobs.written) <= HELD + HIGH_WATER + 2 * ONE_READ

    play(tmp_path, story, blobs=blobs)


class Stuck(MemoryBlobs):
    """Writes nothing until it may."""

    def __init__(self):
        super().__init__()
        self.reached, self.go_on = Event(), Event()
        self.written = []

    def writer(self):
        return StuckWriter(self)


class StuckWriter(MemoryWriter):
    def write(self, sealed):
        stuck = self._blobs
        stuck.written.append(len(sealed))
        stuck.reached.set()
        assert stuck.go_on.wait(20)
        super().write(sealed)
