"""What the SMTP door asks of the application, and the words it answers with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial

import structlog

from secure_mail.application.intake.check_recipient import CheckRecipient
from secure_mail.application.intake.gate import Gate, Receiving
from secure_mail.application.intake.judge_arrival import JudgeArrival, duplicate_scope
from secure_mail.application.intake.peer import Peer
from secure_mail.application.intake.ready_for_mail import Readiness, ReadyForMail
from secure_mail.application.ports.rules import Rules
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.messages import Accepted, Channel, Envelope
from secure_mail.domain.partners import PartnerOrganisation
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.allowance import Allowance
from secure_mail.interfaces.smtp.answers import ACCEPTED, SMTP_REPLIES, TEMPORARY, Reply
from secure_mail.interfaces.smtp.limits import SmtpConfig

log = structlog.get_logger("smtp")

READINESS_KEPT = 1.0
"""Seconds for which one look at the store serves every MAIL."""
HOUR = 3600.0


@dataclass(slots=True, kw_only=True)
class Transaction:
    """From MAIL to the end of DATA."""

    peer: Peer
    sender: EmailAddress | None = field(repr=False)
    utf8: bool
    readiness: Readiness
    mailboxes: list[Mailbox] = field(default_factory=list)
    recipients: int = 0
    """RCPT commands answered 250."""

    @property
    def partner(self) -> PartnerOrganisation | None:
        """Whose address the envelope sender is; proves nothing yet."""
        return self.readiness.partner_of(self.sender) if self.sender else None


class MailDoor:
    """One per listener; shared by its sessions. Judges nothing itself."""

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
    ) -> None:
        self.config = config
        self._gate = gate
        self._ready = ready
        self._check_recipient = check_recipient
        self._judge_arrival = judge_arrival
        self._rules = rules
        self._threads = threads
        self._looked: tuple[float, Readiness] | None = None
        self._strangers = Allowance(config.limits.strangers, HOUR)

    async def readiness(self) -> Readiness:
        """Whether a message can be taken now. Raises Refusal."""
        loop = asyncio.get_running_loop()
        if self._looked and loop.time() < self._looked[0] + READINESS_KEPT:
            return self._looked[1]
        self._looked = None
        readiness = await loop.run_in_executor(self._threads, self._ready)
        self._looked = (loop.time(), readiness)
        return readiness

    @property
    def domain(self) -> str:
        return self._rules.in_force().domain

    def add_recipient(self, transaction: Transaction, recipient: EmailAddress) -> None:
        """Raises Refusal."""
        mailbox = self._check_recipient(
            recipient,
            sender=transaction.sender,
            known=transaction.partner is not None,
            relayed=transaction.peer.relayed,
        )
        if mailbox not in transaction.mailboxes:
            transaction.mailboxes.append(mailbox)

    def check_rate(self, transaction: Transaction) -> None:
        """Puts off who floods the mailboxes that are open to everybody. Raises Refusal."""
        if self._is_stranger(transaction) and self._strangers.spent(transaction.peer.network):
            raise Refusal(RefusalCode.RATE_LIMITED)

    def begin(self, transaction: Transaction) -> Receiving:
        return self._gate.begin(
            Envelope(
                channel=Channel.SMTP,
                mailboxes=tuple(transaction.mailboxes),
                sender=transaction.sender,
                scope=duplicate_scope(transaction.sender, transaction.peer, transaction.partner),
            )
        )

    async def judge(self, transaction: Transaction, receiving: Receiving) -> Evidence:
        """Asks DNS where a partner's proof needs it. Raises Refusal."""
        judged = partial(
            self._judge_arrival,
            receiving.headers(),
            peer=transaction.peer,
            sender=transaction.sender,
            mailboxes=transaction.mailboxes,
            readiness=transaction.readiness,
        )
        return await asyncio.get_running_loop().run_in_executor(self._threads, judged)

    def accepted(self, transaction: Transaction, messages: Sequence[Accepted]) -> str:
        """The reply that says yes."""
        if self._is_stranger(transaction):
            self._strangers.spend(transaction.peer.network)
        for message in messages:
            log.info(
                "smtp.accepted", message_id=str(message.message_id), duplicate=message.duplicate
            )
        return self.words(ACCEPTED, references=" ".join(str(m.reference) for m in messages))

    def refused(self, refusal: Refusal) -> str:
        """The reply that says no."""
        cause = type(refusal.__cause__).__name__ if refusal.__cause__ else None
        log.info("smtp.refused", code=refusal.code.value, cause=cause)
        return self.words(SMTP_REPLIES[refusal.code], **refusal.facts)

    def failed(self, error: BaseException) -> str:
        """The reply to a fault of ours: always temporary, and it tells nothing of the fault."""
        log.error("smtp.failed", error=type(error).__name__, where=_where(error))
        return self.words(TEMPORARY)

    def _is_stranger(self, transaction: Transaction) -> bool:
        return transaction.partner is None and not transaction.peer.relayed

    def words(self, reply: Reply, **values: str | int) -> str:
        config = self.config
        limit = config.limits.max_size
        return reply.text(host=config.hostname, site=config.site, limit=limit, **values)


def _where(error: BaseException) -> str:
    """File and line of the fault: what an operator can report without any content."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
