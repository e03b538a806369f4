"""What the client has sent and nobody has read yet: bounded, in order, with a way to put back."""

from __future__ import annotations

import asyncio

from secure_mail.interfaces.smtp import proxy
from secure_mail.interfaces.smtp.proxy import Introduction

HIGH_WATER = 128 * 1024
"""Octets after which the client is made to wait."""
TAKE = 128 * 1024


class Inbox:
    """Fed by the protocol, read by its one task."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self._ended = False
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self._octets)

    def attach(self, transport: asyncio.Transport) -> None:
        """Takes the transport that can be told to wait; a new one after STARTTLS."""
        if self._paused and self._transport:
            self._transport.resume_reading()
            transport.pause_reading()
        self._transport = transport

    def feed(self, data: bytes) -> None:
        self._octets += data
        if len(self._octets) > HIGH_WATER and self._transport and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def end(self) -> None:
        """The client sends no more; what it has sent can still be read."""
        self._ended = True
        self._wake()

    async def line(self, limit: int) -> bytes:
        """The next line with its LF; a longer one than `limit` is cut there. Raises EOFError."""
        searched = 0
        while True:
            end = self._octets.find(b"\n", searched) + 1
            if end or len(self._octets) > limit:
                return self._taken(min(end or limit + 1, limit + 1))
            searched = len(self._octets)
            await self._more()

    async def introduction(self) -> Introduction:
        """The PROXY header, taken away. Raises ProxyError, EOFError."""
        while (found := proxy.read(bytes(self._octets[: proxy.MAX_BINARY]))) is None:
            await self._more()
        del self._octets[: found.length]
        return found

    async def take(self) -> bytes:
        """The next octets, at least one. Raises EOFError."""
        while not self._octets:
            await self._more()
        return self._taken(TAKE)

    def put_back(self, data: bytes) -> None:
        self._octets[:0] = data

    def _taken(self, count: int) -> bytes:
        data = bytes(self._octets[:count])
        del self._octets[:count]
        if self._paused and len(self._octets) < HIGH_WATER and self._transport:
            self._paused = False
            self._transport.resume_reading()
        return data

    async def _more(self) -> None:
        if self._ended:
            raise EOFError
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)
