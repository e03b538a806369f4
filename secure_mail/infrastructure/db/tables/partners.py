"""Partner organisations and the domains they write from."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

from secure_mail.domain.partners import Certificate, Check, PartnerState
from secure_mail.infrastructure.db.tables.columns import Impl, Instant, Row, TupleOf, choice


class Certificates(TypeDecorator[tuple[Certificate, ...]]):
    """A few certificates as a JSON list."""

    impl: Impl = JSON
    cache_ok: bool | None = True

    def process_bind_param(
        self, value: tuple[Certificate, ...] | None, _dialect: Dialect
    ) -> list[dict[str, str]] | None:
        return [
            {
                "fingerprint": one.fingerprint,
                "pem": one.pem,
                "not_after": one.not_after.isoformat(),
            }
            for one in value or ()
        ]

    def process_result_value(
        self, value: list[dict[str, str]] | None, _dialect: Dialect
    ) -> tuple[Certificate, ...] | None:
        return tuple(
            Certificate(
                fingerprint=one["fingerprint"],
                pem=one["pem"],
                not_after=datetime.fromisoformat(one["not_after"]),
            )
            for one in value or ()
        )


class PartnerOrganisation(Row, table=True):
    id: UUID = Field(primary_key=True)
    name: str = Field(unique=True)
    addresses: tuple[str, ...] = Field(sa_type=TupleOf())
    require: tuple[Check, ...] = Field(sa_type=TupleOf(Check))
    networks: tuple[str, ...] = Field(sa_type=TupleOf())
    exclusive: bool
    certificates: tuple[Certificate, ...] = Field(sa_type=Certificates())
    signing_domains: tuple[str, ...] = Field(sa_type=TupleOf())
    allow_spf: bool
    hourly: int | None
    state: PartnerState = Field(sa_type=choice(PartnerState))
    since: date | None
    until: date | None
    created_at: datetime = Field(sa_type=Instant())


class PartnerDomain(Row, table=True):
    partner_id: UUID = Field(
        primary_key=True, foreign_key="partner_organisation.id", ondelete="CASCADE"
    )
    ordinal: int = Field(primary_key=True)
    domain: str = Field(index=True)


class PartnerCheckDay(Row, table=True):
    partner_id: UUID = Field(
        primary_key=True, foreign_key="partner_organisation.id", ondelete="CASCADE"
    )
    day: date = Field(primary_key=True)
    check: Check = Field(sa_type=choice(Check, closed=False), primary_key=True)
    held: int
    missed: int
    last_held_at: datetime | None = Field(sa_type=Instant())
    last_missed_at: datetime | None = Field(sa_type=Instant())
