"""STARTTLS (RFC 3207): the handshake, by the loop's own TLS, and whose certificate was shown."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from secure_mail.domain.refusals import Refusal
from secure_mail.interfaces.smtp import answers
from secure_mail.interfaces.smtp.commands import CommandError
from secure_mail.interfaces.smtp.connections import Connections
from secure_mail.interfaces.smtp.door import MailDoor
from secure_mail.interfaces.smtp.secured import Secured
from secure_mail.interfaces.smtp.tls import fingerprint, why
from secure_mail.interfaces.smtp.wire import ClosingError, SmtpWire

log = structlog.get_logger("smtp")

Contexts = Callable[[], Awaitable[ssl.SSLContext]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one listener asks of its clients."""

    tls: Contexts | None
    """Gives each handshake its context. Raises Refusal, OSError."""
    require_tls: bool
    certified: bool = False
    """Clients show a certificate, and it must be registered."""


class TlsWire(SmtpWire):
    """A wire that changes to TLS in the middle."""

    def __init__(
        self,
        door: MailDoor,
        connections: Connections,
        terms: Terms,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(door, connections, loop)
        self._terms = terms
        self._certificate: str | None = None
        self._shaking_hands = False

    @property
    def unproductive(self) -> float:
        """A partner whose certificate is registered need not give way."""
        return 0.0 if self._certificate else super().unproductive

    def give_way(self) -> None:
        if self._shaking_hands:
            # Nothing can be said in the middle of a handshake.
            self.cut()
        else:
            super().give_way()

    async def _secure(self, contexts: Contexts) -> None:
        """Returns after the handshake. Raises CommandError, ClosingError, ConnectionError."""
        # Read no further: what came before the handshake must not count after it (CVE-2011-0411).
        self._link.pause_reading()
        if len(self._inbox):
            raise ClosingError("554 5.5.1 Nothing may follow STARTTLS before the handshake")
        try:
            context = await contexts()
        except (OSError, Refusal) as error:
            self._link.resume_reading()
            self._door.failed(error)
            raise CommandError("454 4.7.0 TLS not available, try again later") from error
        self._writer.write(b"220 2.0.0 Ready to start TLS\r\n")
        self._stop_timer()
        link = await self._handshake(context)
        # The writer of before is kept: with it would go the connection that TLS runs over.
        self._plain, self._writer = self._writer, asyncio.StreamWriter(link, self, None, self.loop)
        self.transport = link
        self._inbox.attach(link)
        secured: ssl.SSLObject = link.get_extra_info("ssl_object")
        self._tls_version = secured.version()
        if self._terms.certified:
            self._certificate = await self._pinned(secured.getpeercert(binary_form=True))

    async def _handshake(self, context: ssl.SSLContext) -> asyncio.Transport:
        link: asyncio.Transport | None = None
        self._shaking_hands = True
        try:
            link = await self.loop.start_tls(
                self._link,
                Secured(self),
                context,
                server_side=True,
                ssl_handshake_timeout=self._limits.handshake,
            )
        except OSError as error:
            self._connections.tally.handshakes += 1
            if self._terms.certified:
                log.warning("smtp.client-certificate-refused", why=why(error))
            raise ConnectionResetError from error
        finally:
            self._shaking_hands = False
            if link is None:
                # The loop tells its caller alone that it is over: `connection_lost` never comes.
                self._connections.leave(self)
                if self._timeout_handle:
                    self._timeout_handle.cancel()
        if link is None:
            raise ConnectionResetError
        return link

    async def _pinned(self, certificate: bytes | None) -> str:
        """The fingerprint: an anchor vouches for what it issued, but only itself is registered."""
        found = fingerprint(certificate or b"")
        try:
            known = (await self._door.readiness()).certificates
        except Refusal as error:
            raise ClosingError(self._door.refused(error)) from error
        if all(registered.fingerprint != found for registered in known):
            self._connections.tally.handshakes += 1
            log.warning("smtp.client-certificate-refused", why="not registered")
            raise ClosingError(self._door.words(answers.UNKNOWN_CERTIFICATE))
        return found
