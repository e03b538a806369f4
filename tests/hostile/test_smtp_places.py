"""A full listener: who only holds a place gives it to the next, and who brings something stays."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from secure_mail.domain.partners import Check
from secure_mail.interfaces.smtp.limits import SmtpLimits
from tests.hostile.test_smtp_partner_listener import every_kind, handed_over
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play, until

BY_LOOP = pytest.mark.parametrize("uv", [False, True])


class Comer:
    """As a session is to the door, at the moment in which it asks for a place."""

    unproductive = 0.0

    def dismiss(self) -> None: ...
    def give_way(self) -> None: ...
    def cut(self) -> None: ...


def test_who_only_holds_a_place_gives_it_to_the_next(tmp_path):
    """Oldest first; whoever brings something, or is just bringing it, stays."""

    async def story(rig: Rig) -> None:
        async with rig.client() as sending, rig.client() as idle, rig.client() as working:
            await sending.secured()
            await sending.envelope(PARTNER, US)
            assert (await sending.ask("DATA")).startswith("354 ")
            await idle.secured()
            await working.secured()
            await working.envelope(PARTNER, US)
            await asyncio.sleep(0.3)
            # It keeps talking, and brings nothing.
            assert (await idle.ask("NOOP")).startswith("250 ")
            assert (await working.data(LETTER)).startswith("250 ")
            async with rig.client() as comer, rig.client() as late:
                assert comer.greeting.startswith("220 ")
                assert await idle.reply() == (
                    "421 4.7.0 mx.kela.fi Too many connections, try again later"
                )
                assert await idle.closed()
                # All who are left have brought something, or have just come.
                assert late.greeting.startswith("421 4.7.0 ")
                assert len(rig.door._connections) == 3
                assert rig.door._connections.tally.turned_away == 2
                await sending.send(LETTER + b".\r\n")
                assert (await sending.reply()).startswith("250 ")
        assert len(rig.stored) == 2

    play(tmp_path, story, limits=SmtpLimits(connections=3, unproductive=0.2))


def test_a_trusted_relay_keeps_its_idle_connections(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as relay:
            await asyncio.sleep(0.05)
            async with rig.client() as refused:
                assert refused.greeting.startswith("421 4.7.0 ")
            assert (await relay.hello()).startswith("250")

    limits = SmtpLimits(connections=1, unproductive=0.01)
    play(tmp_path, story, limits=limits, relays=("127.0.0.1/32",))


@BY_LOOP
def test_who_stops_in_the_middle_of_a_handshake_goes_before_who_has_written(tmp_path, uv):
    async def story(rig: Rig) -> None:
        async with rig.client() as stalled, rig.client() as honest:
            await stalled.hello()
            assert (await stalled.ask("STARTTLS")).startswith("220 ")
            await honest.secured()
            await honest.envelope(PARTNER, US)
            assert (await honest.data(LETTER)).startswith("250 ")
            await asyncio.sleep(0.3)
            async with rig.client() as comer:
                assert comer.greeting.startswith("220 ")
                assert await stalled.closed()
                assert (await honest.ask("NOOP")).startswith("250 ")
            await until(lambda: len(rig.door._connections) == 1)

    play(tmp_path, story, uv=uv, limits=SmtpLimits(connections=2, unproductive=0.2))


def test_who_has_begun_a_message_is_given_the_time_to_bring_it(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as slow, rig.client() as idle:
            await slow.secured()
            await slow.ask(f"MAIL FROM:<{PARTNER}>")
            await idle.secured()
            await asyncio.sleep(0.3)
            async with rig.client() as comer, rig.client() as late:
                assert comer.greeting.startswith("220 ")
                assert (await idle.reply()).startswith("421 ")
                assert late.greeting.startswith("421 ")
                await slow.ask(f"RCPT TO:<{US}>")
                assert (await slow.data(LETTER)).startswith("250 ")

    play(tmp_path, story, limits=SmtpLimits(connections=2, unproductive=0.2))


def test_who_has_begun_a_message_and_brings_none_goes_too(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as holding:
            await holding.secured()
            await holding.ask(f"MAIL FROM:<{PARTNER}>")
            await asyncio.sleep(0.2)
            async with rig.client() as comer:
                assert comer.greeting.startswith("220 ")
                assert (await holding.reply()).startswith("421 ")

    play(tmp_path, story, limits=SmtpLimits(connections=1, unproductive=0.05, envelope=0.05))


def test_a_message_that_took_long_and_was_refused_was_brought_all_the_same(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as refused:
            await refused.secured()
            await refused.envelope(PARTNER, US)
            await refused.ask("DATA")
            await asyncio.sleep(0.3)
            await refused.send(b"From: two@a.example, three@b.example\r\n\r\n.\r\n")
            assert (await refused.reply()).startswith("550 ")
            async with rig.client() as comer:
                assert comer.greeting.startswith("421 ")
            assert (await refused.ask("NOOP")).startswith("250 ")

    play(tmp_path, story, limits=SmtpLimits(connections=1, unproductive=0.2))


def test_a_partner_with_its_certificate_keeps_its_place(tmp_path):
    partner = next(iter(every_kind(tmp_path).values()))

    async def story(rig: Rig) -> None:
        async with AsyncExitStack() as stack:
            certified = await stack.enter_async_context(rig.partner_client())
            assert (await handed_over(certified, partner)).startswith("250 ")
            stranger = await stack.enter_async_context(rig.partner_client())
            await stranger.hello()
            await asyncio.sleep(0.3)
            comer = await stack.enter_async_context(rig.partner_client())
            assert comer.greeting.startswith("220 ")
            assert (await stranger.reply()).startswith("421 ")
            assert (await certified.ask("NOOP")).startswith("250 ")

    play(
        tmp_path,
        story,
        partner_listener=True,
        require=(Check.CLIENT_CERTIFICATE,),
        certificates=(partner.registered(),),
        limits=SmtpLimits(connections=2, unproductive=0.2),
    )


@BY_LOOP
def test_what_comes_in_the_moment_of_the_farewell_is_not_done_behind_it(tmp_path, uv):
    """The client hears that it must go: it would think that its message was not taken."""

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            await asyncio.sleep(0.05)
            [session] = rig.door._connections._sessions
            # In one turn of the loop, as when both were read from the network together.
            session.data_received(b"DATA\r\n" + LETTER + b".\r\n")
            comer = Comer()
            assert rig.door._connections.enter(comer, "192.0.2.1")
            assert (await client.reply()).startswith("421 ")
            assert await client.closed()
            rig.door._connections.leave(comer)
        assert rig.stored == []

    limits = SmtpLimits(connections=1, unproductive=0.01, envelope=0)
    play(tmp_path, story, uv=uv, limits=limits)
