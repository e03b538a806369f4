"""Acceptance numbers: consecutive, in commit order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from secure_mail.domain.events import LedgerCount
from secure_mail.domain.ids import MessageId
from secure_mail.domain.messages import MessageState
from secure_mail.infrastructure.db.repositories.intake import LEDGER, MESSAGE
from secure_mail.infrastructure.db.tables import intake as tables
from secure_mail.infrastructure.db.tables.columns import table_of
from secure_mail.infrastructure.db.transaction import Transaction

COUNTER = table_of(tables.LedgerCounter)
ACCEPTED = "accepted"
COUNT = (
    update(COUNTER)
    .where(COUNTER.c.name == ACCEPTED)
    .values(value=COUNTER.c.value + bindparam("more"))
    .returning(COUNTER.c.value)
)


class SqlLedger:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def append(self, messages: Sequence[MessageId]) -> None:
        """The last statements of a group: the counter's row is locked from here to the COMMIT,
        so numbers have no gap and follow the order of commits.
        """
        if not messages:
            return
        [counted] = self._tx.take(COUNT, more=len(messages))
        first = counted["value"] - len(messages) + 1
        for number, message in enumerate(messages, first):
            self._tx.add_later(LEDGER, {"number": number, "message_id": message})

    def number(self, message: MessageId) -> int | None:
        found = self._tx.row(select(LEDGER.c.number).where(LEDGER.c.message_id == message))
        return None if found is None else int(found["number"])

    def first(self) -> MessageId | None:
        found = self._tx.row(select(LEDGER.c.message_id).where(LEDGER.c.number == 1))
        return None if found is None else MessageId(found["message_id"])

    def count(self) -> LedgerCount:
        query = (
            select(MESSAGE.c.state, func.count().label("messages"))
            .outerjoin_from(LEDGER, MESSAGE.table, MESSAGE.c.id == LEDGER.c.message_id)
            .group_by(MESSAGE.c.state)
        )
        by_state = {row["state"]: int(row["messages"]) for row in self._tx.rows(query)}
        accepted = sum(by_state.values())
        return LedgerCount(
            accepted=accepted,
            filed=by_state.get(MessageState.FILED, 0),
            held=by_state.get(MessageState.HELD, 0),
            refused=by_state.get(MessageState.REFUSED, 0),
            in_progress=by_state.get(MessageState.ACCEPTED, 0),
            first_gap=self._first_gap(accepted),
        )

    def _first_gap(self, accepted: int) -> int | None:
        given = select(COUNTER.c.value).where(COUNTER.c.name == ACCEPTED)
        last = int(self._tx.rows(given)[0]["value"])
        if accepted == last and not self._tx.count(LEDGER, LEDGER.c.number > last):
            return None
        if not self._tx.count(LEDGER, LEDGER.c.number == 1):
            return 1
        following = LEDGER.alias()
        followed = select(following).where(following.c.number == LEDGER.c.number + 1).exists()
        [found] = self._tx.rows(
            select((func.min(LEDGER.c.number) + 1).label("gap")).where(~followed)
        )
        return int(found["gap"])

    def oldest_in_progress(self) -> datetime | None:
        oldest = self._tx.first(
            MESSAGE, MESSAGE.c.state == MessageState.ACCEPTED, order=(MESSAGE.c.id,)
        )
        return None if oldest is None else oldest.received_at
