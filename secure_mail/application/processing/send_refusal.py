"""Telling a sender that the message was refused, and which way to take instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from secure_mail.application.auditing import audit_event
from secure_mail.application.mailing import MailJob, WriteMail
from secure_mail.application.ports.clock import Ids
from secure_mail.application.ports.mail import OutgoingMail
from secure_mail.application.ports.store import UnitOfWork
from secure_mail.application.ports.vault import BlindIndex, Opener
from secure_mail.application.processing.addressee import addressee
from secure_mail.domain.bounces import MailKind
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import MessageId
from secure_mail.domain.messages import MessageState
from secure_mail.domain.refusals import TOLD
from secure_mail.domain.work import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRefusal:
    """Mails why a message was refused: to a proved or link-confirmed sender, never to a machine,
    and at most one such answer to an address in an hour.

    Raises as MailJob does.
    """

    job: MailJob
    write: WriteMail
    ids: Ids
    opener: Opener
    index: BlindIndex

    def __call__(self, claim: Claim) -> None:
        message_id = MessageId(claim.subject)
        self.job(claim, partial(self._decide, message_id), partial(self._record, message_id))

    def _decide(self, message_id: MessageId, uow: UnitOfWork, now: datetime) -> OutgoingMail | None:
        message = uow.messages.get(message_id)
        if (
            message is None
            or message.state is not MessageState.REFUSED
            or message.reason not in TOLD
            or message.automatic
        ):
            return None
        found = addressee(uow, self.opener, message)
        if found is None:
            return None
        address, language = found
        if not uow.messages.answer_unasked(self.index.of(address), message_id, now):
            kind, reason = AuditKind.REFUSAL_NOT_SENT, "limited"
            uow.audit.add(audit_event(self.ids, now, kind, "worker", message_id, reason=reason))
            return None
        return self.write(
            MailKind.REFUSAL,
            message_id,
            address,
            language,
            code=message.reason,
            what="message",
            at=message.received_at,
            check="",
        )

    def _record(
        self, message_id: MessageId, uow: UnitOfWork, now: datetime, sent: dict[str, str]
    ) -> None:
        kind = AuditKind.REFUSAL_MAILED
        uow.audit.add(audit_event(self.ids, now, kind, "worker", message_id, **sent))
