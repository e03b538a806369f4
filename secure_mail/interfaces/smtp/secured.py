"""The octets of a TLS session on their way to it: read into one buffer that all sessions share.

Without it the loop makes, for every read, an object of 256 KiB that it then shrinks.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

SIZE = 64 * 1024


class Secured(asyncio.BufferedProtocol):
    """Stands between the TLS layer and a session.

    The loop fills the buffer and tells of it without a turn between: so one serves every session.
    """

    _shared: ClassVar = memoryview(bytearray(SIZE))

    def __init__(self, session: asyncio.Protocol) -> None:
        self._session = session

    def get_buffer(self, _sizehint: int) -> memoryview:
        """As a view: asyncio's own TLS layer goes on filling a slice of it."""
        return self._shared

    def buffer_updated(self, nbytes: int) -> None:
        self._session.data_received(bytes(self._shared[:nbytes]))

    def eof_received(self) -> bool | None:
        return self._session.eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        self._session.connection_lost(error)

    def pause_writing(self) -> None:
        self._session.pause_writing()

    def resume_writing(self) -> None:
        self._session.resume_writing()
