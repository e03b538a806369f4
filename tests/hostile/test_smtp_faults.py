"""When the inside fails: 451, nothing lost, nothing told; a commit outlives its connection."""

from __future__ import annotations

import asyncio
import gc

import pytest
from structlog.testing import capture_logs

from secure_mail.interfaces.smtp.inbox import HIGH_WATER
from secure_mail.interfaces.smtp.limits import SmtpLimits
from secure_mail.interfaces.smtp.wire import SmtpWire
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.vault import FakeSealer
from tests.smtp_client import Client
from tests.smtp_faults import FailingCommits, SlowBlobs, SlowCommits
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play, until

TEMPORARY = "451 4.3.0 Temporary system problem, try again later"
FILLER = (b"z" * 78 + b"\r\n") * 13_107
"""A MiB."""


async def ready_for_data(client: Client) -> None:
    await client.secured()
    await client.envelope(PARTNER, US)


@pytest.mark.parametrize("error", [None, ZeroDivisionError("secret words of a path")])
def test_a_commit_that_fails_is_temporary_and_tells_nothing(tmp_path, error):
    async def story(rig: Rig) -> None:
        rig.commits.error = error or rig.commits.error
        with capture_logs() as logs:
            async with rig.client() as client:
                await ready_for_data(client)
                assert await client.data(LETTER) == TEMPORARY
                rig.commits.error = None
                await client.envelope(PARTNER, US)
                assert (await client.data(LETTER)).startswith("250 ")
        assert len(rig.stored) == 1
        assert "secret" not in str(logs)
        assert PARTNER not in str(logs)

    play(tmp_path, story, commits=FailingCommits)


def test_database_down_at_mail(tmp_path):
    async def story(rig: Rig) -> None:
        rig.store.store.down = True
        async with rig.client() as client:
            await client.secured()
            assert await client.ask(f"MAIL FROM:<{PARTNER}>") == TEMPORARY
            rig.store.store.down = False
            await client.envelope(PARTNER, US)
            rig.store.store.down = True
            assert await client.data(LETTER) == TEMPORARY
            rig.store.store.down = False
        assert rig.stored == []

    play(tmp_path, story)


