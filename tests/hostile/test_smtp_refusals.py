"""Every refusal of the SMTP door, by the letter, before and after the dot."""

from __future__ import annotations

import pytest

from secure_mail.domain.messages import Channel
from tests.fakes.vault import FakeOwnMail
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play

STRANGER = "mallory@elsewhere.example"
POINTER = (
    "550-5.7.1 This mailbox accepts mail only from registered partner organisations.\n"
    "550-5.7.1 Write securely at https://secure.kela.fi/. Nothing was stored.\n"
    "550-5.7.1 FI: Kirjoita osoitteessa https://secure.kela.fi/fi/. Viestia ei tallennettu.\n"
    "550 5.7.1 SV: Skriv pa https://secure.kela.fi/sv/. Meddelandet sparades inte."
)
NO_REPLY = (
    "550-5.1.1 This address cannot receive mail. To answer, open secure.kela.fi and choose "
    "Read an answer.\n"
    "550 5.1.1 FI: Lue vastaus -sivulla voit vastata. SV: Svara pa sidan Las ett svar."
)


@pytest.mark.parametrize(
    ("recipient", "reply"),
    [
        (US, "250 2.1.5 Ok"),
        ("@relay.example,@b.example:ULKOMAANPERINTA@KELA.FI", "250 2.1.5 Ok"),
        ("postmaster", "250 2.1.5 Ok"),
        ("abuse@kela.fi", "250 2.1.5 Ok"),
        ("nobody@kela.fi", "550 5.1.1 No such mailbox here"),
        ("mallory%elsewhere.example@kela.fi", "550 5.1.1 No such mailbox here"),
        ("elsewhere.example!mallory@kela.fi", "550 5.1.1 No such mailbox here"),
        (STRANGER, "550 5.7.1 Relaying denied"),
        ("@kela.fi:mallory@elsewhere.example", "550 5.7.1 Relaying denied"),
        ("ulkomaanperinta@kela.fi.elsewhere.example", "550 5.7.1 Relaying denied"),
        ("securemail@kela.fi", NO_REPLY),
        ("", "553 5.1.3 Malformed recipient"),
        ('"a@b"@kela.fi', "553 5.1.3 Malformed recipient"),
        ("a@b@kela.fi", "553 5.1.3 Malformed recipient"),
        ("ulkomaanperinta@[127.0.0.1]", "553 5.1.3 Malformed recipient"),
    ],
)
def test_recipients(tmp_path, recipient, reply):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            assert await client.envelope(PARTNER, recipient) == [reply]

    play(tmp_path, story)


def test_of_several_recipients_the_good_ones_get_it(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            replies = await client.envelope(
                PARTNER, STRANGER, US, "no@kela.fi", US, "maintenance@kela.fi"
            )
            assert [reply[:3] for reply in replies] == ["550", "250", "550", "250", "250"]
            accepted = await client.data(LETTER)
        first, second = rig.stored
        assert accepted == f"250 2.0.0 Accepted as {first.reference} {second.reference}"
        assert [m.mailbox for m in (first, second)] == ["ulkomaanperinta", "maintenance"]
        assert first.content_id == second.content_id

    play(tmp_path, story)


@pytest.mark.parametrize("sender", [STRANGER, "", "x@institution.example.elsewhere.example"])
def test_an_ineligible_sender_is_shown_the_secure_link_at_rcpt(tmp_path, sender):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            assert await client.envelope(sender, US) == [POINTER]
            assert (await client.ask("DATA")).startswith("503 5.5.1 ")
        assert rig.stored == []

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("letter", "reply"),
    [
        (LETTER.replace(b"<clerk@institution", b"<clerk@elsewhere"), POINTER),
        (b"Subject: no From\r\n\r\n", "550 5.6.0 Exactly one From with one address required"),
        (b"", "550 5.6.0 Exactly one From with one address required"),
        (b"From: a@institution.example\r\n" + LETTER, "550 5.6.0 "),
        (b"From: a@institution.example, b@institution.example\r\n\r\n", "550 5.6.0 "),
        (b"From: Friends: ;\r\n\r\n", "550 5.6.0 "),
        (b"From: =?utf-8?q?a=40institution.example?=\r\n\r\n", "550 5.6.0 "),
        (b"Received: by x\r\n" * 31 + LETTER, "554 5.4.6 Routing loop detected"),
    ],
)
def test_after_the_dot(tmp_path, letter, reply):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            assert (await client.data(letter)).startswith(reply)
            assert (await client.ask("NOOP")).startswith("250 ")
        assert rig.stored == []

    play(tmp_path, story)


