"""What is remembered of messages that are fetched: rows by account, folder, UIDVALIDITY and UID."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select, update

from secure_mail.domain.fetching import Fetch, FetchKey, FetchState
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.tables import fetching as tables
from secure_mail.infrastructure.db.transaction import Transaction

FETCH = Mapped(tables.FetchedMessage, Fetch)


class SqlFetches:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def of_folder(self, account: str, folder: str, uidvalidity: int) -> Sequence[Fetch]:
        c = FETCH.c
        here = (c.account == account, c.folder == folder, c.uidvalidity == uidvalidity)
        return self._tx.all(FETCH, *here, order=(c.uid,))

    def begin(self, key: FetchKey, now: datetime, *, counted: bool) -> Fetch:
        known = self._tx.first(FETCH, _of(key), lock=True)
        if known is None:
            known = Fetch(
                account=key.account,
                folder=key.folder,
                uidvalidity=key.uidvalidity,
                uid=key.uid,
                state=FetchState.FETCHING,
                tries=int(counted),
                touched_at=now,
            )
            self._tx.add(FETCH, known)
            return known
        if known.state is not FetchState.FETCHING:
            return known
        [row] = self._tx.take(
            update(FETCH.table)
            .where(_of(key))
            .values(tries=FETCH.c.tries + int(counted), touched_at=now)
            .returning(FETCH.table)
        )
        return FETCH.noun(row)

    def settle(self, fetch: Fetch) -> bool:
        begun = and_(_of(fetch.key), FETCH.c.state == FetchState.FETCHING)
        return self._tx.change(update(FETCH.table).where(begun).values(FETCH.row(fetch))) == 1

    def untouched_since(self, account: str, folder: str, before: datetime) -> Sequence[FetchKey]:
        c = FETCH.c
        query = select(c.account, c.folder, c.uidvalidity, c.uid).where(
            c.account == account, c.folder == folder, c.touched_at < before
        )
        return [FetchKey(**row) for row in self._tx.rows(query.order_by(c.uidvalidity, c.uid))]

    def delete(self, keys: Sequence[FetchKey]) -> int:
        return sum(self._tx.change(delete(FETCH.table).where(_of(key))) for key in keys)


def _of(key: FetchKey) -> ColumnElement[bool]:
    c = FETCH.c
    return and_(
        c.account == key.account,
        c.folder == key.folder,
        c.uidvalidity == key.uidvalidity,
        c.uid == key.uid,
    )
