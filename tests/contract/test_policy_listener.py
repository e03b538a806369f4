"""The policy listener: its patience, its socket, its end."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.policy_rig import Asking, listening, policy_door, request
from tests.smtp_rig import PARTNER, US, Rig, play


def test_an_answer_that_does_not_come_in_time_is_temporary(tmp_path):
    async def story(rig: Rig) -> None:
        held = asyncio.Event()
        door = policy_door(rig)

        async def never(_asked):
            await held.wait()

        door.action = never
        async with listening(door, "127.0.0.1:0", answer_seconds=0.2) as where:
            asking = await Asking.open(where)
            assert (await asking.ask(request(PARTNER, US))).startswith("451 4.3.0")
            await asking.close()

    play(tmp_path, story)


@pytest.mark.parametrize("limit", ["request_seconds", "idle_seconds"])
def test_who_stalls_is_cut(tmp_path, limit):
    async def story(rig: Rig) -> None:
        async with listening(policy_door(rig), "127.0.0.1:0", **{limit: 0.2}) as where:
            asking = await Asking.open(where)
            if limit == "request_seconds":
                asking.writer.write(b"request=smtpd_access")
            assert await asking.ended()

    play(tmp_path, story)


def test_connections_are_bounded(tmp_path):
    async def story(rig: Rig) -> None:
        async with listening(policy_door(rig), "127.0.0.1:0", connections=2) as where:
            first, second = await Asking.open(where), await Asking.open(where)
            for asking in (first, second):
                assert await asking.ask(request(PARTNER, US)) == "DUNNO"
            third = await Asking.open(where)
            assert await third.ended()
            assert await first.ask(request(PARTNER, US)) == "DUNNO"
            for asking in (first, second):
                await asking.close()

    play(tmp_path, story)


def test_the_socket_is_for_owner_and_group_and_is_taken_away(tmp_path):
    path = tmp_path / "policy.sock"

    async def story(rig: Rig) -> None:
        async with listening(policy_door(rig), path) as where:
            assert path.stat().st_mode & 0o777 == 0o660
            asking = await Asking.open(where)
            assert await asking.ask(request(PARTNER, US)) == "DUNNO"
            await asking.close()
        assert not path.exists()

    play(tmp_path, story)


def test_what_a_killed_process_left_is_replaced_but_not_a_living_listener(tmp_path):
    path = tmp_path / "policy.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))

    async def story(rig: Rig) -> None:
        async with listening(policy_door(rig), path):
            with pytest.raises(OSError, match="somebody listens"):
                async with listening(policy_door(rig), path):
                    pass
            asking = await Asking.open(str(path))
            assert await asking.ask(request(PARTNER, US)) == "DUNNO"
            await asking.close()

    play(tmp_path, story)


def test_at_a_stop_the_question_under_way_is_answered(tmp_path):
    async def story(rig: Rig) -> None:
        reached, go = asyncio.Event(), asyncio.Event()
        door = policy_door(rig)
        usual = door.action

        async def slow(asked):
            reached.set()
            await go.wait()
            return await usual(asked)

        door.action = slow
        context = listening(door, "127.0.0.1:0")
        where = await context.__aenter__()
        asking, idle = await Asking.open(where), await Asking.open(where)
        asking.writer.write(request(PARTNER, US))
        await reached.wait()
        stopping = asyncio.create_task(context.__aexit__(None, None, None))
        assert await idle.ended()
        go.set()
        assert await asking.answer() == "DUNNO"
        assert await asking.ended()
        await stopping

    play(tmp_path, story)
