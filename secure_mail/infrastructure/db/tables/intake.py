"""Contents and parts, messages, duplicates, the ledger, the outbox.

Messages name links, partners and cases by id without a foreign key: capabilities delete on
clocks of their own.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from secure_mail.domain.messages import Assurance, Channel, MessageState, PartKind
from secure_mail.domain.work import JobKind, JobState
from secure_mail.infrastructure.db.tables.columns import (
    Instant,
    ReferenceText,
    Row,
    choice,
    partial_index,
)


class Content(Row, table=True):
    id: UUID = Field(primary_key=True)


class Part(Row, table=True):
    __table_args__ = (partial_index("ix_part_blob", "blob", where="blob IS NOT NULL"),)
    id: UUID = Field(primary_key=True)
    content_id: UUID = Field(foreign_key="content.id", ondelete="CASCADE", index=True)
    kind: PartKind = Field(sa_type=choice(PartKind))
    ordinal: int
    size: int = Field(sa_type=BigInteger)
    digest: bytes
    inline: bytes | None
    blob: str | None
    label: bytes | None


class Message(Row, table=True):
    __table_args__ = (
        Index("ix_message_state", "state", "id"),
        partial_index("ix_message_link", "link_id", where="link_id IS NOT NULL"),
        partial_index("ix_message_case", "case_id", where="case_id IS NOT NULL"),
    )
    id: UUID = Field(primary_key=True)
    content_id: UUID = Field(foreign_key="content.id", index=True)
    channel: Channel = Field(sa_type=choice(Channel))
    mailbox: str
    state: MessageState = Field(sa_type=choice(MessageState))
    reference: str = Field(sa_type=ReferenceText(), unique=True)
    received_at: datetime = Field(sa_type=Instant())
    sealed_key_holder: str
    sealed_key: bytes
    evidence: bytes
    link_id: UUID | None
    grace: bool
    assurance: Assurance | None = Field(sa_type=choice(Assurance))
    automatic: bool
    partner_id: UUID | None
    case_id: UUID | None
    filed_at: datetime | None = Field(sa_type=Instant())
    reason: str | None
    released_to: str | None
    rules_hash: str | None
    rule: str | None
    trace: str | None


class RecentDigest(Row, table=True):
    """A keyed hash of what arrived, for as long as the same again is a duplicate."""

    digest: bytes = Field(primary_key=True)
    message_id: UUID = Field(foreign_key="message.id", ondelete="CASCADE")
    until: datetime = Field(sa_type=Instant(), index=True)


class UnaskedAnswer(Row, table=True):
    """The last answer that an address got without asking, for as long as it may get no other."""

    address_index: bytes = Field(primary_key=True)
    message_id: UUID
    at: datetime = Field(sa_type=Instant(), index=True)


class LedgerEntry(Row, table=True):
    number: int = Field(sa_type=BigInteger, primary_key=True)
    message_id: UUID = Field(foreign_key="message.id", unique=True)


class LedgerCounter(Row, table=True):
    """One row: the last number given."""

    name: str = Field(primary_key=True)
    value: int = Field(sa_type=BigInteger)


DEAD = "state = 'dead'"


class OutboxEntry(Row, table=True):
    """`ready_at` is when somebody may take the row: due time, end of a lease, or never again."""

    __table_args__ = (
        partial_index("ix_outbox_entry_ready", "ready_at", "id", where="ready_at IS NOT NULL"),
        Index("ix_outbox_entry_subject", "subject", "kind"),
        partial_index("ix_outbox_entry_dead", "kind", where=DEAD),
    )
    id: UUID = Field(primary_key=True)
    kind: JobKind = Field(sa_type=choice(JobKind, closed=False))
    subject: UUID
    created_at: datetime = Field(sa_type=Instant())
    due_at: datetime = Field(sa_type=Instant())
    ready_at: datetime | None = Field(sa_type=Instant())
    state: JobState = Field(sa_type=choice(JobState))
    attempt: int
    last_error: str | None
