"""The commands of one SMTP session: EHLO, STARTTLS, MAIL, RCPT, and DATA streamed into the gate."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from secure_mail.application.intake.gate import Receiving
from secure_mail.application.intake.peer import Peer
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.smtp import answers, commands
from secure_mail.interfaces.smtp.body import Body
from secure_mail.interfaces.smtp.commands import CommandError
from secure_mail.interfaces.smtp.connections import Connections
from secure_mail.interfaces.smtp.door import MailDoor, Transaction
from secure_mail.interfaces.smtp.wire import ClosingError, SmtpWire

BEFORE_TLS = frozenset({"NOOP", "EHLO", "STARTTLS", "QUIT"})
"""RFC 3207, 4."""
DRAIN_FACTOR = 2
"""Times the size limit that is read of a message that will be refused anyway."""
MAX_HELO = 255


class SmtpSession(SmtpWire):
    """One client, one transaction at a time."""

    def __init__(
        self,
        door: MailDoor,
        connections: Connections,
        tls: Callable[[], ssl.SSLContext] | None,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(door, connections, loop)
        self._tls = tls
        self._helo: str | None = None
        self._extended = False
        self._mail: Transaction | None = None
        self._idle_commands = 0

    async def _answer(self, verb: str, argument: str) -> str:
        if self._door.config.require_tls and not self._tls_version and verb not in BEFORE_TLS:
            raise Refusal(RefusalCode.TLS_REQUIRED)
        match verb:
            case "MAIL":
                return await self._mail_from(argument)
            case "RCPT":
                return self._rcpt_to(argument)
            case "DATA":
                return await self._data(argument)
            case "STARTTLS":
                return await self._starttls(argument)
            case "QUIT":
                self._leaving = True
                return "221 2.0.0 Bye"
            case _:
                return self._idle(verb, argument)

    def _idle(self, verb: str, argument: str) -> str:
        """Commands that bring no message nearer."""
        self._idled()
        match verb:
            case "EHLO" | "HELO":
                return self._hello(argument, extended=verb == "EHLO")
            case "RSET":
                self._mail = None
                return "250 2.0.0 Ok"
            case "NOOP":
                return "250 2.0.0 Ok"
            case "HELP":
                return "214 2.0.0 See RFC 5321"
            case "VRFY":
                return "252 2.5.2 Cannot VRFY; send mail and see"
            case "EXPN":
                return "502 5.5.1 EXPN not implemented"
            case _:
                return "500 5.5.1 Command not recognized"

    def _idled(self) -> None:
        self._idle_commands += 1
        if self._idle_commands > self._limits.idle_commands:
            raise ClosingError(self._door.words(answers.TOO_MANY_COMMANDS))

    def _hello(self, argument: str, *, extended: bool) -> str:
        if not argument:
            raise CommandError("501 5.5.4 Syntax: EHLO hostname")
        self._helo, self._extended, self._mail = argument[:MAX_HELO], extended, None
        if not extended:
            return f"250 {self.hostname}"
        offers = [
            self.hostname,
            "PIPELINING",
            f"SIZE {self._limits.max_size}",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
        ]
        if self._tls and not self._tls_version:
            offers.insert(1, "STARTTLS")
        return "\r\n".join([*(f"250-{offer}" for offer in offers[:-1]), f"250 {offers[-1]}"])

    async def _starttls(self, argument: str) -> str:
        self._idled()
        if argument:
            raise CommandError("501 5.5.4 Syntax: STARTTLS")
        if self._tls_version:
            raise CommandError("503 5.5.1 TLS is on already")
        if not self._tls:
            raise CommandError("454 4.7.0 TLS not available")
        # Read no further: what came before the handshake must not count after it (CVE-2011-0411).
        self._link.pause_reading()
        if len(self._inbox):
            raise ClosingError("554 5.5.1 Nothing may follow STARTTLS before the handshake")
        self._writer.write(b"220 2.0.0 Ready to start TLS\r\n")
        self._stop_timer()
        try:
            await self._writer.start_tls(self._tls(), ssl_handshake_timeout=self._limits.handshake)
        except OSError as error:
            raise ConnectionResetError from error
        self.transport = self._writer.transport
        self._inbox.attach(self._link)
        self._tls_version = self._link.get_extra_info("ssl_object").version()
        self._helo, self._extended, self._mail = None, False, None
        return ""

    async def _mail_from(self, argument: str) -> str:
        if self._helo is None:
            raise CommandError("503 5.5.1 Send EHLO first")
        if self._mail:
            raise CommandError("503 5.5.1 One MAIL at a time")
        command = commands.mail(argument, extended=self._extended)
        if command.size > self._limits.max_size:
            raise Refusal(RefusalCode.TOO_LARGE)
        mail = Transaction(
            peer=Peer(
                address=self._address,
                helo=self._helo,
                tls_version=self._tls_version,
                relayed=self._connections.relayed(self._address),
            ),
            sender=command.sender,
            utf8=command.utf8,
            readiness=await self._door.readiness(),
        )
        self._door.check_rate(mail)
        self._mail = mail
        return "250 2.1.0 Ok"

    def _rcpt_to(self, argument: str) -> str:
        mail = self._mail
        if mail is None:
            raise CommandError("503 5.5.1 Send MAIL first")
        recipient = commands.recipient(argument, domain=self._door.domain, utf8=mail.utf8)
        if mail.recipients >= self._limits.recipients:
            self._idled()
            raise Refusal(RefusalCode.TOO_MANY_RECIPIENTS)
        self._door.add_recipient(mail, recipient)
        mail.recipients += 1
        return "250 2.1.5 Ok"

    async def _data(self, argument: str) -> str:
        mail = self._mail
        if argument:
            raise CommandError("501 5.5.4 Syntax: DATA")
        if mail is None or not mail.mailboxes:
            raise CommandError("503 5.5.1 Send RCPT first")
        self._mail = None
        if mail.sender is None and len(mail.mailboxes) > 1:
            raise Refusal(RefusalCode.BOUNCE_TO_SEVERAL)
        receiving = self._door.begin(mail)
        try:
            await self._say("354 End data with <CR><LF>.<CR><LF>")
            await self._transfer(receiving)
            evidence = await self._door.judge(mail, receiving)
        except BaseException:
            receiving.abort()
            raise
        self._stop_timer()
        # From here on the message may be stored whatever becomes of this connection.
        commit = self._connections.within(receiving.accept(evidence), self._limits.commit)
        try:
            reply = self._door.accepted(mail, await commit)
        except TimeoutError as error:
            raise Refusal(RefusalCode.TEMPORARY) from error
        self._idle_commands = 0
        return reply

    async def _transfer(self, receiving: Receiving) -> None:
        """Streams to the dot, also what is refused: the rest of it must not become commands."""
        body = Body(self._limits.max_size)
        refusals: list[Refusal] = []
        taken, waited = 0, 0.0
        while not body.done:
            self._reset_timeout(self._limits.data_idle)
            since = self.loop.time()
            chunk = await self._inbox.take()
            waited += self.loop.time() - since
            taken += len(chunk)
            self._patience(taken, waited)
            clean = body.feed(chunk)
            self._inbox.put_back(body.rest)
            if not refusals:
                refusals.extend(await self._passed_on(receiving, clean, body))
            if refusals and taken > DRAIN_FACTOR * self._limits.max_size and not body.done:
                raise ClosingError(self._door.refused(refusals[0]))
        if refusals:
            raise refusals[0]

    async def _passed_on(self, receiving: Receiving, clean: bytes, body: Body) -> list[Refusal]:
        """Gives the octets to the gate; what is wrong, if anything, is returned, not raised."""
        if body.refusal:
            return [Refusal(body.refusal)]
        try:
            await receiving.write(clean)
        except Refusal as refusal:
            return [refusal]
        except Exception as error:  # noqa: BLE001 - a fault of ours: still to be read to the dot
            self._door.failed(error)
            return [Refusal(RefusalCode.TEMPORARY)]
        return []

    def _patience(self, taken: int, waited: float) -> None:
        limits = self._limits
        slow = waited > limits.rate_after and taken < limits.min_rate * waited
        if slow or waited > limits.data_total:
            raise ClosingError(self._door.words(answers.TOO_SLOW))
