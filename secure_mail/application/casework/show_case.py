"""The whole of a case for one reader; reading it is an event with a purpose (906/2019 §17)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from secure_mail.application.casework.opening import Opening, OpenMessage
from secure_mail.application.casework.trail import Trail, readable_case
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.domain.access import MAY_WORK, Role, StaffIdentity
from secure_mail.domain.cases import (
    Case,
    CaseEvent,
    CaseEventKind,
    CaseSummary,
    Reply,
    SealedSummary,
)
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import CaseId, ContentId, QueueName, Reference, StaffId
from secure_mail.domain.messages import Message, Part
from secure_mail.domain.partners import PartnerOrganisation
from secure_mail.domain.views import View


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Everything the case page shows."""

    case: Case
    summary: CaseSummary = field(repr=False)
    messages: tuple[OpenMessage, ...] = field(repr=False)
    replies: tuple[tuple[Reply, View], ...] = field(repr=False)
    events: tuple[tuple[CaseEvent, str], ...] = field(repr=False)
    """Each with the text of its note, if it has one; this reading is not among them."""
    partner: PartnerOrganisation | None
    earlier: tuple[Case, ...]
    """Other cases of the same sender in queues that this person may read."""
    names: Mapping[str, str]
    """Staff id, as text, to name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCase:
    """Raises Refusal NOT_FOUND, NO_ACCESS; CannotOpenError, recorded as an alarm."""

    units: Units
    opening: Opening
    trail: Trail

    def __call__(self, staff: StaffIdentity, reference: Reference, purpose: str) -> CaseFile:
        with self.units.reading() as uow:
            rows = _read(uow, staff, readable_case(uow, staff, reference))
        with self.trail.alarmed(self.units, staff, str(rows.case.id)):
            file = self._open(rows)
        with self.units() as uow:
            self.trail.leave(
                uow, staff, rows.case.id, CaseEventKind.READ, AuditKind.CASE_READ, purpose=purpose
            )
            uow.commit()
        return file

    def _open(self, rows: _Rows) -> CaseFile:
        opening = self.opening
        return CaseFile(
            case=rows.case,
            summary=opening.summaries(rows.summary).get(rows.case.id, CaseSummary()),
            messages=tuple(
                opening.message(one, rows.parts[one.content_id]) for one in rows.messages
            ),
            replies=tuple(
                (reply, opening.answer(reply, rows.parts[reply.content_id]))
                for reply in rows.replies
            ),
            events=tuple((event, opening.note(event)) for event in rows.events),
            partner=rows.partner,
            earlier=rows.earlier,
            names=rows.names,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """What lies in the store, sealed: read in one snapshot, opened after it."""

    case: Case
    summary: Mapping[CaseId, SealedSummary]
    messages: Sequence[Message]
    replies: Sequence[Reply]
    parts: Mapping[ContentId, Sequence[Part]]
    events: Sequence[CaseEvent]
    partner: PartnerOrganisation | None
    earlier: tuple[Case, ...]
    names: Mapping[str, str]


def _read(uow: UnitOfWork, staff: StaffIdentity, case: Case) -> _Rows:
    messages, replies = uow.messages.of_case(case.id), uow.replies.of_case(case.id)
    contents = {one.content_id for one in messages} | {one.content_id for one in replies}
    index = case.address_index
    others = uow.cases.of_address(index) if index else ()
    return _Rows(
        case=case,
        summary=uow.cases.summaries([case.id]),
        messages=messages,
        replies=replies,
        parts={content: uow.contents.parts(content) for content in contents},
        events=uow.cases.events(case.id),
        partner=uow.partners.get(case.partner_id) if case.partner_id else None,
        earlier=tuple(
            other for other in others if other.id != case.id and staff.may_read(other.queue)
        ),
        names={str(member.id): member.name for member in uow.staff.all()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColleagues:
    """Active members with one of the roles in a queue; without roles, those who work there."""

    units: Units

    def __call__(
        self, queue: QueueName, roles: Collection[Role] = MAY_WORK
    ) -> tuple[tuple[StaffId, str], ...]:
        with self.units.reading() as uow:
            return tuple((one.id, one.name) for one in uow.staff.holders(queue, roles))
