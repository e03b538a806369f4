"""Files that only this process's user may read, durable when written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from secure_mail.application.ports.safety import SafetyError


def read_private(path: Path, remedy: str = "Make it, or correct KEY_DIR") -> bytes:
    """Reads a file after checking on the open file that nobody else can.

    Raises SafetyError when it is missing (then with the remedy), open to others, or another user's.
    """
    try:
        with path.open("rb") as file:
            _refuse_open_file(os.fstat(file.fileno()), path)
            return file.read()
    except OSError as failure:
        what = f"key file cannot be read ({type(failure).__name__})"
        raise SafetyError(what, str(path), remedy) from None


def _refuse_open_file(found: os.stat_result, path: Path) -> None:
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise SafetyError(f"key file too open (mode {mode:04o})", str(path), f"chmod 600 {path}")
    if found.st_uid != os.geteuid():
        what = f"key file of another user (uid {found.st_uid})"
        raise SafetyError(what, str(path), f"chown {os.geteuid()} {path}")


def refuse_open_folder(folder: Path) -> None:
    """Raises SafetyError when others may put files into the key folder."""
    try:
        mode = stat.S_IMODE(folder.stat().st_mode)
    except OSError:
        raise SafetyError(
            "no key folder", str(folder), "Run secure-mail keys init, or correct KEY_DIR"
        ) from None
    if mode & 0o022:
        what = f"key folder open to writers (mode {mode:04o})"
        raise SafetyError(what, str(folder), f"chmod 700 {folder}")


def write_new(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Makes the file durably. Raises FileExistsError and changes nothing when there is one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def replace(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Puts new content in place of the old, in one step."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    write_new(unfinished, data, mode)
    unfinished.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
