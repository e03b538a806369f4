"""Cases: what staff work on. Narrow rows in the clear; everything personal sealed to the queue."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from secure_mail.domain.ids import (
    CaseId,
    ContentId,
    EventId,
    PartnerId,
    QueueName,
    Reference,
    ReplyId,
    StaffId,
)
from secure_mail.domain.messages import Assurance
from secure_mail.domain.sealing import KeyName, SealedBytes, SealedKey

ANSWER_SHOWN = timedelta(days=30)
"""How long a reading session shows an answer."""
ANSWER_UNREAD = timedelta(days=14)
"""Not displayed for this long: the case returns to its clerk."""
READABLE_AFTER_CLOSE = timedelta(days=60)
"""A code is mailed for cases closed or answered within this time."""


class CaseState(StrEnum):
    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


TO_ANSWER = (CaseState.NEW, CaseState.OPEN)
"""Waits for us: only such a case is late, or due today."""


class WaitingFor(StrEnum):
    SENDER = "sender"
    UNIT = "unit"
    INSIDE = "inside"


class CloseReason(StrEnum):
    ANSWERED = "answered"
    TRANSFERRED = "transferred"
    JOINED = "joined"
    NONE = "none"
    NOT_OURS = "notours"
    NO_REPLY = "noreply"


class AnswerState(StrEnum):
    """Of the latest answer of a case."""

    NONE = "none"
    SENT = "sent"
    DISPLAYED = "displayed"
    NOT_DISPLAYED = "not-displayed"
    """Not read in ANSWER_UNREAD, no notice was wanted or it did not arrive: send it by post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One matter of one sender in one queue. `version` rises with every change."""

    id: CaseId
    reference: Reference
    queue: QueueName
    state: CaseState
    received_at: datetime
    """Arrival of its first message; a transfer keeps it."""
    filed_at: datetime
    due_at: datetime | None
    mailbox: str
    channel: str
    topic: str | None
    purpose: str | None
    language: str
    sender_kind: str
    country: str | None
    acts_for: bool
    assurance: Assurance
    notify: bool
    partner_id: PartnerId | None
    address_index: bytes | None = field(repr=False)
    """Blind index of the sender's address."""
    assignee: StaffId | None = None
    waiting_for: WaitingFor | None = None
    waiting_until: datetime | None = None
    close_reason: CloseReason | None = None
    closed_at: datetime | None = None
    answer: AnswerState = AnswerState.NONE
    answered_at: datetime | None = None
    last_message_at: datetime
    messages: int = 1
    files: int = 0
    priority: str = "normal"
    tags: tuple[str, ...] = ()
    rules_hash: str | None = None
    rule: str | None = None
    version: int = 1

    def overdue_at(self, now: datetime) -> bool:
        """Late means: still to be answered, and the instant `due_at` has come."""
        return self.state in TO_ANSWER and self.due_at is not None and self.due_at <= now


def returned_to_clerk(case: Case) -> Case:
    """The next version: its answer was not displayed, so somebody must tell it in another way."""
    return replace(
        case,
        state=CaseState.OPEN,
        answer=AnswerState.NOT_DISPLAYED,
        waiting_for=None,
        waiting_until=None,
        closed_at=None,
        close_reason=None,
        version=case.version + 1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """What the queue page shows of a person; sealed to the queue's key, purpose SUMMARY."""

    address: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    name: str = field(default="", repr=False)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        return cls(**json.loads(data))


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSummary:
    case_id: CaseId
    holder: KeyName
    sealed: SealedBytes = field(repr=False)


class CaseEventKind(StrEnum):
    FILED = "filed"
    JOINED = "joined"
    CLAIMED = "claimed"
    ASSIGNED = "assigned"
    NOTE = "note"
    REPLIED = "replied"
    TRANSFERRED = "transferred"
    CLOSED = "closed"
    REOPENED = "reopened"
    READ = "read"
    DOWNLOADED = "downloaded"
    NOTICE_MAILED = "notice-mailed"
    RECEIPT_UNDELIVERED = "receipt-undelivered"
    ANSWER_DISPLAYED = "answer-displayed"
    ANSWER_NOT_DISPLAYED = "answer-not-displayed"
    RELEASED = "released"
    LINKS_ENDED = "links-ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """One line of a case's timeline. `facts` hold ids and codes, never content."""

    id: EventId
    case_id: CaseId
    at: datetime
    kind: CaseEventKind
    actor: str
    """`staff:ID`, `worker` or `sender`."""
    facts: dict[str, str] = field(default_factory=dict)
    holder: KeyName | None = None
    note: SealedBytes | None = field(default=None, repr=False)
    """Text of an internal note or a reason, sealed to the queue's key, purpose NOTE, this id."""


class Identified(StrEnum):
    """How the clerk identified the person before answering."""

    LETTER = "letter"
    TELEPHONE = "telephone"
    POSTAL_CODE = "postal-code"
    NOT = "not"
    """General advice only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: one content, its key sealed to the queue and to `replies`."""

    id: ReplyId
    case_id: CaseId
    content_id: ContentId
    author: StaffId
    created_at: datetime
    language: str
    identified: Identified
    for_staff: SealedKey
    for_reader: SealedKey
    address: SealedBytes = field(repr=False)
    """The recipient to the worker, purpose REPLY_ADDRESS and this reply's id."""
    readable_until: datetime
    notice_at: datetime | None = None
    displayed_at: datetime | None = None
    reminded_at: datetime | None = None
