"""Unfinished messages and their files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update

from secure_mail.domain.compose import Draft, DraftFile
from secure_mail.domain.ids import DraftId, LinkId, PartId
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.tables import links as tables
from secure_mail.infrastructure.db.transaction import Transaction

DRAFT = Mapped(tables.Draft, Draft)
FILE = Mapped(tables.DraftFile, DraftFile)
UNSENT = DRAFT.c.sent_message.is_(None)


class SqlDrafts:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, draft: Draft) -> None:
        self._tx.add(DRAFT, draft)

    def get(self, draft: DraftId) -> Draft | None:
        return self._tx.first(DRAFT, DRAFT.c.id == draft, lock=True)

    def open_of(self, link: LinkId) -> Sequence[Draft]:
        return self._tx.all(
            DRAFT,
            DRAFT.c.link_id == link,
            UNSENT,
            order=(DRAFT.c.created_at.desc(), DRAFT.c.id.desc()),
        )

    def save(self, draft: Draft) -> bool:
        return self._tx.store(DRAFT, draft, DRAFT.c.version == draft.version - 1, UNSENT)

    def served(self, draft: DraftId, at: datetime) -> None:
        self._tx.change(update(DRAFT.table).where(DRAFT.c.id == draft).values(served_at=at))

    def sent(self, draft: DraftId, message: str) -> bool:
        statement = (
            update(DRAFT.table)
            .where(DRAFT.c.id == draft, UNSENT)
            .values(sent_message=message, composition=None, wrapped_key=b"", escrow=b"")
        )
        if not self._tx.change(statement):
            return False
        # They are parts of the message now.
        self._tx.change(delete(FILE.table).where(FILE.c.draft_id == draft))
        return True

    def delete(self, draft: DraftId) -> bool:
        return self._tx.change(delete(DRAFT.table).where(DRAFT.c.id == draft, UNSENT)) == 1

    def stale(self, before: datetime, limit: int) -> Sequence[Draft]:
        return self._tx.all(
            DRAFT,
            DRAFT.c.updated_at < before,
            UNSENT,
            order=(DRAFT.c.updated_at, DRAFT.c.id),
            limit=limit,
        )

    def add_file(self, file: DraftFile) -> None:
        self._tx.add(FILE, file)

    def files(self, draft: DraftId) -> Sequence[DraftFile]:
        return self._tx.all(FILE, FILE.c.draft_id == draft, order=(FILE.c.ordinal, FILE.c.id))

    def remove_file(self, draft: DraftId, file: PartId) -> DraftFile | None:
        theirs = (FILE.c.draft_id == draft, FILE.c.id == file)
        found = self._tx.first(FILE, *theirs)
        # Of two that remove it at once only one has it: the other must not delete its blob.
        return found if self._tx.change(delete(FILE.table).where(*theirs)) else None
