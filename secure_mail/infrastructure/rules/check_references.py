"""Check that every name means something, and that the eligibility table leaves no gap."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import product
from zoneinfo import ZoneInfo

from secure_mail.domain.eligibility import Applicant, EligibilityRow, Party
from secure_mail.domain.messages import Channel
from secure_mail.domain.routing.rulebook import (
    BOUNCES,
    MAILBOX_QUEUE,
    TOPIC_QUEUE,
    TRIAGE,
    AudienceKind,
)
from secure_mail.infrastructure.rules.build import eligibility_row
from secure_mail.infrastructure.rules.schema import EligibilityModel, FileModel, TopicModel
from secure_mail.infrastructure.rules.strict_yaml import Path

Fault = tuple[Path, str]


def faults_of_references(file: FileModel) -> Iterator[Fault]:
    """Unknown names, with what to do."""
    for queue in (TRIAGE, BOUNCES):
        if queue not in file.queues:
            yield ("queues",), f"no queue {queue}: add it, the service files mail there"
    for name, box in file.mailboxes.items():
        yield from _unknown(("mailboxes", name, "queue"), "queue", box.queue, file.queues)
    for name, topic in file.topics.items():
        yield from _of_topic(name, topic, file)
    for name, queue_model in file.queues.items():
        yield from _unknown(("queues", name, "sla"), "sla", queue_model.sla, file.slas)
    queues = {*file.queues, MAILBOX_QUEUE, TOPIC_QUEUE}
    for index, rule in enumerate(file.rules):
        path: Path = ("rules", index, "then")
        yield from _unknown((*path, "queue"), "queue", rule.then.queue, queues)
        yield from _unknown((*path, "sla"), "sla", rule.then.sla, file.slas)
    if file.organisation.mail_from in file.mailboxes:
        yield ("organisation", "mail_from"), "is a mailbox: name an address nobody writes to"
    try:
        ZoneInfo(file.organisation.timezone)
    except (KeyError, ValueError, OSError):
        yield ("organisation", "timezone"), "no such time zone: use a name such as Europe/Helsinki"


def _of_topic(name: str, topic: TopicModel, file: FileModel) -> Iterator[Fault]:
    path: Path = ("topics", name)
    yield from _unknown((*path, "mailbox"), "mailbox", topic.mailbox, file.mailboxes)
    yield from _unknown((*path, "queue"), "queue", topic.queue, file.queues)
    for index, purpose in enumerate(topic.purposes):
        yield from _unknown((*path, "purposes", index), "purpose", purpose, file.purposes)
    box = file.mailboxes.get(topic.mailbox)
    for kind in topic.for_:
        if kind is AudienceKind.ANYONE or (box is not None and kind not in box.audience):
            yield (*path, "for"), f"{topic.mailbox} is not for {kind}: change one of the two"


def _unknown(path: Path, what: str, name: str | None, known: Collection[str]) -> Iterator[Fault]:
    if name is not None and name not in known:
        yield path, f"no {what} {name}: write one of {', '.join(sorted(known))}"


def faults_of_eligibility(file: FileModel) -> Iterator[Fault]:
    """Rows without one verdict, rows that never decide, and senders that no row fits."""
    for index, row in enumerate(file.eligibility):
        yield from _of_row(("eligibility", index), row, file)
    table = [eligibility_row(row, file.unregistered_partner_by_link) for row in file.eligibility]
    decided: set[int] = set()
    for applicant in every_applicant():
        fits = _first(table, applicant)
        if fits is None:
            yield ("eligibility",), f"no row fits {_said(applicant)}: add one"
            break
        decided.add(fits)
    else:
        for index in sorted(set(range(len(table))) - decided):
            yield ("eligibility", index), "never decides: an earlier row fits first, remove one"


def _of_row(path: Path, row: EligibilityModel, file: FileModel) -> Iterator[Fault]:
    verdicts = [row.eligible, row.hold, row.refuse, row.by]
    if sum(verdict is not None for verdict in verdicts) != 1:
        yield path, "needs exactly one of eligible, hold, refuse, by"
    for place, name in enumerate(row.eligible or ()):
        where: Path = (*path, "eligible", place)
        yield from _unknown(where, "mailbox", name, file.mailboxes)
        kind = (
            AudienceKind.PARTNER if row.audience == Party.PARTNER else AudienceKind.CUSTOMER_ABROAD
        )
        box = file.mailboxes.get(name)
        if box is not None and kind not in box.audience:
            yield where, f"{name} is not for {kind}: change its audience or this row"


def every_applicant() -> Iterator[Applicant]:
    """Every combination that the table can be asked about."""
    answers = product((False, True), repeat=7)
    for e_id, eidas, abroad, registered, proved, another, relay in answers:
        for channel in Channel:
            for party in Party:
                if registered and party is not Party.PARTNER:
                    continue
                yield Applicant(
                    party=party,
                    channel=channel,
                    finnish_e_id=e_id,
                    eidas_usable=eidas,
                    abroad=abroad,
                    registered=registered,
                    proved=proved,
                    another_proof=another,
                    behind_relay=relay,
                )


def _first(table: list[EligibilityRow], applicant: Applicant) -> int | None:
    return next((index for index, row in enumerate(table) if row.fits(applicant)), None)


def _said(applicant: Applicant) -> str:
    words = [applicant.party.value, f"by {applicant.channel.value}"]
    flags = ("finnish_e_id", "eidas_usable", "abroad", "registered", "proved", "another_proof")
    words += [f"{flag}: {str(getattr(applicant, flag)).lower()}" for flag in flags]
    return ", ".join([*words, f"at_door: {str(applicant.at_door).lower()}"])
