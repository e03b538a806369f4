"""What the SMTP door asks of the application, and the words it answers with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import structlog

from secure_mail.application.intake.check_recipient import CheckRecipient
from secure_mail.application.intake.gate import Gate, Receiving
from secure_mail.application.intake.judge_arrival import JudgeArrival, duplicate_scope
from secure_mail.application.intake.peer import Peer
from secure_mail.application.intake.ready_for_mail import Readiness, ReadyForMail
from secure_mail.application.partners.note_refusal import NoteRefusal
from secure_mail.application.ports.rules import Rules
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.messages import Accepted, Channel, Envelope
from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.allowance import Allowance
from secure_mail.interfaces.smtp.answers import SMTP_REPLIES, TEMPORARY, Reply
from secure_mail.interfaces.smtp.limits import SmtpConfig
from secure_mail.interfaces.smtp.refusal_notes import RefusalNotes
from secure_mail.interfaces.smtp.turns import Turns

log = structlog.get_logger("smtp")

READINESS_KEPT = 1.0
"""Seconds for which one look at the store serves every MAIL."""
HOUR = 3600.0
BY_NOBODY = frozenset({Check.TLS, Check.SMIME})
"""Checks that prove nobody at a door: everybody has TLS, and a signature is the worker's to see."""


class Share(NamedTuple):
    """What may be sent in an hour, under one name."""

    taken: Allowance
    name: str
    limit: int


@dataclass(slots=True, kw_only=True)
class Transaction:
    """From MAIL to the end of DATA."""

    peer: Peer
    sender: EmailAddress | None = field(repr=False)
    utf8: bool
    readiness: Readiness
    mailboxes: list[Mailbox] = field(default_factory=list)
    recipients: list[Mailbox] = field(default_factory=list)
    """Of each RCPT that was answered 250, in order."""
    messages: Sequence[Accepted] = ()
    """What was stored."""
    bounced: str | None = None
    """The mail of ours that this is the bounce of, by its recipient."""
    partner: PartnerOrganisation | None = field(init=False)
    """Whose address the envelope sender is; proves nothing yet."""
    proved: PartnerOrganisation | None = None
    """That partner, once all that a door can judge holds: S/MIME is the worker's."""

    def __post_init__(self) -> None:
        self.partner = self.readiness.partner_of(self.sender) if self.sender else None


