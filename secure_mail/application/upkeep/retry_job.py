"""What failed is tried again later, with growing pauses; it is never forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.undelivered import MarkUndelivered
from secure_mail.domain.bounces import MailName, Undelivered
from secure_mail.domain.work import MAILS, Claim, mail_tried_for, retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryJob:
    """Puts a failed job back with a back-off; records the failure's class name, never its text.

    A mail is given up when its next try would come too late to be of use, and that is recorded
    where it matters: with its link, its code or its case.
    """

    units: Units
    clock: Clock
    undelivered: MarkUndelivered
    link_life: timedelta

    def __call__(self, claim: Claim, cause: str) -> bool:
        """False: it was given up."""
        with self.units() as uow:
            now = self.clock.now()
            due = now + retry_after(claim.kind, claim.attempt)
            mail = self._too_late(uow, claim, due)
            if mail is None:
                uow.outbox.retry(claim, due, cause)
            else:
                uow.outbox.bury(claim, cause)
                self.undelivered(uow, now, mail, Undelivered.GIVEN_UP)
            uow.commit()
        return mail is None

    def _too_late(self, uow: UnitOfWork, claim: Claim, due: datetime) -> MailName | None:
        """The mail that is of no use any more when it is due."""
        kind, entry = MAILS.get(claim.kind), uow.outbox.held(claim)
        if kind is None or entry is None:
            return None
        end = entry.created_at + mail_tried_for(claim.kind, self.link_life)
        return MailName(kind, claim.subject) if due >= end else None
