"""The listener that a relay asks: a socket of this machine, bounded in size, time and number."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from secure_mail.interfaces.policy.door import PolicyDoor
from secure_mail.interfaces.policy.wire import END, MAX_REQUEST, PolicyError, answer, question
from secure_mail.interfaces.sockets import listening_at, mark_of, removed

CONNECTIONS = 300
"""At once. Each of Postfix's SMTP processes, 100 by default, keeps one."""
REQUEST_SECONDS = 10.0
"""From the first octet of a question to its last."""
ANSWER_SECONDS = 20.0
"""Postfix itself waits for 100."""
IDLE_SECONDS = 900.0
"""Postfix closes what it has not used for 300."""


class PolicyListener:
    """One address: `/path/of/socket`, or HOST:PORT of loopback. One question after another."""

    def __init__(
        self,
        door: PolicyDoor,
        bind: str,
        *,
        connections: int = CONNECTIONS,
        request_seconds: float = REQUEST_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._door = door
        self._bind = bind
        self._connections = connections
        self._request_seconds = request_seconds
        self._answer_seconds = answer_seconds
        self._idle_seconds = idle_seconds
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._left: tuple[Path, tuple[int, int]] | None = None
        """The socket in a folder that is to be taken away."""

    @property
    def bind(self) -> str:
        """The path of the socket, or HOST:PORT with the port that was free; asked after `start`."""
        if self._server is None:
            raise RuntimeError("the policy listener has not been started")
        if self._bind.startswith("/"):
            return self._bind
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def start(self) -> None:
        """Raises OSError when the address is taken, SafetyError for a folder open to others."""
        if self._bind.startswith("/"):
            path = Path(self._bind)
            listening = listening_at(path)
            self._left = path, mark_of(path)
            self._server = await asyncio.start_unix_server(
                self._enter, sock=listening, limit=MAX_REQUEST
            )
        else:
            host, _, port = self._bind.rpartition(":")
            try:
                self._server = await asyncio.start_server(
                    self._enter, host.strip("[]"), int(port), limit=MAX_REQUEST
                )
            except OSError as error:
                raise OSError(error.errno, os.strerror(error.errno or 0), self._bind) from None

    async def stop(self) -> None:
        """Listens no more; a question that was read is answered first."""
        self._stopping = True
        if self._server is not None:
            self._server.close()
        if self._left is not None:
            removed(*self._left)
        for task, writer in self._open.items():
            if task not in self._answering:
                writer.close()
        if self._open:
            await asyncio.wait(self._open, timeout=self._answer_seconds)

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._stopping or len(self._open) >= self._connections:
            # Postfix tries again, then puts the sender off: it never lets a mail through unasked.
            writer.close()
            return
        self._open[task] = writer
        try:
            await self._converse(task, reader, writer)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.pop(task)
            writer.close()

    async def _converse(
        self,
        task: asyncio.Task[None],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        while not self._stopping:
            try:
                block = await self._read(reader)
                asked = question(block)
            except (PolicyError, asyncio.LimitOverrunError) as error:
                # What follows cannot be told from the rest of it: one answer, and an end.
                await self._write(writer, self._door.failed(error))
                return
            self._answering.add(task)
            try:
                async with asyncio.timeout(self._answer_seconds):
                    action = await self._door.action(asked)
            except TimeoutError as error:
                action = self._door.failed(error)
            finally:
                self._answering.discard(task)
            await self._write(writer, action)

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        """One question. Raises TimeoutError, IncompleteReadError, LimitOverrunError."""
        async with asyncio.timeout(self._idle_seconds):
            first = await reader.readexactly(1)
        async with asyncio.timeout(self._request_seconds):
            # A question that begins with its end is none, and nothing more would come.
            return END if first == b"\n" else first + await reader.readuntil(END)

    async def _write(self, writer: asyncio.StreamWriter, action: str) -> None:
        writer.write(answer(action))
        async with asyncio.timeout(self._request_seconds):
            await writer.drain()
