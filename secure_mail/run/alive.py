"""Signs of life of roles that listen on no port: a file whose age says when they last turned."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

INTERVAL = 5.0
STALE = 30.0


def sign_of(role: str, data_dir: Path) -> Path:
    """One file per user, data folder and role, in the folder for temporary files."""
    place = sha256(str(data_dir.resolve()).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"secure-mail-{os.getuid()}-{place}-{role}.alive"


def alive(role: str, data_dir: Path) -> bool:
    """Whether the role turned within the last half minute."""
    try:
        return time.time() - sign_of(role, data_dir).stat().st_mtime < STALE
    except OSError:
        return False


class Pulse:
    """Touches the role's file while `turning` says that its threads live."""

    def __init__(self, role: str, data_dir: Path, turning: Callable[[], bool]) -> None:
        self._sign = sign_of(role, data_dir)
        self._turning = turning
        self._stopping = Event()
        self._thread = Thread(target=self._beat, name=f"pulse-{role}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(1)
        self._sign.unlink(missing_ok=True)

    def _beat(self) -> None:
        while not self._stopping.is_set():
            if self._turning():
                self._sign.touch(mode=0o600)
            self._stopping.wait(INTERVAL)
