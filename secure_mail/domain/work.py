"""The outbox: what must still be done, written with what caused it. The broker is only a hint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

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


def retry_after(attempt: int) -> timedelta:
    """Back-off before the next try: 5 s, 30 s, 3 min, 18 min, then hourly."""
    return min(timedelta(seconds=5 * 6 ** min(attempt - 1, 4)), timedelta(hours=1))
