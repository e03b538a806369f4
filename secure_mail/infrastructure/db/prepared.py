"""Rows of the way in: added many at once, with as few steps as the database lets us."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Connection, Dialect, Enum, Table, insert
from sqlalchemy.sql.type_api import TypeEngine

from secure_mail.infrastructure.db.engine import run_in_sqlite
from secure_mail.infrastructure.db.tables.columns import Instant

MANY = 256
"""Rows of one statement; SQLite allows 32,766 values."""
Rows: TypeAlias = list[Any]
"""Of one table, each as its insertion wants it."""
Convert: TypeAlias = Callable[[Any], object]


class Insertion(Protocol):
    """Adds rows to one table."""

    def values(self, row: dict[str, object]) -> object:
        """The row, ready for `run`; of every column there must be a value."""
        ...

    def run(self, connection: Connection, rows: Rows) -> None:
        """Raises as any statement of the connection does."""
        ...


class SqliteInsertion:
    """Many rows in one statement: SQLite then lets go of the interpreter once."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        names = [column.name for column in table.c]
        # A name twice, so that it is a tuple also of one column.
        self._picked = itemgetter(names[0], *names)
        self._conversions = [
            (place, convert)
            for place, column in enumerate(table.c)
            if (convert := _conversion(column.type, dialect))
        ]
        quoted = dialect.identifier_preparer.quote
        listed = ", ".join(map(quoted, names))
        self._head = f"INSERT INTO {quoted(table.name)} ({listed}) VALUES "  # noqa: S608  names of our tables
        self._row = f"({', '.join('?' * len(names))})"

    def values(self, row: dict[str, object]) -> list[object]:
        values: list[object]
        _, *values = self._picked(row)
        for place, convert in self._conversions:
            values[place] = convert(values[place])
        return values

    def run(self, connection: Connection, rows: Rows) -> None:
        for start in range(0, len(rows), MANY):
            some: Sequence[list[object]] = rows[start : start + MANY]
            statement = self._head + ", ".join([self._row] * len(some))
            run_in_sqlite(connection, statement, tuple(chain.from_iterable(some)))


class PlainInsertion:
    """As the dialect does it."""

    def __init__(self, table: Table) -> None:
        self._statement = insert(table)

    def values(self, row: dict[str, object]) -> dict[str, object]:
        return row

    def run(self, connection: Connection, rows: Rows) -> None:
        connection.execute(self._statement, rows)


def _conversion(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """What a value must go through, if anything. Rows of one group share instants and words."""
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    return lru_cache(convert) if convert and isinstance(kind, Instant | Enum) else convert


@lru_cache
def insertion(table: Table, dialect: Dialect) -> Insertion:
    """Into this table; made once per engine."""
    return SqliteInsertion(table, dialect) if dialect.name == "sqlite" else PlainInsertion(table)
