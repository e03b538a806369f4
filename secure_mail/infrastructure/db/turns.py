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
GLANCE, STARE = 0.0002, 0.005
"""Seconds between two looks, at first and later."""
SOON = 0.1


class Turns:
    """A lock that serves in the order of asking: a busy commit queue cannot starve staff.

    `file`: shared with other processes, empty; made when it is first needed.
    """

    def __init__(self, patience: float = PATIENCE, file: Path | None = None) -> None:
        self._patience = patience
        self._inner = Lock()
        self._waiting: deque[Lock] = deque()
        self._taken = False
        self._neighbours = Neighbours(file) if file else None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Raises StoreDownError when it is not our turn in time."""
        deadline = monotonic() + self._patience
        self._take()
        try:
            if self._neighbours is None:
                yield
                return
            self._neighbours.enter(deadline)
            try:
                yield
            finally:
                self._neighbours.leave()
        finally:
            self._pass_on()

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
    """The writers of other processes. One of this process at a time speaks to it.

    Who has just written must ask for NEXT, which whoever waits already holds.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._opened: int | None = None

    def enter(self, deadline: float) -> None:
        """Raises StoreDownError. Where the file cannot be locked there is no order to keep."""
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
        return self._opened

    def _wait_for(self, octet: int, deadline: float) -> None:
        began = monotonic()
        while not self._locked(octet):
            present = monotonic()
            if present > deadline:
                raise StoreDownError("another process writes for too long")
            sleep(GLANCE if present < began + SOON else STARE)

    def _locked(self, octet: int) -> bool:
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, octet)
        except (BlockingIOError, PermissionError):
            # POSIX lets a system say either of a lock that somebody has.
            return False
        return True

    def _let_go(self, octet: int) -> None:
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, octet)
