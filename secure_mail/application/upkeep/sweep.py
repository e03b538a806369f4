"""Forgets what nobody needs: abandoned drafts, unused requests, orphan blobs, old sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.blobs import Blobs
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import Units
from secure_mail.domain.compose import DRAFT_KEPT
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import BlobKey
from secure_mail.domain.links import REGISTRATION_KEPT
from secure_mail.domain.messages import ANSWER_UNASKED_EACH
from secure_mail.domain.passports import KEPT as PASSPORT_KEPT

ORPHAN_AGE = timedelta(hours=24)
DRAFT_MARGIN = timedelta(hours=4)
"""Beyond DRAFT_KEPT, so that what was promised for 20 hours is there at the 20th."""
WORK_KEPT = timedelta(days=7)
BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One round; returns what was forgotten, by kind. Safe to run twice and in parallel."""

    units: Units
    clock: Clock
    ids: Ids
    blobs: Blobs

    def __call__(self) -> dict[str, int]:
        now = self.clock.now()
        swept = {"drafts": self._drafts(), "blobs": self._orphans()}
        with self.units() as uow:
            swept["registrations"] = uow.registrations.delete_unused(now - REGISTRATION_KEPT)
            swept["stops"] = uow.registrations.delete_stops(now - ORPHAN_AGE)
            swept["sessions"] = uow.sessions.delete_ended(now - ORPHAN_AGE)
            swept["codes"] = uow.codes.delete_before(now - ORPHAN_AGE)
            swept["answers"] = uow.messages.forget_answers(now - ANSWER_UNASKED_EACH)
            swept["jobs"] = uow.outbox.delete_done(now - WORK_KEPT)
            swept["passports"] = uow.passports.forget((now - PASSPORT_KEPT).date())
            if any(swept.values()):
                uow.audit.add(
                    audit_event(
                        self.ids,
                        now,
                        AuditKind.SWEPT,
                        "scheduler",
                        "store",
                        **{kind: str(count) for kind, count in swept.items()},
                    )
                )
            uow.commit()
        return swept

    def _drafts(self) -> int:
        before = self.clock.now() - DRAFT_KEPT - DRAFT_MARGIN
        blobs: list[BlobKey] = []
        forgotten = 0
        with self.units() as uow:
            for draft in uow.drafts.stale(before, BATCH):
                files = uow.drafts.files(draft.id)
                if not uow.drafts.delete(draft.id):
                    continue
                forgotten += 1
                blobs += [file.blob for file in files if file.blob]
                uow.links.reserve(draft.link_id, -sum(file.size for file in files))
            uow.commit()
        self._delete_unnamed(blobs)
        return forgotten

    def _orphans(self) -> int:
        """Nothing is an orphan to a database that the blobs do not belong to (a restored copy, a
        wrong setting): number 1 of the ledger must be the one that the store knows.
        """
        with self.units.reading() as uow:
            first = uow.ledger.first()
        if first is None or not self.blobs.owned_by(str(first)):
            return 0
        old = self.blobs.older_than(self.clock.now() - ORPHAN_AGE)
        return sum(self._delete_unnamed(batch) for batch in _batches(old))

    def _delete_unnamed(self, keys: list[BlobKey]) -> int:
        """Asked of the store once more: a draft's files may have become a message's parts."""
        with self.units.reading() as uow:
            named = uow.contents.named_blobs(keys)
        gone = [key for key in keys if key not in named]
        for key in gone:
            self.blobs.delete(key)
        return len(gone)


def _batches(keys: Iterable[BlobKey]) -> Iterator[list[BlobKey]]:
    rest = iter(keys)
    while batch := list(islice(rest, BATCH)):
        yield batch
