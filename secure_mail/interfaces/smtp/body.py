"""Finds the end of DATA and undoes dot-stuffing in a stream, whichever way it is cut into chunks.

CRLF.CRLF alone ends a message. Everything that another server might take for an end (bare CR, bare
LF, NUL) spoils the whole message, so that no second one can be smuggled behind it (RFC 5321,
4.1.1.4).
"""

from __future__ import annotations

from secure_mail.domain.refusals import RefusalCode

MAX_LINE = 64 * 1024
"""Octets without a line end. RFC 5321 says 998, real senders write more, and we only stream."""

_END = b"\r\n.\r\n"
_BEGINNINGS = tuple(_END[:length] for length in range(4, 0, -1))


class Body:
    """One message's octets: feed chunks until `done`; `rest` is what came after the end."""

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        # The line before the first one has ended: a dot may be the first octet.
        self._held = b"\r\n"
        self._skip = 2
        self._open_line = 0
        self.size = 0
        self.done = False
        self.rest = b""
        self.refusal: RefusalCode | None = None
        """The first thing that was wrong; from then on nothing is released."""

    def feed(self, chunk: bytes) -> bytes:
        """The octets of the message that are certain by now; none once it is refused."""
        data = self._held + chunk
        end = data.find(_END)
        if end >= 0:
            self.done = True
            data, self.rest = data[: end + 2], data[end + len(_END) :]
            self._held = b""
        else:
            self._held = next((held for held in _BEGINNINGS if data.endswith(held)), b"")
            data = data[: len(data) - len(self._held)]
        if self.refusal is None:
            self.refusal = self._wrong(data)
        if self.refusal or not data:
            return b""
        clean = data.replace(b"\r\n.", b"\r\n")[self._skip :]
        self._skip = 0
        self.size += len(clean)
        if self.size > self._max_size:
            self.refusal = RefusalCode.TOO_LARGE
            return b""
        return clean

    def _wrong(self, data: bytes) -> RefusalCode | None:
        lines = data.count(b"\r\n")
        if data.count(b"\n") != lines or data.count(b"\r") != lines:
            return RefusalCode.BARE_LINE_ENDING
        if b"\0" in data:
            return RefusalCode.NUL_IN_MESSAGE
        return RefusalCode.LINE_TOO_LONG if self._overlong(data) else None

    def _overlong(self, data: bytes) -> bool:
        """Jumps from line end to line end, as far apart as they may be."""
        start = -self._open_line
        while len(data) - start > MAX_LINE:
            end = data.rfind(b"\n", max(start, 0), start + MAX_LINE + 1)
            if end < 0:
                return True
            start = end + 1
        end = data.rfind(b"\n", max(start, 0))
        self._open_line = len(data) - (end + 1 if end >= 0 else start)
        return False
