"""The shape of the rules file, published as JSON Schema for editors; an unknown key is an error."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from secure_mail.domain.eligibility import SENDER_REFUSALS, Party
from secure_mail.domain.messages import Channel, HoldReason
from secure_mail.domain.refusals import RefusalCode
from secure_mail.domain.routing.rulebook import (
    AudienceKind,
    FollowUp,
    Notify,
    Priority,
    ReplyNeeds,
    Stage,
    Stop,
    UnregisteredPartner,
)
from secure_mail.infrastructure.rules.schema_conditions import ConditionModel

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]


def _for_senders(code: RefusalCode) -> RefusalCode:
    if code not in SENDER_REFUSALS:
        raise ValueError(f"use one of {', '.join(sorted(SENDER_REFUSALS))}")
    return code


SenderRefusal = Annotated[RefusalCode, AfterValidator(_for_senders)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Model(BaseModel):
    """Every part of the file: no unknown key, no value turned into one of a fitting type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class WordsModel(Model):
    """One text in the three languages."""

    en: Text
    fi: Text
    sv: Text


class PhoneModel(Model):
    person: WordsModel
    partner: WordsModel


class OrganisationModel(Model):
    """The body that runs the service."""

    domain: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
    mail_from: Name
    case_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,6}$")]
    timezone: str = "Europe/Helsinki"
    name: WordsModel
    centre: WordsModel
    centre_title: WordsModel
    e_service: WordsModel
    postal: WordsModel
    phone: PhoneModel
    hours: WordsModel
    fax: WordsModel
    subject_prefix: WordsModel


class MailboxModel(Model):
    audience: Annotated[list[AudienceKind], Field(min_length=1)]
    queue: Name


class TopicModel(Model):
    mailbox: Name
    for_: Annotated[list[AudienceKind], Field(alias="for", min_length=1)]
    queue: Name
    purposes: list[Name] = []
    title: WordsModel
    hint: WordsModel | None = None


class PurposeModel(Model):
    title: WordsModel
    hint: WordsModel | None = None


class QueueModel(Model):
    title: WordsModel
    key: Name
    sla: Name
    retention: Annotated[str, StringConstraints(pattern=r"^P[1-9][0-9]{0,3}[YMD]$")]
    follow_up_to_closed: FollowUp = FollowUp.REOPEN
    reply_needs: ReplyNeeds = ReplyNeeds.CODE


Days = Annotated[str, StringConstraints(pattern=r"^P[1-9][0-9]{0,2}D$")]


class SlaModel(Model):
    """ISO 8601 periods in business days."""

    first_reply: Days | None = None
    warn: Days | None = None


class ChannelModel(Model):
    title: WordsModel
    url: WordsModel | None = None


class ChannelsModel(Model):
    e_service: Annotated[ChannelModel, Field(alias="use-e-service")]
    eidas: Annotated[ChannelModel, Field(alias="use-eidas")]
    telephone: ChannelModel
    post: ChannelModel
    fax: ChannelModel


class EligibilityModel(Model):
    """One row of the table; what is left out does not matter. The first row that fits decides."""

    row: Annotated[int, Field(ge=1)]
    audience: Party | Literal["anyone"]
    finnish_e_id: bool | None = None
    eidas_usable: bool | None = None
    abroad: bool | None = None
    registered: bool | None = None
    channel: Annotated[list[Channel], Field(min_length=1)]
    proved: bool | None = None
    another_proof: bool | None = None
    at_door: bool | None = None
    eligible: list[Name] | None = None
    """Mailboxes that the sender may write to."""
    hold: HoldReason | None = None
    refuse: SenderRefusal | None = None
    by: Literal["unregistered_partner_by_link"] | None = None
    """The key of that name decides between hold and refuse."""


class ActionsModel(Model):
    queue: Annotated[str, StringConstraints(pattern=r"^[a-z{][a-z0-9_.}-]{0,62}$")] | None = None
    hold: HoldReason | None = None
    refuse: SenderRefusal | None = None
    acknowledge: bool | None = None
    priority: Priority | None = None
    sla: Name | None = None
    tag: list[Name] = []
    notify: list[Notify] = []
    join_case: bool = False


class RuleModel(Model):
    id: Name
    stage: Stage
    title: WordsModel
    when: ConditionModel
    then: ActionsModel
    stop: Stop | None = None


class ExpectModel(Model):
    """What a test expects; only what is named is compared."""

    verdict: Literal["filed", "refused", "held"] | None = None
    queue: Name | None = None
    rule: Name | None = None
    reason: HoldReason | RefusalCode | None = None
    acknowledge: bool | None = None
    priority: Priority | None = None
    sla: Name | None = None
    tags: list[Name] | None = None
    notify: list[Notify] | None = None
    join_case: bool | None = None


class TrialModel(Model):
    """One test of the file by the file."""

    name: Text
    given: dict[str, str | bool | int | list[str]]
    """Facts, by the names that rules use."""
    expect: ExpectModel


class FileModel(Model):
    """routing_rules.yaml, version 1."""

    version: Literal[1]
    organisation: OrganisationModel
    mailboxes: Annotated[dict[Name, MailboxModel], Field(min_length=1)]
    topics: Annotated[dict[Name, TopicModel], Field(min_length=1)]
    purposes: dict[Name, PurposeModel]
    queues: Annotated[dict[Name, QueueModel], Field(min_length=1)]
    slas: Annotated[dict[Name, SlaModel], Field(min_length=1)]
    lists: dict[Name, Annotated[list[Text], Field(min_length=1)]] = {}
    unregistered_partner_by_link: UnregisteredPartner = UnregisteredPartner.HOLD
    eligibility: Annotated[list[EligibilityModel], Field(min_length=1)]
    channels_for_everyone_else: ChannelsModel
    rules: Annotated[list[RuleModel], Field(min_length=1)]
    tests: list[TrialModel]
