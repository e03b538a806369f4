"""JPEG without its metadata: place, time, camera and comments are cut, the picture is untouched.

Segments are kept by an allow-list (ITU-T T.81, annex B): of the application segments only JFIF, the
colour profile and Adobe's colour flag. Of EXIF the orientation alone survives, written anew.
"""

from __future__ import annotations

import re
import struct

from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.infrastructure.files.photo import Photo
from secure_mail.infrastructure.files.signatures import JPEG

_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP15 = 0xE0, 0xE1, 0xEF
_EXIF = b"Exif\0\0"
_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_ORIENTATION = 0x0112
_MOST_FILL = 64
"""Octets FF that may stand before a marker; the standard sets no limit, cameras write one."""


class JpegFile(Photo):
    """Reads markers, keeps what draws the picture, copies the compressed scans through."""

    own = JPEG

    def __init__(self) -> None:
        super().__init__()
        self._in_scan = False
        self._scans = 0

    def _step(self) -> bool:
        return self._scan() if self._in_scan else self._segment()

    def _scan(self) -> bool:
        """Copies compressed data up to the next marker that is neither stuffing nor a restart."""
        marker = _MARKER.search(self._inbox)
        if marker:
            self._in_scan = False
            self._out += self._take(marker.start())
            return True
        half = self._inbox.endswith(b"\xff")
        self._out += self._take(len(self._inbox) - half)
        return False

    def _segment(self) -> bool:
        """Takes one marker, with the segment that follows it."""
        fill = 0
        while fill < len(self._inbox) and self._inbox[fill] == 0xFF:
            fill += 1
        if (self._inbox and not fill) or fill > _MOST_FILL:
            raise Refusal(RefusalCode.FILE_UNREADABLE)
        if len(self._inbox) == fill:
            return False
        code = self._inbox[fill]
        if code in {_SOI, _EOI}:
            self._take(fill + 1)
            return self._edge(code)
        if len(self._inbox) < fill + 3:
            return False
        length = int.from_bytes(self._inbox[fill + 1 : fill + 3], "big")
        if length < 2 or code < 0xC0:
            raise Refusal(RefusalCode.FILE_UNREADABLE)
        if len(self._inbox) < fill + 1 + length:
            return False
        self._take(fill + 1)
        self._keep(code, self._take(length))
        return True

    def _edge(self, code: int) -> bool:
        self._out += bytes((0xFF, code))
        self._ended = code == _EOI
        if self._ended and not self._scans:
            raise Refusal(RefusalCode.FILE_UNREADABLE)
        return True

    def _keep(self, code: int, body: bytes) -> None:
        """`body` begins with the two octets of its length."""
        if code == _APP1:
            body = _orientation_only(body[2:])
        elif code == _COM or (
            _APP0 <= code <= _APP15 and not body[2:].startswith(_KEPT.get(code, b"\0none"))
        ):
            body = b""
        if body:
            self._out += bytes((0xFF, code)) + body
        self._in_scan = code == _SOS
        self._scans += self._in_scan


def _orientation_only(content: bytes) -> bytes:
    """A segment body with nothing but the orientation of this EXIF content; empty when upright."""
    value = _orientation(content)
    if not 2 <= value <= 8:
        return b""
    tiff = struct.pack(">2sHLHHHLHHL", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, value, 0, 0)
    return struct.pack(">H", 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff


def _orientation(content: bytes) -> int:
    """Value of tag 0x0112 in the first directory (EXIF 2.32, 4.6.4); 0 when there is none."""
    tiff = content[len(_EXIF) :]
    order = {b"MM": ">", b"II": "<"}.get(tiff[:2])
    if not content.startswith(_EXIF) or order is None:
        return 0
    try:
        (start,) = struct.unpack_from(order + "L", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for number in range(min(count, 200)):
            tag, kind, _, value = struct.unpack_from(order + "HHLH", tiff, start + 2 + 12 * number)
            if (tag, kind) == (_ORIENTATION, 3):
                return int(value)
    except struct.error:
        return 0
    return 0
