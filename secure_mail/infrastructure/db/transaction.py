"""One open transaction, as repositories speak to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
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


class Transaction:
    """Runs statements. Raises StoreDownError, ConflictError, or StatementError for a defect."""

    def __init__(self, connection: Connection, *, writable: bool = True) -> None:
        self._connection = connection
        self._writable = writable

    def rows(self, query: Executable) -> Sequence[RowMapping]:
        return self._connection.execute(query).mappings().all()

    def row(self, query: Executable) -> RowMapping | None:
        return self._connection.execute(query).mappings().first()

    def first(
        self,
        mapped: Mapped[N],
        *where: ColumnElement[bool],
        order: Sequence[ColumnElement[object]] = (),
    ) -> N | None:
        """The first noun that satisfies all conditions."""
        found = self.row(select(mapped.table).where(*where).order_by(*order).limit(1))
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
        return int(self._connection.execute(query).scalar_one())

    def add(self, mapped: Mapped[N], *nouns: N) -> None:
        """Raises ConflictError when a unique value is taken."""
        if nouns:
            self._check_writable()
            self._connection.execute(mapped.insertion, [mapped.row(noun) for noun in nouns])

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

    def plain(self, words: str) -> None:
        """SAVEPOINT and its kin, past all machinery."""
        self._connection.exec_driver_sql(words)

    def commit(self) -> None:
        self._check_writable()
        try:
            self._connection.commit()
        except BaseException:
            # It may still be in its transaction, holding locks: not for the pool.
            self._connection.invalidate()
            raise

    def _check_writable(self) -> None:
        if not self._writable:
            raise RuntimeError("a transaction for reading cannot write")
