"""The whole of a case for one reader; reading it is an event with a purpose (906/2019 §17)."""

from __future__ import annotations

from dataclasses import dataclass, field

from secure_mail.application.casework.opening import Opening, OpenMessage
from secure_mail.application.casework.trail import Trail, readable_case
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.cases import Case, CaseEvent, CaseEventKind, CaseSummary, Reply
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import Reference, StaffId
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
    """Each with the text of its note, if it has one."""
    partner: PartnerOrganisation | None
    earlier: tuple[Case, ...]
    """Other cases of the same sender in queues that this person may read."""
    names: dict[str, str]
    """Staff id, as text, to name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCase:
    """Raises Refusal NOT_FOUND, NO_ACCESS; CannotOpenError is an alarm."""

    units: Units
    opening: Opening
    trail: Trail

    def __call__(self, staff: StaffIdentity, reference: Reference, purpose: str) -> CaseFile:
        with self.units() as uow:
            case = readable_case(uow, staff, reference)
            file = self._open(uow, staff, case)
            self.trail.leave(
                uow, staff, case.id, CaseEventKind.READ, AuditKind.CASE_READ, purpose=purpose
            )
            uow.commit()
        return file

    def _open(self, uow: UnitOfWork, staff: StaffIdentity, case: Case) -> CaseFile:
        opening = self.opening
        summaries = opening.summaries(uow.cases.summaries([case.id]))
        index = case.address_index
        earlier = uow.cases.of_address(index) if index else ()
        return CaseFile(
            case=case,
            summary=summaries.get(case.id, CaseSummary()),
            messages=tuple(
                opening.message(message, uow.contents.parts(message.content_id))
                for message in uow.messages.of_case(case.id)
            ),
            replies=tuple(
                (reply, opening.answer(reply.for_staff, uow.contents.parts(reply.content_id)))
                for reply in uow.replies.of_case(case.id)
            ),
            events=tuple((event, opening.note(event)) for event in uow.cases.events(case.id)),
            partner=uow.partners.get(case.partner_id) if case.partner_id else None,
            earlier=tuple(
                other for other in earlier if other.id != case.id and staff.may_read(other.queue)
            ),
            names={str(member.id): member.name for member in uow.staff.all()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColleagues:
    """Whom a case of a queue can be assigned to: active members who work there."""

    units: Units

    def __call__(self, case: Case) -> tuple[tuple[StaffId, str], ...]:
        with self.units.reading() as uow:
            return tuple((one.id, one.name) for one in uow.staff.holders(case.queue))
