"""The wire of one session: aiosmtpd's engine with a reader, timers and a command loop of ours.

The engine's own loop puts commands and addresses into the log, turns a fault into a permanent 500
that quotes it, counts nothing and takes bare line feeds; its reader stops at 1001 octets.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Iterable
from typing import ClassVar, cast

import structlog
from aiosmtpd.smtp import SMTP

from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.smtp import answers, commands
from secure_mail.interfaces.smtp.connections import Connections, address_of
from secure_mail.interfaces.smtp.door import MailDoor
from secure_mail.interfaces.smtp.inbox import Inbox
from secure_mail.interfaces.smtp.proxy import ProxyError

log = structlog.get_logger("smtp")

NEVER = float("inf")
UNREAD = 16 * 1024
"""Octets of replies that may wait for the client before it is waited for."""


class ClosingError(Exception):
    """The session ends with this reply."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class SmtpWire(SMTP):
    """Reads commands, says replies, and ends well. What a command does, a subclass knows."""

    protocol: ClassVar = "ESMTP"

    def __init__(
        self, door: MailDoor, connections: Connections, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._door = door
        self._limits = door.config.limits
        self._connections = connections
        self._inbox = Inbox()
        self._address = ""
        self._address_known = True
        """Not of a balancer's own connection, nor of one whose client it does not know."""
        self._tls_version: str | None = None
        self._turned_away = False
        self._busy = False
        self._leaving = False
        self._errors = 0
        self._productive = loop.time()
        """When it came, or last brought a message."""
        self._relayed = False
        self._bringing = False
        """From the start of DATA to what is said of it."""
        self._deadline = self._rings = NEVER
        """When patience ends, and when the timer is due: never later, often earlier."""
        super().__init__(
            None, hostname=door.config.hostname, timeout=self._limits.command_idle, loop=loop
        )

    def __dir__(self) -> Iterable[str]:
        """Nothing: the engine would walk all members twice per connection to find its hooks."""
        return ()

    @abstractmethod
    async def _answer(self, verb: str, argument: str) -> str:
        """The reply to one command; empty when it was said already."""

    @property
    def _link(self) -> asyncio.Transport:
        return cast("asyncio.Transport", self.transport)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        link = cast("asyncio.Transport", transport)
        address = address_of(link.get_extra_info("peername"))
        self._turned_away = address is None or not self._connections.enter(self, address)
        self._inbox.attach(link)
        if self._turned_away:
            link.write(f"{self._door.words(answers.TOO_MANY_CONNECTIONS)}\r\n".encode())
            link.close()
            return
        self._known_as(address or "")
        super().connection_made(transport)

    def _known_as(self, address: str) -> None:
        self._address, self._relayed = address, self._connections.relayed(address)

    def data_received(self, data: bytes) -> None:
        if not self._turned_away:
            self._inbox.feed(data)

    def eof_received(self) -> bool:
        """Ends what can be read, not what is being answered; TLS has no half-closed state."""
        self._inbox.end()
        return not self._turned_away and self._tls_version is None

    def connection_lost(self, error: Exception | None) -> None:
        if not self._turned_away:
            self._connections.leave(self)
            super().connection_lost(error)

    @property
    def unproductive(self) -> float:
        exempt = self._bringing or self._relayed
        return 0.0 if exempt else self.loop.time() - self._productive

    def give_way(self) -> None:
        self._close(self._door.words(answers.TOO_MANY_CONNECTIONS))

    def dismiss(self) -> None:
        """Says 421 now, or after the command in hand."""
        if not self._busy:
            self._close(self._goodbye())

    def cut(self) -> None:
        if self.transport is not None:
            self._link.abort()

    def _goodbye(self) -> str:
        return self._door.words(answers.SMTP_REPLIES[RefusalCode.SHUTTING_DOWN])

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Moves the deadline; a timer that is due before it stays, for each command moves it."""
        self._deadline = self.loop.time() + (duration or self._limits.command_idle)
        if self._deadline < self._rings:
            self._wind()

    def _wind(self) -> None:
        if self._timeout_handle:
            self._timeout_handle.cancel()
        self._rings = self._deadline
        self._timeout_handle = self.loop.call_at(self._deadline, self._timeout_cb)

    def _timeout_cb(self) -> None:
        self._rings = NEVER
        if self._deadline <= self.loop.time():
            self._close(self._door.words(answers.TOO_SLOW))
        elif self._deadline < NEVER:
            self._wind()

    def _stop_timer(self) -> None:
        self._deadline = NEVER

    def _close(self, reply: str = "") -> None:
        """Says a last word; a client that does not read it cannot hold the connection."""
        if self.transport is None or self._link.is_closing():
            return
        if reply:
            self._link.write(f"{reply}\r\n".encode())
        self._link.close()
        self.loop.call_later(self._limits.linger, self._link.abort)

    async def _handle_client(self) -> None:
        try:
            if self._connections.proxied(self._address):
                await self._introduced()
            await self._say(f"220 {self.hostname} {self.protocol}")
            while not self._leaving:
                await self._next()
        except ClosingError as closing:
            self._close(closing.reply)
        except (EOFError, ConnectionError):
            pass
        finally:
            self._close()

    async def _introduced(self) -> None:
        """Lets the balancer say who connects; without its word there is no conversation."""
        self._reset_timeout(self._limits.introduction)
        try:
            client = (await self._inbox.introduction()).address
        except ProxyError as error:
            log.warning("smtp.proxy-refused", fault=str(error))
            raise ConnectionResetError from error
        if client is None:
            self._address_known = False
        elif self._connections.introduced(self, client):
            self._known_as(client)
        else:
            raise ClosingError(self._door.words(answers.TOO_MANY_CONNECTIONS))

    async def _next(self) -> None:
        self._busy = False
        if self._connections.draining:
            raise ClosingError(self._goodbye())
        self._reset_timeout()
        line = await self._inbox.line(commands.MAX_COMMAND)
        if self._link.is_closing():
            # It was told to go in the very moment in which the command came.
            raise EOFError
        self._busy = True
        if reply := await self._obeyed(line):
            await self._say(reply)

    async def _obeyed(self, line: bytes) -> str:
        if len(line) > commands.MAX_COMMAND:
            raise ClosingError("500 5.5.2 Command line too long")
        if b"\0" in line:
            raise ClosingError("500 5.5.2 A command holds no NUL")
        try:
            verb, argument = commands.decoded(line)
        except commands.CommandError as error:
            return error.reply
        return await self._worded(self._answer(verb, argument))

    async def _worded(self, answer: Awaitable[str]) -> str:
        """The answer, or the reply to what was raised in its place."""
        try:
            return await answer
        except commands.CommandError as error:
            return error.reply
        except Refusal as refusal:
            self._connections.tally.refused[refusal.code] += 1
            return self._door.refused(refusal)
        except (ClosingError, EOFError, ConnectionError):
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours is temporary, whatever it is
            self._connections.tally.refused[RefusalCode.TEMPORARY] += 1
            return self._door.failed(error)

    async def _say(self, reply: str) -> None:
        self._errors += reply.startswith("5")
        if self._errors > self._limits.errors:
            raise ClosingError(self._door.words(answers.TOO_MANY_ERRORS))
        # Also after DATA, which stopped it: who does not read replies must not stay for ever.
        self._reset_timeout()
        self._writer.write(f"{reply}\r\n".encode())
        if self._link.get_write_buffer_size() > UNREAD:
            await self._writer.drain()
