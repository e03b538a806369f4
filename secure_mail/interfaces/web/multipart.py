"""A multipart body as it arrives: parts and their octets, one after another, nothing spooled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from secure_mail.interfaces.web.forms import FormTooLargeError

if TYPE_CHECKING:  # a name for the type checker alone
    from python_multipart.multipart import MultipartCallbacks

MULTIPART = "multipart/form-data"
MOST_PARTS = 200
"""Files and fields of one form; each costs an answer, however small it is."""


class MultipartError(Exception):
    """The body is not what its header says it is."""


@dataclass(frozen=True, slots=True)
class PartBegins:
    """A field; a file when it has a name, be it empty."""

    field_name: str
    filename: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class PartOctets:
    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PartEnds:
    pass


PartEvent = PartBegins | PartOctets | PartEnds


async def parts_of(request: Request) -> AsyncIterator[PartEvent]:
    """Raises MultipartError, FormTooLargeError (too many parts), and ClientDisconnect when the
    browser went away.
    """
    _, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if not boundary:
        raise MultipartError
    reader = _Reader()
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        async for chunk in request.stream():
            parser.write(chunk)
            if reader.parts > MOST_PARTS:
                raise FormTooLargeError
            for event in reader.taken():
                yield event
        parser.finalize()
    except FormParserError as error:
        raise MultipartError from error
    if not reader.complete:
        raise MultipartError


class _Reader:
    """Collects what the parser tells of one chunk of the network."""

    def __init__(self) -> None:
        self.complete = False
        self.parts = 0
        self._events: list[PartEvent] = []
        self._headers: dict[bytes, bytes] = {}
        self._name = bytearray()
        self._value = bytearray()

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._headers.clear,
            "on_header_field": self._on_name,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header,
            "on_headers_finished": self._on_headers,
            "on_part_data": self._on_octets,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }

    def taken(self) -> list[PartEvent]:
        events, self._events = self._events, []
        return events

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _on_headers(self) -> None:
        said = self._headers.get(b"content-disposition", b"")
        _, options = parse_options_header(said)
        name, filename = options.get(b"name", b""), options.get(b"filename")
        self.parts += 1
        self._events.append(PartBegins(_text(name), None if filename is None else _text(filename)))

    def _on_octets(self, data: bytes, start: int, end: int) -> None:
        self._events.append(PartOctets(bytes(data[start:end])))

    def _on_part_end(self) -> None:
        self._events.append(PartEnds())

    def _on_end(self) -> None:
        self.complete = True


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")
