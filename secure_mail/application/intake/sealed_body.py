"""A part in the making: sealed while it arrives, in memory to a limit, then in the blob store."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar

from secure_mail.application.intake.spill import Spill
from secure_mail.application.ports.blobs import Blobs
from secure_mail.application.ports.vault import Sealer
from secure_mail.domain.ids import BlobKey, ContentId, PartId
from secure_mail.domain.messages import INLINE_LIMIT
from secure_mail.domain.sealing import ContentKey, SealedBytes, SealedDigest

HELD = 2 * INLINE_LIMIT
"""Sealed octets held before a thread writes them: a letter of usual size costs one call of it."""
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBody:
    """What came out: exactly one of `inline` and `blob` is set; a blob is durable."""

    size: int
    digest: SealedDigest
    inline: SealedBytes | None = field(repr=False)
    blob: BlobKey | None


class SealingBody:
    """Not for concurrent use: one caller, one call at a time (`abort` excepted).

    Blocking calls of the store run in `threads`; the event loop never waits for a disk.
    """

    def __init__(
        self,
        sealer: Sealer,
        blobs: Blobs,
        threads: Executor,
        key: ContentKey,
        content: ContentId,
        part: PartId,
    ) -> None:
        self._stream = sealer.part_stream(key, content, part)
        self._blobs = blobs
        self._threads = threads
        self._digest = hashlib.sha256()
        self._buffer = bytearray()
        self._spill: Spill | None = None
        self.size = 0
        """Octets of plaintext so far."""

    @property
    def buffered(self) -> int:
        """Sealed octets held in memory."""
        return len(self._buffer)

    async def write(self, chunk: bytes) -> None:
        """Seals the next octets. Raises StorageFullError, BlobsUnavailableError."""
        self.size += len(chunk)
        self._keep(self._stream.update(chunk))
        if len(self._buffer) > HELD:
            self._spill = self._spill or Spill(self._blobs)
            await self._threaded(self._spill.write, self._taken())

    async def finish(self) -> SealedBody:
        """The end of the part. Raises StorageFullError, BlobsUnavailableError."""
        self._keep(self._stream.finalize())
        blob: BlobKey | None = None
        if self._spill or len(self._buffer) > INLINE_LIMIT:
            self._spill = self._spill or Spill(self._blobs)
            try:
                blob = await self._threaded(self._spill.commit, self._taken())
            except Exception:
                # On a disk that is full, what cannot be finished must not take room.
                self.abort()
                raise
        return SealedBody(
            size=self.size,
            digest=SealedDigest(self._digest.digest()),
            inline=None if blob else SealedBytes(bytes(self._buffer)),
            blob=blob,
        )

    def abort(self) -> None:
        """Forgets what was written; never raises and never waits."""
        if self._spill:
            submitted(self._threads, self._spill.abort)

    def _keep(self, sealed: SealedBytes) -> None:
        self._digest.update(sealed)
        self._buffer += sealed

    def _taken(self) -> SealedBytes:
        """What is held, which is then empty."""
        taken, self._buffer = SealedBytes(bytes(self._buffer)), bytearray()
        return taken

    async def _threaded(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(call, *args, **kwargs))


def submitted(
    threads: Executor, call: Callable[P, None], *args: P.args, **kwargs: P.kwargs
) -> None:
    """Runs a tidying call some time; a pool that is closing leaves it to the sweeper."""
    try:
        threads.submit(call, *args, **kwargs)
    except RuntimeError:
        return
