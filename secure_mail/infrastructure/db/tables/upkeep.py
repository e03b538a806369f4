"""The audit trail, approved rule sets, service notices."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import Field

from secure_mail.domain.events import AuditKind
from secure_mail.infrastructure.db.tables.columns import Instant, Row, TupleOf, choice


class AuditEvent(Row, table=True):
    __table_args__ = (Index("ix_audit_event_subject", "subject", "at", "id"),)
    id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant())
    kind: AuditKind = Field(sa_type=choice(AuditKind, closed=False))
    actor: str
    subject: str
    facts: dict[str, str] = Field(sa_type=JSON)


class RuleSet(Row, table=True):
    """The latest approved is in force."""

    hash: str = Field(primary_key=True)
    text: str
    approved_at: datetime = Field(sa_type=Instant(), index=True)
    approved_by: tuple[str, ...] = Field(sa_type=TupleOf())


class ServiceNotice(Row, table=True):
    id: int | None = Field(default=None, primary_key=True)
    starts_at: datetime = Field(sa_type=Instant())
    ends_at: datetime = Field(sa_type=Instant())
    text: dict[str, str] = Field(sa_type=JSON)
