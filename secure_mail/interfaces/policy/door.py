"""Answers a relay's question as our own SMTP door would answer the sender's RCPT."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor

import structlog

from secure_mail.application.intake.check_recipient import CheckRecipient
from secure_mail.application.intake.ready_for_mail import Readiness, ReadyForMail
from secure_mail.application.ports.rules import Rules
from secure_mail.domain.addresses import EmailAddress, InvalidAddressError
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.policy.wire import LET_ON, Question, one_line

log = structlog.get_logger("policy")

READINESS_KEPT = 1.0
"""Seconds for which one look at the store serves every question."""
MALFORMED_SENDER = "553 5.1.7 Malformed sender"
MALFORMED_RECIPIENT = "553 5.1.3 Malformed recipient"


class PolicyDoor:
    """Takes nothing in, so nothing can be lost here; a fault of ours puts the sender off.

    The relay has the sender on the line: what is refused here never becomes a bounce.
    """

    def __init__(
        self,
        *,
        ready: ReadyForMail,
        check_recipient: CheckRecipient,
        rules: Rules,
        threads: Executor,
        words: Callable[[Refusal], str],
        require_tls: bool,
    ) -> None:
        """`words` gives the SMTP door's reply to a refusal; `require_tls` as at that door."""
        self._ready = ready
        self._check_recipient = check_recipient
        self._rules = rules
        self._threads = threads
        self._words = words
        self._require_tls = require_tls
        self._looked: tuple[float, Readiness] | None = None

    async def action(self, asked: Question) -> str:
        """What Postfix is to do; never raises but when cancelled."""
        try:
            return await self._action(asked)
        except Refusal as refusal:
            cause = type(refusal.__cause__).__name__ if refusal.__cause__ else None
            log.info("policy.refused", code=refusal.code.value, cause=cause)
            return one_line(self._words(refusal))
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender must come again
            return self.failed(error)

    def failed(self, error: Exception) -> str:
        """The answer to a fault of ours: temporary, and it tells nothing of the fault."""
        log.error("policy.failed", error=type(error).__name__)
        return one_line(self._words(Refusal(RefusalCode.TEMPORARY)))

    async def _action(self, asked: Question) -> str:
        if not asked.recipient:
            # MAIL, or DATA for several: each was, or will be, asked for at its RCPT.
            return LET_ON
        if self._require_tls and not asked.encrypted:
            raise Refusal(RefusalCode.TLS_REQUIRED)
        try:
            sender = EmailAddress.parse(asked.sender) if asked.sender else None
        except InvalidAddressError:
            return MALFORMED_SENDER
        try:
            recipient = self._recipient(asked.recipient)
        except InvalidAddressError:
            return MALFORMED_RECIPIENT
        readiness = await self._readiness()
        self._check_recipient(
            recipient,
            sender=sender,
            known=sender is not None and readiness.partner_of(sender) is not None,
            relayed=False,
        )
        return LET_ON

    def _recipient(self, text: str) -> EmailAddress:
        """A bare `postmaster` is ours (RFC 5321, 4.5.1). Raises InvalidAddressError."""
        if text.casefold() == "postmaster":
            return EmailAddress("postmaster", self._rules.in_force().domain)
        return EmailAddress.parse(text)

    async def _readiness(self) -> Readiness:
        """Whether a message can be taken now. Raises Refusal."""
        loop = asyncio.get_running_loop()
        if self._looked and loop.time() < self._looked[0] + READINESS_KEPT:
            return self._looked[1]
        self._looked = None
        readiness = await loop.run_in_executor(self._threads, self._ready)
        self._looked = (loop.time(), readiness)
        return readiness
