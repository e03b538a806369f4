"""DATA from people who mean harm: what is acknowledged is stored, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from secure_mail.interfaces.smtp.limits import SmtpLimits
from tests.smtp_faults import SlowBlobs
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play, until

SECOND = (
    b"MAIL FROM:<clerk@institution.example>\r\nRCPT TO:<maintenance@kela.fi>\r\nDATA\r\n"
    b"From: clerk@institution.example\r\n\r\nsmuggled"
)
SMALL = SmtpLimits(max_size=100_000)


def test_one_octet_at_a_time_with_dots_and_a_command_behind(tmp_path):
    stuffed = LETTER.replace(b"\r\n.", b"\r\n..") + b"..\r\n...\r\n"

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            await client.ask("DATA")
            for octet in stuffed + b".\r\nNOOP\r\n":
                client.writer.write(bytes([octet]))
                await asyncio.sleep(0)
            assert (await client.reply()).startswith("250 2.0.0 Accepted as PK-")
            assert (await client.reply()).startswith("250 ")
        (stored,) = rig.stored
        assert rig.raw(stored) == LETTER + b".\r\n..\r\n"

    play(tmp_path, story)


@pytest.mark.parametrize("uv", [False, True])
def test_a_whole_session_in_one_packet(tmp_path, uv):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.hello()
            await client.start_tls()
            await client.send(
                b"EHLO x\r\nMAIL FROM:<clerk@institution.example> SIZE=100 BODY=8BITMIME\r\n"
                b"RCPT TO:<ulkomaanperinta@kela.fi>\r\nDATA\r\n"
                + LETTER
                + b".\r\n"
                + SECOND
                + b"\r\n.\r\nQUIT\r\n"
            )
            codes = [reply[:3] for reply in await client.replies(9)]
            assert codes == ["250", "250", "250", "354", "250", "250", "250", "354", "250"]
            assert (await client.reply()).startswith("221 ")
            assert await client.closed()
        assert [rig.raw(message) for message in rig.stored] == [
            LETTER.replace(b"\r\n..", b"\r\n."),
            b"From: clerk@institution.example\r\n\r\nsmuggled\r\n",
        ]

    play(tmp_path, story, uv=uv)


@pytest.mark.parametrize("length", [998, 5000, 64_000])
def test_long_lines_of_real_senders_are_taken(tmp_path, length):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            assert (await client.data(LETTER + b"x" * length)).startswith("250 ")
        (stored,) = rig.stored
        assert b"x" * length in rig.raw(stored)

    play(tmp_path, story)


def test_a_line_without_end_is_refused_and_cut_off(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            await client.ask("DATA")
            client.writer.write(LETTER + b"y" * 3 * SMALL.max_size)
            assert (await client.reply()).startswith("550 5.5.2 Line too long")
            assert await client.closed()
        assert rig.stored == []

    play(tmp_path, story, limits=SMALL)


@pytest.mark.parametrize(("lines", "open_after"), [(1_300, True), (4_000, False)])
def test_too_much_is_refused_where_it_is_said_or_after_the_dot(tmp_path, lines, open_after):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            said = await client.ask(f"MAIL FROM:<{PARTNER}> SIZE={SMALL.max_size + 1}")
            assert said == (
                "552 5.3.4 Message size exceeds limit of 100000; use https://secure.kela.fi/"
            )
            await client.envelope(PARTNER, US)
            await client.ask("DATA")
            client.writer.write(LETTER + (b"z" * 78 + b"\r\n") * lines + b".\r\n")
            assert await client.reply() == said
            if open_after:
                assert (await client.ask("NOOP")).startswith("250 ")
            else:
                assert await client.closed()
        await rig.settled()
        assert (rig.stored, rig.blobs.kept) == ([], {})

    play(tmp_path, story, limits=SMALL)


def test_exactly_the_limit_is_taken(tmp_path):
    letter = LETTER.replace(b"\r\n..", b"\r\n.")
    letter += (b"z" * 98 + b"\r\n") * 900
    letter += b"z" * (SMALL.max_size - len(letter) - 2) + b"\r\n"

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            assert (await client.data(letter.replace(b"\r\n.", b"\r\n.."), b".\r\n"))[:3] == "250"
        (stored,) = rig.stored
        assert rig.raw(stored) == letter
        assert len(rig.blobs.kept) == 1

    play(tmp_path, story, limits=SMALL)


def test_octets_outside_ascii_are_stored_as_they_are(tmp_path):
    letter = b"From: \xe4\xf6 <clerk@institution.example>\r\nSubject: \xff\r\n\r\n\xfe\x80\r\n"

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            assert (await client.data(letter, b".\r\n")).startswith("250 ")
        (stored,) = rig.stored
        assert rig.raw(stored) == letter

    play(tmp_path, story)


@pytest.mark.parametrize("end", ["fin", "rst"])
def test_who_leaves_in_the_middle_leaves_nothing(tmp_path, end):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            await client.ask("DATA")
            await client.send(LETTER + (b"z" * 78 + b"\r\n") * 3_000)
            await until(lambda: rig.blobs.begun)
            if end == "fin":
                client.writer.close()
                await client.writer.wait_closed()
        await until(lambda: rig.blobs.aborted)
        assert (rig.stored, rig.blobs.kept, rig.blobs.begun) == ([], {}, 1)

    play(tmp_path, story, blobs=SlowBlobs())


@pytest.mark.parametrize("sqlite", [False, True])
def test_the_same_letter_again_is_the_same_message(tmp_path, sqlite):
    async def story(rig: Rig) -> None:
        replies = []
        for _ in range(2):
            async with rig.client() as client:
                await client.secured()
                await client.envelope(PARTNER, US)
                replies.append(await client.data(LETTER))
        assert replies[0] == replies[1]
        (stored,) = rig.stored
        assert replies[0] == f"250 2.0.0 Accepted as {stored.reference}"

    play(tmp_path, story, sqlite=sqlite)
