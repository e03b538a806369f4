"""One DATA is one message, whatever stands around a dot (RFC 5321, 4.1.1.4; SMTP smuggling, 2023).

Another server may take other octets for the end of data. What it would see as a second message
must never become one here, and a message that holds such octets must not be stored to be sent on.

around a dot        every sequence of at most two of CR, LF, CRLF, NUL and dot before and after it,
                    in one packet, and octet by octet
the classic tricks  the ends that servers were found to take, each in a session of its own
bare line ends      in a header and in the body
CR before the end   spoils its message; what follows is the next one
a refused message   what was sent behind its end is obeyed, once
"""

from __future__ import annotations

import asyncio
import re
from itertools import product

import pytest

from secure_mail.interfaces.smtp.limits import SmtpLimits
from tests.smtp_client import Client
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play

TOKENS = (b"\r", b"\n", b"\r\n", b"\0", b".")
BEGIN = f"MAIL FROM:<{PARTNER}>\r\nRCPT TO:<{US}>\r\nDATA\r\n".encode()
SECOND = BEGIN + f"From: {PARTNER}\r\n\r\nsmuggled".encode()
BARE = "550 5.5.2 Bare CR or LF not allowed in message"
NUL = "550 5.6.0 NUL not allowed in message"
CLASSIC = {
    "LF.LF": b"\n.\n",
    "LF.CRLF": b"\n.\r\n",
    "CRLF.LF": b"\r\n.\n",
    "CR.CR": b"\r.\r",
    "CRLF.CR": b"\r\n.\r",
    "CR.CRLF": b"\r.\r\n",
    "LF LF.CRLF": b"\n\n.\r\n",
    "CRLF NUL.CRLF": b"\r\n\0.\r\n",
    "CRLF.NUL CRLF": b"\r\n.\0\r\n",
    "CRLF.CR CRLF": b"\r\n.\r\r\n",
}
BARE_ENDS = {"LF": b"a\nb", "CR": b"a\rb", "CR CRLF": b"a\r\r\nb", "LF CR": b"a\n\rb"}
NO_END = SmtpLimits(errors=10**6, idle_commands=10**6)


def around_a_dot(most: int) -> list[bytes]:
    """Every string with up to `most` tokens on each side; what two ways spell counts once."""
    sides = [b"".join(side) for count in range(most + 1) for side in product(TOKENS, repeat=count)]
    return sorted({before + b"." + after for before in sides for after in sides})


def expected(octets: bytes) -> tuple[tuple[str, ...], bytes, bytes]:
    """Replies that are right, the message, and what is left for the command loop.

    RFC 5321 read in another way than the program's. Of two faults, that is told which came first.
    """
    lines, end, rest = (b"\r\n" + octets).partition(b"\r\n.\r\n")
    assert end
    body = lines[2:] + b"\r\n"
    bare = re.search(rb"\r(?!\n)|(?<!\r)\n", body)
    if bare or b"\0" in body:
        return (BARE,) * bool(bare) + (NUL,) * (b"\0" in body), b"", rest
    return ("250 2.0.0 Accepted as ",), re.sub(rb"(^|\r\n)\.", rb"\1", body), rest


def cut_at_its_end(trick: bytes) -> bytes:
    """A letter with a trick and a second transaction behind it; or, if the trick ends it, no more.

    What comes behind a real end is the client's own next command: nothing is smuggled.
    """
    head, end, _ = (LETTER.rstrip() + trick).partition(b"\r\n.\r\n")
    return head + (end or SECOND + b"\r\n.\r\n")


async def whole(client: Client, octets: bytes) -> None:
    await client.send(BEGIN + octets)


async def octet_by_octet(client: Client, octets: bytes) -> None:
    await client.send(BEGIN)
    for at in range(len(octets)):
        client.writer.write(octets[at : at + 1])
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("send", "most"), [(whole, 2), (octet_by_octet, 1)], ids=["whole", "octet by octet"]
)
def test_no_sequence_around_a_dot_makes_a_second_message(tmp_path, send, most):
    async def story(rig: Rig) -> None:
        kept = []
        async with rig.client() as client:
            await client.secured()
            for trick in around_a_dot(most):
                octets = cut_at_its_end(trick)
                replies, message, rest = expected(octets)
                assert rest == b""
                await send(client, octets)
                said = await client.replies(4)
                assert [line[:3] for line in said[:3]] == ["250", "250", "354"], trick
                assert said[3].startswith(replies), trick
                kept += [message] * (said[3][:3] == "250")
            assert (await client.ask("NOOP")).startswith("250 ")
        assert sorted(set(kept)) == sorted(rig.raw(message) for message in rig.stored)
        assert kept

    assert len(around_a_dot(most)) > (25 if most == 1 else 600)
    play(tmp_path, story, limits=NO_END)


@pytest.mark.parametrize("trick", CLASSIC.values(), ids=CLASSIC)
def test_no_second_message_is_smuggled(tmp_path, trick):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            reply = await client.data(LETTER.rstrip() + trick + SECOND)
            assert reply == (NUL if b"\0" in trick else BARE)
            assert (await client.ask("NOOP")).startswith("250 ")
        assert rig.stored == []

    play(tmp_path, story)


@pytest.mark.parametrize("octets", BARE_ENDS.values(), ids=BARE_ENDS)
@pytest.mark.parametrize("place", ["header", "body"])
def test_bare_line_ends_are_refused(tmp_path, octets, place):
    letter = LETTER + octets if place == "body" else b"X: " + octets + b"\r\n" + LETTER

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            assert await client.data(letter) == BARE
        assert rig.stored == []

    play(tmp_path, story)


def test_a_cr_before_the_end_spoils_the_message_and_not_the_next_one(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            first = await client.data(LETTER.rstrip() + b"\r", b"\r\n.\r\n" + SECOND + b"\r\n.\r\n")
            assert first == BARE
            replies = await client.replies(4)
            assert [reply[:3] for reply in replies] == ["250", "250", "354", "250"]
        (stored,) = rig.stored
        assert rig.raw(stored).endswith(b"smuggled\r\n")

    play(tmp_path, story)


@pytest.mark.parametrize("end", [b"\r\n.\r\n", b"\r\n.\r\nRSET\r\nNOOP\r\n"], ids=["dot", "more"])
def test_behind_a_refused_message_nothing_is_lost_and_nothing_obeyed_twice(tmp_path, end):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.send(BEGIN + LETTER + b"\n" + end + SECOND + b"\r\n.\r\nQUIT\r\n")
            codes = []
            while reply := await client.reply():
                codes.append(reply[:3])
        more = ["250"] * end.count(b"\r\nNOOP") * 2
        assert codes == ["250", "250", "354", "550", *more, "250", "250", "354", "250", "221"]
        assert [rig.raw(message)[-10:] for message in rig.stored] == [b"smuggled\r\n"]

    play(tmp_path, story)
