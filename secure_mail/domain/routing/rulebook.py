"""The rules in force, as frozen values: what `routing_rules.yaml` says once it has been loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.eligibility import EligibilityRow
from secure_mail.domain.ids import Mailbox, QueueName, TopicName
from secure_mail.domain.links import Audience
from secure_mail.domain.messages import HoldReason
from secure_mail.domain.refusals import RefusalCode
from secure_mail.domain.routing.conditions import Condition, PatternSet

Words = Mapping[str, str]
"""One text in every language: `en`, `fi` and `sv` are always there."""

TRIAGE = QueueName("triage")
"""Where what matches nothing goes; whoever is granted it reads what is held."""
BOUNCES = QueueName("bounces")
"""Undelivered mail of ours, postmaster and abuse."""


class AudienceKind(StrEnum):
    """Whom a mailbox or a topic is for."""

    CUSTOMER_ABROAD = "customer_abroad"
    PARTNER = "partner"
    ANYONE = "anyone"
    """Mailboxes that every host must have (RFC 5321 4.5.1, RFC 2142): no page offers them."""

    @classmethod
    def of(cls, audience: Audience) -> AudienceKind:
        """Whose topics a link shows that was asked for with this choice."""
        return cls.PARTNER if audience is Audience.PARTNER else cls.CUSTOMER_ABROAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The body that runs the service, in its own words."""

    domain: str
    mail_from: str
    """Local part of the address that our mails come from."""
    case_prefix: str
    timezone: str
    words: Mapping[str, Words]
    """Key as in `ORGANISATION_WORDS` to the words in each language."""


ORGANISATION_WORDS = (
    "org_short",
    "org_centre",
    "org_centre_title",
    "org_eservice",
    "org_post",
    "org_phone_person",
    "org_phone_partner",
    "org_hours",
    "org_fax",
    "subj_prefix",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxRule:
    name: Mailbox
    audience: tuple[AudienceKind, ...]
    queue: QueueName


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRule:
    """What a message can be about: decides the mailbox, and the queue that rules may use."""

    name: TopicName
    mailbox: Mailbox
    audience: tuple[AudienceKind, ...]
    queue: QueueName
    purposes: tuple[str, ...]
    """Names of purposes to choose from; empty: the form does not ask."""
    title: Words
    hint: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeRule:
    name: str
    title: Words
    hint: Words | None = None


class FollowUp(StrEnum):
    """What a new message to a closed case does."""

    REOPEN = "reopen"
    NEW = "new"


class ReplyNeeds(StrEnum):
    """What a person must show before an answer of this queue is displayed."""

    CODE = "code"
    POSTAL_PIN = "postal_pin"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRule:
    name: QueueName
    title: Words
    key: str
    """Name of its key pair; see `sealing.queue_key`."""
    sla: str
    retention: str
    """ISO 8601 period, such as P10Y."""
    follow_up_to_closed: FollowUp
    reply_needs: ReplyNeeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Sla:
    """Usual times in Finnish business days; never a promise. None: no answer is expected."""

    name: str
    first_reply: int | None
    warn: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherChannel:
    """A way to the body for those who may not use this one."""

    name: str
    title: Words
    url: Words | None = None


class UnregisteredPartner(StrEnum):
    """Row 7: what becomes of a partner by link whose address is not registered."""

    HOLD = "hold"
    REFUSE = "refuse"


class Stage(StrEnum):
    """In the order of evaluation."""

    GUARD = "guard"
    ELIGIBILITY = "eligibility"
    ROUTE = "route"
    AFTER = "after"


class Stop(StrEnum):
    STAGE = "stage"
    ALL = "all"


class Priority(StrEnum):
    NORMAL = "normal"
    HIGH = "high"


class Notify(StrEnum):
    """Who is told that a rule hit."""

    SUPERVISOR = "supervisor"
    OPERATOR = "operator"


MAILBOX_QUEUE = "{mailbox.queue}"
TOPIC_QUEUE = "{topic.queue}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """What a rule does. There is no drop, delete, forward or command."""

    queue: str | None = None
    """A queue's name, MAILBOX_QUEUE or TOPIC_QUEUE."""
    hold: HoldReason | None = None
    refuse: RefusalCode | None = None
    acknowledge: bool | None = None
    priority: Priority | None = None
    sla: str | None = None
    tag: tuple[str, ...] = ()
    notify: tuple[Notify, ...] = ()
    join_case: bool = False

    @property
    def settles(self) -> bool:
        """Whether a message has a verdict after it."""
        return self.queue is not None or self.hold is not None or self.refuse is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    id: str
    stage: Stage
    title: Words
    """One sentence for staff: why is it here."""
    when: Condition
    then: Actions
    stop: Stop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """One version of the rules file. Doors, worker, staff and tests read the same one."""

    hash: str
    """SHA-256 of the file's octets, hexadecimal."""
    organisation: Organisation
    mailboxes: Mapping[str, MailboxRule]
    topics: Mapping[str, TopicRule]
    purposes: Mapping[str, PurposeRule]
    queues: Mapping[str, QueueRule]
    slas: Mapping[str, Sla]
    lists: Mapping[str, tuple[str, ...]]
    unregistered_partner_by_link: UnregisteredPartner
    eligibility: tuple[EligibilityRow, ...]
    channels: Mapping[str, OtherChannel]
    rules: tuple[Rule, ...]
    patterns: PatternSet = field(repr=False, compare=False)
    """Every pattern of the rules, compiled at load."""

    @property
    def domain(self) -> str:
        """Mail domain of the mailboxes, lower case."""
        return self.organisation.domain

    @property
    def mail_from(self) -> EmailAddress:
        """The address that our mails come from; nothing can be sent to it."""
        return EmailAddress(self.organisation.mail_from, self.domain)

    @property
    def case_prefix(self) -> str:
        return self.organisation.case_prefix

    @property
    def timezone(self) -> str:
        """IANA name."""
        return self.organisation.timezone

    def mailbox(self, name: str) -> MailboxRule | None:
        """By local part, case forgiven (RFC 5321 lets the receiving host decide)."""
        return self.mailboxes.get(name.casefold())

    def mailboxes_for(self, kind: AudienceKind) -> tuple[MailboxRule, ...]:
        """In the file's order."""
        return tuple(box for box in self.mailboxes.values() if kind in box.audience)

    def topic(self, name: str) -> TopicRule | None:
        return self.topics.get(name)

    def topics_for(self, kind: AudienceKind) -> tuple[TopicRule, ...]:
        """In the file's order, which is that of the page."""
        return tuple(topic for topic in self.topics.values() if kind in topic.audience)

    def purposes_of(self, topic: TopicRule) -> tuple[PurposeRule, ...]:
        return tuple(self.purposes[name] for name in topic.purposes)

    def queue(self, name: str) -> QueueRule | None:
        return self.queues.get(name)

    def sla_of(self, queue: QueueRule) -> Sla:
        return self.slas[queue.sla]

    def key_names(self) -> frozenset[str]:
        """Every `key:` of a queue; each has a key pair of its own."""
        return frozenset(queue.key for queue in self.queues.values())

    def rule(self, rule_id: str) -> Rule | None:
        """The rule that decided; None for a row of the eligibility table or another file's rule."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def organisation_words(self) -> dict[str, dict[str, str]]:
        """Language to the organisation's words: `{"en": {"org_short": "Kela", …}, …}`."""
        keys = self.organisation.words
        languages = keys[ORGANISATION_WORDS[0]]
        return {
            language: {key: words[language] for key, words in keys.items()}
            for language in languages
        }
