"""The session itself: TLS, order of commands, command lines made to hurt."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct

import pytest

from secure_mail.interfaces.smtp.limits import SmtpLimits
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play

BOTH_LOOPS = pytest.mark.parametrize("uv", [False, True])


@BOTH_LOOPS
def test_ehlo_offers_what_is_there_and_no_auth(tmp_path, uv):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            assert client.greeting == "220 mx.kela.fi ESMTP"
            before = (await client.hello()).split("\n")
            await client.start_tls()
            after = (await client.hello()).split("\n")
        offers = ["PIPELINING", "SIZE 37748736", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        assert [line[4:] for line in before] == ["mx.kela.fi", "STARTTLS", *offers]
        assert [line[4:] for line in after] == ["mx.kela.fi", *offers]

    play(tmp_path, story, uv=uv)


@pytest.mark.parametrize(
    "command",
    [f"MAIL FROM:<{PARTNER}>", f"RCPT TO:<{US}>", "DATA", "VRFY x", "HELO x", "AUTH PLAIN"],
)
def test_without_tls_nothing_goes(tmp_path, command):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.hello()
            assert await client.ask(command) == "530 5.7.0 Must issue a STARTTLS command first"

    play(tmp_path, story)


@BOTH_LOOPS
def test_what_is_injected_before_the_handshake_never_counts(tmp_path, uv):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.hello()
            reply = await client.say(f"STARTTLS\r\nMAIL FROM:<{PARTNER}>\r\n")
            assert reply.startswith("554 5.5.1 ")
            assert await client.closed()

    play(tmp_path, story, uv=uv)


@BOTH_LOOPS
def test_a_long_injection_does_not_hold_the_handshake(tmp_path, uv):
    """More than a reader's buffer of the engine takes: the reply comes at once all the same."""

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.hello()
            injected = f"MAIL FROM:<{PARTNER}>\r\nRCPT TO:<{US}>\r\nDATA\r\n{'x' * 70}\r\n" * 2_000
            client.writer.write(b"STARTTLS\r\n" + injected.encode())
            assert (await client.reply()).startswith("554 5.5.1 ")
            assert await client.closed()
        assert rig.stored == []

    play(tmp_path, story, uv=uv)


@BOTH_LOOPS
def test_what_is_injected_into_the_handshake_ends_the_connection(tmp_path, uv):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.hello()
            await client.ask("STARTTLS")
            await client.send(f"MAIL FROM:<{PARTNER}>\r\n".encode())
            with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
                assert (await client.reply()).startswith("250")
        async with rig.client() as client:
            await client.secured()

    play(tmp_path, story, uv=uv)


@BOTH_LOOPS
def test_tls_forgets_what_was_said_before(tmp_path, uv):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.hello()
            await client.envelope(PARTNER, US)
            await client.start_tls()
            for command in ("DATA", f"RCPT TO:<{US}>", f"MAIL FROM:<{PARTNER}>"):
                assert (await client.ask(command)).startswith("503 5.5.1 ")
            await client.hello()
            assert (await client.ask("STARTTLS")).startswith("503 5.5.1 ")

    play(tmp_path, story, uv=uv, require_tls=False)


@BOTH_LOOPS
def test_a_handshake_that_stalls_ends(tmp_path, uv):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.hello()
            await client.ask("STARTTLS")
            assert await client.closed()

    play(tmp_path, story, uv=uv, limits=SmtpLimits(handshake=0.2))


def test_old_tls_is_refused(tmp_path):
    async def story(rig: Rig) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with pytest.warns(DeprecationWarning, match="TLSv1"):
            context.minimum_version = ssl.TLSVersion.TLSv1
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        async with rig.client() as client:
            await client.hello()
            await client.ask("STARTTLS")
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await client.writer.start_tls(context, server_hostname="localhost")

    play(tmp_path, story)


def test_a_command_without_end_is_cut_off(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            client.writer.write(b"x" * 10_000_000)
            assert await client.reply() == "500 5.5.2 Command line too long"
            assert await client.closed()

    play(tmp_path, story)


@BOTH_LOOPS
def test_half_closed_after_the_dot_is_still_answered(tmp_path, uv):
    """In the clear, where TCP knows a half-closed state."""

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.send(
                b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n" + LETTER + b".\r\n"
            )
            client.writer.write_eof()
            codes = [reply[:3] for reply in await client.replies(5)]
            assert codes == ["250", "250", "250", "354", "250"]
            assert await client.closed()
        assert len(rig.stored) == 1

    play(tmp_path, story, uv=uv, require_tls=False)


def test_a_whole_session_octet_by_octet(tmp_path):
    said = (
        f"EHLO x\r\nMAIL FROM:<{PARTNER}>\r\nRCPT TO:<{US}>\r\nDATA\r\n".encode()
        + LETTER
        + b".\r\nQUIT\r\n"
    )

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.hello()
            await client.start_tls()
            for at in range(len(said)):
                client.writer.write(said[at : at + 1])
                await asyncio.sleep(0)
            codes = [reply[:3] for reply in await client.replies(6)]
            assert codes == ["250", "250", "250", "354", "250", "221"]
            assert await client.closed()
        assert len(rig.stored) == 1

    play(tmp_path, story)


@pytest.mark.parametrize("sent", ["EHLO x", "DATA", "the dot"])
@BOTH_LOOPS
def test_a_reset_connection_leaves_the_door_open(tmp_path, uv, sent):
    """RST instead of FIN. After the dot it may be stored: who repeats it gets its reference."""
    begin = b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\n"
    octets = {"EHLO x": b"EHLO x\r\n", "DATA": begin + b"DATA\r\nFrom: x"}
    whole = begin + b"DATA\r\n" + LETTER + b".\r\n"

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.send(octets.get(sent, whole))
            linger = struct.pack("ii", 1, 0)
            link = client.writer.get_extra_info("socket")
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        async with rig.client() as client:
            await client.send(whole)
            codes = [reply[:3] for reply in await client.replies(5)]
            assert codes == ["250", "250", "250", "354", "250"]
        assert len(rig.stored) == 1

    play(tmp_path, story, uv=uv, require_tls=False)


def test_twenty_sessions_at_once(tmp_path):
    async def one(rig: Rig, number: int) -> str:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            return await client.data(LETTER + b"%d\r\n" % number)

    async def story(rig: Rig) -> None:
        replies = await asyncio.gather(*(one(rig, number) for number in range(20)))
        references = {str(message.reference) for message in rig.stored}
        assert {reply.removeprefix("250 2.0.0 Accepted as ") for reply in replies} == references
        assert len(references) == 20

    play(tmp_path, story, sqlite=True)
