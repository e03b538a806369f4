"""Hands out one attachment (or the original message) to a member of staff; each is an event."""

from __future__ import annotations

from dataclasses import dataclass, field

from secure_mail.application.casework.opening import Opening
from secure_mail.application.casework.trail import Trail, readable_case
from secure_mail.application.ports.store import Units
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.cases import CaseEventKind
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import PartId, Reference
from secure_mail.domain.messages import PartKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.facts import ScanVerdict
from secure_mail.domain.views import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    label: Label
    size: int
    verdict: ScanVerdict
    octets: bytes | None = field(repr=False)
    """None until the download of what was not scanned is confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAttachment:
    """What the scanner did not pass is handed out only when the person confirms; infected never.

    Raises Refusal NOT_FOUND, NO_ACCESS; CannotOpenError is an alarm.
    """

    units: Units
    opening: Opening
    trail: Trail

    def __call__(
        self, staff: StaffIdentity, reference: Reference, part_id: PartId, *, confirmed: bool
    ) -> Attachment:
        with self.units() as uow:
            case = readable_case(uow, staff, reference)
            part = uow.contents.part(part_id)
            messages = {one.content_id: one for one in uow.messages.of_case(case.id)}
            if (
                part is None
                or part.content_id not in messages
                or part.kind not in (PartKind.FILE, PartKind.RAW)
            ):
                raise Refusal(RefusalCode.NOT_FOUND)
            message = messages[part.content_id]
            opened = self.opening.message(message, uow.contents.parts(part.content_id))
            verdict = next(
                (file.verdict for file in opened.files if file.part.id == part_id),
                ScanVerdict.UNSCANNED,
            )
            free = verdict is ScanVerdict.CLEAN or (
                confirmed and verdict is not ScanVerdict.INFECTED
            )
            octets = self.opening.octets(message, part) if free else None
            if octets is not None:
                self.trail.leave(
                    uow,
                    staff,
                    case.id,
                    CaseEventKind.DOWNLOADED,
                    AuditKind.FILE_DOWNLOADED,
                    part=str(part_id),
                    verdict=verdict.value,
                )
                uow.commit()
        return Attachment(
            label=self.opening.label(message, part),
            size=part.size,
            verdict=verdict,
            octets=octets,
        )
