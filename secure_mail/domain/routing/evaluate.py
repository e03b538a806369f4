"""From facts to a decision: guard, eligibility, route, after; never an exception, never a drop."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from secure_mail.domain.eligibility import (
    Applicant,
    Party,
    Verdict,
    VerdictKind,
    declared,
    judge,
    lives_abroad,
)
from secure_mail.domain.ids import QueueName
from secure_mail.domain.links import Declaration
from secure_mail.domain.messages import Assurance, Channel, HoldReason
from secure_mail.domain.refusals import RefusalCode
from secure_mail.domain.routing.conditions import Observation
from secure_mail.domain.routing.facts import AutoKind, Facts, SenderKind
from secure_mail.domain.routing.rulebook import (
    MAILBOX_QUEUE,
    TOPIC_QUEUE,
    Actions,
    Notify,
    Priority,
    RuleBook,
    Stage,
    Stop,
)
from secure_mail.domain.routing.trace import Trace, TraceLine, to_json

TABLE = "eligibility-"
"""Before the number of a row of the eligibility table that decided."""
RELEASED = "released"
"""Stands as the rule of what a person released from hold."""


class Outcome(StrEnum):
    FILED = "filed"
    REFUSED = "refused"
    """The sender is told why, and what to do instead."""
    HELD = "held"
    """A person decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    verdict: Outcome
    queue: QueueName | None = None
    """Set when filed."""
    rule: str | None = None
    """Id of the deciding rule, or `eligibility-N` for a row of the table."""
    reason: RefusalCode | HoldReason | None = None
    acknowledge: bool = False
    """Whether a receipt is due: filed, or held as not-proved; never for automatic mail."""
    may_acknowledge: bool = False
    """Whether it would be due if a person filed it."""
    priority: Priority = Priority.NORMAL
    sla: str | None = None
    tags: tuple[str, ...] = ()
    notify: tuple[Notify, ...] = ()
    join_case: bool = False
    """The message belongs to the case that its token names."""
    trace: tuple[TraceLine, ...] = field(default=(), repr=False)

    def trace_json(self) -> str:
        """As `Message.trace` stores it."""
        return to_json(self.trace)


def decide(book: RuleBook, facts: Facts) -> Decision:
    """What becomes of a message. A rule that cannot be evaluated holds it as processing-failed."""
    trace = Trace()
    try:
        return _Evaluation(book, facts, trace).run()
    except Exception as failure:  # noqa: BLE001 - nothing that goes wrong here may lose a message
        trace.noted("evaluation", "failed", type(failure).__name__, result=False)
        return Decision(
            verdict=Outcome.HELD, reason=HoldReason.PROCESSING_FAILED, trace=trace.lines()
        )


def released(decision: Decision, queue: QueueName, *, told: bool) -> Decision:
    """A person's decision over the rules': filed where they said. A receipt goes out once only:
    `told` when it went out as the message was held.
    """
    return replace(
        decision,
        verdict=Outcome.FILED,
        queue=queue,
        rule=RELEASED,
        reason=None,
        acknowledge=decision.may_acknowledge and not told,
    )


def applicant_of(facts: Facts) -> Applicant:
    """The sender as the eligibility table asks; the message is in, so no door can refuse it now."""
    kind = facts.sender_kind
    if facts.channel is not Channel.FORM:
        registered = kind in (SenderKind.PARTNER, SenderKind.PARTNER_UNPROVED)
        return Applicant(
            party=Party.PARTNER if registered else Party.CUSTOMER,
            channel=facts.channel,
            registered=registered,
            proved=kind is SenderKind.PARTNER,
            behind_relay=True,
        )
    if kind in (SenderKind.PARTNER, SenderKind.PARTNER_UNPROVED):
        return Applicant(party=Party.PARTNER, channel=Channel.FORM, registered=True)
    if kind is SenderKind.PARTNER_UNREGISTERED:
        return Applicant(party=Party.PARTNER, channel=Channel.FORM)
    if facts.declaration_audience is None:
        abroad = kind is SenderKind.CUSTOMER_ABROAD or lives_abroad(facts.sender_country)
        return Applicant(party=Party.CUSTOMER, channel=Channel.FORM, abroad=abroad)
    return declared(
        Declaration(
            audience=facts.declaration_audience,
            country=facts.declaration_country or facts.sender_country,
            eidas_failed=bool(facts.declaration_eidas_failed),
        ),
        registered=False,
    )