def test_a_full_store_at_mail_and_in_data(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await ready_for_data(client)
            await client.ask("DATA")
            await client.send(LETTER)
            rig.blobs.full = True
            assert (await client.say(FILLER + b".\r\n")).startswith("452 4.3.1 ")
        rig.door._door._looked = None
        async with rig.client() as client:
            await client.secured()
            assert (await client.ask(f"MAIL FROM:<{PARTNER}>")).startswith("452 4.3.1 ")
        assert (rig.stored, rig.blobs.kept) == ([], {})

    play(tmp_path, story)


def test_a_long_backlog_puts_off(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await ready_for_data(client)
            await client.data(LETTER)
            rig.door._door._looked = None
            assert (await client.ask(f"MAIL FROM:<{PARTNER}>")).startswith("451 4.3.2 ")

    play(tmp_path, story, backlog_limit=1)


class BrokenBlobs(MemoryBlobs):
    def writer(self):
        raise ZeroDivisionError("secret words of a path")


def test_a_fault_in_the_middle_is_temporary_and_the_rest_no_command(tmp_path):
    async def story(rig: Rig) -> None:
        with capture_logs() as logs:
            async with rig.client() as client:
                await ready_for_data(client)
                assert await client.data(LETTER + FILLER + b"QUIT\r\n" + FILLER) == TEMPORARY
                assert (await client.ask("NOOP")).startswith("250 ")
        assert rig.stored == []
        assert "secret" not in str(logs)
        assert any(line.get("error") == "ZeroDivisionError" for line in logs)

    play(tmp_path, story, blobs=BrokenBlobs())


class BrokenSealer(FakeSealer):
    def new_content_key(self):
        raise LookupError("no key")


def test_keys_that_are_unavailable_are_temporary_and_nothing_is_stored(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await ready_for_data(client)
            assert await client.ask("DATA") == TEMPORARY
        assert rig.stored == []

    play(tmp_path, story, sealer=BrokenSealer())


def test_a_slow_commit_is_451_and_its_retry_a_duplicate(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await ready_for_data(client)
            assert await client.data(LETTER) == TEMPORARY
            assert rig.stored == []
            rig.commits.open.set()
            await client.envelope(PARTNER, US)
            again = await client.data(LETTER)
        (stored,) = rig.stored
        assert again == f"250 2.0.0 Accepted as {stored.reference}"

    play(tmp_path, story, commits=SlowCommits, limits=SmtpLimits(commit=0.1))


@pytest.mark.parametrize("uv", [False, True])
def test_a_commit_survives_a_disconnect(tmp_path, uv):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await ready_for_data(client)
            await client.ask("DATA")
            await client.send(LETTER + b".\r\n")
            await rig.commits.waiting.wait()
        await until(lambda: not len(rig.door._connections))
        rig.commits.open.set()
        await until(lambda: rig.stored)
        (stored,) = rig.stored
        async with rig.client() as client:
            await ready_for_data(client)
            assert (await client.data(LETTER, b".\r\n")).endswith(str(stored.reference))

    play(tmp_path, story, commits=SlowCommits, uv=uv)


@pytest.mark.parametrize("letter", [LETTER, LETTER + FILLER])
def test_stopping_lets_the_message_in_hand_finish(tmp_path, letter):
    async def story(rig: Rig) -> None:
        async with rig.client() as idle, rig.client() as busy:
            await idle.secured()
            await ready_for_data(busy)
            await busy.ask("DATA")
            await busy.send(letter[:20])
            stopping = asyncio.create_task(rig.door.stop(grace=5))
            assert await idle.reply() == "421 4.3.2 mx.kela.fi Service shutting down"
            assert await idle.closed()
            with pytest.raises(OSError, match=r"refused|Connect"):
                await asyncio.open_connection(*address)
            assert (await busy.say(letter[20:] + b".\r\n")).startswith("250 ")
            assert (await busy.reply()).startswith("421 4.3.2 ")
            await stopping
        assert len(rig.stored) == 1

    async def remembered(rig: Rig) -> None:
        nonlocal address
        address = rig.door.address
        await story(rig)

    address = ("", 0)
    play(tmp_path, remembered)


def test_stopping_cuts_who_does_not_finish(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await ready_for_data(client)
            await client.ask("DATA")
            await rig.door.stop(grace=0.1)
            assert await client.closed()
        assert rig.stored == []

    play(tmp_path, story)


def test_slow_blobs_do_not_block_the_loop(tmp_path):
    async def story(rig: Rig) -> None:
        rig.blobs.open.clear()
        async with rig.client() as slow, rig.client() as other:
            await ready_for_data(slow)
            await slow.ask("DATA")
            sending = asyncio.create_task(slow.say(LETTER + FILLER + b".\r\n"))
            await ready_for_data(other)
            await until(lambda: rig.blobs.begun)
            assert (await other.data(LETTER)).startswith("250 ")
            assert not sending.done()
            rig.blobs.open.set()
            assert (await sending).startswith("250 ")
        assert len(rig.stored) == 2

    play(tmp_path, story, blobs=SlowBlobs())


def test_eight_large_messages_at_once_stay_flat(tmp_path):
    """Counted, not weighed: octets of all inboxes and gates while 8 × 20 MB pass."""
    most = 0

    def buffered(rig: Rig) -> int:
        sessions = list(rig.door._connections._sessions)
        assert all(isinstance(session, SmtpWire) for session in sessions)
        gates = [each for each in gc.get_objects() if type(each).__name__ == "Receiving"]
        return sum(len(s._inbox) for s in sessions) + sum(gate.buffered for gate in gates)

    async def one(rig: Rig, number: int) -> None:
        async with rig.client() as client:
            await ready_for_data(client)
            await client.ask("DATA")
            await client.send(LETTER + b"%d\r\n" % number)
            for _ in range(20):
                await client.send(FILLER)
            assert (await client.say(b".\r\n")).startswith("250 ")

    async def watch(rig: Rig) -> None:
        nonlocal most
        while True:
            most = max(most, buffered(rig))
            await asyncio.sleep(0.1)

    async def story(rig: Rig) -> None:
        watching = asyncio.create_task(watch(rig))
        rig.blobs.open.clear()
        asyncio.get_running_loop().call_later(0.5, rig.blobs.open.set)
        await asyncio.gather(*(one(rig, number) for number in range(8)))
        watching.cancel()
        assert len(rig.stored) == 8
        sizes = [len(octets) for _, octets in rig.blobs.kept.values()]
        assert min(sizes) > 20_000_000

    play(tmp_path, story, blobs=SlowBlobs())
    assert 0 < most < 8 * 4 * HIGH_WATER
