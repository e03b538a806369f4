"""Postfix's policy delegation, spoken in bytes to the real listener."""

from __future__ import annotations

from pathlib import Path

import pytest

from secure_mail.domain.refusals import Refusal, RefusalCode
from tests.policy_rig import STRANGER, Asking, listening, policy_door, request
from tests.smtp_rig import PARTNER, US, Rig, play

POSTMASTER = "postmaster@kela.fi"


def asked(folder: Path, *blocks: bytes, **given: object) -> list[str]:
    """The answers to some questions on one connection."""
    answers: list[str] = []

    async def story(rig: Rig) -> None:
        async with listening(policy_door(rig, **given), "127.0.0.1:0") as where:
            asking = await Asking.open(where)
            answers.extend([await asking.ask(block) for block in blocks])
            await asking.close()

    play(folder, story)
    return answers


@pytest.mark.parametrize(
    ("sender", "recipient", "beginning"),
    [
        (PARTNER, US, "DUNNO"),
        (PARTNER.upper(), US.upper(), "DUNNO"),
        (STRANGER, US, "550 5.7.1 This mailbox accepts mail only from registered partner"),
        ("", US, "550 5.7.1 "),
        (STRANGER, POSTMASTER, "DUNNO"),
        ("", POSTMASTER, "DUNNO"),
        ("", "postmaster", "DUNNO"),
        (PARTNER, "nobody@kela.fi", "550 5.1.1 No such mailbox here"),
        (PARTNER, "securemail@kela.fi", "550 5.1.1 This address cannot receive mail."),
        (PARTNER, "somebody@elsewhere.example", "550 5.7.1 Relaying denied"),
        (PARTNER, "a%b@kela.fi", "550 5.1.1 "),
        (PARTNER, '"a b"@kela.fi', "553 5.1.3 Malformed recipient"),
        ("two@@signs.example", US, "553 5.1.7 Malformed sender"),
        (PARTNER, "", "DUNNO"),
    ],
)
def test_the_answer(tmp_path, sender, recipient, beginning):
    (answer,) = asked(tmp_path, request(sender, recipient))
    assert answer.startswith(beginning)


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        (PARTNER, US),
        (STRANGER, US),
        ("", US),
        (STRANGER, POSTMASTER),
        (PARTNER, "nobody@kela.fi"),
        (PARTNER, "securemail@kela.fi"),
        (PARTNER, "somebody@elsewhere.example"),
        ("two@@signs.example", US),
        (PARTNER, "two@@signs.example"),
    ],
)
def test_the_relay_says_what_our_own_door_says(tmp_path, sender, recipient):
    async def story(rig: Rig) -> None:
        async with listening(policy_door(rig), "127.0.0.1:0") as where:
            asking = await Asking.open(where)
            answer = await asking.ask(request(sender, recipient))
            await asking.close()
        async with rig.client() as client:
            await client.hello()
            reply = await client.ask(f"MAIL FROM:<{sender}>")
            if reply.startswith("250"):
                reply = await client.ask(f"RCPT TO:<{recipient}>")
        said = reply.split("\n")
        if answer == "DUNNO":
            assert said[-1].startswith("250")
        else:
            code, enhanced, words = answer.split(" ", 2)
            assert all(line.startswith(f"{code}{line[3]}{enhanced} ") for line in said)
            assert words == " ".join(line[4 + len(enhanced) + 1 :] for line in said)

    play(tmp_path, story, require_tls=False)


def test_every_word_of_a_refusal_fits_one_reply_line(tmp_path):
    answers = asked(
        tmp_path, request(STRANGER, US), request(PARTNER, "securemail@kela.fi"), request("", US)
    )
    for answer in answers:
        assert "\r" not in answer
        assert "\n" not in answer
        assert len(answer) <= 512 - len("\r\n")
    assert "SV: Skriv pa https://secure.kela.fi/sv/." in answers[0]


