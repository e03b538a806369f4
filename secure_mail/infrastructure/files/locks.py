"""Signs of a password on a file, found without opening it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from secure_mail.infrastructure.files.signatures import COMPOUND, HEAD, PDF, ZIP
from secure_mail.infrastructure.files.tail import TAIL
from secure_mail.infrastructure.files.zip_directory import (
    ZipDamagedError,
    ZipEntry,
    read_directory,
)

PDF_LOCK = re.compile(rb"/Encrypt\s{0,8}(?:\d{1,10}\s{1,8}\d{1,5}\s{1,8}R\b|<<)")
"""The trailer's entry (ISO 32000-2, 7.5.5). Whether it asks for a password cannot be told here."""
PDF_LOCK_LONGEST = 64
OFFICE_LOCK = "EncryptedPackage".encode("utf-16-le")
"""Name of the stream that holds a locked OOXML document ([MS-OFFCRYPTO], 2.3.4.4)."""


def entries_locked(entries: Iterable[ZipEntry]) -> bool:
    """A password on any entry, or an OpenDocument whose content is enciphered.

    An enciphered OpenDocument stores its content uncompressed (OpenDocument 1.3, part 2, 3.4.1),
    or keeps a whole inner package.
    """
    by_name = {entry.name: entry for entry in entries}
    content = by_name.get("content.xml")
    return (
        any(entry.encrypted for entry in by_name.values())
        or "encrypted-package" in by_name
        or ("mimetype" in by_name and content is not None and content.stored and content.size > 0)
    )


def locked(data: bytes) -> bool:
    """Whether a whole file asks for a password, whatever it is called."""
    if PDF in data[:HEAD]:
        return PDF_LOCK.search(data) is not None
    if data.startswith(COMPOUND):
        return OFFICE_LOCK in data
    if data.startswith(ZIP):
        try:
            return entries_locked(read_directory(data[-TAIL:], len(data), exact=False))
        except ZipDamagedError:
            return bool(data[6:7]) and bool(data[6] & 1)
    return False
