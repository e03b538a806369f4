"""One transaction, as repositories speak to it: open, or recorded before it is opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Executable,
    RowMapping,
    Table,
    UpdateBase,
    func,
    select,
    update,
)

from secure_mail.domain.messages import Message
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.prepared import Rows, insertion
from secure_mail.infrastructure.db.tables import METADATA

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

N = TypeVar("N", bound="DataclassInstance")
TABLES = METADATA.sorted_tables
"""Those that others refer to come first."""


class NotForeseenError(Exception):
    """What is only recorded cannot read or change anything."""


class Transaction:
    """Runs statements. Raises StoreDownError, ConflictError, or StatementError for a defect.

    `hopeful`: a unique value counts as free until adding it says otherwise; see `hope`.
    """

    def __init__(
        self,
        connection: Connection | None,
        dialect: Dialect,
        *,
        writable: bool = True,
        hopeful: bool = False,
    ) -> None:
        self._opened = connection
        self._dialect = dialect
        self._writable = writable
        self._over = False
        self._hopeful = hopeful
        self._hopes: set[Hashable] = set()
        self.later: defaultdict[Table, Rows] = defaultdict(list)
        """What is still to be added."""
        self.unforeseen = False
        """Only recorded, it was asked to read or change something."""
        self.arrived: dict[bytes, Message] = {}
        """By digest, what this transaction has added: a group may hold the same mail twice."""

    @classmethod
    def open(cls, connection: Connection, *, writable: bool = True, hopeful: bool = False) -> Self:
        return cls(connection, connection.dialect, writable=writable, hopeful=hopeful)

    @classmethod
    def recorded(cls, dialect: Dialect) -> Self:
        """For a unit that only adds: it can then be run before its turn. Else NotForeseenError."""
        return cls(None, dialect, hopeful=True)

    @property
    def _connection(self) -> Connection:
        if self._opened is None:
            self.unforeseen = True
            raise NotForeseenError
        return self._opened

    def rows(self, query: Executable, **values: object) -> Sequence[RowMapping]:
        return self._read(query, values).mappings().all()

    def row(self, query: Executable, **values: object) -> RowMapping | None:
        return self._read(query, values).mappings().first()

    def _read(self, query: Executable, values: dict[str, object]) -> CursorResult[Any]:
        if self._over:
            raise RuntimeError("the transaction was committed")
        self.settle()
        return self._connection.execute(query, values)

    def first(
        self,
        mapped: Mapped[N],
        *where: ColumnElement[bool],
        order: Sequence[ColumnElement[object]] = (),
        lock: bool = False,
    ) -> N | None:
        """The first noun that satisfies all conditions.

        `lock`: nobody else changes its row before this transaction ends, if it may write at all.
        """
        query = select(mapped.table).where(*where).order_by(*order).limit(1)
        found = self.row(query.with_for_update() if lock and self._writable else query)
        return None if found is None else mapped.noun(found)

    def all(
        self,
        mapped: Mapped[N],
        *where: ColumnElement[bool],
        order: Sequence[ColumnElement[object]] = (),
        limit: int | None = None,
    ) -> list[N]:
        query = select(mapped.table).where(*where).order_by(*order).limit(limit)
        return [mapped.noun(row) for row in self.rows(query)]

    def count(self, table: Table, *where: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(table).where(*where)
        return int(self._read(query, {}).scalar_one())

    def add(self, mapped: Mapped[N], *nouns: N) -> None:
        """Raises ConflictError when a unique value is taken."""
        if nouns:
            self._check_writable()
            self.settle()
            self._connection.execute(mapped.insertion, [mapped.row(noun) for noun in nouns])

    def add_later(self, table: Table, row: dict[str, object]) -> None:
        """Adds a row together with those of other units: before anything is read or changed, or
        before the commit. A value of every column is in it.
        """
        self._check_writable()
        self.later[table].append(insertion(table, self._dialect).values(row))

    def add_all(self, recorded: Transaction) -> None:
        """Adds later what was recorded."""
        for table, rows in recorded.later.items():
            self.later[table] += rows

    def settle(self) -> None:
        """Writes what was to be added later. Raises ConflictError, or StatementError."""
        if not self.later:
            return
        later, self.later = self.later, defaultdict(list)
        for table in TABLES:
            if table in later:
                insertion(table, self._dialect).run(self._connection, later[table])

    def hope(self, value: Hashable) -> bool:
        """Whether to go on, unasked, as if nobody had this unique value: it must be `added`."""
        if self._hopeful:
            self._hopes.add(value)
        return self._hopeful

    def added(self, *values: Hashable) -> None:
        """These were hoped to be free, and the unique index will tell."""
        self._hopes.difference_update(values)

    @property
    def only_hoped(self) -> bool:
        """True when something was taken for free that nobody added: it may have been wrong."""
        return bool(self._hopes)

    def store(self, mapped: Mapped[N], noun: N, *where: ColumnElement[bool]) -> bool:
        """Writes all fields of a noun over the row of its id, if the conditions hold."""
        values = mapped.row(noun)
        key = mapped.c.id == values.pop("id")
        return self.change(update(mapped.table).where(key, *where).values(values)) == 1

    def change(
        self, statement: UpdateBase, values: Sequence[dict[str, object]] | None = None
    ) -> int:
        """Runs it; how many rows it touched."""
        self._check_writable()
        self.settle()
        return self._connection.execute(statement, values).rowcount

    def take(self, statement: UpdateBase, **values: object) -> Sequence[RowMapping]:
        """Runs a statement that returns rows."""
        self._check_writable()
        self.settle()
        return self._connection.execute(statement, values).mappings().all()

    def begin_unit(self) -> dict[bytes, Message]:
        """Sets a SAVEPOINT after what others added; what is returned serves to undo."""
        self.settle()
        self._connection.exec_driver_sql("SAVEPOINT unit")
        return dict(self.arrived)

    def undo_unit(self, arrived: dict[bytes, Message]) -> None:
        """Back to the SAVEPOINT: nothing that the unit added counts as arrived."""
        self._connection.exec_driver_sql("ROLLBACK TO SAVEPOINT unit")
        self.later.clear()
        self.arrived = arrived

    def end_unit(self) -> None:
        self._connection.exec_driver_sql("RELEASE SAVEPOINT unit")

    def commit(self) -> None:
        self._check_writable()
        self.settle()
        self._over = True
        try:
            self._connection.commit()
        except BaseException:
            # It may still be in its transaction, holding locks: not for the pool.
            self._connection.invalidate()
            raise

    def _check_writable(self) -> None:
        if not self._writable:
            raise RuntimeError("a transaction for reading cannot write")
        if self._over:
            raise RuntimeError("the transaction was committed")
