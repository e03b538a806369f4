"""From the file's shape to the domain's values. The file has been found sound before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from secure_mail.domain.eligibility import EligibilityRow, Verdict, VerdictKind
from secure_mail.domain.ids import Mailbox, QueueName, TopicName
from secure_mail.domain.messages import HoldReason
from secure_mail.domain.refusals import RefusalCode
from secure_mail.domain.routing.conditions import (
    AllOf,
    Always,
    AnyOf,
    Compare,
    Condition,
    Not,
    PatternSet,
)
from secure_mail.domain.routing.operators import Op
from secure_mail.domain.routing.rulebook import (
    Actions,
    MailboxRule,
    Organisation,
    OtherChannel,
    PurposeRule,
    QueueRule,
    Rule,
    RuleBook,
    Sla,
    TopicRule,
    UnregisteredPartner,
    Words,
)
from secure_mail.infrastructure.rules.schema import (
    ActionsModel,
    ChannelModel,
    ChannelsModel,
    EligibilityModel,
    FileModel,
    OrganisationModel,
    RuleModel,
    WordsModel,
)
from secure_mail.infrastructure.rules.schema_conditions import (
    AllModel,
    AnyModel,
    ConditionModel,
    FactModel,
    NotModel,
)


def rule_book(file: FileModel, file_hash: str, patterns: PatternSet) -> RuleBook:
    """Everything the file says, as one frozen value."""
    default = file.unregistered_partner_by_link
    return RuleBook(
        hash=file_hash,
        organisation=_organisation(file.organisation),
        mailboxes={
            name: MailboxRule(
                name=Mailbox(name), audience=tuple(box.audience), queue=QueueName(box.queue)
            )
            for name, box in file.mailboxes.items()
        },
        topics={
            name: TopicRule(
                name=TopicName(name),
                mailbox=Mailbox(topic.mailbox),
                audience=tuple(topic.for_),
                queue=QueueName(topic.queue),
                purposes=tuple(topic.purposes),
                title=_words(topic.title),
                hint=_words(topic.hint) if topic.hint else None,
            )
            for name, topic in file.topics.items()
        },
        purposes={
            name: PurposeRule(
                name=name,
                title=_words(purpose.title),
                hint=_words(purpose.hint) if purpose.hint else None,
            )
            for name, purpose in file.purposes.items()
        },
        queues={
            name: QueueRule(
                name=QueueName(name),
                title=_words(queue.title),
                key=queue.key,
                sla=queue.sla,
                retention=queue.retention,
                follow_up_to_closed=queue.follow_up_to_closed,
                reply_needs=queue.reply_needs,
            )
            for name, queue in file.queues.items()
        },
        slas={
            name: Sla(name=name, first_reply=_days(sla.first_reply), warn=_days(sla.warn))
            for name, sla in file.slas.items()
        },
        lists={name: tuple(words) for name, words in file.lists.items()},
        unregistered_partner_by_link=default,
        eligibility=tuple(eligibility_row(row, default) for row in file.eligibility),
        channels=dict(_channels(file.channels_for_everyone_else)),
        rules=tuple(rule(model) for model in file.rules),
        patterns=patterns,
    )


def rule(model: RuleModel) -> Rule:
    """One rule of the file."""
    return Rule(
        id=model.id,
        stage=model.stage,
        title=_words(model.title),
        when=condition(model.when),
        then=_actions(model.then),
        stop=model.stop,
    )


def condition(model: ConditionModel) -> Condition:
    """The condition behind any of its shapes."""
    match model:
        case AllModel():
            return AllOf(tuple(condition(part) for part in model.all))
        case AnyModel():
            return AnyOf(tuple(condition(part) for part in model.any))
        case NotModel():
            return Not(condition(model.not_))
        case FactModel():
            ((fact, question),) = model.root.items()
            op, operand = question.asked()
            return Compare(fact, op, operand)
        case _:
            return Always()


def comparisons(of: Condition) -> Iterator[Compare]:
    """Every comparison inside a condition."""
    match of:
        case Compare():
            yield of
        case AllOf() | AnyOf():
            for part in of.of:
                yield from comparisons(part)
        case Not():
            yield from comparisons(of.of)
        case Always():
            return


def patterns_of(rules: Iterable[Rule]) -> Iterator[tuple[str, str]]:
    """Pairs of fact and pattern."""
    for each in rules:
        for asked in comparisons(each.when):
            if asked.op is Op.MATCHES:
                yield asked.fact, str(asked.operand)


def eligibility_row(model: EligibilityModel, default: UnregisteredPartner) -> EligibilityRow:
    """One row of the table; `default` settles the row that asks for it by name."""
    return EligibilityRow(
        party=None if model.audience == "anyone" else model.audience,
        channels=frozenset(model.channel),
        finnish_e_id=model.finnish_e_id,
        eidas_usable=model.eidas_usable,
        abroad=model.abroad,
        registered=model.registered,
        proved=model.proved,
        another_proof=model.another_proof,
        at_door=model.at_door,
        verdict=_verdict(model, default),
    )


def _verdict(model: EligibilityModel, default: UnregisteredPartner) -> Verdict:
    hold, refuse = model.hold, model.refuse
    if model.by is not None:
        held = default is UnregisteredPartner.HOLD
        hold = HoldReason.NOT_PROVED if held else None
        refuse = None if held else RefusalCode.NOT_A_PARTNER
    if hold is not None:
        return Verdict(kind=VerdictKind.HELD, code=hold, row=model.row)
    if refuse is not None:
        return Verdict(kind=VerdictKind.REFUSED, code=refuse, row=model.row)
    boxes = tuple(Mailbox(name) for name in model.eligible or ())
    return Verdict(kind=VerdictKind.ELIGIBLE, row=model.row, mailboxes=boxes)


def _actions(model: ActionsModel) -> Actions:
    return Actions(
        queue=model.queue,
        hold=model.hold,
        refuse=model.refuse,
        acknowledge=model.acknowledge,
        priority=model.priority,
        sla=model.sla,
        tag=tuple(model.tag),
        notify=tuple(model.notify),
        join_case=model.join_case,
    )


def _organisation(model: OrganisationModel) -> Organisation:
    words = {
        "org_short": model.name,
        "org_centre": model.centre,
        "org_centre_title": model.centre_title,
        "org_eservice": model.e_service,
        "org_post": model.postal,
        "org_phone_person": model.phone.person,
        "org_phone_partner": model.phone.partner,
        "org_hours": model.hours,
        "org_fax": model.fax,
        "subj_prefix": model.subject_prefix,
    }
    return Organisation(
        domain=model.domain,
        mail_from=model.mail_from,
        case_prefix=model.case_prefix,
        timezone=model.timezone,
        words={key: _words(value) for key, value in words.items()},
    )


def _channels(model: ChannelsModel) -> Iterator[tuple[str, OtherChannel]]:
    for name, field in type(model).model_fields.items():
        channel: ChannelModel = getattr(model, name)
        known_as = field.alias or name
        url = _words(channel.url) if channel.url else None
        yield known_as, OtherChannel(name=known_as, title=_words(channel.title), url=url)


def _words(model: WordsModel) -> Words:
    return {"en": model.en, "fi": model.fi, "sv": model.sv}


def _days(period: str | None) -> int | None:
    return int(period[1:-1]) if period else None
