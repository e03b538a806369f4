"""The listeners of a mail door: they start, tell where they listen, and stop and lose no mail."""

from __future__ import annotations

import asyncio
import ssl
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from secure_mail.application.intake.check_recipient import CheckRecipient
from secure_mail.application.intake.gate import Gate
from secure_mail.application.intake.judge_arrival import JudgeArrival
from secure_mail.application.intake.ready_for_mail import ReadyForMail
from secure_mail.application.partners.note_refusal import NoteRefusal
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.safety import SafetyError
from secure_mail.interfaces import sockets
from secure_mail.interfaces.smtp.connections import Connections
from secure_mail.interfaces.smtp.door import MailDoor
from secure_mail.interfaces.smtp.limits import SmtpConfig
from secure_mail.interfaces.smtp.lmtp import LmtpSession
from secure_mail.interfaces.smtp.protocol import SmtpSession
from secure_mail.interfaces.smtp.starttls import Terms
from secure_mail.interfaces.smtp.tls import PartnerTls, TlsPair

BACKLOG = 256


class Listener:
    """One address in the running event loop (asyncio's own or uvloop)."""

    def __init__(self, name: str, bind: str, door: MailDoor, terms: Terms) -> None:
        self.name = name
        self.bind = bind
        self.connections = Connections(door.config)
        self._door = door
        self._terms = terms
        self._server: asyncio.Server | None = None
        self._mark = 0, 0

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on, or a socket's path and 0; asked after `start`."""
        if self._server is None:
            raise RuntimeError("the mail door has not been started")
        if self.bind.startswith("/"):
            return self.bind, 0
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    async def start(self) -> None:
        """Raises OSError when the address is taken, SafetyError when it is not safe."""
        loop = asyncio.get_running_loop()
        kind = LmtpSession if self._door.config.lmtp else SmtpSession
        session = partial(kind, self._door, self.connections, self._terms, loop)
        if self.bind.startswith("/"):
            listening = sockets.listening_at(Path(self.bind))
            self._mark = sockets.mark_of(Path(self.bind))
            self._server = await loop.create_unix_server(session, sock=listening, backlog=BACKLOG)
            return
        host, _, port = self.bind.rpartition(":")
        self._server = await loop.create_server(
            session,
            host.strip("[]"),
            int(port),
            backlog=BACKLOG,
            reuse_port=self._door.config.reuse_port or None,
        )

    async def stop(self, grace: float) -> None:
        """Listens no more; 421 to who is idle, the others finish within `grace` seconds."""
        if self._server:
            self._server.close()
            if self.bind.startswith("/"):
                sockets.removed(Path(self.bind), self._mark)
        await self.connections.drained(grace)


class SmtpDoor:
    """What one role takes mail by: the public listener, and the partners' one; or LMTP."""

    def __init__(
        self,
        config: SmtpConfig,
        *,
        gate: Gate,
        ready: ReadyForMail,
        check_recipient: CheckRecipient,
        judge_arrival: JudgeArrival,
        rules: Rules,
        threads: Executor,
        judging: Executor | None = None,
    ) -> None:
        """`judging` waits for DNS: apart from `threads`, so that a slow one stalls nothing else.

        Raises SafetyError.
        """
        self._pair = _pair(config)
        self._door = MailDoor(
            config,
            gate=gate,
            ready=ready,
            check_recipient=check_recipient,
            judge_arrival=judge_arrival,
            rules=rules,
            threads=threads,
            judging=judging or threads,
        )
        name = "lmtp" if config.lmtp else "smtp"
        tls = self._public_context if self._pair else None
        terms = Terms(tls=tls, require_tls=config.require_tls and not config.lmtp)
        self._public = Listener(name, config.bind, self._door, terms)
        self.listeners = [self._public]
        if config.partner_bind is not None and self._pair is not None:
            self._partner_tls = PartnerTls(self._pair)
            terms = Terms(tls=self._partner_context, require_tls=True, certified=True)
            self.listeners.append(Listener("partners", config.partner_bind, self._door, terms))

    def count_refusals(self, note: NoteRefusal) -> None:
        """From now on, in the passports of the partners whose mail is refused."""
        self._door.count_refusals(note)

    @property
    def address(self) -> tuple[str, int]:
        """Of the first listener; asked after `start`."""
        return self._public.address

    @property
    def _connections(self) -> Connections:
        return self._public.connections

    async def start(self) -> None:
        """Raises OSError, its `filename` the address that is taken; SafetyError."""
        for listener in self.listeners:
            try:
                await listener.start()
            except OSError as error:
                raise OSError(error.errno or 0, error.strerror, listener.bind) from error

    def reload(self) -> None:
        """Takes certificate and key as they are now; sessions that are open notice nothing."""
        if self._pair:
            self._pair.reload()

    async def stop(self, grace: float) -> None:
        """Every listener at once, each with `grace` seconds."""
        await asyncio.gather(*(listener.stop(grace) for listener in self.listeners))

    async def _public_context(self) -> ssl.SSLContext:
        if self._pair is None:
            raise RuntimeError("without a certificate there is no TLS")
        return self._pair.context

    async def _partner_context(self) -> ssl.SSLContext:
        return self._partner_tls.context((await self._door.readiness()).certificates)


def _pair(config: SmtpConfig) -> TlsPair | None:
    """Raises SafetyError."""
    if config.lmtp:
        return None
    if config.tls_certificate is not None:
        return TlsPair(config.tls_certificate, config.tls_key)
    if config.require_tls or config.partner_bind:
        raise SafetyError(
            "The SMTP door requires TLS but has no certificate",
            "SMTP_TLS_CERT",
            "Name a certificate and its key"
            + (", or set SMTP_REQUIRE_TLS=false" if not config.partner_bind else ""),
        )
    return None
