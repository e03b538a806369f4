"""Telling a sender that the message was refused, and which way to take instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from secure_mail.application.mailing import MailJob, WriteMail
from secure_mail.application.ports.mail import OutgoingMail
from secure_mail.application.ports.store import UnitOfWork
from secure_mail.application.ports.vault import Opener
from secure_mail.application.processing.addressee import addressee
from secure_mail.domain.ids import MessageId
from secure_mail.domain.messages import MessageState
from secure_mail.domain.refusals import TOLD
from secure_mail.domain.work import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRefusal:
    """Mails why a message was refused, to a proved or link-confirmed sender only.

    Raises as MailJob does.
    """

    job: MailJob
    write: WriteMail
    opener: Opener

    def __call__(self, claim: Claim) -> None:
        self.job(claim, partial(self._decide, MessageId(claim.subject)), _nothing_to_record)

    def _decide(self, message_id: MessageId, uow: UnitOfWork, _: datetime) -> OutgoingMail | None:
        message = uow.messages.get(message_id)
        if (
            message is None
            or message.state is not MessageState.REFUSED
            or message.reason not in TOLD
        ):
            return None
        found = addressee(uow, self.opener, message)
        if found is None:
            return None
        return self.write(
            "refusal",
            message_id,
            *found,
            code=message.reason,
            what="message",
            at=message.received_at,
            check="",
        )


def _nothing_to_record(_: UnitOfWork, __: datetime, ___: dict[str, str] | None) -> None:
    """The refusal itself is in the audit trail."""
