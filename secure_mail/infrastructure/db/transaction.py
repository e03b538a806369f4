"""One open transaction, as repositories speak to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    Insert,
    RowMapping,
    Table,
    UpdateBase,
    func,
    select,
    update,
)

from secure_mail.infrastructure.db.mapping import Mapped

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

N = TypeVar("N", bound="DataclassInstance")
Later: TypeAlias = "list[tuple[Insert, dict[str, object]]]"


class Transaction:
    """Runs statements. Raises StoreDownError, ConflictError, or StatementError for a defect."""

    def __init__(self, connection: Connection, *, writable: bool = True) -> None:
        self._connection = connection
        self._writable = writable
        self._over = False
        self._later: Later = []

    def rows(self, query: Executable, **values: object) -> Sequence[RowMapping]:
        return self._read(query, values).mappings().all()

    def row(self, query: Executable, **values: object) -> RowMapping | None:
        return self._read(query, values).mappings().first()

    def _read(self, query: Executable, values: dict[str, object]) -> CursorResult[Any]:
        if self._over:
            raise RuntimeError("the transaction was committed")
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
            self._connection.execute(mapped.insertion, [mapped.row(noun) for noun in nouns])

    def add_later(self, insertion: Insert, row: dict[str, object]) -> None:
        """Adds a row that cannot conflict with those of other units of the group, all at once
        before the commit. Whoever reads such rows settles first.
        """
        self._check_writable()
        self._later.append((insertion, row))

    def settle(self) -> None:
        """Writes what was to be added later."""
        together: defaultdict[Insert, list[dict[str, object]]] = defaultdict(list)
        for insertion, row in self._later:
            together[insertion].append(row)
        for insertion, rows in together.items():
            self._connection.execute(insertion, rows)
        self._later = []

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
        return self._connection.execute(statement, values).rowcount

    def take(self, statement: UpdateBase) -> Sequence[RowMapping]:
        """Runs a statement that returns rows."""
        self._check_writable()
        return self._connection.execute(statement).mappings().all()

    def begin_unit(self) -> Later:
        """Sets a SAVEPOINT; what is returned serves to undo."""
        self._connection.exec_driver_sql("SAVEPOINT unit")
        return list(self._later)

    def undo_unit(self, begun: Later) -> None:
        """Back to the SAVEPOINT, also of what others left for later and this unit settled."""
        self._connection.exec_driver_sql("ROLLBACK TO SAVEPOINT unit")
        self._later = begun

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
