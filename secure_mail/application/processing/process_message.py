"""From an accepted message to a filed, held or refused one: the stations in order, one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.blobs import BlobMissingError, Blobs
from secure_mail.application.ports.clock import BusinessCalendar, Clock, Ids
from secure_mail.application.ports.mime import MimeParser
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.ports.vault import Opener, Sealer
from secure_mail.application.processing.arrival import Arrival, OpenArrival
from secure_mail.application.processing.authenticate import Authenticate, seen, with_results
from secure_mail.application.processing.bounce import closed, failed_for_good, needs_nobody
from secure_mail.application.processing.facts import facts_of
from secure_mail.application.processing.filing import Derive, OpenCase
from secure_mail.application.processing.letter import Letter, read_letter
from secure_mail.application.processing.sender import Sender, of_form, of_mail
from secure_mail.application.undelivered import MarkUndelivered
from secure_mail.domain.bounces import Undelivered
from secure_mail.domain.cases import CaseEvent, CaseEventKind
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import BlobKey, CaseId, EventId, MessageId
from secure_mail.domain.messages import HoldReason, Message, MessageState, Part, PartKind
from secure_mail.domain.refusals import RefusalCode
from secure_mail.domain.routing.evaluate import Decision, Outcome, decide, released
from secure_mail.domain.routing.facts import AutoKind
from secure_mail.domain.routing.rulebook import TRIAGE, QueueRule, RuleBook
from secure_mail.domain.sealing import WORKER, CannotOpenError, Purpose, queue_key
from secure_mail.domain.work import Claim, FencedError, JobKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMessage:
    """Parse, judge the sender, screen, decide by the rules, file. May run twice; files once.

    A broken seal or a missing blob is an alarm, and the message is held with what was stored.
    """

    units: Units
    clock: Clock
    ids: Ids
    rules: Rules
    calendar: BusinessCalendar
    parser: MimeParser
    opener: Opener
    sealer: Sealer
    blobs: Blobs
    open_arrival: OpenArrival
    authenticate: Authenticate
    derive: Derive
    open_case: OpenCase
    undelivered: MarkUndelivered

    def __call__(self, claim: Claim) -> None:
        waiting = self._waiting(MessageId(claim.subject))
        if waiting is None:
            self._finish(claim)
            return
        try:
            arrival, sender = self._judged(self.open_arrival(waiting.message, waiting.parts))
            letter = read_letter(arrival, sender, self.parser)
            derived = self.derive(arrival, letter, keep=not waiting.derived)
        except (CannotOpenError, BlobMissingError):
            self._alarm(claim, waiting.message)
            return
        book = self.rules.in_force()
        facts = facts_of(arrival, letter, sender, derived.verdict, self.calendar)
        decision = with_results(decide(book, facts), arrival.evidence, sender)
        chosen = waiting.message.released_to
        if chosen is not None:
            told = waiting.message.reason == HoldReason.NOT_PROVED
            decision = released(decision, chosen, told=told)
        self._store(claim, book, arrival, letter, sender, decision, derived.parts)

    def _waiting(self, message_id: MessageId) -> _Waiting | None:
        with self.units.reading() as uow:
            message = uow.messages.get(message_id)
            if message is None or message.state is not MessageState.ACCEPTED:
                return None
            return _Waiting(
                message,
                tuple(uow.contents.parts(message.content_id)),
                _derived_by_sibling(uow, message),
            )

    def _judged(self, arrival: Arrival) -> tuple[Arrival, Sender]:
        """The arrival as it is to be read, and who wrote it."""
        message = arrival.message
        today = self.calendar.today(message.received_at)
        with self.units.reading() as uow:
            partners = uow.partners.all()
            link = uow.links.get(message.link_id) if message.link_id else None
            registration = uow.registrations.get(link.registration_id) if link else None
        if message.link_id is None:
            arrival = self.authenticate(arrival, partners, today)
            return arrival, of_mail(arrival.evidence, partners, today)
        if link is None or registration is None:
            raise CannotOpenError
        opened = self.opener.open_value(
            registration.sealed, WORKER, Purpose.REGISTRATION, registration.id
        )
        return arrival, of_form(opened, link, partners, today)

    def _store(
        self,
        claim: Claim,
        book: RuleBook,
        arrival: Arrival,
        letter: Letter,
        sender: Sender,
        decision: Decision,
        derived: Sequence[Part],
    ) -> None:
        now = self.clock.now()
        message = arrival.message
        queue = _queue_of(book, decision)
        decided = replace(
            message,
            sealed_key=self.sealer.seal_key(arrival.key, queue_key(queue.key), message.content_id),
            assurance=sender.assurance,
            automatic=letter.auto_kind is not AutoKind.NONE,
            partner_id=sender.partner.id if sender.partner else None,
            reason=str(decision.reason) if decision.reason else None,
            rules_hash=book.hash,
            rule=decision.rule,
            trace=decision.trace_json(),
        )
        forgotten: Sequence[BlobKey] = ()
        with self.units() as uow:
            uow.outbox.done(claim)
            if derived:
                forgotten = uow.contents.replace_derived(message.content_id, derived)
            match decision.verdict:
                case Outcome.FILED:
                    case_id = CaseId(self.ids.new())
                    case, summary = self.open_case(
                        book, arrival, letter, sender, decision, queue, case_id, now
                    )
                    done = needs_nobody(arrival, letter)
                    uow.cases.add(closed(case, now) if done else case, summary)
                    filed = replace(
                        decided, state=MessageState.FILED, case_id=case_id, filed_at=now
                    )
                    uow.cases.add_event(self._filed(filed, case_id, arrival.evidence.checks, now))
                    self._settle(uow, filed, AuditKind.MESSAGE_FILED, now)
                case Outcome.HELD:
                    kept = replace(decided, state=MessageState.HELD)
                    self._settle(uow, kept, AuditKind.MESSAGE_HELD, now)
                case Outcome.REFUSED:
                    refused = replace(decided, state=MessageState.REFUSED)
                    self._settle(uow, refused, AuditKind.MESSAGE_REFUSED, now)
                    person = letter.auto_kind is AutoKind.NONE
                    if person and isinstance(decision.reason, RefusalCode):
                        uow.outbox.add(JobKind.SEND_REFUSAL, message.id, now)
            mail = failed_for_good(arrival, letter)
            if mail is not None:
                self.undelivered(uow, now, mail, Undelivered.BOUNCED)
            if decision.acknowledge:
                uow.outbox.add(JobKind.SEND_RECEIPT, message.id, now)
            if message.released_to is None:
                day = self.calendar.today(message.received_at)
                uow.passports.note(seen(sender, arrival, day))
            uow.commit()
        for key in forgotten:
            self.blobs.delete(key)

    def _settle(self, uow: UnitOfWork, message: Message, kind: AuditKind, now: datetime) -> None:
        """Raises FencedError when somebody settled it meanwhile: nothing of this attempt stays."""
        if not uow.messages.save(message, MessageState.ACCEPTED):
            raise FencedError
        facts = {"reason": message.reason, "rule": message.rule, "rules": message.rules_hash}
        uow.audit.add(
            audit_event(
                self.ids,
                now,
                kind,
                "worker",
                message.id,
                **{name: value for name, value in facts.items() if value},
            )
        )

    def _filed(
        self, message: Message, case_id: CaseId, checks: tuple[str, ...], now: datetime
    ) -> CaseEvent:
        return CaseEvent(
            id=EventId(self.ids.new()),
            case_id=case_id,
            at=now,
            kind=CaseEventKind.FILED,
            actor="worker",
            facts={
                "message": str(message.id),
                "rule": message.rule or "",
                "checks": " ".join(checks),
            },
        )

    def _alarm(self, claim: Claim, message: Message) -> None:
        """What was stored does not open: somebody or something changed it. Held, and told."""
        now = self.clock.now()
        held = replace(message, state=MessageState.HELD, reason=HoldReason.UNREADABLE.value)
        with self.units() as uow:
            self._settle(uow, held, AuditKind.SEAL_BROKEN, now)
            uow.outbox.done(claim)
            uow.commit()

    def _finish(self, claim: Claim) -> None:
        with self.units() as uow:
            uow.outbox.done(claim)
            uow.commit()


@dataclass(frozen=True, slots=True)
class _Waiting:
    message: Message
    parts: tuple[Part, ...]
    derived: bool
    """Another mailbox's message of the same DATA has made the view already."""


def _queue_of(book: RuleBook, decision: Decision) -> QueueRule:
    """The queue that may read it: the chosen one, or triage for what a person must decide."""
    queue = book.queue(decision.queue or TRIAGE)
    assert queue is not None  # noqa: S101 - a loaded file names only queues that it has
    return queue


def _derived_by_sibling(uow: UnitOfWork, message: Message) -> bool:
    siblings = [
        other for other in uow.messages.sharing(message.content_id) if other.id != message.id
    ]
    settled = any(other.state is not MessageState.ACCEPTED for other in siblings)
    return settled and any(
        part.kind is PartKind.VIEW for part in uow.contents.parts(message.content_id)
    )
