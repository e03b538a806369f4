"""Hands out one attachment (or the original message) to a member of staff; each is an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from secure_mail.application.casework.opening import Opening, OpenMessage
from secure_mail.application.casework.trail import Trail, readable_case
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.cases import CaseEventKind
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import MessageId, PartId, Reference
from secure_mail.domain.messages import Message, MessageState, Part, PartKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.facts import ScanVerdict
from secure_mail.domain.routing.rulebook import TRIAGE
from secure_mail.domain.views import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    label: Label
    size: int
    verdict: ScanVerdict
    octets: bytes | None = field(repr=False)
    """None until the download of what was not scanned is confirmed; of what is infected, always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAttachment:
    """What the scanner did not pass is handed out only when the person confirms; infected never.

    Raises Refusal NOT_FOUND, NO_ACCESS; CannotOpenError, recorded as an alarm.
    """

    units: Units
    opening: Opening
    trail: Trail

    def __call__(
        self, staff: StaffIdentity, of: Reference | MessageId, part_id: PartId, *, confirmed: bool
    ) -> Attachment:
        """`of` is a case, or a held message (for those who read triage)."""
        with self.units.reading() as uow:
            found = (
                _of_case(uow, staff, of, part_id)
                if isinstance(of, Reference)
                else _of_held(uow, staff, of, part_id)
            )
        with self.trail.alarmed(self.units, staff, str(found.message.id)):
            attachment = self._open(found, confirmed=confirmed)
        if attachment.octets is not None:
            self._record(staff, found, attachment)
        return attachment

    def _open(self, found: _Found, *, confirmed: bool) -> Attachment:
        opened = self.opening.message(found.message, found.parts)
        verdict = _verdict(opened, found.part)
        free = verdict is ScanVerdict.CLEAN or (confirmed and verdict is not ScanVerdict.INFECTED)
        return Attachment(
            label=self.opening.label(found.message, found.part),
            size=found.part.size,
            verdict=verdict,
            octets=self.opening.octets(found.message, found.part) if free else None,
        )

    def _record(self, staff: StaffIdentity, found: _Found, attachment: Attachment) -> None:
        facts = {"part": str(found.part.id), "verdict": attachment.verdict.value}
        case = found.message.case_id
        with self.units() as uow:
            if case is None:
                message = str(found.message.id)
                self.trail.audit(uow, staff, message, AuditKind.FILE_DOWNLOADED, **facts)
            else:
                self.trail.leave(
                    uow, staff, case, CaseEventKind.DOWNLOADED, AuditKind.FILE_DOWNLOADED, **facts
                )
            uow.commit()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    message: Message
    parts: Sequence[Part]
    part: Part


def _of_case(
    uow: UnitOfWork, staff: StaffIdentity, reference: Reference, part_id: PartId
) -> _Found:
    case = readable_case(uow, staff, reference)
    return _part_of(uow, uow.messages.of_case(case.id), part_id)


def _of_held(
    uow: UnitOfWork, staff: StaffIdentity, message_id: MessageId, part_id: PartId
) -> _Found:
    if not staff.may_read(TRIAGE):
        raise Refusal(RefusalCode.NO_ACCESS, queue=TRIAGE)
    message = uow.messages.get(message_id)
    if message is None or message.state is not MessageState.HELD:
        raise Refusal(RefusalCode.NOT_FOUND)
    return _part_of(uow, [message], part_id)


def _part_of(uow: UnitOfWork, messages: Sequence[Message], part_id: PartId) -> _Found:
    """Files and originals of these messages only: an id of another case's part is not found."""
    part = uow.contents.part(part_id)
    message = next((one for one in messages if part and one.content_id == part.content_id), None)
    if part is None or message is None or part.kind not in (PartKind.FILE, PartKind.RAW):
        raise Refusal(RefusalCode.NOT_FOUND)
    return _Found(message=message, parts=uow.contents.parts(part.content_id), part=part)


def _verdict(opened: OpenMessage, part: Part) -> ScanVerdict:
    files = (file.verdict for file in opened.files if file.part.id == part.id)
    return next(files, opened.original_verdict)
