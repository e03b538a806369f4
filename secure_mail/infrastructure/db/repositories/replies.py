"""Answers and reading codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, select, update

from secure_mail.domain.answers import CODE_TRIES, CodeState, ReadingCode
from secure_mail.domain.cases import AnswerState, Reply
from secure_mail.domain.ids import CaseId, CodeId, ReplyId
from secure_mail.domain.sealing import SealedKey
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.repositories.intake import CASE
from secure_mail.infrastructure.db.tables import replies as tables
from secure_mail.infrastructure.db.transaction import Transaction

REPLY = Mapped(tables.Reply, Reply)
CODE = Mapped(tables.ReadingCode, ReadingCode)
USABLE = CODE.c.state.in_((CodeState.REQUESTED, CodeState.MAILED))


class SqlReplies:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, reply: Reply) -> None:
        self._tx.add(REPLY, reply)

    def get(self, reply: ReplyId) -> Reply | None:
        return self._tx.first(REPLY, REPLY.c.id == reply, lock=True)

    def of_case(self, case: CaseId) -> Sequence[Reply]:
        return self._tx.all(REPLY, REPLY.c.case_id == case, order=(REPLY.c.created_at, REPLY.c.id))

    def save(self, reply: Reply) -> None:
        self._tx.store(REPLY, reply)

    def reseal(self, reply: ReplyId, for_staff: SealedKey) -> None:
        self._tx.change(
            update(REPLY.table)
            .where(REPLY.c.id == reply)
            .values(for_staff=for_staff.sealed, for_staff_holder=for_staff.holder)
        )

    def displayed(self, reply: ReplyId, at: datetime) -> bool:
        statement = (
            update(REPLY.table)
            .where(REPLY.c.id == reply, REPLY.c.displayed_at.is_(None))
            .values(displayed_at=at)
        )
        return self._tx.change(statement) == 1

    def unread_since(self, before: datetime, limit: int) -> Sequence[Reply]:
        later = REPLY.table.alias()
        outdated = exists().where(
            later.c.case_id == REPLY.c.case_id, later.c.created_at > REPLY.c.created_at
        )
        waiting = select(CASE.c.id).where(CASE.c.answer == AnswerState.SENT)
        return self._tx.all(
            REPLY,
            REPLY.c.notice_at < before,
            REPLY.c.displayed_at.is_(None),
            REPLY.c.case_id.in_(waiting),
            ~outdated,
            order=(REPLY.c.notice_at, REPLY.c.id),
            limit=limit,
        )


class SqlCodes:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, code: ReadingCode) -> None:
        self._tx.add(CODE, code)

    def get(self, code: CodeId) -> ReadingCode | None:
        return self._tx.first(CODE, CODE.c.id == code)

    def by_cookie(self, cookie_hash: bytes) -> ReadingCode | None:
        newest = (CODE.c.requested_at.desc(), CODE.c.id.desc())
        return self._tx.first(CODE, CODE.c.cookie_hash == cookie_hash, order=newest)

    def save(self, code: ReadingCode) -> None:
        self._tx.store(CODE, code)

    def count_try(self, code: CodeId, now: datetime) -> bool:
        statement = (
            update(CODE.table)
            .where(CODE.c.id == code, USABLE, CODE.c.tries < CODE_TRIES, CODE.c.expires_at > now)
            .values(tries=CODE.c.tries + 1)
        )
        return self._tx.change(statement) == 1

    def use(self, code: CodeId, now: datetime) -> bool:
        used = (
            update(CODE.table)
            .where(CODE.c.id == code, CODE.c.state == CodeState.MAILED, CODE.c.expires_at > now)
            .values(state=CodeState.USED)
            .returning(CODE.c.address_index)
        )
        taken = self._tx.take(used)
        if not taken:
            return False
        others = (CODE.c.id != code, CODE.c.address_index == taken[0]["address_index"], USABLE)
        self._tx.change(update(CODE.table).where(*others).values(state=CodeState.DEAD))
        return True

    def of_network(self, network: bytes, since: datetime) -> int:
        return self._tx.count(CODE.table, CODE.c.network == network, CODE.c.requested_at >= since)

    def of_address(self, address_index: bytes, since: datetime) -> Sequence[ReadingCode]:
        return self._tx.all(
            CODE,
            CODE.c.address_index == address_index,
            CODE.c.requested_at >= since,
            order=(CODE.c.requested_at, CODE.c.id),
        )

    def delete_before(self, instant: datetime) -> int:
        return self._tx.change(delete(CODE.table).where(CODE.c.requested_at < instant))
