"""Large sealed content: durable before the row that names it is committed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from secure_mail.domain.ids import BlobKey
from secure_mail.domain.sealing import SealedBytes


class StorageFullError(Exception):
    """The store has no room: `452 4.3.1` at the door."""


class BlobsUnavailableError(Exception):
    """The store cannot be reached or failed: `451 4.3.0` at the door."""


class BlobMissingError(Exception):
    """A row names a blob that is not there: an alarm."""


class BlobWriter(Protocol):
    """One blob in the making; invisible until `commit`. Blocking: call from a thread."""

    def write(self, sealed: SealedBytes) -> None:
        """Raises StorageFullError, BlobsUnavailableError."""
        ...

    def commit(self) -> BlobKey:
        """Makes it durable (fsync, rename, fsync of the folder; or a completed upload)."""
        ...

    def abort(self) -> None:
        """Forgets it; never raises."""
        ...


class Blobs(Protocol):
    def writer(self) -> BlobWriter: ...

    def read(self, key: BlobKey) -> bytes:
        """The sealed bytes. Raises BlobMissingError, BlobsUnavailableError."""
        ...

    def delete(self, key: BlobKey) -> None:
        """Idempotent."""
        ...

    def older_than(self, instant: datetime) -> Iterator[BlobKey]:
        """Keys of blobs last written before `instant`; removes unfinished writes of that age."""
        ...

    def owned_by(self, owner: str) -> bool:
        """Whether the store belongs to this owner; the first who asks becomes it, for good.

        Raises BlobsUnavailableError.
        """
        ...

    def room(self) -> bool:
        """Whether the store can take another large message."""
        ...
