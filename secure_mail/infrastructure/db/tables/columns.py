"""Column types that both databases keep alike, and the base of every table."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import JSON, DateTime, Dialect, Enum, Index, MetaData, String, Table, text
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

from secure_mail.domain.ids import Reference

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Stands for "no due time": such cases sort last in an index that has no NULL."""


Impl: TypeAlias = TypeEngine[Any] | type[TypeEngine[Any]]
"""As the base class of column types declares it."""


def small(of: type) -> str:
    """`SecureLink` is `secure_link`."""
    return re.sub(r"(?<=.)(?=[A-Z])", "_", of.__name__).lower()


class Row(SQLModel):
    """A table, named as its class in small letters.

    The classes declare; repositories speak to `Row.__table__` by statements, so no object in
    memory can be staler than the database.
    """

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    """Of our own, with a name for every constraint: without one SQLite's cannot be dropped."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Runs before SQLAlchemy looks at the class."""
        cls.__tablename__ = small(cls)


def table_of(row: type[Row]) -> Table:
    """The table that a class declares."""
    return Row.metadata.tables[str(row.__tablename__)]


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC: SQLite drops zones, so they are put back at reading."""

    impl: Impl = DateTime(timezone=True)
    cache_ok: bool | None = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class InstantOrNever(Instant):
    """None is kept as NEVER."""

    cache_ok: bool | None = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return super().process_bind_param(NEVER if value is None else value, _dialect)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        found = super().process_result_value(value, _dialect)
        return None if found == NEVER else found


class ReferenceText(TypeDecorator[Reference]):
    """`PK-7K4Q-9M3X`, as text."""

    impl: Impl = String
    cache_ok: bool | None = True

    def process_bind_param(self, value: Reference | None, _dialect: Dialect) -> str | None:
        return None if value is None else value.text

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Reference | None:
        return None if value is None else Reference(value)


class TupleOf(TypeDecorator[tuple[object, ...]]):
    """A short tuple as a JSON list of texts; `member` makes a member of its text."""

    impl: Impl = JSON
    cache_ok: bool | None = True

    def __init__(self, member: Callable[[str], object] = str) -> None:
        super().__init__()
        self.member = member

    def process_bind_param(
        self, value: tuple[object, ...] | None, _dialect: Dialect
    ) -> list[str] | None:
        return None if value is None else [str(member) for member in value]

    def process_result_value(
        self, value: list[str] | None, _dialect: Dialect
    ) -> tuple[object, ...] | None:
        return None if value is None else tuple(self.member(member) for member in value)


def choice(of: type[StrEnum], *, closed: bool = True) -> Enum:
    """The value of an enum as text; a closed choice is held to its values by a CHECK.

    Kinds of events and jobs grow with every capability: they are open, so that a new one needs no
    migration; reading one that this version does not know still fails.
    """
    return Enum(
        of,
        native_enum=False,
        create_constraint=closed,
        values_callable=lambda kinds: [kind.value for kind in kinds],
        name=small(of),
        length=32,
    )


def partial_index(name: str, *columns: str, where: str) -> Index:
    """An index of the rows that satisfy a condition, on both databases."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
