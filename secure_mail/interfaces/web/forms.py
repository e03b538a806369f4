"""Forms as browsers send them: read once, within a limit, before anything else can fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope

MAX_OCTETS = 512 * 1024
"""20,000 characters of four octets each, every octet written as `%XX`, and room for the rest."""
MAX_FIELDS = 200
MAX_LINE = 500
"""Characters of a single-line field that are looked at."""

_FORM = "secure_mail.form"
URLENCODED = "application/x-www-form-urlencoded"


class FormTooLargeError(Exception):
    """The body is larger than any form of ours."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, by field; the first value of each counts."""

    pairs: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def text(self, name: str) -> str:
        """As typed, lines kept, without outer blanks; empty when absent."""
        raw = next((value for key, value in self.pairs if key == name), "")
        return raw.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()

    def line(self, name: str) -> str:
        """One line: every run of blanks is one space; at most `MAX_LINE` characters."""
        return " ".join(self.text(name)[: MAX_LINE * 4].split())[:MAX_LINE]

    def values(self, *names: str) -> dict[str, str]:
        """Fields of one line, for showing again what was typed."""
        return {name: self.line(name) for name in names}

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)


def form_of(request: Request) -> Form:
    """The form of a request whose body `keep_form` has read; empty for any other."""
    return form_in(request.scope)


def form_in(scope: Scope) -> Form:
    """As `form_of`."""
    form = scope.get(_FORM)
    return form if isinstance(form, Form) else Form()


async def keep_form(scope: Scope, receive: Receive) -> None:
    """Reads an urlencoded body into the scope; leaves every other body where it is.

    Raises FormTooLargeError; ClientDisconnect when the browser went away.
    """
    if is_type(scope, URLENCODED):
        scope[_FORM] = parsed(await _body(scope, receive))


def is_type(scope: Scope, media_type: str) -> bool:
    """Whether the body was said to be of this media type, whatever its parameters."""
    sent = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return bool(sent.partition(b";")[0].strip().lower() == media_type.encode())


def declared_octets(scope: Scope) -> int:
    """Content-Length; 0 when it was not said or is no number."""
    said = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(said) if said.isdigit() else 0


def parsed(body: bytes) -> Form:
    """An urlencoded body; what is no UTF-8 becomes U+FFFD. Raises FormTooLargeError."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise FormTooLargeError from None
    return Form(tuple(pairs))


async def _body(scope: Scope, receive: Receive) -> bytes:
    if declared_octets(scope) > MAX_OCTETS:
        raise FormTooLargeError
    body = bytearray()
    more = True
    while more:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_OCTETS:
            raise FormTooLargeError
    return bytes(body)
