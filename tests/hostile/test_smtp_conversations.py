"""What a client says, word by word, and every reply to it.

A conversation is lines of what is sent, each with the replies to it; it begins after EHLO, STARTTLS
and EHLO. `CLOSED` at its end: the server has closed. The letters that are in the store at the end
are those that were answered 250, octet by octet, and no others.
"""

from __future__ import annotations

import pytest

from secure_mail.interfaces.smtp.limits import SmtpLimits
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play

CLOSED = ""
HERE = LETTER.replace(b"\r\n..", b"\r\n.")
"""As the letter is stored: dots undone."""
OK, RCPT, GO, TAKEN = "250 2.1.0 ", "250 2.1.5 ", "354 ", "250 2.0.0 Accepted as PK-"
MAIL = (f"MAIL FROM:<{PARTNER}>", OK)
TO = (f"RCPT TO:<{US}>", RCPT)
DATA = ("DATA", GO)
DOT = (LETTER + b".", TAKEN)
SENT = (MAIL, TO, DATA, DOT)
NOOP = ("NOOP", "250 2.0.0 ")
UTF8 = "FROM:<ä@institution.example>".encode()
FROM = f"From: {PARTNER}\r\n".encode()


def written(octets: bytes, reply: str = TAKEN) -> tuple[tuple[str | bytes, str], ...]:
    """A whole transaction with these octets."""
    return MAIL, TO, DATA, (octets + b".", reply)


def to(recipient: str, reply: str) -> tuple[tuple[str, str], ...]:
    return MAIL, (f"RCPT TO:<{recipient}>", reply)