def test_several_questions_come_over_one_connection(tmp_path):
    blocks = [request(PARTNER, US), request(STRANGER, US)] * 10
    answers = asked(tmp_path, *blocks)
    assert [answer[:3] for answer in answers] == ["DUN", "550"] * 10


def test_questions_in_one_packet_are_answered_in_their_order(tmp_path):
    async def story(rig: Rig) -> None:
        async with listening(policy_door(rig), "127.0.0.1:0") as where:
            asking = await Asking.open(where)
            first = await asking.ask(request(STRANGER, US) + request(PARTNER, US))
            assert first.startswith("550")
            assert await asking.answer() == "DUNNO"
            await asking.close()

    play(tmp_path, story)


def test_a_question_may_come_in_pieces(tmp_path):
    async def story(rig: Rig) -> None:
        async with listening(policy_door(rig), "127.0.0.1:0") as where:
            asking = await Asking.open(where)
            for octet in request(PARTNER, US):
                asking.writer.write(bytes([octet]))
                await asking.writer.drain()
            assert await asking.answer() == "DUNNO"
            await asking.close()

    play(tmp_path, story)


@pytest.mark.parametrize(
    "block",
    [
        b"\n\n",
        b"nonsense\n\n",
        b"=value\n\n",
        b"request=smtpd_access_policy\n\n",
        b"request=other\nsender=\nrecipient=a@kela.fi\n\n",
        request(PARTNER, US).replace(b"sender=", b"sender=x@y.example\nsender=", 1),
        request(PARTNER, US, helo_name="a\rb"),
        request(PARTNER, US, helo_name="a\0b"),
        b"request=" + b"a" * 70_000,
    ],
)
def test_what_is_no_question_is_never_let_on(tmp_path, block):
    async def story(rig: Rig) -> None:
        async with listening(policy_door(rig), "127.0.0.1:0") as where:
            asking = await Asking.open(where)
            answer = await asking.ask(block)
            assert answer == "451 4.3.0 Temporary system problem, try again later"
            assert await asking.ended()

    play(tmp_path, story)


def test_names_outside_utf8_stop_nobody(tmp_path):
    (answer,) = asked(tmp_path, request(PARTNER, US, ccert_subject="P\udce4iv\udce4"))
    assert answer == "DUNNO"


def test_an_address_outside_utf8_is_malformed(tmp_path):
    sender, recipient = asked(
        tmp_path, request("p\udce4@x.example", US), request(PARTNER, "p\udce4@kela.fi")
    )
    assert sender.startswith("553 5.1.7")
    assert recipient.startswith("553 5.1.3")


def test_without_tls_on_the_way_to_the_relay_the_answer_is_our_doors(tmp_path):
    plain = request(PARTNER, US, encryption_protocol="")
    (strict,) = asked(tmp_path, plain, require_tls=True)
    assert strict == "530 5.7.0 Must issue a STARTTLS command first"
    assert asked(tmp_path, plain, require_tls=False) == ["DUNNO"]
    assert asked(tmp_path, request(PARTNER, US), require_tls=True) == ["DUNNO"]


@pytest.mark.parametrize(
    ("code", "reply"),
    [
        (RefusalCode.STORAGE_LOW, "452 4.3.1 "),
        (RefusalCode.BACKLOG, "451 4.3.2 "),
        (RefusalCode.TEMPORARY, "451 4.3.0 "),
    ],
)
def test_when_we_are_not_ready_the_sender_is_put_off(tmp_path, code, reply):
    def ready():
        raise Refusal(code)

    (answer,) = asked(tmp_path, request(PARTNER, US), ready=ready)
    assert answer.startswith(reply)


def test_a_fault_of_ours_is_temporary_and_tells_nothing(tmp_path):
    def ready():
        raise RuntimeError("secret /var/lib/db")

    answers = asked(tmp_path, *[request(PARTNER, US)] * 2, ready=ready)
    assert answers == ["451 4.3.0 Temporary system problem, try again later"] * 2
