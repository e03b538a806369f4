"""First octets that name a kind of content, and the signs of a second kind in the same file."""

from __future__ import annotations

import re

PDF = b"%PDF-"
ZIP = b"PK\x03\x04"
ZIP_END = b"PK\x05\x06"
ZIP_COMMENT = 65_557
"""Octets at the end of a file in which readers of ZIP look for the end record."""
JPEG = b"\xff\xd8\xff"
PNG = b"\x89PNG\r\n\x1a\n"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Compound file of older office programs; also the wrapper of a locked OOXML document."""

HEAD = 1024
"""Octets in which PDF readers look for their signature, and browsers for HTML."""

_KNOWN = (PDF, ZIP, JPEG, PNG, COMPOUND, b"{\\rtf")
_ACTIVE = re.compile(rb"(?i)<(?:!doctype\s+html|html|script|svg|\?php)")


def begins_like(data: bytes) -> bytes:
    """The signature that these octets begin with; empty when none is known."""
    return next((magic for magic in _KNOWN if data.startswith(magic)), b"")


def second_kind(head: bytes, own: bytes) -> bool:
    """Whether the first octets could be taken for something else than `own`.

    `head` are the first `HEAD` octets. PDF readers accept their signature anywhere in them.
    """
    looked = head[:HEAD]
    return (
        begins_like(looked) != own
        or (own != PDF and PDF in looked)
        or _ACTIVE.search(looked) is not None
    )
