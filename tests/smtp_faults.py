"""Stores that are slow, refuse or fail: what a test puts behind the gate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from secure_mail.application.ports.store import CommitQueue, StoreDownError, UnitOfWork
from secure_mail.domain.ids import BlobKey
from secure_mail.domain.sealing import SealedBytes
from tests.fakes.blobs import MemoryBlobs, MemoryWriter

T = TypeVar("T")


class SlowBlobs(MemoryBlobs):
    """Writes wait, in their threads, while `open` is not set; counts what was begun and aborted."""

    def __init__(self) -> None:
        super().__init__()
        self.open = Event()
        self.open.set()
        self.begun = 0
        self.aborted = 0

    def writer(self) -> SlowWriter:
        self.begun += 1
        return SlowWriter(self)


class SlowWriter(MemoryWriter):
    def __init__(self, blobs: SlowBlobs) -> None:
        super().__init__(blobs)
        self._slow = blobs

    def write(self, sealed: SealedBytes) -> None:
        self._wait()
        super().write(sealed)

    def commit(self) -> BlobKey:
        self._wait()
        return super().commit()

    def _wait(self) -> None:
        if not self._slow.open.wait(timeout=10):
            raise TimeoutError

    def abort(self) -> None:
        self._slow.aborted += 1
        super().abort()


class SlowCommits:
    """Commits only when `open` is set, and says by `waiting` that a unit has come."""

    def __init__(self, queue: CommitQueue) -> None:
        self._queue = queue
        self.waiting = asyncio.Event()
        self.open = asyncio.Event()

    async def run(self, unit: Callable[[UnitOfWork], T]) -> T:
        self.waiting.set()
        await self.open.wait()
        return await self._queue.run(unit)


class FailingCommits:
    """Fails with `error` until that is None."""

    def __init__(self, queue: CommitQueue) -> None:
        self._queue = queue
        self.error: Exception | None = StoreDownError("/var/lib/secret/path is locked")

    async def run(self, unit: Callable[[UnitOfWork], T]) -> T:
        if self.error:
            raise self.error
        return await self._queue.run(unit)
