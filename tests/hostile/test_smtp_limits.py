"""Too many, too often, too slow: each ends by the letter, and nobody else pays for it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from secure_mail.interfaces.smtp.limits import SmtpLimits
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play, until

TOO_SLOW = "421 4.4.2 mx.kela.fi Timeout exceeded"


@pytest.mark.parametrize("limits", [SmtpLimits(per_address=3), SmtpLimits(connections=3)])
def test_too_many_connections(tmp_path, limits):
    async def story(rig: Rig) -> None:
        async with AsyncExitStack() as stack:
            first = [await stack.enter_async_context(rig.client()) for _ in range(3)]
            async with rig.client() as refused:
                assert refused.greeting == (
                    "421 4.7.0 mx.kela.fi Too many connections, try again later"
                )
                assert await refused.closed()
            assert (await first[0].ask("QUIT")).startswith("221 ")
            await until(lambda: len(rig.door._connections) == 2)
            async with rig.client() as welcome:
                assert welcome.greeting.startswith("220 ")

    play(tmp_path, story, limits=limits)


def test_the_sixty_first_connection_of_one_address(tmp_path):
    """By the limits as they stand; the sixty are served, and one that leaves makes room."""

    async def story(rig: Rig) -> None:
        async with AsyncExitStack() as stack:
            sixty = [await stack.enter_async_context(rig.client()) for _ in range(60)]
            async with rig.client() as refused:
                assert refused.greeting.startswith("421 4.7.0 ")
                assert await refused.closed()
            assert {(await client.hello())[:3] for client in sixty} == {"250"}
            assert (await sixty[0].ask("QUIT")).startswith("221 ")
            assert await sixty[0].closed()
            async with rig.client() as welcome:
                await welcome.secured()
                await welcome.envelope(PARTNER, US)
                assert (await welcome.data(LETTER)).startswith("250 ")

    play(tmp_path, story)


def test_strangers_cannot_flood_the_postmaster(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            for number in range(3):
                await client.envelope("who@elsewhere.example", "postmaster")
                letter = b"From: who@elsewhere.example\r\n\r\n%d\r\n" % number
                assert (await client.data(letter)).startswith("250 ")
            refused = await client.ask("MAIL FROM:<other@elsewhere.example>")
            assert refused.startswith("450 4.7.1 ")
            await client.envelope(PARTNER, US)
            assert (await client.data(LETTER)).startswith("250 ")

    play(tmp_path, story, limits=SmtpLimits(strangers=3))


def test_a_trusted_relay_may_have_many_connections(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as one, rig.client() as two:
            assert one.greeting[:3] == two.greeting[:3] == "220"

    play(tmp_path, story, limits=SmtpLimits(per_address=1), relays=("127.0.0.1/32",))


def test_recipients_cannot_be_harvested(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            replies = await client.envelope(PARTNER, *(f"user{n}@kela.fi" for n in range(21)))
            assert [reply[:9] for reply in replies] == ["550 5.1.1"] * 20 + ["421 4.7.0"]
            assert replies[-1] == "421 4.7.0 mx.kela.fi Too many errors"
            assert await client.closed()

    play(tmp_path, story)


def test_the_same_recipient_many_times_is_one(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            replies = await client.envelope(PARTNER, *[US] * 32)
            assert [reply[:9] for reply in replies] == ["250 2.1.5"] * 30 + ["452 4.5.3"] * 2
            assert (await client.data(LETTER)).startswith("250 ")
        assert len(rig.stored) == 1

    play(tmp_path, story, limits=SmtpLimits(recipients=30))


def test_a_bomb_of_recipients_ends(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.ask(f"MAIL FROM:<{PARTNER}>")
            client.writer.write(f"RCPT TO:<{US}>\r\n".encode() * 10_000)
            replies = []
            while reply := await client.reply():
                replies.append(reply[:9])
            assert replies.count("250 2.1.5") == 100
            assert replies[-1] == "421 4.7.0"
            assert len(replies) < 250

    play(tmp_path, story)


@pytest.mark.parametrize("command", ["NOOP", "RSET", "VRFY x", "EHLO x"])
def test_commands_that_lead_nowhere_end(tmp_path, command):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            replies = [await client.ask(command) for _ in range(8)]
            assert replies[-1] == "421 4.7.0 mx.kela.fi Too many commands without a message"
            assert await client.closed()

    play(tmp_path, story, limits=SmtpLimits(idle_commands=10))


def test_many_messages_on_one_connection_are_no_abuse(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            for number in range(15):
                await client.ask("RSET")
                await client.envelope(PARTNER, US)
                assert (await client.data(LETTER + b"%d\r\n" % number)).startswith("250 ")
        assert len(rig.stored) == 15

    play(tmp_path, story, limits=SmtpLimits(idle_commands=10))


@pytest.mark.parametrize("uv", [False, True])
def test_who_says_nothing_is_sent_away(tmp_path, uv):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            assert await client.reply() == TOO_SLOW
            assert await client.closed()

    play(tmp_path, story, uv=uv, limits=SmtpLimits(command_idle=0.2))


def test_who_stops_in_the_middle_of_data_is_sent_away(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            await client.ask("DATA")
            await client.send(LETTER)
            assert await client.reply() == TOO_SLOW
            assert await client.closed()
        assert rig.stored == []

    play(tmp_path, story, limits=SmtpLimits(data_idle=0.2))


@pytest.mark.parametrize(
    "limits", [SmtpLimits(rate_after=0.1, min_rate=5000), SmtpLimits(data_total=0.2)]
)
def test_a_trickle_is_cut(tmp_path, limits):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            await client.ask("DATA")
            answer = asyncio.create_task(client.reply())
            while not answer.done():
                client.writer.write(b"x")
                await asyncio.sleep(0.01)
            assert await answer == TOO_SLOW
        assert rig.stored == []

    play(tmp_path, story, limits=limits)


def test_steady_and_slow_is_taken(tmp_path):
    """Longer than any single wait may be."""

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            await client.ask("DATA")
            for line in (LETTER * 6).splitlines(keepends=True):
                await client.send(line)
                await asyncio.sleep(0.02)
            assert (await client.say(b".\r\n")).startswith("250 ")

    play(tmp_path, story, limits=SmtpLimits(data_idle=0.25))


def test_who_never_reads_is_cut(tmp_path):
    async def story(rig: Rig) -> None:
        reader, writer = await asyncio.open_connection(*rig.door.address, limit=1)
        writer.transport.pause_reading()
        writer.write(b"EHLO x\r\n" + b"NOOP\r\n" * 1_000_000)
        await until(lambda: not len(rig.door._connections))
        writer.transport.abort()
        assert reader is not None

    limits = SmtpLimits(command_idle=0.3, linger=0.2, idle_commands=10**7)
    play(tmp_path, story, limits=limits)
