"""Contents and their parts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, union_all

from secure_mail.domain.ids import BlobKey, ContentId, PartId
from secure_mail.domain.messages import Part, PartKind
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.repositories.drafts import FILE
from secure_mail.infrastructure.db.tables import intake as tables
from secure_mail.infrastructure.db.tables.columns import table_of
from secure_mail.infrastructure.db.transaction import Transaction

CONTENT = table_of(tables.Content)
PART = Mapped(tables.Part, Part)
KINDS = tuple(PartKind)


class SqlContents:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, content: ContentId, parts: Sequence[Part]) -> None:
        self._tx.add_later(CONTENT, {"id": content})
        self._add_parts(parts)

    def replace_derived(self, content: ContentId, parts: Sequence[Part]) -> Sequence[BlobKey]:
        # Mailboxes of one DATA share it: two workers at once would each add a view of their own.
        self._tx.row(select(CONTENT.c.id).where(CONTENT.c.id == content).with_for_update())
        present = self.parts(content)
        # Files of a form were sent as such; those of a mail were taken out of its raw octets.
        of_mail = any(part.kind is PartKind.RAW for part in present)
        derived = {PartKind.VIEW, PartKind.FILE} if of_mail else {PartKind.VIEW}
        former = [part for part in present if part.kind in derived]
        self._tx.change(delete(PART.table).where(PART.c.id.in_([part.id for part in former])))
        self._add_parts(parts)
        blobs = [part.blob for part in former if part.blob is not None]
        named = self.named_blobs(blobs)
        return [blob for blob in blobs if blob not in named]

    def parts(self, content: ContentId) -> Sequence[Part]:
        found = self._tx.all(PART, PART.c.content_id == content)
        return sorted(found, key=lambda part: (KINDS.index(part.kind), part.ordinal))

    def part(self, part: PartId) -> Part | None:
        return self._tx.first(PART, PART.c.id == part)

    def named_blobs(self, keys: Sequence[BlobKey]) -> frozenset[BlobKey]:
        if not keys:
            return frozenset()
        named = union_all(
            select(PART.c.blob).where(PART.c.blob.in_(keys)),
            select(FILE.c.blob).where(FILE.c.blob.in_(keys)),
        )
        return frozenset(row["blob"] for row in self._tx.rows(named))

    def _add_parts(self, parts: Sequence[Part]) -> None:
        for part in parts:
            self._tx.add_later(PART.table, PART.row(part))
