"""Sealed octets that outgrew memory: a blob in the making, written by threads of a pool."""

from __future__ import annotations

from threading import Lock

from secure_mail.application.ports.blobs import Blobs, BlobWriter
from secure_mail.domain.ids import BlobKey
from secure_mail.domain.sealing import SealedBytes


class Spill:
    """One blob. Blocking calls; `abort` may come from another thread while a write is under way."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._lock = Lock()
        self._writer: BlobWriter | None = None
        self._ended = False

    def write(self, sealed: SealedBytes) -> None:
        """Raises StorageFullError, BlobsUnavailableError."""
        with self._lock:
            if not self._ended:
                self._open().write(sealed)

    def commit(self, rest: SealedBytes) -> BlobKey:
        """Writes the rest and makes it durable, in one call. Raises as `write` does."""
        with self._lock:
            writer = self._open()
            writer.write(rest)
            key = writer.commit()
            self._ended = True
            return key

    def abort(self) -> None:
        """Forgets it, unless it was committed; never raises."""
        with self._lock:
            if not self._ended and self._writer:
                self._writer.abort()
            self._ended = True

    def _open(self) -> BlobWriter:
        self._writer = self._writer or self._blobs.writer()
        return self._writer
