"""An SMTP client that says exactly the octets it is told to say."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from types import TracebackType
from typing import Self

PATIENCE = 10
"""Seconds a test waits for a reply."""


class Client:
    """`async with Client(host, port) as client`: greeted already, nothing said yet.

    `first` goes before the greeting. A host that is a path is a socket in a folder.
    """

    def __init__(self, host: str, port: int, *, first: bytes = b"") -> None:
        self._address = host, port
        self._first = first
        self.greeting = ""
        self.acknowledged: set[str] = set()
        """References that a reply named."""

    async def __aenter__(self) -> Self:
        host, port = self._address
        self.reader, self.writer = await (
            asyncio.open_unix_connection(host)
            if host.startswith("/")
            else asyncio.open_connection(host, port)
        )
        self.writer.write(self._first)
        self.greeting = await self.reply()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.writer.transport.abort()
        await asyncio.sleep(0)

    async def send(self, octets: bytes) -> None:
        self.writer.write(octets)
        await self.writer.drain()

    async def reply(self) -> str:
        """One whole reply, its lines joined by LF; empty when the server has closed."""
        lines: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    line = (await self.reader.readline()).decode()
                except (ConnectionError, ssl.SSLError):
                    line = ""
                if not line:
                    return "\n".join(lines)
                lines.append(line.rstrip("\r\n"))
                self.acknowledged.update(line.rstrip("\r\n").partition(" Accepted as ")[2].split())
                if line[3:4] != "-":
                    return "\n".join(lines)

    async def replies(self, count: int) -> list[str]:
        return [await self.reply() for _ in range(count)]

    async def say(self, command: str | bytes) -> str:
        """A command and its reply."""
        await self.send(command.encode() if isinstance(command, str) else command)
        return await self.reply()

    async def ask(self, command: str) -> str:
        return await self.say(f"{command}\r\n")

    async def closed(self) -> bool:
        """Whether the server closes, having said nothing more."""
        return await self.reply() == ""

    async def hello(self) -> str:
        return await self.ask("EHLO client.example")

    async def start_tls(self, certificate: tuple[Path, Path] | None = None) -> None:
        """`certificate`: one of the client's own, and its key."""
        assert (await self.ask("STARTTLS")).startswith("220 ")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if certificate:
            context.load_cert_chain(*certificate)
        await self.writer.start_tls(context, server_hostname="localhost")

    async def secured(self, certificate: tuple[Path, Path] | None = None) -> Self:
        """EHLO, STARTTLS, EHLO."""
        await self.hello()
        await self.start_tls(certificate)
        await self.hello()
        return self

    async def envelope(self, sender: str, *recipients: str) -> list[str]:
        """MAIL and RCPT, and the replies to RCPT."""
        assert (await self.ask(f"MAIL FROM:<{sender}>")).startswith("250 ")
        return [await self.ask(f"RCPT TO:<{recipient}>") for recipient in recipients]

    async def data(self, octets: bytes, end: bytes = b"\r\n.\r\n") -> str:
        """DATA and what follows it; the reply after the dot."""
        assert (await self.ask("DATA")).startswith("354 ")
        return await self.say(octets + end)