class MailDoor:
    """Shared by the listeners of one role and their sessions. Judges nothing itself."""

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
        judging: Executor,
    ) -> None:
        self.config = config
        self._notes: RefusalNotes | None = None
        self._gate = gate
        self._ready = ready
        self._check_recipient = check_recipient
        self._judge_arrival = judge_arrival
        self._rules = rules
        self._threads = threads
        self._looked: tuple[float, Readiness] | None = None
        self._judging = Turns(judging, config.limits.judgements)
        self._strangers = Allowance(config.limits.strangers, HOUR)
        self._bounces = Allowance(config.limits.bounces, HOUR)
        self._partners = Allowance(0, HOUR)

    def count_refusals(self, note: NoteRefusal) -> None:
        """From now on, in the passports of the partners whose mail is refused."""
        self._notes = RefusalNotes(note, self._threads)

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
        bounced = self._check_recipient.bounced(recipient, sender=transaction.sender)
        if bounced is not None:
            if transaction.bounced not in {None, str(bounced)}:
                raise Refusal(RefusalCode.TOO_MANY_RECIPIENTS)
            transaction.bounced = str(bounced)
        if mailbox not in transaction.mailboxes:
            transaction.mailboxes.append(mailbox)
        transaction.recipients.append(mailbox)

    def check_rate(self, transaction: Transaction) -> None:
        """Puts off who has sent its share for this hour. Raises Refusal."""
        self._check_share(transaction, transaction.partner)

    def _check_share(self, transaction: Transaction, partner: PartnerOrganisation | None) -> None:
        share = self._share_of(transaction, partner)
        if share and share.taken.spent(share.name, share.limit):
            raise Refusal(RefusalCode.RATE_LIMITED)

    def _share_of(
        self, transaction: Transaction, partner: PartnerOrganisation | None
    ) -> Share | None:
        """Whose share a message takes; None where nobody counts it. `partner`: who is proved."""
        limits, network = self.config.limits, transaction.peer.network
        if partner and partner.required - BY_NOBODY:
            return (
                Share(self._partners, str(partner.id), partner.hourly) if partner.hourly else None
            )
        if transaction.peer.relayed:
            return None
        if partner:
            # Of a partner that signs, and no more, nothing is proved here: a stranger must not be
            # able to take its share, so that each network has one of its own.
            most = partner.hourly or limits.unproved
            return Share(self._partners, f"{partner.id} {network}", most)
        if transaction.bounced is not None:
            return Share(self._bounces, transaction.bounced, limits.bounces)
        return Share(self._strangers, network, limits.strangers)

    def begin(self, transaction: Transaction) -> Receiving:
        return self._gate.begin(
            Envelope(
                channel=Channel.SMTP,
                mailboxes=tuple(transaction.mailboxes),
                sender=transaction.sender,
                scope=_scope(transaction),
            )
        )

    async def accept(
        self, transaction: Transaction, receiving: Receiving, evidence: Evidence
    ) -> Sequence[Accepted]:
        """Raises Refusal: then it may be stored all the same."""
        scope = _scope(transaction, evidence.checks) if transaction.proved else None
        return await receiving.accept(evidence, scope=scope)

    async def judge(self, transaction: Transaction, receiving: Receiving) -> Evidence:
        """Asks DNS where a partner's proof needs it. Raises Refusal."""
        judge, bounce = self._judge_arrival, transaction.bounced is not None
        try:
            arrival = judge.arrived(
                receiving.headers(),
                peer=transaction.peer,
                sender=transaction.sender,
                mailboxes=transaction.mailboxes,
                readiness=transaction.readiness,
                bounce=bounce,
            )
            if arrival.asks_dns:
                evidence = await self._unhurried(transaction, partial(judge, arrival))
            else:
                evidence = judge(arrival)
        except Refusal as refusal:
            if self._notes:
                self._notes.add(transaction.partner, refusal)
            raise
        # Only now it is known whose share this is: who claims to be a partner is a stranger too.
        transaction.proved = _proved(transaction, evidence)
        self._check_share(transaction, transaction.proved)
        return replace(evidence, bounced=transaction.bounced) if bounce else evidence

    async def _unhurried(
        self, transaction: Transaction, judged: Callable[[], Evidence]
    ) -> Evidence:
        """In a thread of those that wait for DNS. Not knowing is temporary.

        Whose DNS is asked, the sender decides: one network must not hold all the threads.
        """
        peer = transaction.peer
        # What relays bring is of many senders: each message stands in a line of its own.
        line = str(id(transaction)) if peer.relayed else peer.network
        judgement = self._judging.run(line, judged)
        try:
            return await asyncio.wait_for(judgement, self.config.limits.judgement)
        except TimeoutError as error:
            raise Refusal(RefusalCode.DNS_FAILURE) from error

    def accepted(self, transaction: Transaction) -> None:
        """Takes its part of somebody's share: only of a partner that has proved to be one."""
        for message in transaction.messages:
            log.info(
                "smtp.accepted", message_id=str(message.message_id), duplicate=message.duplicate
            )
        if all(message.duplicate for message in transaction.messages):
            return
        if share := self._share_of(transaction, transaction.proved):
            share.taken.spend(share.name)

    def refused(self, refusal: Refusal) -> str:
        """The reply that says no."""
        cause = type(refusal.__cause__).__name__ if refusal.__cause__ else None
        log.info("smtp.refused", code=refusal.code.value, cause=cause)
        return self.words(SMTP_REPLIES[refusal.code], **refusal.facts)

    def failed(self, error: BaseException) -> str:
        """The reply to a fault of ours: always temporary, and it tells nothing of the fault."""
        log.error("smtp.failed", error=type(error).__name__, where=_where(error))
        return self.words(TEMPORARY)

    def words(self, reply: Reply, **values: str | int) -> str:
        config = self.config
        limit = config.limits.max_size
        return reply.text(host=config.hostname, site=config.site, limit=limit, **values)


def _scope(transaction: Transaction, checks: Collection[str] = ()) -> str:
    """Of duplicates; what comes back because of two mails of ours is never one."""
    scope = duplicate_scope(transaction.sender, transaction.peer, transaction.partner, checks)
    return f"{scope} {transaction.bounced}" if transaction.bounced else scope


def _proved(transaction: Transaction, evidence: Evidence) -> PartnerOrganisation | None:
    partner = transaction.partner
    if partner is None or evidence.partner != str(partner.id):
        return None
    return partner if partner.required - {Check.SMIME} <= set(evidence.checks) else None


def _where(error: BaseException) -> str:
    """File and line of the fault: what an operator can report without any content."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
