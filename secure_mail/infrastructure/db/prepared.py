"""Rows of the way in, written for SQLite with as few steps as it lets us."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, Dialect, Enum, Table
from sqlalchemy.sql.type_api import TypeEngine

from secure_mail.infrastructure.db.tables.columns import Instant

MANY = 256
"""Rows of one statement; SQLite allows 32,766 values."""
Convert: TypeAlias = Callable[[Any], object]


class Insertion:
    """Rows of one table, many in one statement: SQLite then lets go of the interpreter once."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self._columns: list[tuple[str, Convert | None]] = [
            (column.name, _conversion(column.type, dialect)) for column in table.c
        ]
        quoted = dialect.identifier_preparer.quote
        names = ", ".join(quoted(column.name) for column in table.c)
        self._head = f"INSERT INTO {quoted(table.name)} ({names}) VALUES "  # noqa: S608  names of our tables
        self._row = f"({', '.join('?' * len(self._columns))})"

    def run(self, connection: Connection, rows: Sequence[dict[str, object]]) -> None:
        """Raises as any statement of the connection does."""
        for start in range(0, len(rows), MANY):
            some = rows[start : start + MANY]
            values = tuple([value for row in some for value in self._values(row)])
            statement = self._head + ", ".join([self._row] * len(some))
            connection.exec_driver_sql(statement, values)

    def _values(self, row: dict[str, object]) -> list[object]:
        return [
            row[name] if convert is None else convert(row[name]) for name, convert in self._columns
        ]


def _conversion(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """What a value must go through, if anything. Rows of one group share instants and words."""
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    return lru_cache(convert) if convert and isinstance(kind, Instant | Enum) else convert


@lru_cache
def insertion(table: Table, dialect: Dialect) -> Insertion:
    """Of this table; made once per engine."""
    return Insertion(table, dialect)
