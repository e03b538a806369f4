"""Reads MAIL and RCPT: octets of a stranger in, an address out (RFC 5321, 4.1.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from secure_mail.domain.addresses import EmailAddress, InvalidAddressError

MAX_COMMAND = 2048
"""Octets of a command line with its CRLF; RFC 5321 asks for 512 and room for the extensions."""

_PATH = re.compile(r" ?<(?:@[^:<>\s]*:)?([^<>\x00-\x20\x7f]*)>(?: +(\S.*))?\Z")
"""A source route is read and ignored (RFC 5321, F.2)."""


class CommandError(Exception):
    """The command cannot be obeyed; carries the whole reply, which repeats nothing of it."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class MailCommand:
    sender: EmailAddress | None = field(repr=False)
    """None is the null sender."""
    size: int
    """As declared; 0 when it was not."""
    utf8: bool


def decoded(line: bytes) -> tuple[str, str]:
    """Verb, upper case, and argument. Raises CommandError."""
    body = line.removesuffix(b"\r\n")
    if len(body) == len(line) or re.search(rb"[\0\r\n]", body):
        raise CommandError("500 5.5.2 A command ends in CRLF and holds no CR, LF or NUL")
    try:
        verb, _, argument = body.decode().partition(" ")
    except UnicodeDecodeError:
        raise CommandError("500 5.5.2 Bad syntax") from None
    return verb.upper(), argument.strip()


def mail(argument: str, *, extended: bool) -> MailCommand:
    """Reads the argument of MAIL; `extended` after EHLO. Raises CommandError."""
    path, options = _path(argument, "FROM:", "501 5.5.4 Syntax: MAIL FROM:<address>")
    if options and not extended:
        raise CommandError("501 5.5.4 Parameters need EHLO")
    found: dict[str, str] = {}
    for option in options.upper().split():
        name, equals, value = option.partition("=")
        if name in found or (equals and not value):
            raise CommandError("501 5.5.4 Bad parameter")
        found[name] = value
    size, body, utf8 = (
        found.pop("SIZE", "0"),
        found.pop("BODY", "7BIT"),
        found.pop("SMTPUTF8", None),
    )
    if found:
        raise CommandError("555 5.5.4 Unsupported parameter")
    if not re.fullmatch("[0-9]{1,20}", size) or body not in {"7BIT", "8BITMIME"} or utf8:
        raise CommandError("501 5.5.4 Bad parameter")
    if not path:
        return MailCommand(None, int(size), utf8 is not None)
    if not path.isascii() and utf8 is None:
        raise CommandError("553 5.6.7 An address outside ASCII needs SMTPUTF8")
    return MailCommand(_address(path, "553 5.1.7 Malformed sender"), int(size), utf8 is not None)


def recipient(argument: str, *, domain: str, utf8: bool) -> EmailAddress:
    """Reads the argument of RCPT; a bare `<postmaster>` is ours (RFC 5321). Raises CommandError."""
    path, options = _path(argument, "TO:", "501 5.5.4 Syntax: RCPT TO:<address>")
    if options:
        raise CommandError("555 5.5.4 Unsupported parameter")
    if path.casefold() == "postmaster":
        return EmailAddress("postmaster", domain)
    if not path.isascii() and not utf8:
        raise CommandError("553 5.6.7 An address outside ASCII needs SMTPUTF8")
    return _address(path, "553 5.1.3 Malformed recipient")


def _path(argument: str, keyword: str, syntax: str) -> tuple[str, str]:
    match = _PATH.match(argument[len(keyword) :])
    if argument[: len(keyword)].upper() != keyword or not match:
        raise CommandError(syntax)
    return match[1], match[2] or ""


def _address(path: str, malformed: str) -> EmailAddress:
    try:
        return EmailAddress.parse(path)
    except InvalidAddressError:
        raise CommandError(malformed) from None
