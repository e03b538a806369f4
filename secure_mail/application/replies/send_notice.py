"""Telling a sender that there is an answer: without its content and without a link."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from secure_mail.application.auditing import audit_event
from secure_mail.application.mailing import MailJob, WriteMail
from secure_mail.application.ports.clock import Ids
from secure_mail.application.ports.mail import OutgoingMail
from secure_mail.application.ports.store import UnitOfWork
from secure_mail.application.ports.vault import Opener
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.bounces import MailKind
from secure_mail.domain.cases import CaseEvent, CaseEventKind
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import EventId, ReplyId
from secure_mail.domain.sealing import WORKER, Purpose
from secure_mail.domain.work import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class SendNotice:
    """Mails the notice of a reply once (at least), unless the answer was displayed before it.

    One that does not arrive returns the case to its clerk (`application/undelivered.py`). Raises as
    MailJob does.
    """

    job: MailJob
    write: WriteMail
    ids: Ids
    opener: Opener

    def __call__(self, claim: Claim) -> None:
        reply_id = ReplyId(claim.subject)
        self.job(claim, partial(self._decide, reply_id), partial(self._record, reply_id))

    def _decide(self, reply_id: ReplyId, uow: UnitOfWork, _: datetime) -> OutgoingMail | None:
        reply = uow.replies.get(reply_id)
        case = uow.cases.get(reply.case_id) if reply else None
        if reply is None or case is None or reply.notice_at or reply.displayed_at:
            return None
        opened = self.opener.open_value(reply.address, WORKER, Purpose.REPLY_ADDRESS, reply.id)
        return self.write(
            MailKind.NOTICE,
            reply.id,
            EmailAddress.parse(opened.decode()),
            case.language,
            reference=case.reference,
            readable_until=reply.readable_until,
            reply_to=False,
        )

    def _record(
        self, reply_id: ReplyId, uow: UnitOfWork, now: datetime, sent: dict[str, str]
    ) -> None:
        reply = uow.replies.get(reply_id)
        if reply is None:
            return
        uow.replies.save(replace(reply, notice_at=now))
        uow.audit.add(
            audit_event(self.ids, now, AuditKind.NOTICE_MAILED, "worker", reply_id, **sent)
        )
        uow.cases.add_event(
            CaseEvent(
                id=EventId(self.ids.new()),
                case_id=reply.case_id,
                at=now,
                kind=CaseEventKind.NOTICE_MAILED,
                actor="worker",
                facts={"reply": str(reply_id)},
            )
        )
