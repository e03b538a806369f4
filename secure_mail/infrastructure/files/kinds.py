"""What may be uploaded: extension, media type, and the content that both promise.

HEIC is left out: its position data can be cut only by rewriting the file, and telephones that are
asked for JPEG hand out JPEG. Macros, older office formats and archives are left out as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from secure_mail.infrastructure.files.documents import (
    OpenDocument,
    PdfFile,
    PlainText,
    WordDocument,
)
from secure_mail.infrastructure.files.jpeg import JpegFile
from secure_mail.infrastructure.files.png import PngFile


class Content(Protocol):
    """The filter of one kind of content."""

    def update(self, data: bytes) -> bytes: ...

    def finish(self) -> bytes: ...


JPEG = "image/jpeg"
KINDS: dict[str, tuple[str, Callable[[], Content]]] = {
    ".pdf": ("application/pdf", PdfFile),
    ".jpg": (JPEG, JpegFile),
    ".jpeg": (JPEG, JpegFile),
    ".png": ("image/png", PngFile),
    ".txt": ("text/plain", PlainText),
    ".docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        WordDocument,
    ),
    ".odt": ("application/vnd.oasis.opendocument.text", OpenDocument),
}
