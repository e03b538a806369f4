"""A disk of the test's own, small in memory, that can be filled or made read-only."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
ROOMY = 1024
"""MiB; more than the blob store wants to see free. Memory is taken by what is written alone."""


TRIES = 100


@dataclass(frozen=True)
class Disk:
    """A tmpfs mounted at `folder`."""

    folder: Path

    def free(self, mib: int) -> None:
        """Leaves this much room, and no more; whoever writes meanwhile makes it try again."""
        for _ in range(TRIES):
            found = os.statvfs(self.folder)
            # A size of 0 is no limit.
            used = max((found.f_blocks - found.f_bfree) * found.f_frsize, found.f_frsize)
            with suppress(subprocess.CalledProcessError):
                return self._remount(f"size={used + mib * MIB}")
        raise TimeoutError(f"{self.folder} was not full once in {TRIES} times")

    def full(self) -> None:
        self.free(0)

    def roomy(self) -> None:
        self._remount(f"size={ROOMY}m")

    def read_only(self, on: bool = True) -> None:  # noqa: FBT001, FBT002 - reads as a sentence
        self._remount("ro" if on else "rw")

    def _remount(self, option: str) -> None:
        run("mount", "-o", f"remount,{option}", str(self.folder))

    def unmount(self) -> None:
        # Lazily: whatever still holds a file of it keeps that file, and the folder is free.
        run("umount", "-l", str(self.folder))


def mounted(folder: Path) -> Disk | None:
    """None where this user may not mount."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOMY}m,mode=0700", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    return None if done.returncode else Disk(folder)


def run(*words: str) -> None:
    subprocess.run(words, capture_output=True, check=True)
