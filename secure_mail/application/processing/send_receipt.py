"""Telling a sender that the message has arrived: reference and time, nothing of its content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from secure_mail.application.auditing import audit_event
from secure_mail.application.mailing import MailJob, WriteMail
from secure_mail.application.ports.clock import Ids
from secure_mail.application.ports.mail import OutgoingMail
from secure_mail.application.ports.store import UnitOfWork
from secure_mail.application.ports.vault import Opener
from secure_mail.application.processing.addressee import addressee
from secure_mail.domain.bounces import MailKind
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import MessageId
from secure_mail.domain.messages import HoldReason, MessageState
from secure_mail.domain.work import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReceipt:
    """Mails the receipt of a filed message, or of one held because its organisation is not proved.

    Raises as MailJob does.
    """

    job: MailJob
    write: WriteMail
    ids: Ids
    opener: Opener

    def __call__(self, claim: Claim) -> None:
        message_id = MessageId(claim.subject)
        self.job(claim, partial(self._decide, message_id), partial(self._record, message_id))

    def _decide(self, message_id: MessageId, uow: UnitOfWork, _: datetime) -> OutgoingMail | None:
        message = uow.messages.get(message_id)
        if message is None:
            return None
        held = message.state is MessageState.HELD and message.reason == HoldReason.NOT_PROVED
        if not (held or message.state is MessageState.FILED):
            return None
        found = addressee(uow, self.opener, message)
        if found is None:
            return None
        return self.write(
            MailKind.RECEIPT_HELD if held else MailKind.RECEIPT,
            message_id,
            *found,
            reference=message.reference,
            received_at=message.received_at,
        )

    def _record(
        self, message_id: MessageId, uow: UnitOfWork, now: datetime, sent: dict[str, str]
    ) -> None:
        uow.audit.add(
            audit_event(self.ids, now, AuditKind.RECEIPT_MAILED, "worker", message_id, **sent)
        )