class _Evaluation:
    """One pass over the rules; the first rule that settles the message decides."""

    def __init__(self, book: RuleBook, facts: Facts, trace: Trace) -> None:
        self._book = book
        self._facts = facts
        self._trace = trace
        self._observed = Observation(facts, book.patterns, book.lists)
        self._rule: str | None = None
        self._queue: str | None = None
        self._reason: RefusalCode | HoldReason | None = None
        self._acknowledge = True
        self._priority = Priority.NORMAL
        self._sla: str | None = None
        self._tags: dict[str, None] = {}
        self._notify: dict[Notify, None] = {}
        self._join = False

    def run(self) -> Decision:
        for stage in Stage:
            if stage is Stage.ELIGIBILITY and not self._eligible():
                break
            if self._stage(stage) is Stop.ALL:
                break
        return self._decision()

    def _stage(self, stage: Stage) -> Stop | None:
        for rule in self._book.rules:
            if rule.stage is not stage:
                continue
            self._trace.begin(rule.id)
            held = self._observed.holds(rule.when, self._trace)
            self._trace.ended(held=held)
            if held:
                self._apply(rule.id, rule.then)
                if rule.stop is not None:
                    return rule.stop
        return None

    def _eligible(self) -> bool:
        """Whether the table lets the sender in; if not, the message is settled."""
        verdict = judge(self._book.eligibility, applicant_of(self._facts))
        settled = self._refused_as(verdict)
        name = f"{TABLE}{verdict.row}"
        self._trace.noted(name, "verdict", settled or verdict.kind, result=settled is None)
        if settled is not None and self._reason is None:
            self._rule, self._queue, self._reason = name, None, settled
        return settled is None

    def _refused_as(self, verdict: Verdict) -> RefusalCode | HoldReason | None:
        if verdict.kind is not VerdictKind.ELIGIBLE:
            return verdict.code or HoldReason.NOT_ELIGIBLE
        if self._facts.replayed:
            # Who may write has not shown that they wrote this, now and to us.
            return HoldReason.REPLAYED
        box = self._facts.mailbox
        if box is None or box in verdict.mailboxes:
            return None
        form = self._facts.channel is Channel.FORM
        return RefusalCode.WRONG_MAILBOX if form else HoldReason.NOT_ELIGIBLE

    def _apply(self, rule_id: str, then: Actions) -> None:
        if self._rule is None and (then.settles or then.join_case):
            self._rule = rule_id
        if self._queue is None and self._reason is None:
            self._queue = self._named(then.queue)
            self._reason = then.hold or then.refuse
        self._join = self._join or then.join_case
        if then.acknowledge is not None:
            self._acknowledge = then.acknowledge
        self._priority = then.priority or self._priority
        self._sla = then.sla or self._sla
        self._tags.update(dict.fromkeys(then.tag))
        self._notify.update(dict.fromkeys(then.notify))

    def _named(self, queue: str | None) -> str | None:
        """The queue behind a name; the two names in braces stand for the message's own."""
        if queue == MAILBOX_QUEUE:
            box = self._book.mailbox(self._facts.mailbox or "")
            return box.queue if box else None
        if queue == TOPIC_QUEUE:
            topic = self._book.topic(self._facts.topic or "")
            return topic.queue if topic else None
        return queue

    def _decision(self) -> Decision:
        reason = self._reason
        if self._queue is None and reason is None:
            reason = HoldReason.PROCESSING_FAILED
        if isinstance(reason, RefusalCode) and self._facts.channel is Channel.IMPORT:
            reason = HoldReason.NOT_ELIGIBLE
        if reason is None:
            verdict = Outcome.FILED
        else:
            verdict = Outcome.REFUSED if isinstance(reason, RefusalCode) else Outcome.HELD
        queue = self._book.queue(self._queue) if self._queue and reason is None else None
        may_acknowledge = self._acknowledge and self._is_known_person()
        arrived = verdict is Outcome.FILED or reason is HoldReason.NOT_PROVED
        return Decision(
            verdict=verdict,
            queue=queue.name if queue else None,
            rule=self._rule,
            reason=reason,
            acknowledge=may_acknowledge and arrived,
            may_acknowledge=may_acknowledge,
            priority=self._priority,
            sla=self._sla or (queue.sla if queue else None),
            tags=tuple(self._tags),
            notify=tuple(self._notify),
            join_case=self._join and reason is None,
            trace=self._trace.lines(),
        )

    def _is_known_person(self) -> bool:
        """A sender with a proved address, and never a machine."""
        known = self._facts.sender_assurance not in (None, Assurance.SMTP_UNVERIFIED)
        person = self._facts.auto_kind is AutoKind.NONE
        return known and person
