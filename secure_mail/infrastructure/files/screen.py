"""The port `FileScreen`: from a name to the filter of its kind, judged to the last octet."""

from __future__ import annotations

from secure_mail.application.ports.files import FileFilter
from secure_mail.domain.filenames import clean_name, extension_of
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.infrastructure.files.kinds import KINDS, Content
from secure_mail.infrastructure.files.signatures import HEAD


class StreamingScreen:
    """An allow-list of kinds; extension and content must agree."""

    @property
    def extensions(self) -> tuple[str, ...]:
        return tuple(KINDS)

    def begin(self, filename: str, declared_size: int | None = None) -> FileFilter:
        name = clean_name(filename)
        kind = KINDS.get(extension_of(name))
        if kind is None:
            raise Refusal(RefusalCode.FILE_TYPE)
        if declared_size == 0:
            raise Refusal(RefusalCode.FILE_EMPTY)
        media_type, content = kind
        return _OneFile(name, media_type, content())


class _OneFile:
    """Hands a content its first octets together, so that it can judge them at once."""

    def __init__(self, name: str, media_type: str, content: Content) -> None:
        self._name = name
        self._media_type = media_type
        self._content = content
        self._head: bytearray | None = bytearray()

    @property
    def media_type(self) -> str:
        return self._media_type

    @property
    def clean_name(self) -> str:
        return self._name

    def update(self, data: bytes) -> bytes:
        if self._head is None:
            return self._content.update(data)
        self._head += data
        return self._flush() if len(self._head) >= HEAD else b""

    def finish(self) -> bytes:
        if self._head is not None and not self._head:
            raise Refusal(RefusalCode.FILE_EMPTY)
        return self._flush() + self._content.finish()

    def _flush(self) -> bytes:
        head, self._head = self._head, None
        return self._content.update(bytes(head)) if head else b""

    def __repr__(self) -> str:
        return f"_OneFile(media_type={self._media_type!r})"
