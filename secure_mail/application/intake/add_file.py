"""Takes an attachment: screened and sealed while it is uploaded, never spooled in the clear."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial

from secure_mail.application.intake.sealed_body import SealingBody, submitted
from secure_mail.application.ports.blobs import Blobs, BlobsUnavailableError, StorageFullError
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.files import FileFilter, FileScreen
from secure_mail.application.ports.store import StoreDownError, Units
from secure_mail.application.ports.vault import Sealer
from secure_mail.domain.compose import MAX_FILES, DraftFile, OpenDraft
from secure_mail.domain.ids import PartId
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.views import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFile:
    """`upload = add_file.begin(opened, name)`; `await upload.write(chunk)`; `upload.finish()`.

    An interrupted upload (`abort`) loses only that file.
    """

    units: Units
    clock: Clock
    ids: Ids
    sealer: Sealer
    blobs: Blobs
    files: FileScreen
    threads: Executor
    max_octets: int
    """Of all files of one draft together (UPLOAD_MAX)."""

    def begin(self, opened: OpenDraft, filename: str) -> Upload:
        """Raises Refusal FILE_TYPE, TOO_MANY_FILES; STORAGE_LOW, TEMPORARY."""
        if len(opened.files) >= MAX_FILES:
            raise Refusal(RefusalCode.TOO_MANY_FILES, max=MAX_FILES)
        self._refuse_without_room()
        used = sum(file.size for file, _ in opened.files)
        return Upload(self, opened, self.files.begin(filename), self.max_octets - used)

    def _refuse_without_room(self) -> None:
        """Uploads must not take what the database and the mail door need to go on."""
        try:
            if not self.blobs.room():
                raise Refusal(RefusalCode.STORAGE_LOW)
        except BlobsUnavailableError as error:
            raise _refused(error) from error


class Upload:
    """One attachment on its way in."""

    def __init__(
        self, add_file: AddFile, opened: OpenDraft, screened: FileFilter, room: int
    ) -> None:
        self._to = add_file
        self._opened = opened
        self._screened = screened
        self._room = room
        self._part = PartId(add_file.ids.new())
        self._body = SealingBody(
            add_file.sealer,
            add_file.blobs,
            add_file.threads,
            opened.key,
            opened.draft.content_id,
            self._part,
        )

    async def write(self, chunk: bytes) -> None:
        """Raises Refusal FILE_TOO_LARGE, FILE_TYPE, FILE_UNREADABLE, STORAGE_LOW, TEMPORARY."""
        await self._keep(self._screened.update(chunk))

    async def finish(self) -> tuple[DraftFile, Label]:
        """Makes it part of the draft. Raises as `write` does; FILE_EMPTY, FILE_LOCKED, and, when
        another page of this browser was faster, TOO_MANY_FILES or NOT_FOUND (sent meanwhile).
        """
        await self._keep(self._screened.finish())
        label = Label(name=self._screened.clean_name, media_type=self._screened.media_type)
        draft = self._opened.draft
        try:
            body = await self._body.finish()
        except (StorageFullError, BlobsUnavailableError) as error:
            raise _refused(error) from error
        file = DraftFile(
            id=self._part,
            draft_id=draft.id,
            ordinal=0,
            size=body.size,
            digest=body.digest,
            inline=body.inline,
            blob=body.blob,
            label=self._to.sealer.seal_part(
                self._opened.key, draft.content_id, self._part, label.to_json(), "label"
            ),
            uploaded_at=self._to.clock.now(),
        )
        loop = asyncio.get_running_loop()
        try:
            file = await loop.run_in_executor(self._to.threads, partial(self._store, file))
        except StoreDownError as error:
            raise Refusal(RefusalCode.TEMPORARY) from error
        except Refusal:
            if body.blob:
                submitted(self._to.threads, self._to.blobs.delete, body.blob)
            raise
        return file, label

    def abort(self) -> None:
        """Forgets the file; never raises."""
        self._body.abort()

    async def _keep(self, clean: bytes) -> None:
        if self._body.size + len(clean) > self._room:
            raise Refusal(RefusalCode.FILE_TOO_LARGE, max=self._to.max_octets // 1024 // 1024)
        try:
            await self._body.write(clean)
        except (StorageFullError, BlobsUnavailableError) as error:
            raise _refused(error) from error

    def _store(self, file: DraftFile) -> DraftFile:
        """Judged again by what the store says now: other uploads, or the send, may be in it."""
        with self._to.units() as uow:
            draft = uow.drafts.get(file.draft_id)
            if draft is None or draft.sent_message is not None:
                raise Refusal(RefusalCode.NOT_FOUND)
            present = uow.drafts.files(draft.id)
            if len(present) >= MAX_FILES:
                raise Refusal(RefusalCode.TOO_MANY_FILES, max=MAX_FILES)
            together = file.size + sum(other.size for other in present)
            if together > self._to.max_octets or not uow.links.reserve(draft.link_id, file.size):
                raise Refusal(RefusalCode.FILE_TOO_LARGE, max=self._to.max_octets // 1024 // 1024)
            last = max((other.ordinal for other in present), default=0)
            stored = replace(file, ordinal=last + 1)
            uow.drafts.add_file(stored)
            uow.commit()
        return stored


def _refused(error: StorageFullError | BlobsUnavailableError) -> Refusal:
    full = isinstance(error, StorageFullError)
    return Refusal(RefusalCode.STORAGE_LOW if full else RefusalCode.TEMPORARY)
