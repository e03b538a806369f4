"""What one stranger may take of the door, its places, turns, threads and room: never all of it."""

from __future__ import annotations

import asyncio
import gc
import socket
import struct
import threading
from uuid import UUID

import pytest

from secure_mail.domain.authentication import CheckResult
from secure_mail.domain.bounces import MailKind, MailName
from secure_mail.domain.partners import Check
from secure_mail.interfaces.smtp.limits import SmtpLimits
from secure_mail.interfaces.smtp.protocol import SmtpSession
from tests.fakes.vault import FakeBounceTags
from tests.smtp_client import Client
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play, until

SPENT = "450 4.7.1 Rate limit exceeded, try again later"
SIGNED = b"DKIM-Signature: v=1; a=rsa-sha256; d=institution.example; s=a; h=From; bh=x; b=x\r\n"
BALANCER = {"proxies": ("127.0.0.0/8",)}


def by(number: int) -> bytes:
    """Comes from a network of its own."""
    return b"PROXY TCP4 198.51.%d.7 192.0.2.1 1 25\r\n" % number


def held() -> list[SmtpSession]:
    """Sessions that are still in memory."""
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, SmtpSession)]


async def sent(client: Client, sender: str, letter: bytes, to: str = US) -> str:
    """The reply after the dot, or to MAIL."""
    begun = await client.ask(f"MAIL FROM:<{sender}>")
    if not begun.startswith("250"):
        return begun
    assert (await client.ask(f"RCPT TO:<{to}>")).startswith("250 ")
    return await client.data(letter)


@pytest.mark.parametrize("uv", [False, True])
@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00\x01\x00"], ids=["nothing", "half"])
def test_a_handshake_that_is_reset_takes_no_place_for_ever(tmp_path, uv, said):
    # What another test has raised may hold a session of its own.
    before = len(held())

    async def story(rig: Rig) -> None:
        for listener in rig.door.listeners:
            for _ in range(3):
                reader, writer = await asyncio.open_connection(*listener.address)
                await reader.readline()
                writer.write(b"STARTTLS\r\n")
                assert (await reader.readline()).startswith(b"220 ")
                writer.write(said)
                await writer.drain()
                plug = writer.get_extra_info("socket")
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            await until(lambda of=listener: not len(of.connections))
        await until(lambda: len(held()) <= before, seconds=1)
        async with rig.client() as welcome:
            assert welcome.greeting.startswith("220 ")

    play(tmp_path, story, uv=uv, partner_listener=True, limits=SmtpLimits(per_address=3))


@pytest.mark.parametrize("uv", [False, True])
def test_a_handshake_that_is_never_finished_takes_no_place_for_ever(tmp_path, uv):
    async def story(rig: Rig) -> None:
        reader, writer = await asyncio.open_connection(*rig.door.address)
        writer.write(b"STARTTLS\r\n")
        for _ in range(2):
            assert (await reader.readline()).startswith(b"220 ")
        await until(lambda: not len(rig.door._connections))
        writer.transport.abort()

    play(tmp_path, story, uv=uv, limits=SmtpLimits(handshake=0.2))


