"""Sockets in a folder: for a mail server on the same machine, and for nobody else there."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path

from secure_mail.application.ports.safety import SafetyError

SOCKET_MODE = 0o660
FOLDER_MODE = 0o750
MAX_PATH = 90
"""Octets: Linux takes 107, and the socket is made under a longer name first."""


def listening_at(path: Path) -> socket.socket:
    """Bound at the path, for its owner and group. What an ended process left there is replaced.

    Raises SafetyError when others could put a socket of theirs there, OSError when it is taken.
    """
    _refuse_open_folder(path)
    if len(os.fsencode(path)) > MAX_PATH:
        raise SafetyError("the path of a socket is too long", str(path), "Choose a shorter one")
    made = path.with_name(f".{path.name}.{os.getpid()}")
    made.unlink(missing_ok=True)
    found = socket.socket(socket.AF_UNIX)
    try:
        # Nobody can connect before `listen`, and by then the mode is right.
        found.bind(str(made))
        made.chmod(SOCKET_MODE)
        _refuse_taken(path)
        made.replace(path)
    except BaseException:
        found.close()
        made.unlink(missing_ok=True)
        raise
    return found


def removed(path: Path, mark: tuple[int, int]) -> None:
    """Takes the socket away, unless another process has put its own there."""
    with suppress(OSError):
        if mark_of(path) == mark:
            path.unlink()


def mark_of(path: Path) -> tuple[int, int]:
    """Tells one socket from the next at the same path. Raises OSError."""
    found = path.lstat()
    return found.st_dev, found.st_ino


def _refuse_open_folder(path: Path) -> None:
    folder = path.parent
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    found = folder.stat()
    if found.st_uid not in {0, os.geteuid()} or found.st_mode & stat.S_IWOTH:
        raise SafetyError(
            "others can put a socket in this folder",
            str(folder),
            "Name one that is this user's own, and writable by nobody else",
        )


def _refuse_taken(path: Path) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise FileExistsError(17, "there is a file that is no socket", str(path))
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        with suppress(FileNotFoundError, ConnectionRefusedError):
            probe.connect(str(path))
            raise OSError(98, "somebody listens there", str(path))
