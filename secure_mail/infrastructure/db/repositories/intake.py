"""Messages and the duplicates they stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, delete, exists, insert, or_, select, update

from secure_mail.application.ports.store_intake import MessageLine
from secure_mail.domain.ids import CaseId, ContentId, MessageId, Reference
from secure_mail.domain.messages import ANSWER_UNASKED_EACH, Message, MessageState
from secure_mail.domain.work import JobKind, JobState
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.tables import casework
from secure_mail.infrastructure.db.tables import intake as tables
from secure_mail.infrastructure.db.tables.columns import table_of
from secure_mail.infrastructure.db.transaction import Transaction

MESSAGE = Mapped(tables.Message, Message)
DIGEST = table_of(tables.RecentDigest)
ANSWER = table_of(tables.UnaskedAnswer)
LEDGER = table_of(tables.LedgerEntry)
OUTBOX = table_of(tables.OutboxEntry)
CASE = table_of(casework.Case)
OLDEST_FIRST = (MESSAGE.c.received_at, MESSAGE.c.id)
CLAIMED = exists().where(
    OUTBOX.c.subject == MESSAGE.c.id,
    OUTBOX.c.kind == JobKind.PROCESS_MESSAGE,
    OUTBOX.c.state == JobState.CLAIMED,
)
ADD_ANSWER = insert(ANSWER)
PROCESSING = "processing"
"""Shown of an accepted message whose job is claimed."""


class SqlMessages:
    """`accepted` is told of each message that is added: the commit queue gives it a number."""

    def __init__(self, transaction: Transaction, accepted: Callable[[MessageId], None]) -> None:
        self._tx = transaction
        self._accepted = accepted

    def add(self, message: Message, digest: bytes | None, digest_until: datetime | None) -> None:
        self._accepted(message.id)
        self._tx.add_later(MESSAGE.table, MESSAGE.row(message))
        self._tx.added(message.reference)
        if digest is not None:
            self._tx.arrived[digest] = message
            values = {"digest": digest, "message_id": message.id, "until": digest_until}
            self._tx.add_later(DIGEST, values)
            self._tx.added(digest)

    def duplicate(self, digest: bytes, now: datetime) -> Message | None:
        if digest in self._tx.arrived:
            return self._tx.arrived[digest]
        if self._tx.hope(digest):
            return None
        known = select(DIGEST.c.message_id).where(DIGEST.c.digest == digest, DIGEST.c.until > now)
        return self._tx.first(MESSAGE, MESSAGE.c.id == known.scalar_subquery())

    def get(self, message: MessageId) -> Message | None:
        return self._tx.first(MESSAGE, MESSAGE.c.id == message)

    def by_reference(self, reference: Reference) -> Message | None:
        return self._tx.first(MESSAGE, MESSAGE.c.reference == reference)

    def reference_taken(self, reference: Reference) -> bool:
        if self._tx.hope(reference):
            return False
        return self._tx.count(MESSAGE.table, MESSAGE.c.reference == reference) > 0

    def save(self, message: Message, was: MessageState) -> bool:
        return self._tx.store(MESSAGE, message, MESSAGE.c.state == was)

    def of_case(self, case: CaseId) -> Sequence[Message]:
        return self._tx.all(MESSAGE, MESSAGE.c.case_id == case, order=OLDEST_FIRST)

    def sharing(self, content: ContentId) -> Sequence[Message]:
        return self._tx.all(MESSAGE, MESSAGE.c.content_id == content, order=OLDEST_FIRST)

    def answer_unasked(self, address_index: bytes, message: MessageId, now: datetime) -> bool:
        free = or_(ANSWER.c.at <= now - ANSWER_UNASKED_EACH, ANSWER.c.message_id == message)
        theirs = ANSWER.c.address_index == address_index
        taken = update(ANSWER).where(theirs, free).values(message_id=message, at=now)
        if self._tx.change(taken):
            return True
        if self._tx.count(ANSWER, theirs):
            return False
        self._tx.change(
            ADD_ANSWER, [{"address_index": address_index, "message_id": message, "at": now}]
        )
        return True

    def forget_answers(self, before: datetime) -> int:
        return self._tx.change(delete(ANSWER).where(ANSWER.c.at <= before))

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
