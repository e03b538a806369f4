"""One lock per data folder: processes that serve share it, what needs the folder alone takes it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from secure_mail.application.ports.safety import SafetyError

LOCK = "secure-mail.lock"
WORKERS = "worker.lock"


@contextmanager
def hold(data_dir: Path) -> Iterator[None]:
    """For a process that serves; any number may. Raises SafetyError while one has it alone."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(
        data_dir, fcntl.LOCK_SH, "a command works on this folder alone", "Wait until it has ended"
    ):
        yield


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """For `migrate` and `keys init`. Raises SafetyError while the service runs on this folder."""
    if not data_dir.is_dir():
        yield
        return
    with _locked(data_dir, fcntl.LOCK_EX, "the service is running on this folder", "Stop it first"):
        yield


class Place:
    """A worker's place in its data folder; any number may be there."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / WORKERS
        self._descriptor: int | None = None

    def taken_alone(self) -> bool:
        """Takes the place, and tells whether no other worker had one."""
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
        except BlockingIOError:
            alone = False
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        return alone

    def leave(self) -> None:
        """Idempotent. The end of the process leaves it as well."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def _locked(data_dir: Path, kind: int, taken: str, remedy: str) -> Iterator[None]:
    path = data_dir / LOCK
    try:
        # Opened for reading: `flock` needs no more, and the file may be another user's.
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as failure:
        what = f"the lock cannot be opened ({type(failure).__name__})"
        raise SafetyError(what, str(path), "Correct SECURE_MAIL_DATA_DIR or its rights") from None
    try:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SafetyError(taken, str(data_dir), remedy) from None
        yield
    finally:
        os.close(descriptor)
