"""PNG without its metadata: text, time and EXIF chunks are cut, the picture is untouched.

Chunks are kept by an allow-list (PNG, third edition, 11): what draws the picture and its colours.
"""

from __future__ import annotations

from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.infrastructure.files.photo import Photo
from secure_mail.infrastructure.files.signatures import PNG

_KEPT = frozenset({
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"sRGB", b"iCCP", b"sBIT",
    b"bKGD", b"pHYs", b"cICP",
})  # fmt: skip
_LONGEST = 2**31 - 1


class PngFile(Photo):
    """Reads chunk by chunk; a chunk passes in pieces, so that its size costs no memory."""

    own = PNG

    def __init__(self) -> None:
        super().__init__()
        self._begun = False
        self._kind = b""
        self._left = 0
        self._pixels = False

    def _step(self) -> bool:
        if self._left:
            return self._pass_on()
        if self._kind == b"IEND":
            self._ended = True
            if not self._pixels:
                raise Refusal(RefusalCode.FILE_UNREADABLE)
            return True
        return self._signature() if not self._begun else self._chunk()

    def _signature(self) -> bool:
        if len(self._inbox) < len(PNG):
            return False
        self._begun = True
        self._out += self._take(len(PNG))
        return True

    def _chunk(self) -> bool:
        if len(self._inbox) < 8:
            return False
        first = not self._kind
        header = self._take(8)
        length, self._kind = int.from_bytes(header[:4], "big"), header[4:]
        if length > _LONGEST or (first and self._kind != b"IHDR"):
            raise Refusal(RefusalCode.FILE_UNREADABLE)
        self._left = length + 4
        self._pixels = self._pixels or self._kind == b"IDAT"
        if self._kind in _KEPT:
            self._out += header
        return True

    def _pass_on(self) -> bool:
        piece = self._take(min(self._left, len(self._inbox)))
        self._left -= len(piece)
        if self._kind in _KEPT:
            self._out += piece
        return not self._left