def test_a_partner_from_another_network_is_shown_the_secure_link(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            assert await client.envelope(PARTNER, US) == ["250 2.1.5 Ok"]
            assert await client.data(LETTER) == POINTER
        assert rig.stored == []

    play(tmp_path, story, partner_networks=("192.0.2.0/28",))


def test_a_partners_letter_carries_its_evidence(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            await client.data(LETTER)
        (stored,) = rig.stored
        assert stored.channel is Channel.SMTP
        evidence = rig.evidence(stored)
        assert evidence.partner == str(rig.partner.id)
        assert evidence.checks == ("network", "tls")
        assert evidence.tls_version == "TLSv1.3"
        assert (evidence.helo, evidence.peer) == ("client.example", "127.0.0.1")
        assert evidence.header_from == (PARTNER,)

    play(tmp_path, story)


def test_a_session_from_a_trusted_relay_never_satisfies_network(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            assert (await client.data(LETTER)).startswith("250 ")
        (stored,) = rig.stored
        evidence = rig.evidence(stored)
        assert evidence.relayed
        assert evidence.checks == ()

    play(tmp_path, story, relays=("127.0.0.0/8",))


@pytest.mark.parametrize("relays", [(), ("127.0.0.0/8",)], ids=["a stranger", "a relay"])
def test_a_forged_result_proves_nothing(tmp_path, relays):
    """Nobody's Authentication-Results count here: no name of ours is set for a relay to use."""
    forged = b"".join(
        b"Authentication-Results: %s; dmarc=pass header.from=institution.example;\r\n"
        b" dkim=pass header.d=institution.example; spf=pass smtp.mailfrom=institution.example\r\n"
        % name
        for name in (b"mx.kela.fi", b"kela.fi", b"127.0.0.1")
    )

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            reply = await client.data(forged + LETTER)
        if not relays:
            assert reply == POINTER
            assert rig.stored == []
            return
        (stored,) = rig.stored
        evidence = rig.evidence(stored)
        assert evidence.checks == ()
        assert evidence.results == ()

    play(tmp_path, story, relays=relays, partner_networks=("192.0.2.0/28",))


def test_our_own_mail_comes_back_as_a_loop(tmp_path):
    mark = FakeOwnMail().mark("1@kela.fi").encode()
    ours = b"Message-ID: <1@kela.fi>\r\nX-Secure-Mail: %s\r\n" % mark

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            assert (await client.data(ours + LETTER)).startswith("554 5.4.6 ")
            await client.envelope(PARTNER, US)
            reply = await client.data(ours.replace(b"<1@", b"<2@") + LETTER)
            assert reply.startswith("250 ")
        assert len(rig.stored) == 1

    play(tmp_path, story)


def test_without_tls_a_partner_is_not_proved_even_where_tls_is_optional(tmp_path):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.hello()
            await client.envelope(PARTNER, US)
            assert await client.data(LETTER) == (
                "550 5.7.26 Required check failed: tls; or write at https://secure.kela.fi/"
            )
        assert rig.stored == []

    play(tmp_path, story, require_tls=False)


@pytest.mark.parametrize(
    ("recipients", "reply"),
    [(["postmaster"], "250 2.0.0 "), (["postmaster", "abuse@kela.fi"], "550 5.5.3 ")],
)
def test_a_bounce_goes_to_one(tmp_path, recipients, reply):
    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            assert set(await client.envelope("", *recipients)) == {"250 2.1.5 Ok"}
            await client.send(b"DATA\r\n")
            answer = await client.reply()
            if answer.startswith("354"):
                answer = await client.say(b"From: MAILER-DAEMON@x.example\r\n\r\n.\r\n")
            assert answer.startswith(reply)
        assert len(rig.stored) == (reply[:3] == "250")

    play(tmp_path, story)
