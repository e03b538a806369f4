"""Uploads of the form: judged and cleaned while they stream, never decoded, never spooled."""

from __future__ import annotations

from typing import Protocol


class FileFilter(Protocol):
    """One upload. What `update` and `finish` return, in order, is the file that may be sealed."""

    @property
    def media_type(self) -> str:
        """Of the content, as its extension promised."""
        ...

    @property
    def clean_name(self) -> str:
        """NFC, no path, no control or bidi signs, at most 120 characters."""
        ...

    def update(self, data: bytes) -> bytes:
        """Octets that are ready to be sealed; may be empty.

        Raises Refusal FILE_TYPE or FILE_UNREADABLE as soon as it is certain.
        """
        ...

    def finish(self) -> bytes:
        """The last octets. Until it returned, nothing that came before may be kept.

        Raises Refusal FILE_TYPE (not what its name says, or two things at once), FILE_EMPTY,
        FILE_LOCKED (a password), FILE_UNREADABLE (cut off or broken). Facts are empty: no names.
        """
        ...


class FileScreen(Protocol):
    @property
    def extensions(self) -> tuple[str, ...]:
        """What may be sent, with the dot, in the order to show: the page tells it before."""
        ...

    def begin(self, filename: str, declared_size: int | None = None) -> FileFilter:
        """Starts one upload; `declared_size` in octets, where the browser said it.

        Raises Refusal FILE_TYPE (by the extension alone) or FILE_EMPTY.
        """
        ...
