"""How the C library hands out memory in a process that serves."""

from __future__ import annotations

import ctypes
from contextlib import suppress

M_MMAP_THRESHOLD = -3
THRESHOLD = 192 * 1024
"""Above the chunks that every message is read in, below the 256 KiB of a TLS session."""


def settle() -> None:
    """Gives every large block pages of its own, touched or not, as long as the process lives.

    By itself glibc stops that when the first one is freed; an idle TLS session then costs half as
    much again. Other C libraries need no telling.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, THRESHOLD)
