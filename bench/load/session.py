"""One SMTP session of the load client: a small state machine, so that the client is not the limit.

Commands are not pipelined: every contestant is asked, and waited for, in the same way.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from time import perf_counter
from typing import cast

from bench.load.letters import Letter

SLICE = 256 * 1024
END = b".\r\n"


@dataclass
class Tally:
    """What all sessions of one load saw."""

    acknowledged: list[Letter] = field(default_factory=list)
    """Answered 250 after the dot."""
    waits: list[float] = field(default_factory=list)
    """Seconds from the last octet of a letter to its reply."""
    errors: list[str] = field(default_factory=list)


class Lost(Exception):
    """The session cannot go on; its text is what happened."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where to, as whom, and how."""

    host: str
    port: int
    sender: str
    recipient: str
    tls: ssl.SSLContext | None


class Wire(asyncio.Protocol):
    """Waits for one reply at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._buffer = b""
        self._reply: asyncio.Future[str] = self._loop.create_future()
        self._room = asyncio.Event()
        self._room.set()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=4 * SLICE)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._buffer.endswith(b"\n"):
            return
        last = self._buffer[self._buffer.rfind(b"\n", 0, -1) + 1 :]
        if last[3:4] == b" " and not self._reply.done():
            said, self._buffer = self._buffer.decode(errors="replace"), b""
            self._reply.set_result(said)

    def connection_lost(self, _error: Exception | None) -> None:
        self._room.set()
        if not self._reply.done():
            self._reply.set_exception(Lost("the connection was closed"))
            self._reply.exception()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    async def reply(self, wanted: str) -> str:
        """The next reply. Raises Lost when it is another than the one that is wanted."""
        said = await self._reply
        self._reply = self._loop.create_future()
        if said[0] != wanted:
            raise Lost(said.strip().replace("\r\n", " / "))
        return said

    async def ask(self, command: bytes, wanted: str) -> str:
        if self.transport is None:
            raise Lost("no connection")
        self.transport.write(command)
        return await self.reply(wanted)

    async def stream(self, data: bytes) -> None:
        """Writes as fast as the other end reads."""
        if self.transport is None:
            raise Lost("no connection")
        if len(data) <= SLICE:
            self.transport.write(data)
            return
        view = memoryview(data)
        for start in range(0, len(data), SLICE):
            self.transport.write(view[start : start + SLICE])
            await self._room.wait()


async def opened(way: Way) -> Wire:
    """A session after EHLO, over TLS when the way says so. Raises Lost, OSError."""
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(Wire, way.host, way.port)
    await wire.reply("2")
    await wire.ask(b"EHLO client.institution.example\r\n", "2")
    if way.tls is not None and wire.transport is not None:
        await wire.ask(b"STARTTLS\r\n", "2")
        encrypted = await loop.start_tls(wire.transport, wire, way.tls, server_hostname=way.host)
        if encrypted is None:
            raise Lost("no TLS")
        wire.connection_made(encrypted)
        await wire.ask(b"EHLO client.institution.example\r\n", "2")
    return wire


async def hand_over(wire: Wire, way: Way, letter: Letter, tally: Tally) -> None:
    """One transaction. Raises Lost."""
    await wire.ask(b"MAIL FROM:<%b>\r\n" % way.sender.encode(), "2")
    await wire.ask(b"RCPT TO:<%b>\r\n" % way.recipient.encode(), "2")
    await wire.ask(b"DATA\r\n", "3")
    if letter.size <= SLICE:
        sent = perf_counter()
        await wire.ask(b"".join((letter.head, letter.filler, END)), "2")
    else:
        await wire.stream(letter.head)
        await wire.stream(letter.filler)
        sent = perf_counter()
        await wire.ask(END, "2")
    tally.waits.append(perf_counter() - sent)
    tally.acknowledged.append(letter)


async def session(way: Way, waiting: Iterator[Letter], each: int, tally: Tally) -> None:
    """Hands over what waits, `each` letters per connection, until none is left or one fails."""
    while batch := list(islice(waiting, each)):
        wire: Wire | None = None
        try:
            wire = await opened(way)
            for letter in batch:
                await hand_over(wire, way, letter, tally)
            await wire.ask(b"QUIT\r\n", "2")
        except (Lost, OSError) as error:
            tally.errors.append(f"{type(error).__name__}: {error}"[:200])
            return
        finally:
            if wire is not None and wire.transport is not None:
                wire.transport.close()
