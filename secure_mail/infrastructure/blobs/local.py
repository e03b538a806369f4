"""Blobs on this machine's disk. Ours, because `durable` must be true: every fsync is here."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from secure_mail.application.ports.blobs import (
    BlobMissingError,
    BlobsUnavailableError,
    StorageFullError,
)
from secure_mail.domain.ids import BlobKey
from secure_mail.domain.sealing import SealedBytes
from secure_mail.infrastructure.blobs.names import FOLDERS, OWNER, checked, is_key, new_key

KEEP_FREE = 512 * 1024 * 1024
"""Octets that must be free for another large message: uploads of several senders at once."""

_UNFINISHED = "unfinished"

Fsync = Callable[[int], None]


class LocalBlobs:
    """Files of mode 0600 below one folder; `fsync` is handed in so that a test can count."""

    def __init__(self, root: Path, keep_free: int = KEEP_FREE, fsync: Fsync = os.fsync) -> None:
        self._root = root
        self._keep_free = keep_free
        self._fsync = fsync
        self._whole = False
        with _failures():
            (root / _UNFINISHED).mkdir(mode=0o700, parents=True, exist_ok=True)

    def writer(self) -> LocalWriter:
        with _failures():
            if not self._whole:
                self._make_folders()
            return LocalWriter(self._root, self._fsync)

    def read(self, key: BlobKey) -> bytes:
        path = self._root / checked(key)
        with _failures():
            try:
                return path.read_bytes()
            except FileNotFoundError:
                raise BlobMissingError("no such blob") from None

    def delete(self, key: BlobKey) -> None:
        path = self._root / checked(key)
        with _failures():
            path.unlink(missing_ok=True)

    def older_than(self, instant: datetime) -> Iterator[BlobKey]:
        for path in self._older(f"{_UNFINISHED}/*", instant):
            with _failures():
                path.unlink(missing_ok=True)
        for pattern in ("??/*", "??/??/*"):
            for path in self._older(pattern, instant):
                key = path.relative_to(self._root).as_posix()
                if is_key(key):
                    yield BlobKey(key)

    def _older(self, pattern: str, instant: datetime) -> Iterator[Path]:
        for path in self._root.glob(pattern):
            with _failures(), suppress(FileNotFoundError):
                if path.stat().st_mtime < instant.timestamp():
                    yield path

    def owned_by(self, owner: str) -> bool:
        path = self._root / OWNER
        with _failures():
            with suppress(FileExistsError):
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
                with os.fdopen(os.open(path, flags, 0o600), "w", encoding="ascii") as file:
                    file.write(owner)
            return path.read_text(encoding="ascii") == owner

    def room(self) -> bool:
        with _failures():
            found = os.statvfs(self._root)
        return found.f_bavail * found.f_frsize >= self._keep_free

    def _make_folders(self) -> None:
        """All at once, and on the disk before the first blob: none is made, or synced, later."""
        present = {path.name for path in self._root.iterdir()}
        for name in FOLDERS:
            if name not in present:
                (self._root / name).mkdir(mode=0o700, exist_ok=True)
        # Also when another process has made them: it may not have come to this line yet.
        _sync(self._root, self._fsync)
        self._whole = True


class LocalWriter:
    """Writes beside the blobs, and moves in what is whole and on the disk."""

    def __init__(self, root: Path, fsync: Fsync) -> None:
        self._root = root
        self._fsync = fsync
        self._path = root / _UNFINISHED / uuid4().hex
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        self._file = os.fdopen(os.open(self._path, flags, 0o600), "wb")

    def write(self, sealed: SealedBytes) -> None:
        with _failures():
            self._file.write(sealed)

    def commit(self) -> BlobKey:
        """File on the disk, then its name: one fsync for each."""
        key = new_key()
        target = self._root / key
        with _failures():
            self._file.flush()
            self._fsync(self._file.fileno())
            self._file.close()
            self._path.rename(target)
            _sync(target.parent, self._fsync)
        return key

    def abort(self) -> None:
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def _sync(folder: Path, fsync: Fsync) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _failures() -> Iterator[None]:
    """Translates what the system says into what a door can answer."""
    try:
        yield
    except OSError as failure:
        if failure.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFullError("the disk is full") from failure
        raise BlobsUnavailableError(type(failure).__name__) from failure
