"""Registrations, links, sessions, drafts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from secure_mail.domain.links import Audience, LinkState, SessionKind
from secure_mail.infrastructure.db.tables.columns import Instant, Row, choice, partial_index


class Registration(Row, table=True):
    __table_args__ = (
        Index("ix_registration_network", "network", "requested_at"),
        Index("ix_registration_address", "address_index", "requested_at"),
        Index("ix_registration_domain", "domain_index", "requested_at"),
    )
    id: UUID = Field(primary_key=True)
    requested_at: datetime = Field(sa_type=Instant(), index=True)
    language: str
    check_words: str
    network: bytes
    sealed: bytes
    address_index: bytes | None
    domain_index: bytes | None
    outcome: str | None
    mailed_at: datetime | None = Field(sa_type=Instant())


class StopRequest(Row, table=True):
    __table_args__ = (Index("ix_stop_request_network", "network", "requested_at"),)
    id: UUID = Field(primary_key=True)
    requested_at: datetime = Field(sa_type=Instant())
    network: bytes
    sealed: bytes


class AddressBlock(Row, table=True):
    address_index: bytes = Field(primary_key=True)
    since: datetime = Field(sa_type=Instant())
    until: datetime = Field(sa_type=Instant())


class SecureLink(Row, table=True):
    __table_args__ = (Index("ix_secure_link_address", "address_index", "expires_at"),)
    id: UUID = Field(primary_key=True)
    registration_id: UUID = Field(foreign_key="registration.id", ondelete="CASCADE", unique=True)
    token_hash: bytes = Field(unique=True)
    reference: str
    language: str
    check_words: str
    requested_at: datetime = Field(sa_type=Instant())
    expires_at: datetime = Field(sa_type=Instant(), index=True)
    audience: Audience = Field(sa_type=choice(Audience))
    partner_id: UUID | None
    country: str | None
    address_index: bytes
    masked_address: bytes
    state: LinkState = Field(sa_type=choice(LinkState))
    redeemed_at: datetime | None = Field(sa_type=Instant())
    uses: int
    cap: int
    octets: int = Field(sa_type=BigInteger)
    octets_cap: int = Field(sa_type=BigInteger)
    revoked_reason: str | None


class Session(Row, table=True):
    __table_args__ = (Index("ix_session_subject", "subject", "kind"),)
    id: UUID = Field(primary_key=True)
    kind: SessionKind = Field(sa_type=choice(SessionKind))
    secret_hash: bytes = Field(unique=True)
    subject: str
    language: str
    created_at: datetime = Field(sa_type=Instant())
    last_used_at: datetime = Field(sa_type=Instant())
    expires_at: datetime = Field(sa_type=Instant(), index=True)
    ended_at: datetime | None = Field(sa_type=Instant())
    sealed: bytes | None


class Draft(Row, table=True):
    id: UUID = Field(primary_key=True)
    link_id: UUID = Field(foreign_key="secure_link.id", ondelete="CASCADE", index=True)
    content_id: UUID
    wrapped_key: bytes
    escrow: bytes
    composition: bytes | None
    form_part: UUID
    created_at: datetime = Field(sa_type=Instant())
    updated_at: datetime = Field(sa_type=Instant(), index=True)
    served_at: datetime = Field(sa_type=Instant())
    version: int
    sent_message: str | None


class DraftFile(Row, table=True):
    __table_args__ = (partial_index("ix_draft_file_blob", "blob", where="blob IS NOT NULL"),)
    id: UUID = Field(primary_key=True)
    draft_id: UUID = Field(foreign_key="draft.id", ondelete="CASCADE", index=True)
    ordinal: int
    size: int = Field(sa_type=BigInteger)
    digest: bytes
    inline: bytes | None
    blob: str | None
    label: bytes
    uploaded_at: datetime = Field(sa_type=Instant())
