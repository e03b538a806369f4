"""The outbox: what must still be done, written with what caused it. The broker is only a hint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from secure_mail.domain.answers import CODE_LIFE
from secure_mail.domain.bounces import MailKind
from secure_mail.domain.ids import OutboxId

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 3
"""A message that fails this often is held; a mail keeps being tried with back-off."""
MOST_ATTEMPTS = 8
"""A message that was tried this often is held whatever the cause: stores that were away for hours,
or a worker that dies of it each time and cannot say so.
"""


class JobKind(StrEnum):
    PROCESS_MESSAGE = "process-message"
    SEND_LINK = "send-link"
    SEND_CODE = "send-code"
    SEND_RECEIPT = "send-receipt"
    SEND_NOTICE = "send-notice"
    SEND_REFUSAL = "send-refusal"
    APPLY_STOP = "apply-stop"


class JobState(StrEnum):
    PENDING = "pending"
    CLAIMED = "claimed"
    DONE = "done"
    DEAD = "dead"
    """A mail that was refused, or tried for as long as it was of use. Recorded, and not tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """One job: its kind and the id it is about, never content. Only this row has a lease."""

    id: OutboxId
    kind: JobKind
    subject: UUID
    created_at: datetime
    due_at: datetime
    state: JobState = JobState.PENDING
    attempt: int = 0
    """Rises with every claim; a late worker with an older number changes nothing."""
    lease_until: datetime | None = None
    last_error: str | None = None
    """Class name of the failure, never its text."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed job as it travels to a worker: ids and the fence."""

    id: OutboxId
    kind: JobKind
    subject: UUID
    attempt: int


class FencedError(Exception):
    """The claim was taken over by a later attempt: the transaction must not commit."""


MAILS = {
    JobKind.SEND_LINK: MailKind.LINK,
    JobKind.SEND_CODE: MailKind.CODE,
    JobKind.SEND_RECEIPT: MailKind.RECEIPT,
    JobKind.SEND_NOTICE: MailKind.NOTICE,
    JobKind.SEND_REFUSAL: MailKind.REFUSAL,
}
"""Jobs that end in a mail."""
MAIL_TRIED_FOR = timedelta(hours=48)
MAIL_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240))
"""Between tries; the last one goes on. Without jitter: one process mails no more at once than it
has threads, however many mails are due when a relay comes back.
"""


def retry_after(kind: JobKind, attempt: int) -> timedelta:
    """Pause before the next try: of a mail MAIL_PAUSES, of other work 5 s, 30 s, 3 min, 18 min,
    then an hour each.
    """
    if kind in MAILS:
        return MAIL_PAUSES[min(max(attempt, 1), len(MAIL_PAUSES)) - 1]
    return min(timedelta(seconds=5 * 6 ** min(attempt - 1, 4)), timedelta(hours=1))


def mail_tried_for(kind: JobKind, link_life: timedelta) -> timedelta:
    """How long a mail is tried: no longer than what it brings can be used."""
    life = {JobKind.SEND_LINK: link_life, JobKind.SEND_CODE: CODE_LIFE}.get(kind, MAIL_TRIED_FOR)
    return min(MAIL_TRIED_FOR, life)
