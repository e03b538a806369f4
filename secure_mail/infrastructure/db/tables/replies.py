"""Answers and the codes that open them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from secure_mail.domain.answers import CodeState
from secure_mail.domain.cases import Identified
from secure_mail.infrastructure.db.tables.columns import (
    Instant,
    Row,
    TupleOf,
    choice,
    partial_index,
)


class Reply(Row, table=True):
    __table_args__ = (
        partial_index("ix_reply_unread", "notice_at", where="displayed_at IS NULL"),
        Index("ix_reply_case", "case_id", "created_at"),
    )
    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="case.id")
    content_id: UUID = Field(foreign_key="content.id")
    author: UUID
    created_at: datetime = Field(sa_type=Instant())
    language: str
    identified: Identified = Field(sa_type=choice(Identified))
    for_staff_holder: str
    for_staff: bytes
    for_reader_holder: str
    for_reader: bytes
    address: bytes
    readable_until: datetime = Field(sa_type=Instant())
    notice_at: datetime | None = Field(sa_type=Instant())
    displayed_at: datetime | None = Field(sa_type=Instant())
    reminded_at: datetime | None = Field(sa_type=Instant())


class ReadingCode(Row, table=True):
    __table_args__ = (
        Index("ix_reading_code_network", "network", "requested_at"),
        Index("ix_reading_code_address", "address_index", "requested_at"),
    )
    id: UUID = Field(primary_key=True)
    requested_at: datetime = Field(sa_type=Instant(), index=True)
    expires_at: datetime = Field(sa_type=Instant())
    language: str
    check_words: str
    network: bytes
    cookie_hash: bytes = Field(index=True)
    sealed: bytes
    state: CodeState = Field(sa_type=choice(CodeState))
    tries: int
    address_index: bytes | None
    code_hmac: bytes | None
    cases: tuple[UUID, ...] = Field(sa_type=TupleOf(UUID))
