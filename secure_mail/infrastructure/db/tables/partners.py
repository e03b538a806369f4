"""Partner organisations and the domains they write from."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from secure_mail.domain.partners import Check, PartnerState
from secure_mail.infrastructure.db.tables.columns import Instant, Row, TupleOf, choice


class PartnerOrganisation(Row, table=True):
    id: UUID = Field(primary_key=True)
    name: str = Field(unique=True)
    addresses: tuple[str, ...] = Field(sa_type=TupleOf())
    require: tuple[Check, ...] = Field(sa_type=TupleOf(Check))
    networks: tuple[str, ...] = Field(sa_type=TupleOf())
    exclusive: bool
    state: PartnerState = Field(sa_type=choice(PartnerState))
    until: date | None
    created_at: datetime = Field(sa_type=Instant())


class PartnerDomain(Row, table=True):
    partner_id: UUID = Field(
        primary_key=True, foreign_key="partner_organisation.id", ondelete="CASCADE"
    )
    ordinal: int = Field(primary_key=True)
    domain: str = Field(index=True)
