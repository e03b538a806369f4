"""The directory of a ZIP archive: names, sizes and locks, without unpacking (APPNOTE 4.3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from secure_mail.infrastructure.files.signatures import ZIP_END

MOST_ENTRIES = 5000

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
"""General purpose bits: password, strong encryption, masked headers."""
_UTF8 = 0x0800


class ZipDamagedError(Exception):
    """No whole archive that ends where the file ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipEntry:
    name: str = field(repr=False)
    size: int
    """Octets when unpacked, as claimed."""
    stored: bool
    """Not compressed."""
    encrypted: bool


def read_directory(tail: bytes, total: int, *, exact: bool = True) -> tuple[ZipEntry, ...]:
    """Entries of the archive whose last octets are `tail` and whose length is `total`.

    `exact` refuses octets before or after the archive: such a file could be two things.
    Raises ZipDamagedError; ZIP64 is not taken (no document of 100 MiB needs it).
    """
    at = tail.rfind(ZIP_END)
    if at < 0 or len(tail) - at < _END.size:
        raise ZipDamagedError
    _, _, _, _, count, length, offset, comment = _END.unpack_from(tail, at)
    start = at - length
    if start < 0 or count > MOST_ENTRIES:
        raise ZipDamagedError
    before = total - len(tail) + start - offset
    if exact and (before or at + _END.size + comment != len(tail)):
        raise ZipDamagedError
    entries: list[ZipEntry] = []
    while len(entries) < count:
        entry, start = _entry(tail, start, at)
        entries.append(entry)
    if exact and start != at:
        raise ZipDamagedError
    return tuple(entries)


def _entry(tail: bytes, start: int, end: int) -> tuple[ZipEntry, int]:
    if end - start < _ENTRY.size:
        raise ZipDamagedError
    fields = _ENTRY.unpack_from(tail, start)
    signature, flags, method, size = fields[0], fields[3], fields[4], fields[9]
    name_length, extra, comment = fields[10:13]
    name_at = start + _ENTRY.size
    after = name_at + name_length + extra + comment
    if signature != b"PK\x01\x02" or after > end:
        raise ZipDamagedError
    name = tail[name_at : name_at + name_length].decode(
        "utf-8" if flags & _UTF8 else "cp437", "replace"
    )
    entry = ZipEntry(
        name=name, size=size, stored=method == 0, encrypted=bool(flags & _ENCRYPTED) or method == 99
    )
    return entry, after
