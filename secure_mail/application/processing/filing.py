"""Last station but one: seals what was derived, and makes the rows that a case consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from secure_mail.application.ports.clock import BusinessCalendar
from secure_mail.application.ports.scanner import Scanner
from secure_mail.application.ports.vault import BlindIndex, Sealer
from secure_mail.application.processing.arrival import Arrival, OpenArrival
from secure_mail.application.processing.letter import Letter
from secure_mail.application.processing.sender import Sender
from secure_mail.application.sealed_parts import MakePart
from secure_mail.domain.cases import Case, CaseState, CaseSummary, SealedSummary
from secure_mail.domain.ids import CaseId, PartId
from secure_mail.domain.messages import Part, PartKind
from secure_mail.domain.routing.evaluate import Decision
from secure_mail.domain.routing.facts import ScanVerdict
from secure_mail.domain.routing.rulebook import QueueRule, RuleBook
from secure_mail.domain.sealing import Purpose, queue_key
from secure_mail.domain.views import Label

_WORST = (ScanVerdict.INFECTED, ScanVerdict.ERROR, ScanVerdict.UNSCANNED, ScanVerdict.CLEAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """Sealed parts made from a message, and what the scanner said of its files."""

    parts: tuple[Part, ...]
    """Empty when they were not to be kept."""
    verdict: ScanVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Derive:
    """Screens the files, seals the view and a mail's attachments under the content key."""

    make_part: MakePart
    scanner: Scanner
    open_arrival: OpenArrival

    def __call__(self, arrival: Arrival, letter: Letter, *, keep: bool) -> Derived:
        """`keep` is false when the parts exist: made for another mailbox of the same DATA.

        Raises CannotOpenError: an alarm.
        """
        sent = {
            part.id: self.scanner.scan(
                label.name, partial(self.open_arrival.octets, arrival.key, part)
            )
            for part, label in arrival.files
        }
        carried = [
            self.scanner.scan(file.name, partial(bytes, file.content))
            for file in letter.attachments
        ]
        seen = {*sent.values(), *carried}
        return Derived(
            parts=self._sealed(arrival, letter, sent, carried) if keep else (),
            verdict=next((verdict for verdict in _WORST if verdict in seen), ScanVerdict.CLEAN),
        )

    def _sealed(
        self,
        arrival: Arrival,
        letter: Letter,
        sent: Mapping[PartId, ScanVerdict],
        carried: Sequence[ScanVerdict],
    ) -> tuple[Part, ...]:
        key, content = arrival.key, arrival.message.content_id
        files = tuple(
            self.make_part(
                key,
                content,
                PartKind.FILE,
                file.content,
                ordinal=ordinal,
                label=Label(name=file.name, media_type=file.media_type),
            )
            for ordinal, file in enumerate(letter.attachments)
        )
        verdicts = {**sent, **dict(zip((part.id for part in files), carried, strict=True))}
        view = replace(
            letter.view,
            verdicts={str(part): verdict.value for part, verdict in verdicts.items()},
        )
        return (*files, self.make_part(key, content, PartKind.VIEW, view.to_json()))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """The rows of a new case."""

    sealer: Sealer
    index: BlindIndex
    calendar: BusinessCalendar

    def __call__(
        self,
        book: RuleBook,
        arrival: Arrival,
        letter: Letter,
        sender: Sender,
        decision: Decision,
        queue: QueueRule,
        case_id: CaseId,
        now: datetime,
    ) -> tuple[Case, SealedSummary]:
        message = arrival.message
        sla = book.slas.get(decision.sla or queue.sla)
        days = sla.first_reply if sla else None
        address = sender.address
        case = Case(
            id=case_id,
            reference=message.reference,
            queue=queue.name,
            state=CaseState.NEW,
            received_at=message.received_at,
            filed_at=now,
            due_at=None if days is None else self.calendar.due(message.received_at, days),
            mailbox=message.mailbox,
            channel=message.channel,
            topic=letter.topic,
            purpose=letter.purpose,
            language=letter.language,
            sender_kind=sender.kind,
            country=sender.country,
            acts_for=letter.acts_for,
            assurance=sender.assurance,
            notify=letter.notify,
            partner_id=sender.partner.id if sender.partner else None,
            address_index=self.index.of(address) if address else None,
            last_message_at=message.received_at,
            files=len(letter.file_sizes),
            priority=decision.priority,
            tags=decision.tags,
            rules_hash=book.hash,
            rule=decision.rule,
        )
        holder = queue_key(queue.key)
        view = letter.view
        summary = CaseSummary(address=str(address or ""), subject=view.subject, name=view.name)
        sealed = self.sealer.seal_value(summary.to_json(), holder, Purpose.SUMMARY, case_id)
        return case, SealedSummary(case_id=case_id, holder=holder, sealed=sealed)