def test_mail_that_is_put_off_is_not_asked_for_without_end(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.send(b"MAIL FROM:<a@elsewhere.example>\r\n" * 1000)
            replies = []
            while reply := await client.reply():
                replies.append(reply)
            assert set(replies[:-1]) == {SPENT}
            assert len(replies) <= 21
            assert replies[-1].startswith("421 4.7.0 ")

    play(tmp_path, story, limits=SmtpLimits(strangers=0, idle_commands=20))


def test_recipients_that_are_put_off_are_not_asked_for_without_end(tmp_path):
    async def story(rig: Rig) -> None:
        first, second = (
            FakeBounceTags().tag(MailName(MailKind.LINK, UUID(int=number))) for number in (1, 2)
        )
        async with rig.client() as client:
            await client.secured()
            await client.envelope("", f"bounces+{first}@kela.fi")
            await client.send(b"RCPT TO:<bounces+%s@kela.fi>\r\n" % second.encode() * 1000)
            replies = []
            while reply := await client.reply():
                replies.append(reply)
            assert set(replies[:-1]) == {"452 4.5.3 Too many recipients"}
            assert len(replies) <= 21

    play(tmp_path, story, limits=SmtpLimits(idle_commands=20))


class SlowDns:
    """Answers when it is let go; at once what has no signature of a stranger."""

    def __init__(self) -> None:
        self.waiting = 0
        self.answer = threading.Event()

    def __call__(self, mail: object) -> tuple[CheckResult, ...]:
        if b"Slow" in mail.section:
            self.waiting += 1
            self.answer.wait(10)
        return ()


@pytest.mark.parametrize("leaves", [False, True], ids=["waits", "leaves after the dot"])
def test_one_network_with_slow_dns_does_not_hold_every_thread(tmp_path, leaves):
    dns = SlowDns()

    async def story(rig: Rig) -> None:
        async def slow(number: int) -> None:
            async with rig.client(first=by(1)) as client:
                await client.secured()
                await client.envelope(PARTNER, US)
                await client.ask("DATA")
                await client.send(b"Slow: %d\r\n" % number + SIGNED + LETTER + b".\r\n")
                if not leaves:
                    await client.reply()
                await until(lambda: dns.waiting)

        async with asyncio.TaskGroup() as group:
            for number in range(4):
                group.create_task(slow(number))
            await until(lambda: dns.waiting == 1)
            async with rig.client(first=by(2)) as partner:
                await partner.secured()
                reply = await sent(partner, PARTNER, SIGNED + LETTER)
                assert reply.startswith("550"), reply
            assert dns.waiting == 1
            dns.answer.set()
        await until(lambda: not rig.door._door._judging._lines)

    limits = SmtpLimits(judgements=1)
    play(tmp_path, story, limits=limits, require=(Check.DMARC,), authentication=dns, **BALANCER)


def test_who_is_tired_of_waiting_for_a_turn_is_put_off_and_takes_none(tmp_path):
    dns = SlowDns()

    async def story(rig: Rig) -> None:
        async def slow(number: int) -> str:
            async with rig.client() as client:
                await client.secured()
                return await sent(client, PARTNER, b"Slow: %d\r\n" % number + SIGNED + LETTER)

        async with asyncio.TaskGroup() as group:
            both = [group.create_task(slow(number)) for number in range(2)]
        assert {task.result()[:10] for task in both} == {"451 4.7.24"}
        assert dns.waiting == 1
        dns.answer.set()
        await until(lambda: not rig.door._door._judging._lines)

    limits = SmtpLimits(judgements=1, judgement=0.3)
    play(tmp_path, story, limits=limits, require=(Check.DMARC,), authentication=dns)


def test_a_stranger_takes_nothing_of_the_share_of_a_partner_that_only_signs(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client(first=by(1)) as stranger, rig.client(first=by(2)) as partner:
            for client in (stranger, partner):
                await client.secured()
                for number in range(2):
                    letter = LETTER + b"%d\r\n" % number
                    assert (await sent(client, PARTNER, letter)).startswith("250 ")
                assert await sent(client, PARTNER, LETTER + b"one more\r\n") == SPENT

    play(tmp_path, story, require=(Check.SMIME,), hourly=2, **BALANCER)


def test_the_name_of_a_partner_that_only_signs_opens_no_way_round_the_limits(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            for number in range(3):
                letter = LETTER + b"%d\r\n" % number
                assert (await sent(client, PARTNER, letter)).startswith("250 ")
            assert await sent(client, PARTNER, LETTER + b"one more\r\n") == SPENT

    play(tmp_path, story, require=(Check.SMIME,), limits=SmtpLimits(unproved=3))


def test_one_mail_of_ours_does_not_bring_back_a_flood(tmp_path):
    async def story(rig: Rig) -> None:
        def address(number: int) -> str:
            tag = FakeBounceTags().tag(MailName(MailKind.LINK, UUID(int=number)))
            return f"bounces+{tag}@kela.fi"

        async with rig.client() as client:
            await client.secured()
            for number in range(2):
                report = b"Subject: Undelivered %d\r\n\r\n" % number
                assert (await sent(client, "", report, address(1))).startswith("250 ")
            assert await sent(client, "", b"Subject: 3\r\n\r\n", address(1)) == SPENT
            # Of another mail it is another matter, however many there were of the first.
            assert (await sent(client, "", b"Subject: 3\r\n\r\n", address(2))).startswith("250 ")

    play(tmp_path, story, limits=SmtpLimits(bounces=2, strangers=1))


def test_a_partner_without_a_limit_is_not_counted_for_ever(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            assert (await sent(client, PARTNER, LETTER)).startswith("250 ")
        assert not rig.door._door._partners._times

    play(tmp_path, story)


@pytest.mark.parametrize("uv", [False, True])
def test_who_does_not_read_the_reply_after_the_dot_is_cut(tmp_path, uv):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope("who@elsewhere.example", "postmaster")
            assert (await client.ask("DATA")).startswith("354 ")
            client.writer.transport.pause_reading()
            (session,) = rig.door._connections._sessions
            session.transport.write(b"250 unread\r\n" * 2_000_000)
            await client.send(b"Subject: no From, hence refused\r\n\r\n.\r\n")
            await until(lambda: not len(rig.door._connections))

    play(tmp_path, story, uv=uv, limits=SmtpLimits(command_idle=0.3, linger=0.2))
