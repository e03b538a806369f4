"""The answer: sealed to the queue and to the reader; a notice without content goes out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from secure_mail.application.casework.opening import Opening
from secure_mail.application.casework.trail import Trail, save_next, workable_case
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
from secure_mail.domain.identity_codes import find
from secure_mail.domain.ids import ContentId, Reference, ReplyId
from secure_mail.domain.messages import Assurance, PartKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import REPLIES, WORKER, Purpose, queue_key
from secure_mail.domain.views import View
from secure_mail.domain.work import JobKind

_SUM = re.compile(r"\d[\d  .,]*\s?(?:€|EUR|euro)", re.IGNORECASE)


class After(StrEnum):
    """What becomes of the case once the answer is out."""

    CLOSE = "close"
    WAIT = "wait"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the clerk wrote and decided."""

    text: str
    language: str
    identified: Identified
    after: After
    sure: bool = False
    """The clerk confirmed a second time that this may be said to this person."""


def needs_second_look(text: str, assurance: Assurance, identified: Identified) -> bool:
    """Identity codes and sums may go to an unproved person only after a second confirmation."""
    proved = assurance is Assurance.POSTAL_PIN or identified in (
        Identified.LETTER,
        Identified.POSTAL_CODE,
    )
    return not proved and bool(find(text) or _SUM.search(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReply:
    """Raises Refusal NOT_FOUND, NO_ACCESS, STALE; NOT_IDENTIFIED when a second look is due."""

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
        with self.units() as uow:
            case = workable_case(uow, staff, reference, version)
            if not answer.sure and needs_second_look(
                answer.text, case.assurance, answer.identified
            ):
                raise Refusal(RefusalCode.NOT_IDENTIFIED)
            reply = self._seal(uow, staff, case, answer)
            answered = save_next(uow, _after(case, answer.after, reply.created_at))
            if case.notify:
                uow.outbox.add(JobKind.SEND_NOTICE, reply.id, reply.created_at)
            self.trail.leave(
                uow,
                staff,
                case.id,
                CaseEventKind.REPLIED,
                AuditKind.REPLY_SENT,
                reply=str(reply.id),
                identified=answer.identified.value,
            )
            uow.commit()
        return answered

    def _seal(self, uow: UnitOfWork, staff: StaffIdentity, case: Case, answer: Answer) -> Reply:
        now = self.clock.now()
        address = self.opening.summaries(uow.cases.summaries([case.id]))[case.id].address
        if not address:
            raise Refusal(RefusalCode.NO_REPLY_ADDRESS)
        key, content = self.sealer.new_content_key(), ContentId(self.ids.new())
        view = View(text=answer.text).to_json()
        uow.contents.add(content, [self.make_part(key, content, PartKind.VIEW, view)])
        reply_id = ReplyId(self.ids.new())
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


def _after(case: Case, after: After, now: datetime) -> Case:
    """Without a notice the sender may never look: the case stays with its clerk (links.md)."""
    answered = replace(
        case,
        answer=AnswerState.SENT if case.notify else AnswerState.NOT_DISPLAYED,
        answered_at=now,
        waiting_for=None,
        waiting_until=None,
    )
    if not case.notify or after is After.KEEP:
        return replace(answered, state=CaseState.OPEN)
    if after is After.WAIT:
        return replace(answered, state=CaseState.WAITING, waiting_for=WaitingFor.SENDER)
    return replace(
        answered, state=CaseState.CLOSED, close_reason=CloseReason.ANSWERED, closed_at=now
    )
