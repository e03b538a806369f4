"""The body hashes of a signed mail, taken while it streams past (RFC 6376, 3.4).

Pure and flat: octets in, two digests out, the same for every way of cutting them into chunks.
"""

from __future__ import annotations

import hashlib

from secure_mail.domain.authentication import BodyHashes

_LINE_END = b"\r\n"
_LINES = 4096
"""Empty lines that are hashed at once when some text follows them after all."""


class _WithoutLastLines:
    """Hashes octets but for the empty lines at their end, which are none (3.4.3)."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._after_cr = False
        self._lines = 0
        self.empty = True
        """Nothing but empty lines so far."""

    def feed(self, data: bytes) -> None:
        if self._after_cr:
            data = b"\r" + data
        self._after_cr = data.endswith(b"\r")
        if self._after_cr:
            data = data[:-1]
        text = _without_line_ends(data)
        if text:
            self._caught_up()
            self._hash.update(text)
            self.empty = False
        self._lines += (len(data) - len(text)) // len(_LINE_END)

    def digest(self) -> bytes:
        """Of what was fed, ended by exactly one CRLF."""
        if self._after_cr:
            self._caught_up()
            self._hash.update(b"\r")
            self._after_cr = False
            self.empty = False
        final = self._hash.copy()
        final.update(_LINE_END)
        return final.digest()

    def _caught_up(self) -> None:
        while self._lines:
            now = min(self._lines, _LINES)
            self._hash.update(_LINE_END * now)
            self._lines -= now


def _without_line_ends(data: bytes) -> bytes:
    """Without the CRLFs at its end.

    `rstrip` takes bare CRs and LFs as well: what is no whole pair is given back.
    """
    if data.endswith(b"\r"):
        return data
    end = len(data.rstrip(_LINE_END))
    alone = data.rfind(b"\r\r", end) + 1, data.rfind(b"\n\n", end) + 2
    end = max(end, alone[0], alone[1] if alone[1] > 1 else 0)
    return data[: end + (data[end : end + 1] == b"\n")]


class SignedBody:
    """Feed the octets behind the header section, then ask for the result, once."""

    def __init__(self) -> None:
        self._simple = _WithoutLastLines()
        self._relaxed = _WithoutLastLines()
        self._held = b""
        """Of the relaxed form: a blank, a CR, or both, that the next octet decides."""

    def feed(self, data: bytes) -> None:
        if not data:
            return
        self._simple.feed(data)
        squeezed = _one_blank(self._held + data)
        kept = len(squeezed)
        if squeezed.endswith(b"\r"):
            kept -= 1
        if squeezed.endswith(b" ", 0, kept):
            kept -= 1
        self._held = squeezed[kept:]
        self._relaxed.feed(squeezed[:kept].replace(b" \r\n", _LINE_END))

    def result(self) -> BodyHashes:
        self._relaxed.feed(self._held)
        self._held = b""
        relaxed = self._relaxed.digest()
        nothing = hashlib.sha256().digest()
        return BodyHashes(self._simple.digest(), nothing if self._relaxed.empty else relaxed)


def _one_blank(data: bytes) -> bytes:
    """Every run of blanks as one space. Replacing is several times faster than a pattern."""
    data = data.replace(b"\t", b" ")
    while b"  " in data:
        data = data.replace(b"  ", b" ")
    return data
