"""The end of a stream, kept bounded: decisions that stand at the end of a file need no more."""

from __future__ import annotations

TAIL = 256 * 1024
"""Octets kept: the central directory of a document, and the trailer of a PDF, fit many times."""


class Tail:
    """Remembers at least the last `TAIL` octets, never more than twice as many."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self.total = 0
        """Octets seen."""

    def add(self, data: bytes) -> None:
        self.total += len(data)
        self._octets += data[-TAIL:]
        if len(self._octets) > 2 * TAIL:
            del self._octets[:-TAIL]

    def octets(self) -> bytes:
        return bytes(self._octets[-TAIL:])
