"""PDF, plain text and the two word processors: let through unchanged, or refused with the reason.

The first call of `update` brings at least `HEAD` octets, or the whole file.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.infrastructure.files.locks import (
    OFFICE_LOCK,
    PDF_LOCK,
    PDF_LOCK_LONGEST,
    entries_locked,
)
from secure_mail.infrastructure.files.signatures import (
    COMPOUND,
    PDF,
    ZIP,
    ZIP_COMMENT,
    ZIP_END,
    begins_like,
    second_kind,
)
from secure_mail.infrastructure.files.tail import Tail
from secure_mail.infrastructure.files.zip_directory import (
    ZipDamagedError,
    ZipEntry,
    read_directory,
)

UNPACKED_LIMIT = 512 * 1024 * 1024
"""Octets that a document may claim to unpack to: beyond it, it is made to do harm."""
_PDF_END = 2048
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class _Unchanged(ABC):
    """Lets octets through and remembers what the decision at the end needs."""

    own: bytes

    def __init__(self) -> None:
        self._tail = Tail()

    def update(self, data: bytes) -> bytes:
        if not self._tail.total:
            self._first(data)
        self._tail.add(data)
        self._watch(data)
        return data

    def finish(self) -> bytes:
        self._judge(self._tail)
        return b""

    def _first(self, head: bytes) -> None:
        if second_kind(head, self.own):
            raise Refusal(RefusalCode.FILE_TYPE)

    @abstractmethod
    def _watch(self, data: bytes) -> None:
        """Looks at everything that passes."""

    @abstractmethod
    def _judge(self, tail: Tail) -> None:
        """Decides when all has passed."""


class PdfFile(_Unchanged):
    """Begins as a PDF, ends as one, has no lock and no archive behind it (ISO 32000-2, 7.5)."""

    own = PDF

    def __init__(self) -> None:
        super().__init__()
        self._seam = b""
        self._locked = False

    def _watch(self, data: bytes) -> None:
        self._locked = self._locked or PDF_LOCK.search(self._seam + data) is not None
        self._seam = (self._seam + data)[-PDF_LOCK_LONGEST:]

    def _judge(self, tail: Tail) -> None:
        if self._locked:
            raise Refusal(RefusalCode.FILE_LOCKED)
        if ZIP_END in tail.octets()[-ZIP_COMMENT:]:
            raise Refusal(RefusalCode.FILE_TYPE)
        if b"%%EOF" not in tail.octets()[-_PDF_END:]:
            raise Refusal(RefusalCode.FILE_UNREADABLE)


class PlainText(_Unchanged):
    """Text without control signs, in any encoding; UTF-16 only with its mark."""

    own = b""

    def __init__(self) -> None:
        super().__init__()
        self._wide = False

    def _first(self, head: bytes) -> None:
        super()._first(head)
        self._wide = head.startswith(_UTF16)

    def _watch(self, data: bytes) -> None:
        if not self._wide and _NOT_TEXT.search(data):
            raise Refusal(RefusalCode.FILE_TYPE)

    def _judge(self, tail: Tail) -> None:
        if self._wide and (tail.total % 2 or ZIP_END in tail.octets()[-ZIP_COMMENT:]):
            raise Refusal(RefusalCode.FILE_TYPE)


class _Package(_Unchanged):
    """A document that is a ZIP archive, judged by its central directory."""

    own = ZIP
    needed: frozenset[str]
    forbidden: frozenset[str]
    body: str
    """How the name of the entry with the text begins."""

    def __init__(self) -> None:
        super().__init__()
        self._compound = False
        self._seam = b""
        self._locked = False

    def _first(self, head: bytes) -> None:
        self._compound = begins_like(head) == COMPOUND
        if not self._compound:
            super()._first(head)

    def _watch(self, data: bytes) -> None:
        if self._compound and not self._locked:
            self._locked = OFFICE_LOCK in self._seam + data
            self._seam = (self._seam + data)[-len(OFFICE_LOCK) :]

    def _judge(self, tail: Tail) -> None:
        if self._compound:
            raise Refusal(RefusalCode.FILE_LOCKED if self._locked else RefusalCode.FILE_TYPE)
        try:
            entries = read_directory(tail.octets(), tail.total)
        except ZipDamagedError:
            raise Refusal(RefusalCode.FILE_UNREADABLE) from None
        self._judge_entries(entries)

    def _judge_entries(self, entries: tuple[ZipEntry, ...]) -> None:
        names = {entry.name for entry in entries}
        if entries_locked(entries):
            raise Refusal(RefusalCode.FILE_LOCKED)
        has_text = any(name.startswith(self.body) for name in names)
        if not self.needed <= names or names & self.forbidden or not has_text:
            raise Refusal(RefusalCode.FILE_TYPE)
        twice = len(names) != len(entries)
        if twice or sum(entry.size for entry in entries) > UNPACKED_LIMIT:
            raise Refusal(RefusalCode.FILE_UNREADABLE)


class WordDocument(_Package):
    """A .docx without macros (ECMA-376, part 2)."""

    needed = frozenset({"[Content_Types].xml", "_rels/.rels"})
    forbidden = frozenset({"word/vbaProject.bin", "mimetype"})
    body = "word/document"


class OpenDocument(_Package):
    """An .odt, which names its type in its first entry (OpenDocument 1.3, part 2, 3.3)."""

    needed = frozenset({"mimetype", "META-INF/manifest.xml"})
    forbidden = frozenset({"[Content_Types].xml"})
    body = "content.xml"
    _promise = b"mimetypeapplication/vnd.oasis.opendocument.text"

    def _first(self, head: bytes) -> None:
        super()._first(head)
        promised = head[30 : 30 + len(self._promise)] == self._promise
        template_or_more = head[30 + len(self._promise) :][:1] == b"-"
        if not self._compound and (not promised or template_or_more):
            raise Refusal(RefusalCode.FILE_TYPE)
