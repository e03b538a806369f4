"""The commands of one SMTP session: EHLO, STARTTLS, MAIL, RCPT, and DATA streamed into the gate."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from secure_mail.application.intake.gate import Receiving
from secure_mail.application.intake.peer import Peer
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.smtp import answers, commands
from secure_mail.interfaces.smtp.body import Body
from secure_mail.interfaces.smtp.commands import CommandError
from secure_mail.interfaces.smtp.connections import Connections
from secure_mail.interfaces.smtp.door import MailDoor, Transaction
from secure_mail.interfaces.smtp.starttls import Terms, TlsWire
from secure_mail.interfaces.smtp.wire import ClosingError

BEFORE_TLS = frozenset({"NOOP", "EHLO", "STARTTLS", "QUIT"})
"""RFC 3207, 4."""
FOREIGN = frozenset({"CONNECT", "GET", "POST", "PROXY"})
"""A browser that was led astray, or a balancer that was not announced: not one word more."""
DRAIN_FACTOR = 2
"""Times the size limit that is read of a message that will be refused anyway."""
MAX_HELO = 255


class SmtpSession(TlsWire):
    """One client, one transaction at a time."""

    hellos: ClassVar[Mapping[str, bool]] = {"EHLO": True, "HELO": False}
    """How a client greets, and whether extensions are offered."""

    def __init__(
        self,
        door: MailDoor,
        connections: Connections,
        terms: Terms,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(door, connections, terms, loop)
        self._helo: str | None = None
        self._extended = False
        self._mail: Transaction | None = None
        self._idle_commands = 0

    @property
    def unproductive(self) -> float:
        """Who has begun a message is given the time to bring it."""
        more = self._limits.envelope if self._mail else 0.0
        return max(super().unproductive - more, 0.0)

    async def _answer(self, verb: str, argument: str) -> str:
        if verb in FOREIGN:
            raise ClosingError(answers.FOREIGN_COMMAND.text())
        if self._terms.require_tls and not self._tls_version and verb not in BEFORE_TLS:
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
        if verb in self.hellos:
            return self._hello(verb, argument)
        match verb:
            case "RSET":
                self._mail = None
                return "250 2.0.0 Ok"
            case "NOOP":
                return "250 2.0.0 Ok"
            case "HELP":
                return "214 2.0.0 See RFC 5321"
            case "VRFY":
                return answers.NO_VRFY.text()
            case "EXPN":
                return answers.NO_EXPN.text()
            case _:
                return answers.UNKNOWN_COMMAND.text()

    def _idled(self) -> None:
        self._idle_commands += 1
        if self._idle_commands > self._limits.idle_commands:
            raise ClosingError(self._door.words(answers.TOO_MANY_COMMANDS))

    def _hello(self, verb: str, argument: str) -> str:
        if not argument:
            raise CommandError(f"501 5.5.4 Syntax: {verb} hostname")
        self._helo, self._extended, self._mail = argument[:MAX_HELO], self.hellos[verb], None
        if not self._extended:
            return f"250 {self.hostname}"
        offers = [
            self.hostname,
            "PIPELINING",
            f"SIZE {self._limits.max_size}",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
        ]
        if self._terms.tls and not self._tls_version:
            offers.insert(1, "STARTTLS")
        return "\r\n".join([*(f"250-{offer}" for offer in offers[:-1]), f"250 {offers[-1]}"])

    async def _starttls(self, argument: str) -> str:
        self._idled()
        if argument:
            raise CommandError("501 5.5.4 Syntax: STARTTLS")
        if self._tls_version:
            raise CommandError("503 5.5.1 TLS is on already")
        if not self._terms.tls:
            raise CommandError("454 4.7.0 TLS not available")
        await self._secure(self._terms.tls)
        self._helo, self._extended, self._mail = None, False, None
        return ""

    async def _mail_from(self, argument: str) -> str:
        # One that is put off costs its client nothing: asked for ever, it would stall the others.
        self._idled()
        if self._helo is None:
            raise CommandError(f"503 5.5.1 Send {next(iter(self.hellos))} first")
        if self._mail:
            raise CommandError("503 5.5.1 One MAIL at a time")
        if not self._address_known:
            return self._door.words(answers.UNKNOWN_CLIENT)
        command = commands.mail(argument, extended=self._extended)
        if command.size > self._limits.max_size:
            raise Refusal(RefusalCode.TOO_LARGE)
        mail = Transaction(
            peer=Peer(
                address=self._address,
                helo=self._helo,
                tls_version=self._tls_version,
                relayed=self._relayed,
                certificate=self._certificate,
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
        if len(mail.recipients) >= self._limits.recipients:
            self._idled()
            raise Refusal(RefusalCode.TOO_MANY_RECIPIENTS)
        try:
            self._door.add_recipient(mail, recipient)
        except Refusal:
            self._idled()
            raise
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
        self._bringing = True
        try:
            refused = await self._worded(self._received(mail, self._door.begin(mail)))
        finally:
            self._bringing, self._productive = False, self.loop.time()
        return self._no(mail, refused) if refused else self._yes(mail)

    async def _received(self, mail: Transaction, receiving: Receiving) -> str:
        """Nothing, when it is stored."""
        try:
            await self._say("354 End data with <CR><LF>.<CR><LF>")
            await self._transfer(receiving)
            self._stop_timer()
            evidence = await self._door.judge(mail, receiving)
        except BaseException as error:
            receiving.abort()
            self._connections.tally.aborted += not isinstance(error, Refusal)
            raise
        # From here on the message may be stored whatever becomes of this connection.
        accepting = self._door.accept(mail, receiving, evidence)
        commit = self._connections.within(accepting, self._limits.commit)
        try:
            mail.messages = await commit
        except TimeoutError as error:
            raise Refusal(RefusalCode.TEMPORARY) from error
        self._door.accepted(mail)
        self._connections.tally.accepted += 1
        self._idle_commands = 0
        return ""

    def _yes(self, mail: Transaction) -> str:
        """What is said after the dot of a message that is stored."""
        return self._door.words(answers.accepted([str(one.reference) for one in mail.messages]))

    def _no(self, _mail: Transaction, reply: str) -> str:
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
