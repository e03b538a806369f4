"""MAIL and RCPT as strangers write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.domain.addresses import EmailAddress
from secure_mail.interfaces.smtp import commands
from secure_mail.interfaces.smtp.commands import CommandError, MailCommand


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(CommandError) as caught:
        call(*args, **kwargs)
    return caught.value.reply


def mail(argument: str) -> MailCommand:
    return commands.mail(argument, extended=True)


def recipient(argument: str) -> EmailAddress:
    return commands.recipient(argument, domain="kela.fi", utf8=False)


@pytest.mark.parametrize(
    ("argument", "sender"),
    [
        ("FROM:<a@b.example>", "a@b.example"),
        ("from: <a@b.example>", "a@b.example"),
        ("FROM:<@relay.example,@other.example:a@b.example>", "a@b.example"),
        ("FROM:<a@B.Example> SIZE=10 BODY=8BITMIME", "a@b.example"),
        ("FROM:<a@b.example> body=7bit size=0 smtputf8", "a@b.example"),
        ("FROM:<>", None),
    ],
)
def test_senders(argument, sender):
    read = mail(argument).sender
    assert (str(read) if read else None) == sender


@pytest.mark.parametrize(
    ("argument", "reply"),
    [
        ("", "501 5.5.4"),
        ("TO:<a@b.example>", "501 5.5.4"),
        ("FROM:a@b.example", "501 5.5.4"),
        ("FROM:<a@b.example", "501 5.5.4"),
        ("FROM:<a b@b.example>", "501 5.5.4"),
        ("FROM:<<a@b.example>>", "501 5.5.4"),
        ("FROM:<nodomain>", "553 5.1.7"),
        ("FROM:<a@[192.0.2.1]>", "553 5.1.7"),
        ("FROM:<a@b.example> SIZE=x", "501 5.5.4"),
        ("FROM:<a@b.example> SIZE=", "501 5.5.4"),
        ("FROM:<a@b.example> SIZE=1 SIZE=2", "501 5.5.4"),
        ("FROM:<a@b.example> BODY=BINARYMIME", "501 5.5.4"),
        ("FROM:<a@b.example> REQUIRETLS", "555 5.5.4"),
        # Neither AUTH (RFC 4954) nor DSN (RFC 3461) nor the others are offered.
        ("FROM:<a@b.example> AUTH=<>", "555 5.5.4"),
        ("FROM:<a@b.example> RET=HDRS ENVID=QQ314159", "555 5.5.4"),
        ("FROM:<a@b.example> MT-PRIORITY=3", "555 5.5.4"),
        ("FROM:<a@b.example> SIZE=1 NOTIFY=NEVER", "555 5.5.4"),
        ("FROM:<ä@b.example>", "553 5.6.7"),
    ],
)
def test_bad_senders(argument, reply):
    assert refused(mail, argument).startswith(reply)


def test_an_address_outside_ascii_needs_smtputf8():
    assert mail("FROM:<ä@b.example> SMTPUTF8").sender == EmailAddress("ä", "b.example")


def test_parameters_need_ehlo():
    assert refused(commands.mail, "FROM:<a@b.example> SIZE=1", extended=False).startswith("501")


def test_a_bare_postmaster_is_ours():
    assert recipient("TO:<Postmaster>") == EmailAddress("postmaster", "kela.fi")


@pytest.mark.parametrize(
    ("argument", "reply"),
    [
        ("TO:<>", "553 5.1.3"),
        ("TO:<nodomain>", "553 5.1.3"),
        ("TO:<a@b@kela.fi>", "553 5.1.3"),
        ('TO:<"a@b"@kela.fi>', "553 5.1.3"),
        ("TO:<a@kela.fi> NOTIFY=NEVER", "555 5.5.4"),
        ("TO:<a@kela.fi> ORCPT=rfc822;a@kela.fi", "555 5.5.4"),
        ("TO:a@kela.fi", "501 5.5.4"),
    ],
)
def test_bad_recipients(argument, reply):
    assert refused(recipient, argument).startswith(reply)


@pytest.mark.parametrize(
    "line", [b"NOOP\n", b"NOOP", b"NO\0OP\r\n", b"NOOP\r\r\n", b"\rNOOP\r\n", b"NOOP \xff\r\n"]
)
def test_a_command_is_one_clean_line(line):
    assert refused(commands.decoded, line).startswith("500 5.5.2")


def reply_to(read, line: bytes) -> str:
    try:
        verb, argument = commands.decoded(line)
        read(f"{verb}{argument}")
    except CommandError as error:
        return error.reply
    return ""


@given(st.binary(max_size=100))
def test_no_line_is_repeated_in_a_reply(junk):
    line = b"s3cr3tw0rd" + junk + b"s3cr3tw0rd\r\n"
    for read in (mail, recipient):
        assert "s3cr3t" not in reply_to(read, line).casefold()
