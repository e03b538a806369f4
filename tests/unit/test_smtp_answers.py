"""The table from refusals to replies: total, and true to RFC 5321 and RFC 3463."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.domain.refusals import RefusalCode
from secure_mail.interfaces.smtp import answers
from secure_mail.interfaces.smtp.answers import SMTP_REPLIES, Reply

VALUES = {
    "host": "mx.kela.fi",
    "site": "secure.kela.fi",
    "limit": 37748736,
    "check": "network",
    "references": "PK-0000-0000",
}
OTHERS = [value for value in vars(answers).values() if isinstance(value, Reply)]


def test_every_refusal_has_a_reply_and_none_says_yes():
    assert set(SMTP_REPLIES) == set(RefusalCode)
    assert all(reply.code >= 400 for reply in SMTP_REPLIES.values())


@pytest.mark.parametrize("reply", [*SMTP_REPLIES.values(), *OTHERS])
def test_class_digits_agree_and_lines_are_short_ascii(reply):
    text = reply.text(**VALUES)
    assert text.isascii()
    lines = text.split("\r\n")
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        assert re.fullmatch(
            rf"{reply.code}{' ' if last else '-'}{reply.enhanced} [\x20-\x7e]+", line
        )
        assert reply.enhanced[0] == str(reply.code)[0]
        assert len(line) + 2 <= 512


WRITTEN_OUT = [
    (path.name, reply)
    for path in sorted(Path(answers.__file__).parent.glob("*.py"))
    for reply in re.findall(r'"([2-5][0-9]{2}[- ][^"]*)"', path.read_text())
]


@pytest.mark.parametrize(("file", "reply"), WRITTEN_OUT)
def test_replies_that_stand_beside_the_table_keep_its_rules(file, reply):
    """Syntax and order of commands: said where they are read."""
    assert reply.isascii()
    assert len(reply) + 2 <= 512
    if not reply.startswith(("220 {", "250 {", "250-{", "354 ")):
        found = re.match(r"([245])\d\d ([245])\.\d\.\d{1,2} \S", reply)
        assert found, (file, reply)
        assert found[1] == found[2]


def test_there_are_such_replies():
    assert len(WRITTEN_OUT) > 20


@given(st.lists(st.integers(0, 9999).map("PK-{:04}-XXXX".format), min_size=1, max_size=200))
def test_the_yes_names_every_reference_in_lines_that_are_not_too_long(references):
    lines = answers.accepted(references).text().split("\r\n")
    assert all(len(line) + 2 <= 512 for line in lines)
    assert [line[3] for line in lines] == ["-"] * (len(lines) - 1) + [" "]
    assert {line[:3] for line in lines} == {"250"}
    said = " ".join(line[4:].removeprefix("2.0.0 Accepted as ") for line in lines)
    assert said.split() == references


@pytest.mark.parametrize(
    ("reply", "beginning"),
    [
        (answers.TOO_MANY_CONNECTIONS, "421 4.7.0 "),
        (answers.TOO_MANY_ERRORS, "421 4.7.0 "),
        (answers.TOO_SLOW, "421 4.4.2 "),
        (answers.NO_VRFY, "252 2.5.2 "),
        (answers.NO_EXPN, "502 5.5.1 "),
        (answers.UNKNOWN_COMMAND, "500 "),
    ],
)
def test_other_replies_are_those_of_the_design(reply, beginning):
    assert reply.text(**VALUES).startswith(beginning)


def test_the_pointer_speaks_three_languages():
    assert SMTP_REPLIES[RefusalCode.USE_SECURE_LINK].text(site="secure.kela.fi").split("\r\n") == [
        "550-5.7.1 This mailbox accepts mail only from registered partner organisations.",
        "550-5.7.1 Write securely at https://secure.kela.fi/. Nothing was stored.",
        "550-5.7.1 FI: Kirjoita osoitteessa https://secure.kela.fi/fi/. Viestia ei tallennettu.",
        "550 5.7.1 SV: Skriv pa https://secure.kela.fi/sv/. Meddelandet sparades inte.",
    ]


@pytest.mark.parametrize(
    ("code", "beginning"),
    [
        (RefusalCode.NO_SUCH_MAILBOX, "550 5.1.1 No such mailbox here"),
        (RefusalCode.RELAYING_DENIED, "550 5.7.1 Relaying denied"),
        (RefusalCode.TLS_REQUIRED, "530 5.7.0 Must issue a STARTTLS command first"),
        (RefusalCode.TOO_LARGE, "552 5.3.4 "),
        (RefusalCode.TOO_MANY_RECIPIENTS, "452 4.5.3 "),
        (RefusalCode.BARE_LINE_ENDING, "550 5.5.2 "),
        (RefusalCode.NUL_IN_MESSAGE, "550 5.6.0 "),
        (RefusalCode.NOT_ONE_FROM, "550 5.6.0 "),
        (RefusalCode.ROUTING_LOOP, "554 5.4.6 Routing loop detected"),
        (RefusalCode.BOUNCE_TO_SEVERAL, "550 5.5.3 "),
        (RefusalCode.PARTNER_NOT_PROVED, "550 5.7.26 "),
        (RefusalCode.DKIM_FAILED, "550 5.7.20 "),
        (RefusalCode.SPF_FAILED, "550 5.7.23 "),
        (RefusalCode.DNS_FAILURE, "451 4.7.24 "),
        (RefusalCode.RATE_LIMITED, "450 4.7.1 "),
        (RefusalCode.STORAGE_LOW, "452 4.3.1 "),
        (RefusalCode.BACKLOG, "451 4.3.2 "),
        (RefusalCode.TEMPORARY, "451 4.3.0 "),
        (RefusalCode.SHUTTING_DOWN, "421 4.3.2 "),
        (RefusalCode.LINK_DEAD, "451 4.3.0 "),
    ],
)
def test_replies_are_those_of_the_design(code, beginning):
    assert SMTP_REPLIES[code].text(**VALUES).startswith(beginning)
