"""Cases, their sealed summaries and timeline; staff and their grants."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field

from secure_mail.domain.access import GrantState, Role, StaffState
from secure_mail.domain.cases import (
    AnswerState,
    CaseEventKind,
    CaseState,
    CloseReason,
    WaitingFor,
)
from secure_mail.domain.messages import Assurance
from secure_mail.infrastructure.db.tables.columns import (
    Instant,
    InstantOrNever,
    ReferenceText,
    Row,
    TupleOf,
    choice,
    partial_index,
)

NOT_CLOSED = "state <> 'closed'"


class Case(Row, table=True):
    """Narrow: the queue page is read from its indexes in their order."""

    __table_args__ = (
        Index("ix_case_queue_due", "queue", "state", "due_at", "id"),
        Index("ix_case_assignee_due", "assignee", "state", "due_at", "id"),
        Index("ix_case_queue_received", "queue", "received_at", "id"),
        Index("ix_case_address", "address_index", "received_at"),
        partial_index(
            "ix_case_counts", "queue", "state", "due_at", "assignee", "answer", where=NOT_CLOSED
        ),
    )
    id: UUID = Field(primary_key=True)
    reference: str = Field(sa_type=ReferenceText(), unique=True)
    queue: str
    state: CaseState = Field(sa_type=choice(CaseState))
    received_at: datetime = Field(sa_type=Instant())
    filed_at: datetime = Field(sa_type=Instant())
    due_at: datetime = Field(sa_type=InstantOrNever())
    mailbox: str
    channel: str
    topic: str | None
    purpose: str | None
    language: str
    sender_kind: str
    country: str | None
    acts_for: bool
    assurance: Assurance = Field(sa_type=choice(Assurance))
    notify: bool
    partner_id: UUID | None
    address_index: bytes | None
    assignee: UUID | None
    waiting_for: WaitingFor | None = Field(sa_type=choice(WaitingFor))
    waiting_until: datetime | None = Field(sa_type=Instant())
    close_reason: CloseReason | None = Field(sa_type=choice(CloseReason))
    closed_at: datetime | None = Field(sa_type=Instant())
    answer: AnswerState = Field(sa_type=choice(AnswerState))
    answered_at: datetime | None = Field(sa_type=Instant())
    last_message_at: datetime = Field(sa_type=Instant())
    messages: int
    files: int
    priority: str
    tags: tuple[str, ...] = Field(sa_type=TupleOf())
    rules_hash: str | None
    rule: str | None
    version: int


class CaseSummary(Row, table=True):
    case_id: UUID = Field(primary_key=True, foreign_key="case.id", ondelete="CASCADE")
    holder: str
    sealed: bytes


class CaseEvent(Row, table=True):
    __table_args__ = (Index("ix_case_event_case", "case_id", "at", "id"),)
    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="case.id", ondelete="CASCADE")
    at: datetime = Field(sa_type=Instant())
    kind: CaseEventKind = Field(sa_type=choice(CaseEventKind, closed=False))
    actor: str
    facts: dict[str, str] = Field(sa_type=JSON)
    holder: str | None
    note: bytes | None


class StaffMember(Row, table=True):
    id: UUID = Field(primary_key=True)
    email: str = Field(unique=True)
    name: str
    language: str
    state: StaffState = Field(sa_type=choice(StaffState))
    created_at: datetime = Field(sa_type=Instant())
    password_hash: str | None
    totp: bytes | None
    last_totp_step: int = Field(sa_type=BigInteger)
    setup_hash: bytes | None = Field(unique=True)
    setup_until: datetime | None = Field(sa_type=Instant())
    setup_confirmed: bool
    failures: int
    locked_until: datetime | None = Field(sa_type=Instant())


class QueueGrant(Row, table=True):
    __table_args__ = (Index("ix_queue_grant_queue", "queue", "state"),)
    id: UUID = Field(primary_key=True)
    staff_id: UUID = Field(foreign_key="staff_member.id", ondelete="CASCADE", index=True)
    role: Role = Field(sa_type=choice(Role))
    queue: str
    state: GrantState = Field(sa_type=choice(GrantState))
    granted_at: datetime = Field(sa_type=Instant())
    granted_by: str
    confirmed_by: UUID | None
    confirmed_at: datetime | None = Field(sa_type=Instant())
