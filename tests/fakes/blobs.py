"""Blobs in memory: nothing is visible before the commit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from secure_mail.application.ports.blobs import (
    BlobMissingError,
    BlobsUnavailableError,
    StorageFullError,
)
from secure_mail.application.ports.clock import Clock
from secure_mail.domain.ids import BlobKey
from secure_mail.domain.sealing import SealedBytes


class MemoryBlobs:
    """`full` and `down` are set by a test to see what happens then."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.kept: dict[BlobKey, tuple[datetime, bytes]] = {}
        self.full = False
        self.down = False
        self.owner = ""
        self._clock = clock
        self._count = 0

    def writer(self) -> MemoryWriter:
        self.check()
        return MemoryWriter(self)

    def keep(self, octets: bytes) -> BlobKey:
        self.check()
        self._count += 1
        name = f"{self._count:032x}"
        key = BlobKey(f"{name[:2]}/{name[2:4]}/{name}")
        self.kept[key] = (self._clock.now() if self._clock else datetime.now(UTC), octets)
        return key

    def check(self) -> None:
        if self.down:
            raise BlobsUnavailableError
        if self.full:
            raise StorageFullError

    def read(self, key: BlobKey) -> bytes:
        if self.down:
            raise BlobsUnavailableError
        if key not in self.kept:
            raise BlobMissingError
        return self.kept[key][1]

    def delete(self, key: BlobKey) -> None:
        self.kept.pop(key, None)

    def older_than(self, instant: datetime) -> Iterator[BlobKey]:
        yield from [key for key, (written, _) in self.kept.items() if written < instant]

    def owned_by(self, owner: str) -> bool:
        self.owner = self.owner or owner
        return self.owner == owner

    def room(self) -> bool:
        return not self.full


class MemoryWriter:
    def __init__(self, blobs: MemoryBlobs) -> None:
        self._blobs = blobs
        self._octets = bytearray()

    def write(self, sealed: SealedBytes) -> None:
        self._blobs.check()
        self._octets += sealed

    def commit(self) -> BlobKey:
        return self._blobs.keep(bytes(self._octets))

    def abort(self) -> None:
        self._octets.clear()
