"""One open transaction, as repositories speak to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    RowMapping,
    Table,
    UpdateBase,
    func,
    insert,
    select,
    update,
)

from secure_mail.domain.messages import Message
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.prepared import insertion
from secure_mail.infrastructure.db.tables import METADATA

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

N = TypeVar("N", bound="DataclassInstance")
Values: TypeAlias = dict[str, object]
TABLES = METADATA.sorted_tables
"""Those that others refer to come first."""


class Transaction:
    """Runs statements. Raises StoreDownError, ConflictError, or StatementError for a defect.

    `hopeful`: a unique value counts as free until adding it says otherwise; see `hope`.
    """

    def __init__(
        self, connection: Connection, *, writable: bool = True, hopeful: bool = False
    ) -> None:
        self._connection = connection
        self._writable = writable
        self._over = False
        self._hopeful = hopeful
        self._hopes: set[Hashable] = set()
        self._later: defaultdict[Table, list[Values]] = defaultdict(list)
        self.arrived: dict[bytes, Message] = {}
        """By digest, what this transaction has added: a group may hold the same mail twice."""

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

    def add_later(self, table: Table, row: Values) -> None:
        """Adds a row together with those of other units: before anything is read or changed, or
        before the commit. A value of every column is in it.
        """
        self._check_writable()
        self._later[table].append(row)

    def settle(self) -> None:
        """Writes what was to be added later. Raises ConflictError, or StatementError."""
        if not self._later:
            return
        later, self._later = self._later, defaultdict(list)
        dialect = self._connection.dialect
        for table in TABLES:
            if table not in later:
                continue
            if dialect.name == "sqlite":
                insertion(table, dialect).run(self._connection, later[table])
            else:
                self._connection.execute(insert(table), later[table])

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

    def take(self, statement: UpdateBase) -> Sequence[RowMapping]:
        """Runs a statement that returns rows."""
        self._check_writable()
        self.settle()
        return self._connection.execute(statement).mappings().all()

    def begin_unit(self) -> dict[bytes, Message]:
        """Sets a SAVEPOINT after what others added; what is returned serves to undo."""
        self.settle()
        self._connection.exec_driver_sql("SAVEPOINT unit")
        return dict(self.arrived)

    def undo_unit(self, arrived: dict[bytes, Message]) -> None:
        """Back to the SAVEPOINT: nothing that the unit added counts as arrived."""
        self._connection.exec_driver_sql("ROLLBACK TO SAVEPOINT unit")
        self._later.clear()
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
