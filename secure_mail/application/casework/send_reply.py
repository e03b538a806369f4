"""The answer: sealed to the queue and to the reader; a notice without content goes out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from secure_mail.application.casework.delicate import needs_second_look
from secure_mail.application.casework.opening import Opening
from secure_mail.application.casework.trail import Trail, readable_case, save_next, workable_case
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.ports.vault import Sealer
from secure_mail.application.sealed_parts import MakePart
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.cases import (
    ANSWER_SHOWN,
    AnswerState,
    Case,
    CaseEventKind,
    CaseState,
    CloseReason,
    Identified,
    Reply,
    WaitingFor,
)
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import CaseId, ContentId, Reference, ReplyId, StaffId
from secure_mail.domain.messages import PartKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import REPLIES, WORKER, Purpose, queue_key
from secure_mail.domain.views import View
from secure_mail.domain.work import JobKind

NO_NOTICE = "no-notice"
"""Fact of the event that says: nobody told the sender, tell by post or telephone."""


class After(StrEnum):
    """What becomes of the case once the answer is out."""

    CLOSE = "close"
    WAIT = "wait"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the clerk wrote and decided."""

    text: str = field(repr=False)
    language: str
    identified: Identified
    after: After
    sure: bool = False
    """The clerk confirmed a second time that this may be said to this person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReply:
    """Raises Refusal NOT_FOUND, NO_ACCESS, STALE; NOT_IDENTIFIED when a second look is due;
    NO_REPLY_ADDRESS when nobody can be answered. CannotOpenError is recorded as an alarm.
    """

    units: Units
    clock: Clock
    ids: Ids
    rules: Rules
    sealer: Sealer
    opening: Opening
    make_part: MakePart
    trail: Trail

    def __call__(
        self, staff: StaffIdentity, reference: Reference, version: int, answer: Answer
    ) -> Case:
        """A second send of the same answer, such as a double click, changes nothing."""
        with self.trail.alarmed(self.units, staff, str(reference)), self.units() as uow:
            sent = self._sent(uow, staff, reference, version, answer)
            if sent is not None:
                return sent
            case = workable_case(uow, staff, reference, version)
            if not answer.sure and needs_second_look(
                answer.text, case.assurance, answer.identified
            ):
                raise Refusal(RefusalCode.NOT_IDENTIFIED)
            reply = self._seal(uow, staff, case, answer)
            answered = save_next(uow, _after(case, answer.after, staff.id, reply.created_at))
            self.trail.leave(
                uow,
                staff,
                case.id,
                CaseEventKind.REPLIED,
                AuditKind.REPLY_SENT,
                reply=str(reply.id),
                identified=answer.identified.value,
            )
            self._tell(uow, staff, case, reply)
            uow.commit()
        return answered

    def _sent(
        self,
        uow: UnitOfWork,
        staff: StaffIdentity,
        reference: Reference,
        version: int,
        answer: Answer,
    ) -> Case | None:
        """The case, if this very answer went out from this version of it."""
        case = readable_case(uow, staff, reference)
        reply = uow.replies.get(_reply_id(case.id, version, staff.id))
        if reply is None:
            return None
        written = self.opening.answer(reply, uow.contents.parts(reply.content_id))
        return case if written.text == answer.text else None

    def _seal(self, uow: UnitOfWork, staff: StaffIdentity, case: Case, answer: Answer) -> Reply:
        now = self.clock.now()
        address = self.opening.summaries(uow.cases.summaries([case.id]))[case.id].address
        if not address:
            raise Refusal(RefusalCode.NO_REPLY_ADDRESS)
        key, content = self.sealer.new_content_key(), ContentId(self.ids.new())
        view = View(text=answer.text).to_json()
        uow.contents.add(content, [self.make_part(key, content, PartKind.VIEW, view)])
        reply_id = _reply_id(case.id, case.version, staff.id)
        queue = self.rules.in_force().queues[case.queue]
        reply = Reply(
            id=reply_id,
            case_id=case.id,
            content_id=content,
            author=staff.id,
            created_at=now,
            language=answer.language,
            identified=answer.identified,
            for_staff=self.sealer.seal_key(key, queue_key(queue.key), content),
            for_reader=self.sealer.seal_key(key, REPLIES, content),
            address=self.sealer.seal_value(
                address.encode(), WORKER, Purpose.REPLY_ADDRESS, reply_id
            ),
            readable_until=now + ANSWER_SHOWN,
        )
        uow.replies.add(reply)
        return reply

    def _tell(self, uow: UnitOfWork, staff: StaffIdentity, case: Case, reply: Reply) -> None:
        if case.notify:
            uow.outbox.add(JobKind.SEND_NOTICE, reply.id, reply.created_at)
        else:
            self.trail.leave(
                uow,
                staff,
                case.id,
                CaseEventKind.ANSWER_NOT_DISPLAYED,
                reply=str(reply.id),
                reason=NO_NOTICE,
            )


def _reply_id(case: CaseId, version: int, author: StaffId) -> ReplyId:
    """One answer of one person to one version of a case: what makes a double click one answer."""
    made_of = case.bytes + author.bytes + version.to_bytes(8)
    return ReplyId(UUID(bytes=sha256(made_of).digest()[:16]))


def _after(case: Case, after: After, author: StaffId, now: datetime) -> Case:
    """Without a notice the sender may never look: the case stays with its clerk (links.md)."""
    answered = replace(
        case,
        answer=AnswerState.SENT if case.notify else AnswerState.NOT_DISPLAYED,
        answered_at=now,
        assignee=case.assignee or author,
        waiting_for=None,
        waiting_until=None,
        close_reason=None,
        closed_at=None,
    )
    if not case.notify or after is After.KEEP:
        return replace(answered, state=CaseState.OPEN)
    if after is After.WAIT:
        return replace(answered, state=CaseState.WAITING, waiting_for=WaitingFor.SENDER)
    return replace(
        answered, state=CaseState.CLOSED, close_reason=CloseReason.ANSWERED, closed_at=now
    )
