"""Bounce addresses at the SMTP door: for the null sender and a tag of ours, and for nobody else."""

from __future__ import annotations

from uuid import UUID

import pytest

from secure_mail.domain.bounces import MailKind, MailName
from secure_mail.interfaces.smtp.limits import SmtpLimits
from tests.fakes.vault import FakeBounceTags
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play

NAME = MailName(MailKind.LINK, UUID(int=7))
OTHER = MailName(MailKind.NOTICE, UUID(int=8))
NOBODY = "550 5.1.1 No such mailbox here"
OK = "250 2.1.5 Ok"
REPORT = b"From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\n\r\n<x>: no such user"


def address(name: MailName = NAME) -> str:
    return f"bounces+{FakeBounceTags().tag(name)}@kela.fi"


def test_a_bounce_is_taken_and_the_worker_is_told_of_which_mail(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            assert await client.envelope("", address().upper()) == [OK]
            assert (await client.data(REPORT)).startswith("250 2.0.0 Accepted as ")
        (message,) = rig.stored
        assert message.mailbox == "postmaster"
        evidence = rig.evidence(message)
        assert (evidence.bounced, evidence.envelope_sender) == (str(NAME), None)
        assert rig.raw(message) == REPORT + b"\r\n"

    play(tmp_path, story)


@pytest.mark.parametrize("relays", [(), ("127.0.0.0/8",)], ids=["direct", "behind a relay"])
@pytest.mark.parametrize("sender", [PARTNER, "mallory@elsewhere.example", "securemail@kela.fi"])
def test_a_real_sender_cannot_tell_a_valid_tag_from_another(tmp_path, sender, relays):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            forged = address().replace("+", "+a", 1)[:-9] + "@kela.fi"
            recipients = (address(), forged, "bounces+@kela.fi", "nobody@kela.fi")
            assert await client.envelope(sender, *recipients) == [NOBODY] * 4
        assert rig.stored == []

    play(tmp_path, story, relays=relays)


@pytest.mark.parametrize(
    "local",
    [
        "bounces",
        "bounces+",
        "bounces+x",
        "bounces+" + "a" * 48,
        "bounces+" + FakeBounceTags().tag(NAME)[:-1],
        "bounces+" + FakeBounceTags().tag(NAME) + "a",
        "bounces+" + FakeBounceTags().tag(NAME)[:27] + FakeBounceTags().tag(OTHER)[27:],
    ],
)
def test_a_tag_that_is_not_ours_is_no_mailbox_for_anybody(tmp_path, local):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            assert await client.envelope("", f"{local}@kela.fi") == [NOBODY]
        assert rig.stored == []

    play(tmp_path, story)


def test_a_tag_of_another_domain_is_not_relayed(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            elsewhere = address().replace("kela.fi", "elsewhere.example")
            assert await client.envelope("", elsewhere) == ["550 5.7.1 Relaying denied"]

    play(tmp_path, story)


def test_one_message_is_the_bounce_of_one_mail(tmp_path):
    """The second recipient is put off, and comes in a message of its own."""

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            replies = await client.envelope("", address(), address(OTHER), address())
            assert replies == [OK, "452 4.5.3 Too many recipients", OK]
            assert (await client.data(REPORT)).startswith("250 ")
            assert await client.envelope("", address(OTHER)) == [OK]
            assert (await client.data(REPORT)).startswith("250 ")
        assert [rig.evidence(one).bounced for one in rig.stored] == [str(NAME), str(OTHER)]

    play(tmp_path, story)


def test_the_tag_is_forgotten_with_its_transaction(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            assert await client.envelope("", address()) == [OK]
            assert (await client.ask("RSET")).startswith("250 ")
            assert await client.envelope("", "postmaster@kela.fi") == [OK]
            assert (await client.data(REPORT)).startswith("250 ")
            assert await client.envelope(PARTNER, US) == [OK]
            assert (await client.data(LETTER)).startswith("250 ")
        assert [rig.evidence(one).bounced for one in rig.stored] == [None, None]

    play(tmp_path, story)


@pytest.mark.parametrize("author", [b"", b"From: Mail Delivery Subsystem\r\n", b"From: <>\r\n"])
def test_a_daemon_that_writes_no_address_is_heard_all_the_same(tmp_path, author):
    raw = author + b"Subject: failure notice\r\n\r\nSorry.\r\n"

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope("", address())
            assert (await client.data(raw)).startswith("250 ")
            await client.envelope("", "postmaster@kela.fi")
            assert (await client.data(raw)).startswith("550 5.6.0 ")
        assert len(rig.stored) == 1

    play(tmp_path, story)


def test_the_same_bounce_again_is_a_duplicate(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            for _ in range(2):
                await client.envelope("", address())
                assert (await client.data(REPORT)).startswith("250 ")
        assert len(rig.stored) == 1

    play(tmp_path, story)


def test_bounces_are_not_counted_among_what_strangers_write(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            for number in range(4):
                name = MailName(MailKind.LINK, UUID(int=number))
                assert await client.envelope("", address(name)) == [OK]
                assert (await client.data(REPORT)).startswith("250 ")
        assert len(rig.stored) == 4

    play(tmp_path, story, limits=SmtpLimits(strangers=2))