ORDER = {
    "EHLO twice": [("EHLO again.example", "250-"), *SENT],
    "EHLO in a transaction begins anew": [MAIL, TO, ("EHLO x", "250-"), ("DATA", "503 5.5.1 ")],
    "HELO after EHLO": [("HELO x", "250 mx.kela.fi"), *SENT],
    "EHLO without a name": [("EHLO", "501 5.5.4 ")],
    "EHLO with a name without end": [("EHLO " + "x" * 2000, "250-"), *SENT],
    "MAIL twice": [MAIL, (f"MAIL FROM:<{PARTNER}>", "503 5.5.1 "), TO, DATA, DOT],
    "RCPT before MAIL": [(f"RCPT TO:<{US}>", "503 5.5.1 "), *SENT],
    "DATA before MAIL": [("DATA", "503 5.5.1 "), *SENT],
    "DATA without RCPT": [MAIL, ("DATA", "503 5.5.1 "), TO, DATA, DOT],
    "DATA after every RCPT was refused": [
        *to("nobody@kela.fi", "550 5.1.1 "),
        ("DATA", "503 5.5.1 "),
        TO,
        DATA,
        DOT,
    ],
    "DATA with an argument": [MAIL, TO, ("DATA now", "501 5.5.4 "), DATA, DOT],
    "RSET forgets": [MAIL, TO, ("RSET", "250 2.0.0 "), ("DATA", "503 5.5.1 "), *SENT],
    "a letter is one transaction": [*SENT, ("DATA", "503 5.5.1 "), (f"RCPT TO:<{US}>", "503 ")],
    "QUIT": [("QUIT", "221 2.0.0 "), CLOSED],
    "QUIT in a transaction": [MAIL, TO, ("QUIT", "221 2.0.0 "), CLOSED],
    "a dot is no command outside DATA": [(".", "500 5.5.1 "), *SENT],
}
COMMANDS = {
    "NOOP": [NOOP],
    "VRFY tells nothing": [(f"VRFY {US}", "252 2.5.2 "), ("VRFY nobody@kela.fi", "252 2.5.2 ")],
    "EXPN": [("EXPN staff", "502 5.5.1 ")],
    "HELP": [("HELP", "214 2.0.0 ")],
    "BDAT": [MAIL, TO, ("BDAT 5 LAST", "500 5.5.1 "), DATA, DOT],
    "AUTH": [("AUTH PLAIN AGEAYg==", "500 5.5.1 ")],
    "TURN and ETRN": [("TURN", "500 5.5.1 "), ("ETRN kela.fi", "500 5.5.1 ")],
    "XCLIENT and XFORWARD": [("XCLIENT ADDR=192.0.2.1", "500 "), ("XFORWARD NAME=x", "500 ")],
    "no verb": [("", "500 5.5.1 ")],
    "unknown verb": [("XYZZY plugh", "500 5.5.1 ")],
    "HTTP": [(b"GET / HTTP/1.1\r\nHost: mx.kela.fi", "500 5.5.1 "), CLOSED],
    "PROXY from a stranger": [("PROXY TCP4 192.0.2.1 192.0.2.2 1 25", "500 5.5.1 "), CLOSED],
    "STARTTLS within TLS": [("STARTTLS", "503 5.5.1 "), *SENT],
    "NUL": [(b"NO\0OP", "500 5.5.2 "), CLOSED],
    "bare CR": [(b"NO\rOP", "500 5.5.2 ")],
    "bare LF ends no command": [(b"NOOP\nRSET", "500 5.5.2 ", "250 2.0.0 ")],
    "8-bit": [(b"NOOP \xff\xfe", "500 5.5.2 ")],
    "longer than 2048 octets": [("NOOP " + "x" * 3000, "500 5.5.2 Command line too long"), CLOSED],
    "spaces and small letters": [("noop ", "250 2.0.0 "), (f"mail  From: <{PARTNER}> ", OK)],
}
SENDERS = {
    "no brackets": [(f"MAIL FROM:{PARTNER}", "501 5.5.4 ")],
    "no path": [("MAIL", "501 5.5.4 "), ("MAIL FROM:", "501 5.5.4 ")],
    "one bracket": [(f"MAIL FROM:<{PARTNER}", "501 5.5.4 ")],
    "two addresses": [(f"MAIL FROM:<{PARTNER}> <x@institution.example>", "555 5.5.4 ")],
    "a source route": [(f"MAIL FROM:<@a.example,@b.example:{PARTNER}>", OK), TO, DATA, DOT],
    "no domain": [("MAIL FROM:<clerk>", "553 5.1.7 ")],
    "an address literal": [("MAIL FROM:<clerk@[127.0.0.1]>", "553 5.1.7 ")],
    "a space": [("MAIL FROM:<cl erk@institution.example>", "501 5.5.4 ")],
    "a line end hidden as a sign": [
        ("MAIL FROM:<clerk\N{LINE SEPARATOR}x@institution.example> SMTPUTF8", "553 5.1.7 ")
    ],
    "a parameter nobody knows": [(f"MAIL FROM:<{PARTNER}> XYZZY=1", "555 5.5.4 ")],
    "REQUIRETLS is not promised": [(f"MAIL FROM:<{PARTNER}> REQUIRETLS", "555 5.5.4 ")],
    "BODY=BINARYMIME": [(f"MAIL FROM:<{PARTNER}> BODY=BINARYMIME", "501 5.5.4 ")],
    "SIZE twice": [(f"MAIL FROM:<{PARTNER}> SIZE=1 SIZE=2", "501 5.5.4 ")],
    "SIZE without a number": [(f"MAIL FROM:<{PARTNER}> SIZE=many", "501 5.5.4 ")],
    "SIZE without end": [(f"MAIL FROM:<{PARTNER}> SIZE={'9' * 30}", "501 5.5.4 ")],
    "SIZE over the limit": [(f"MAIL FROM:<{PARTNER}> SIZE={10**9}", "552 5.3.4 "), *SENT],
    "SIZE that is not true": [(f"MAIL FROM:<{PARTNER}> SIZE=1", OK), TO, DATA, DOT],
    "parameters after HELO": [("HELO x", "250 "), (f"MAIL FROM:<{PARTNER}> SIZE=1", "501 5.5.4 ")],
    "UTF-8 without SMTPUTF8": [(b"MAIL " + UTF8, "553 5.6.7 ")],
    "UTF-8 with SMTPUTF8": [(b"MAIL " + UTF8 + b" SMTPUTF8", OK), TO],
    "Latin-1 with SMTPUTF8": [(b"MAIL FROM:<\xe4@institution.example> SMTPUTF8", "500 5.5.2 ")],
    "null, to postmaster": [
        ("MAIL FROM:<>", OK),
        ("RCPT TO:<postmaster>", RCPT),
        DATA,
        (b"From: MAILER-DAEMON@x.example\r\n\r\n.", TAKEN),
    ],
    "null, to an ordinary mailbox": [("MAIL FROM:<>", OK), (f"RCPT TO:<{US}>", "550-5.7.1 ")],
    "null, to several": [
        ("MAIL FROM:<>", OK),
        ("RCPT TO:<postmaster>", RCPT),
        ("RCPT TO:<abuse@kela.fi>", RCPT),
        ("DATA", "550 5.5.3 "),
    ],
}
RECIPIENTS = {
    "of a foreign domain": to("x@elsewhere.example", "550 5.7.1 Relaying denied"),
    "of a foreign domain by a source route": to("@kela.fi:x@elsewhere.example", "550 5.7.1 "),
    "of ours by a source route": [*to(f"@a.example,@b.example:{US}", RCPT), DATA, DOT],
    "with a percent": to("x%elsewhere.example@kela.fi", "550 5.1.1 "),
    "with a bang": to("elsewhere.example!x@kela.fi", "550 5.1.1 "),
    "with two @": to("x@elsewhere.example@kela.fi", "553 5.1.3 "),
    "in quotes": to('"x@elsewhere.example"@kela.fi', "553 5.1.3 "),
    "with a quoted name of ours": to('"ulkomaanperinta"@kela.fi', "553 5.1.3 "),
    "of nothing": to("", "553 5.1.3 "),
    "of a domain that begins as ours": to("ulkomaanperinta@kela.fi.example", "550 5.7.1 "),
    "of a domain that ends as ours": to("ulkomaanperinta@xkela.fi", "550 5.7.1 "),
    "of an address literal": to("ulkomaanperinta@[127.0.0.1]", "553 5.1.3 "),
    "with a parameter": [MAIL, (f"RCPT TO:<{US}> NOTIFY=NEVER", "555 5.5.4 ")],
    "UTF-8 without SMTPUTF8": to("ä@kela.fi", "553 5.6.7 "),
    "UTF-8 with SMTPUTF8": [
        (f"MAIL FROM:<{PARTNER}> SMTPUTF8", OK),
        ("RCPT TO:<ä@kela.fi>", "550 5.1.1 "),
    ],
    "of mixed domains": [
        MAIL,
        ("RCPT TO:<x@elsewhere.example>", "550 5.7.1 "),
        TO,
        ("RCPT TO:<nobody@kela.fi>", "550 5.1.1 "),
        DATA,
        DOT,
    ],
}
LETTERS = {
    "no octet at all": written(b"", "550 5.6.0 Exactly one From"),
    "no From": written(b"Subject: x\r\n\r\n", "550 5.6.0 Exactly one From"),
    "two From": written(FROM + LETTER, "550 5.6.0 Exactly one From"),
    "From and folded From": written(b"From : x@x.example\r\n" + LETTER, "550 5.6.0 "),
    "From with two mailboxes": written(FROM[:-2] + b", b@institution.example\r\n\r\n", "550 5.6.0"),
    "From with a group of two": written(
        b"From: Friends: clerk@institution.example, b@institution.example;\r\n\r\n", "550 5.6.0 "
    ),
    "From with a group of one": written(b"From: Friends: clerk@institution.example;\r\n\r\n"),
    "From with an empty group": written(b"From: Friends: ;\r\n\r\n", "550 5.6.0 "),
    "From in an encoded word": written(
        b"From: =?utf-8?q?clerk=40institution.example?=\r\n\r\n", "550 5.6.0 "
    ),
    "From in the name of another": written(
        b'From: "clerk@institution.example" <x@elsewhere.example>\r\n\r\n', "550-5.7.1 "
    ),
    "From of a partner's subdomain's lookalike": written(
        b"From: clerk@institution.example.elsewhere.example\r\n\r\n", "550-5.7.1 "
    ),
    "30 Received": written(b"Received: by x\r\n" * 30 + LETTER),
    "31 Received": written(b"Received: by x\r\n" * 31 + LETTER, "554 5.4.6 "),
    "1000 header fields": written(b"X-Field: y\r\n" * 1000 + LETTER),
    "a header section of a MiB before From": written(b"X: y\r\n" * 180_000 + LETTER, "550 5.6.0 "),
    "a header section of a MiB after From": written(FROM + b"X: y\r\n" * 180_000, "550 5.6.0 "),
    "one header of 60 KiB": written(b"X: " + b"y" * 60_000 + b"\r\n" + LETTER),
    "From of 60 KiB": written(b'From: "' + b"y" * 60_000 + b'" <' + FROM[6:-2] + b">\r\n", "550 "),
    "8-bit without a word of it": written(LETTER + b"\xff\xfe\x80 \xe4\r\n"),
    "8-bit, announced": [
        (f"MAIL FROM:<{PARTNER}> BODY=8BITMIME", OK),
        *written(LETTER + b"\xff\r\n")[1:],
    ],
    "UTF-8 in the header, with SMTPUTF8": [
        (f"MAIL FROM:<{PARTNER}> SMTPUTF8", OK),
        *written("Subject: ä\r\nFrom: Ä <clerk@institution.example>\r\n\r\nö\r\n".encode())[1:],
    ],
    "Latin-1 in the header, without": written(b"Subject: \xe4\r\n" + LETTER),
    "a line of 998 octets": written(LETTER + b"x" * 998 + b"\r\n"),
    "a line of 999 octets": written(LETTER + b"x" * 999 + b"\r\n"),
    "a line of 64 KiB": written(LETTER + b"x" * 65_534 + b"\r\n"),
    "a line over 64 KiB": written(LETTER + b"x" * 65_537 + b"\r\n", "550 5.5.2 Line too long"),
    "forged Authentication-Results": written(
        b"Authentication-Results: mx.kela.fi; dmarc=pass header.from=elsewhere.example\r\n"
        b"From: x@elsewhere.example\r\n\r\n",
        "550-5.7.1 ",
    ),
    "what looks like a command": written(LETTER + b"QUIT\r\nRSET\r\nMAIL FROM:<>\r\n"),
    "dots alone on their lines": written(FROM + b"\r\n..\r\n...\r\n..x\r\n"),
}
TABLES = {
    f"{table}: {name}": case
    for table, cases in {
        "order": ORDER,
        "command": COMMANDS,
        "sender": SENDERS,
        "recipient": RECIPIENTS,
        "letter": LETTERS,
    }.items()
    for name, case in cases.items()
}


def unstuffed(octets: bytes) -> bytes:
    lines = octets.removesuffix(b".").split(b"\r\n")
    return b"\r\n".join(line.removeprefix(b".") for line in lines)


@pytest.mark.parametrize("case", TABLES.values(), ids=TABLES)
def test_conversation(tmp_path, case):
    async def story(rig: Rig) -> None:
        taken = []
        async with rig.client() as client:
            await client.secured()
            for step in case:
                if step == CLOSED:
                    assert await client.closed()
                    continue
                said, *replies = step
                octets = said if isinstance(said, bytes) else said.encode()
                await client.send(octets + b"\r\n")
                for expected in replies:
                    reply = await client.reply()
                    assert reply.startswith(expected), (octets[:80], reply)
                if replies == [TAKEN]:
                    taken.append(unstuffed(octets))
        assert [rig.raw(message) for message in rig.stored] == taken

    play(tmp_path, story, limits=SmtpLimits(max_size=4 * 1024 * 1024))
