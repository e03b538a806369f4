"""The shipped Postfix in front of the program: refuses while the sender hears it, loses nothing."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import required
from tests.hostile.served import MAILBOX, SENDER
from tests.journey.relayed import Relayed, relayed
from tests.services import postfix

STRANGER = "somebody@nowhere.example"
WORDS = "This mailbox accepts mail only from registered partner organisations."
CR, LF, CRLF = b"\r", b"\n", b"\r\n"


def letter(subject: str, text: bytes = b"The words of the letter.", extra: str = "") -> bytes:
    head = f"{extra}From: {SENDER}\r\nTo: {MAILBOX}\r\nSubject: {subject}\r\n\r\n"
    return head.encode() + text


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relayed]:
    required(postfix.binary(), "Postfix")
    made = relayed(tmp_path_factory.mktemp("relay"))
    made.write_maps()
    made.service.start()
    try:
        made.relay.start()
        yield made
    finally:
        made.relay.stop()
        made.service.end()


def stored(world: Relayed, mark: str) -> list[bytes]:
    return [octets for octets in world.service.opened().elements() if mark.encode() in octets]


def delivered(world: Relayed, mark: str) -> bytes:
    """What was stored of it, once the relay is rid of it."""
    world.relay.wait_until_empty()
    (octets,) = stored(world, mark)
    return octets


def test_a_partners_mail_comes_through_once_and_over_verified_tls(standing):
    code, words = standing.send(SENDER, MAILBOX, letter("eligible"))
    assert (code, words[:5]) == (250, "2.0.0")
    octets = delivered(standing, "Subject: eligible")
    assert octets.endswith(b"The words of the letter.\r\n")
    assert b" by mx.example.org (Postfix) with ESMTPS id " in octets.replace(b"\r\n\t", b" ")
    assert "status=sent (250 2.0.0 Accepted as " in standing.relay.maillog()


@pytest.mark.parametrize("sender", [STRANGER, ""])
def test_who_is_not_eligible_is_refused_at_rcpt_in_our_words(standing, sender):
    code, words = standing.send(sender, MAILBOX, letter("ineligible"))
    assert code == 550
    assert words.startswith(f"5.7.1 <{MAILBOX}>: Recipient address rejected: {WORDS}")
    assert "https://secure.example/." in words
    assert not standing.relay.queued()
    assert not stored(standing, "Subject: ineligible")


@pytest.mark.parametrize(
    "recipient",
    [
        "somebody@elsewhere.example",
        "somebody%elsewhere.example@kela.fi",
        "somebody@elsewhere.example@kela.fi",
        "@kela.fi:somebody@elsewhere.example",
        '"somebody@elsewhere.example"@kela.fi',
        "elsewhere.example!somebody@kela.fi",
        "nobody@kela.fi",
        "securemail@kela.fi",
        "bounces+short@kela.fi",
        "velkajarjestelyt+more@kela.fi",
        "velkajarjestelyt@sub.kela.fi",
        "root",
    ],
)
def test_it_relays_to_the_mailboxes_and_to_nobody_else(standing, recipient):
    code, _ = standing.send(SENDER, recipient, letter("relayed elsewhere"))
    assert 500 <= code < 600
    assert not standing.relay.queued()


@pytest.mark.parametrize("recipient", ["postmaster", "postmaster@kela.fi", "ABUSE@kela.fi"])
def test_postmaster_and_abuse_hear_everybody(standing, recipient):
    mark = f"to-{recipient}"
    code, _ = standing.send(STRANGER, recipient, letter(mark))
    assert code == 250
    assert delivered(standing, f"Subject: {mark}\r\n")


def test_mail_in_the_clear_is_refused(standing):
    with standing.client(tls=False) as client:
        code, words = client.docmd(f"MAIL FROM:<{SENDER}>")
    assert (code, words[:5]) == (530, b"5.7.0")


def test_the_relay_takes_less_than_we_do(standing):
    with standing.client() as client:
        limit = int(client.esmtp_features["size"])
        code, words = client.docmd(f"MAIL FROM:<{SENDER}> SIZE={limit + 1}")
    assert limit == 35 * 1024 * 1024
    assert (code, words[:5]) == (552, b"5.3.4")


ENDS = [LF + b"." + LF, LF + b"." + CRLF, CRLF + b"." + LF, CR + b"." + CR, CR + b"." + CRLF]


@pytest.mark.parametrize("end", ENDS)
def test_nothing_is_smuggled_in_behind_a_bare_line_ending(standing, end):
    smuggled = (
        b"MAIL FROM:<%s>\r\nRCPT TO:<postmaster@kela.fi>\r\nDATA\r\nSubject: smuggled\r\n\r\nx"
        % SENDER.encode()
    )
    mark = f"outer-{end.hex()}"
    inner = letter(mark) + end + smuggled
    code, _ = standing.send(SENDER, MAILBOX, inner)
    standing.relay.wait_until_empty()
    subjects = [o for o in standing.service.opened().elements() if o.startswith(b"Subject: smugg")]
    assert not subjects
    if LF in end.replace(CRLF, b""):
        assert code == 550
        assert not stored(standing, f"Subject: {mark}")


def test_a_forged_result_of_the_relays_own_checks_is_taken_away(standing):
    forged = "Authentication-Results: mx.example.org; dmarc=pass header.from=institution.example"
    folded = "Authentication-Results:\r\n (a comment) mx.example.org;\r\n dmarc=pass"
    foreign = "Authentication-Results: other.example; dmarc=pass"
    extra = f"{forged}\r\n{folded}\r\n{foreign}\r\n"
    code, _ = standing.send(SENDER, MAILBOX, letter("forged", extra=extra))
    assert code == 250
    octets = delivered(standing, "Subject: forged")
    assert b"Authentication-Results: other.example" in octets
    assert b"mx.example.org; dmarc" not in octets
    assert b"comment" not in octets


def test_while_we_are_down_senders_are_put_off_and_nothing_is_taken_unasked(standing):
    standing.service.stop()
    try:
        code, words = standing.send(SENDER, MAILBOX, letter("too early"))
        assert (code, words[:5]) == (451, "4.3.0")
        assert not standing.relay.queued()
    finally:
        standing.service.start()
    code, _ = standing.send(SENDER, MAILBOX, letter("late enough"))
    assert code == 250
    assert delivered(standing, "Subject: late enough")


def test_what_the_relay_holds_when_we_go_down_comes_once_when_we_are_back(tmp_path):
    required(postfix.binary(), "Postfix")
    # Mail that was let on just before: asked for, and not delivered yet.
    made = relayed(tmp_path, defer_transports="smtp")
    made.write_maps()
    try:
        made.service.start()
        made.relay.start()
        for number in range(3):
            assert made.send(SENDER, MAILBOX, letter(f"held {number}."))[0] == 250
        made.service.stop()
        made.relay.command("postconf", "defer_transports=")
        made.relay.reload()
        made.relay.flush()
        made.relay.wait_for_log("status=deferred (connect to 127.0.0.1")
        assert len(made.relay.queued()) == 3
        made.relay.stop()
        made.service.start()
        made.relay.start()
        made.relay.wait_until_empty()
        for number in range(3):
            assert len(stored(made, f"Subject: held {number}.")) == 1
    finally:
        made.relay.stop()
        made.service.end()


def test_it_may_deliver_by_lmtp_at_a_socket(tmp_path):
    required(postfix.binary(), "Postfix")
    made = relayed(tmp_path, lmtp=True)
    made.write_maps()
    try:
        made.service.start()
        made.relay.start()
        assert made.send(STRANGER, MAILBOX, letter("refused"))[0] == 550
        assert made.send(SENDER, MAILBOX, letter("by lmtp"))[0] == 250
        assert delivered(made, "Subject: by lmtp").endswith(b"The words of the letter.\r\n")
        made.service.stop()
        made.service.start()
        assert made.send(SENDER, MAILBOX, letter("again"))[0] == 250
        assert delivered(made, "Subject: again")
    finally:
        made.relay.stop()
        made.service.end()


def test_mail_waits_rather_than_go_to_a_server_whose_certificate_is_not_ours(tmp_path):
    required(postfix.binary(), "Postfix")
    made = relayed(tmp_path, smtp_tls_CAfile=f"{tmp_path}/world/certificate.pem")
    made.write_maps()
    try:
        made.service.start()
        made.relay.start()
        assert made.send(SENDER, MAILBOX, letter("unverified"))[0] == 250
        made.relay.wait_for_log("Server certificate not verified")
        assert len(made.relay.queued()) == 1
        assert not made.service.messages()
    finally:
        made.relay.stop()
        made.service.end()


def test_without_the_shipped_line_debians_postfix_is_smuggled_through(tmp_path: Path):
    """What `smtpd_forbid_bare_newline = reject` is for; and that the test above can fail."""
    required(postfix.binary(), "Postfix")
    made = relayed(tmp_path, smtpd_forbid_bare_newline="no", smtpd_forbid_unauth_pipelining="no")
    made.write_maps()
    try:
        made.service.start()
        made.relay.start()
        inner = (
            b"MAIL FROM:<%s>\r\nRCPT TO:<postmaster@kela.fi>\r\nDATA\r\nSubject: smuggled\r\n\r\nx"
            % SENDER.encode()
        )
        # The client goes with the reply to the smuggled mail's first command.
        with suppress(smtplib.SMTPResponseException):
            made.send(SENDER, MAILBOX, letter("outer") + LF + b"." + LF + inner)
        made.relay.wait_for_log("to=<postmaster@kela.fi>")
        made.relay.wait_until_empty()
        assert len(made.service.messages()) == 2
    finally:
        made.relay.stop()
        made.service.end()
