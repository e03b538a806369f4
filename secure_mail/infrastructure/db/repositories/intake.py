"""Messages and the duplicates they stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, case, delete, exists, insert, select

from secure_mail.application.ports.store_intake import MessageLine
from secure_mail.domain.ids import CaseId, ContentId, MessageId, Reference
from secure_mail.domain.messages import Message, MessageState
from secure_mail.domain.work import JobKind, JobState
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.tables import casework
from secure_mail.infrastructure.db.tables import intake as tables
from secure_mail.infrastructure.db.tables.columns import table_of
from secure_mail.infrastructure.db.transaction import Transaction

MESSAGE = Mapped(tables.Message, Message)
DIGEST = table_of(tables.RecentDigest)
LEDGER = table_of(tables.LedgerEntry)
OUTBOX = table_of(tables.OutboxEntry)
CASE = table_of(casework.Case)
OLDEST_FIRST = (MESSAGE.c.received_at, MESSAGE.c.id)
CLAIMED = exists().where(
    OUTBOX.c.subject == MESSAGE.c.id,
    OUTBOX.c.kind == JobKind.PROCESS_MESSAGE,
    OUTBOX.c.state == JobState.CLAIMED,
)
# Asked for every arrival, so built once.
KNOWN = select(DIGEST.c.message_id).where(
    DIGEST.c.digest == bindparam("digest"), DIGEST.c.until > bindparam("now")
)
TAKEN = select(MESSAGE.c.id).where(MESSAGE.c.reference == bindparam("reference"))
ADD_DIGEST = insert(DIGEST)
PROCESSING = "processing"
"""Shown of an accepted message whose job is claimed."""


class SqlMessages:
    """`accepted` is told of each message that is added: the commit queue gives it a number."""

    def __init__(self, transaction: Transaction, accepted: Callable[[MessageId], None]) -> None:
        self._tx = transaction
        self._accepted = accepted

    def add(self, message: Message, digest: bytes | None, digest_until: datetime | None) -> None:
        self._accepted(message.id)
        self._tx.add(MESSAGE, message)
        if digest is not None:
            values = {"digest": digest, "message_id": message.id, "until": digest_until}
            self._tx.change(ADD_DIGEST, [values])

    def duplicate(self, digest: bytes, now: datetime) -> Message | None:
        known = self._tx.row(KNOWN, digest=digest, now=now)
        return None if known is None else self.get(known["message_id"])

    def get(self, message: MessageId) -> Message | None:
        return self._tx.first(MESSAGE, MESSAGE.c.id == message)

    def by_reference(self, reference: Reference) -> Message | None:
        return self._tx.first(MESSAGE, MESSAGE.c.reference == reference)

    def reference_taken(self, reference: Reference) -> bool:
        return self._tx.row(TAKEN, reference=reference) is not None

    def save(self, message: Message, was: MessageState) -> bool:
        return self._tx.store(MESSAGE, message, MESSAGE.c.state == was)

    def of_case(self, case: CaseId) -> Sequence[Message]:
        return self._tx.all(MESSAGE, MESSAGE.c.case_id == case, order=OLDEST_FIRST)

    def sharing(self, content: ContentId) -> Sequence[Message]:
        return self._tx.all(MESSAGE, MESSAGE.c.content_id == content, order=OLDEST_FIRST)

    def held(self, limit: int, after: MessageId | None = None) -> Sequence[Message]:
        conditions = [MESSAGE.c.state == MessageState.HELD]
        if after is not None:
            conditions.append(MESSAGE.c.id > after)
        return self._tx.all(MESSAGE, *conditions, order=(MESSAGE.c.id,), limit=limit)

    def held_count(self) -> int:
        return self._tx.count(MESSAGE.table, MESSAGE.c.state == MessageState.HELD)

    def page(
        self,
        *,
        state: str | None,
        queue: str | None,
        since: datetime | None,
        limit: int,
        after: MessageId | None,
    ) -> Sequence[MessageLine]:
        self._tx.settle()
        conditions: list[ColumnElement[bool]] = []
        if state is not None:
            conditions.append(_in_state(state))
        if queue is not None:
            conditions.append(CASE.c.queue == queue)
        if since is not None:
            conditions.append(MESSAGE.c.received_at >= since)
        if after is not None:
            conditions.append(MESSAGE.c.id > after)
        query = (
            select(
                MESSAGE.table,
                LEDGER.c.number.label("line_number"),
                case((CLAIMED, 1), else_=0).label("line_claimed"),
                CASE.c.reference.label("line_case"),
                CASE.c.queue.label("line_queue"),
            )
            .outerjoin_from(MESSAGE.table, LEDGER, LEDGER.c.message_id == MESSAGE.c.id)
            .outerjoin(CASE, CASE.c.id == MESSAGE.c.case_id)
            .where(*conditions)
            .order_by(MESSAGE.c.id)
            .limit(limit)
        )
        return [
            MessageLine(
                message=MESSAGE.noun(row),
                number=row["line_number"],
                claimed=bool(row["line_claimed"]),
                case=row["line_case"],
                queue=row["line_queue"],
            )
            for row in self._tx.rows(query)
        ]


def forget_digests(tx: Transaction, now: datetime) -> None:
    """Those that are over go before each group, so that they clash with nothing."""
    tx.change(delete(DIGEST).where(DIGEST.c.until <= now))


def _in_state(state: str) -> ColumnElement[bool]:
    if state == PROCESSING:
        return (MESSAGE.c.state == MessageState.ACCEPTED) & CLAIMED
    if state == MessageState.ACCEPTED:
        return (MESSAGE.c.state == MessageState.ACCEPTED) & ~CLAIMED
    return MESSAGE.c.state == MessageState(state)
