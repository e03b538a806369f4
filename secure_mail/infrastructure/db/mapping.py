"""Nouns to rows and back: equal names, and a sealed key as two columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Generic, TypeVar

from sqlalchemy import RowMapping, insert

from secure_mail.domain.sealing import SealedKey
from secure_mail.infrastructure.db.tables.columns import Row, table_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

N = TypeVar("N", bound="DataclassInstance")


class Mapped(Generic[N]):
    """A table and the noun that its rows are.

    `apart` names fields of the noun that lie elsewhere; they are handed to `noun`.
    """

    def __init__(self, row: type[Row], noun: type[N], *, apart: tuple[str, ...] = ()) -> None:
        self.table = table_of(row)
        self.c = self.table.c
        self.insertion = insert(self.table)
        self._make: Callable[..., N] = noun
        names = [field.name for field in fields(noun) if field.name not in apart]
        self._keys = tuple(name for name in names if f"{name}_holder" in self.c)
        self._plain = tuple(name for name in names if name not in self._keys)
        if missing := [name for name in names if name not in self.c]:
            raise TypeError(f"{self.table.name} has no column for {missing}")

    def row(self, noun: N) -> dict[str, object]:
        """The values of the columns, by name."""
        values = {name: getattr(noun, name) for name in self._plain}
        for name in self._keys:
            key: SealedKey = getattr(noun, name)
            values[name], values[f"{name}_holder"] = key.sealed, key.holder
        return values

    def noun(self, row: RowMapping, **apart: object) -> N:
        values = {name: row[name] for name in self._plain}
        for name in self._keys:
            values[name] = SealedKey(row[f"{name}_holder"], row[name])
        return self._make(**values, **apart)
