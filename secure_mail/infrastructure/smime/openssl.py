"""Runs openssl: an argument list, no shell, an empty environment, limits, no file on a disk.

What it reads besides its input, and what it writes, lies in memory (`memfd_create`): no plaintext
and no key ever has a name in a file system. It waits for its input until its limits are set.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

_WHERE = "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin"
_SURROUNDINGS = {"OPENSSL_CONF": "/dev/null"}
"""No engine, provider or default of the machine changes what is believed."""


class UnavailableError(Exception):
    """openssl is missing, was over its limits, or was killed: nothing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSsl:
    """Limits of one run."""

    program: str | None = None
    """None: looked for where systems have it."""
    seconds: float = 20
    memory: int = 1024 * 1024 * 1024
    """Octets of address space: an object in one piece is held several times over."""

    def run(
        self, arguments: Sequence[str], given: bytes, files: Mapping[str, bytes]
    ) -> bytes | None:
        """What it wrote; None when it ended with a failure.

        An argument that is a name in `files` becomes the path of those octets. Raises
        UnavailableError.
        """
        program = self.program or found()
        if program is None:
            raise UnavailableError
        with ExitStack() as kept:
            paths = {name: _in_memory(kept, octets) for name, octets in files.items()}
            out = _in_memory(kept, b"")
            words = [f"/dev/fd/{paths[one]}" if one in paths else one for one in arguments]
            code = self._ended([program, *words], given, tuple(paths.values()), out)
            if code < 0:
                raise UnavailableError
            if code:
                return None
            os.lseek(out, 0, os.SEEK_SET)
            with open(out, "rb", closefd=False) as written:
                return written.read()

    def _ended(self, command: list[str], given: bytes, kept: tuple[int, ...], out: int) -> int:
        """Its exit code; negative when a signal (a limit) ended it."""
        most = len(given) + 1024 * 1024
        try:
            with subprocess.Popen(  # noqa: S603 - a fixed argument list, no shell
                command,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.DEVNULL,
                env=_SURROUNDINGS,
                cwd="/",
                pass_fds=kept,
            ) as process:
                try:
                    self._limit(process.pid, most)
                    process.communicate(given, timeout=self.seconds)
                except (OSError, subprocess.TimeoutExpired):
                    process.kill()
                    raise
        except (OSError, subprocess.TimeoutExpired):
            raise UnavailableError from None
        return process.returncode

    def _limit(self, pid: int, most: int) -> None:
        limits = {
            resource.RLIMIT_AS: self.memory,
            resource.RLIMIT_CPU: int(self.seconds) + 1,
            resource.RLIMIT_FSIZE: most,
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_NOFILE: 32,
        }
        for what, limit in limits.items():
            resource.prlimit(pid, what, (limit, limit))


def found() -> str | None:
    """Where the program is; None when this machine has none."""
    return shutil.which("openssl", path=_WHERE)


def openssl_available() -> bool:
    """Whether S/MIME can be verified and decrypted in this process."""
    return found() is not None and hasattr(os, "memfd_create")


def _in_memory(kept: ExitStack, octets: bytes) -> int:
    """A descriptor of a file that has no name and lies in memory."""
    descriptor = os.memfd_create("smime")
    kept.callback(os.close, descriptor)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(octets)
    return descriptor
