"""Showing the answers of a case: the only event that counts as read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.blobs import BlobMissingError, Blobs
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.ports.vault import Opener, PartOpener
from secure_mail.application.replies.list_answers import readable
from secure_mail.application.replies.marking import mark_answer
from secure_mail.application.replies.read_reading_session import OpenReading
from secure_mail.application.sealed_parts import part_octets
from secure_mail.domain.cases import AnswerState, CaseEvent, CaseEventKind, Reply
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import EventId, Reference
from secure_mail.domain.messages import PartKind
from secure_mail.domain.public_words import PublicStatus, public_status
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import CannotOpenError
from secure_mail.domain.views import View


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAnswer:
    """One answer, without the name of who wrote it."""

    written_at: datetime
    text: str = field(repr=False)
    language: str
    readable_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCase:
    reference: Reference
    status: PublicStatus
    """As it is after this display."""
    received_at: datetime
    answers: tuple[ShownAnswer, ...]
    """Oldest first."""
    gone: bool
    """There was an answer, and its 30 days are over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowAnswer:
    """Opens the answers of the last 30 days of one of the session's cases and records the display.

    Raises NOT_FOUND for a case that the session's code does not open; CannotOpenError, recorded as
    an alarm, when sealed bytes are not what was stored.
    """

    units: Units
    clock: Clock
    ids: Ids
    opener: Opener
    parts: PartOpener
    blobs: Blobs

    def __call__(self, reading: OpenReading, reference: Reference) -> ShownCase:
        now = self.clock.now()
        with self.units() as uow:
            case = uow.cases.by_reference(reference)
            if case is None or case.id not in reading.cases:
                raise Refusal(RefusalCode.NOT_FOUND)
            replies = uow.replies.of_case(case.id)
            shown = readable(replies, now)
            answers = tuple(self._open(uow, reply, now) for reply in shown)
            fresh = [reply for reply in shown if uow.replies.displayed(reply.id, now)]
            for reply in fresh:
                self._record(uow, reply, now)
            if fresh:
                mark_answer(uow, case.id, AnswerState.DISPLAYED)
            uow.commit()
        return ShownCase(
            reference=case.reference,
            status=public_status(case, unread=False),
            received_at=case.received_at,
            answers=answers,
            gone=bool(replies) and not shown,
        )

    def _open(self, uow: UnitOfWork, reply: Reply, now: datetime) -> ShownAnswer:
        try:
            view = self._view(uow, reply)
        except (CannotOpenError, BlobMissingError):
            self._audit(uow, AuditKind.SEAL_BROKEN, reply, now)
            uow.commit()
            raise
        return ShownAnswer(
            written_at=reply.created_at,
            text=view.text,
            language=reply.language,
            readable_until=reply.readable_until,
        )

    def _view(self, uow: UnitOfWork, reply: Reply) -> View:
        key = self.opener.open_key(reply.for_reader, reply.content_id)
        part = next(
            part for part in uow.contents.parts(reply.content_id) if part.kind is PartKind.VIEW
        )
        return View.from_json(part_octets(self.parts, self.blobs, key, part))

    def _record(self, uow: UnitOfWork, reply: Reply, now: datetime) -> None:
        uow.cases.add_event(
            CaseEvent(
                id=EventId(self.ids.new()),
                case_id=reply.case_id,
                at=now,
                kind=CaseEventKind.ANSWER_DISPLAYED,
                actor="sender",
                facts={"reply": str(reply.id)},
            )
        )
        self._audit(uow, AuditKind.ANSWER_DISPLAYED, reply, now)

    def _audit(self, uow: UnitOfWork, kind: AuditKind, reply: Reply, now: datetime) -> None:
        uow.audit.add(audit_event(self.ids, now, kind, "sender", reply.id))
