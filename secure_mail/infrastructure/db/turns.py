"""Whose turn it is to write to SQLite: in the order of asking, here and among processes.

Only fairness hangs on it: SQLite's own lock keeps writers apart. But who waits for that one sleeps
ever longer, so that of two busy processes one would stand still.
"""

from __future__ import annotations

import fcntl
import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from time import monotonic, sleep

from secure_mail.application.ports.store import StoreDownError

PATIENCE = 15.0
NEXT, NOW = 0, 1
"""Octets of the file that are locked: who is next waits until nobody writes now."""
GLANCE = 0.0005
"""Seconds between two looks, the same for all: who looks less often would hardly ever be next."""


class Turns:
    """Who may write to one SQLite file: among the threads of this process, then among processes.

    `file`: shared with other processes, empty, beside the database; made when it is first needed.
    """

    def __init__(self, patience: float = PATIENCE, file: Path | None = None) -> None:
        self._patience = patience
        self._inner = Lock()
        self._waiting: deque[Lock] = deque()
        self._taken = False
        self._neighbours = Neighbours(file) if file else None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Among threads, in the order of asking: a busy commit queue cannot starve staff.

        Raises StoreDownError when it is not our turn in time.
        """
        self._take()
        try:
            yield
        finally:
            self._pass_on()

    @contextmanager
    def among_processes(self) -> Iterator[None]:
        """Within `turn`, when all is ready to write. Raises StoreDownError."""
        if self._neighbours is None:
            yield
            return
        self._neighbours.enter(monotonic() + self._patience)
        try:
            yield
        finally:
            self._neighbours.leave()

    def close(self) -> None:
        if self._neighbours:
            self._neighbours.close()

    def _take(self) -> None:
        with self._inner:
            if not self._taken:
                self._taken = True
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=self._patience):
            return
        with self._inner:
            if mine in self._waiting:
                self._waiting.remove(mine)
                raise StoreDownError("the writer lock was not free in time")
        # It was handed over just as we gave up: `_taken` is ours.

    def _pass_on(self) -> None:
        with self._inner:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class Neighbours:
    """The writers of other processes. One thread of this process at a time speaks to it.

    Who has just written asks for NEXT, which one of those who wait holds already.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._opened: int | None = None

    def enter(self, deadline: float) -> None:
        """Raises StoreDownError. Where the file cannot be opened or locked, nobody keeps an order:
        the lock of SQLite itself is waited for.
        """
        with suppress(OSError):
            self._wait_for(NEXT, deadline)
            try:
                self._wait_for(NOW, deadline)
            finally:
                self._let_go(NEXT)

    def leave(self) -> None:
        with suppress(OSError):
            self._let_go(NOW)

    def close(self) -> None:
        if self._opened is not None:
            os.close(self._opened)
            self._opened = None

    @property
    def _descriptor(self) -> int:
        if self._opened is None:
            self._opened = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if os.geteuid() == 0:
                # An operator's command must not keep the service out, as with SQLite's own files.
                owner = self._file.parent.stat()
                os.fchown(self._opened, owner.st_uid, owner.st_gid)
        return self._opened

    def _wait_for(self, octet: int, deadline: float) -> None:
        while not self._locked(octet):
            if monotonic() > deadline:
                raise StoreDownError("another process writes for too long")
            sleep(GLANCE)

    def _locked(self, octet: int) -> bool:
        descriptor = self._descriptor
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, octet)
        except (BlockingIOError, PermissionError):
            # POSIX lets a system say either of a lock that somebody has.
            return False
        return True

    def _let_go(self, octet: int) -> None:
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, octet)
