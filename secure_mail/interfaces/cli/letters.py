"""Messages in files: one per file, an mbox or a maildir, read in chunks, never as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import typer

CHUNK = 64 * 1024
SEPARATOR = b"From "
BLANK = (b"\n", b"\r\n")


@dataclass(frozen=True, slots=True)
class Letters:
    """What lies at a path. A path that cannot be read is told when it is its turn."""

    files: tuple[Path, ...]

    @classmethod
    def at(cls, path: Path) -> Letters:
        """A folder is a maildir (its `new` and `cur`). Raises typer.BadParameter."""
        if not path.is_dir():
            return cls((path,))
        folders = [path / name for name in ("cur", "new")]
        if not any(folder.is_dir() for folder in folders):
            raise typer.BadParameter(f"{path} is no maildir: it has neither cur nor new")
        return cls(
            tuple(
                file for folder in folders if folder.is_dir() for file in sorted(folder.iterdir())
            )
        )

    @property
    def octets(self) -> int:
        """Their size together, as far as it can be told."""
        return sum(file.stat().st_size for file in self.files if file.is_file())


def messages_in(file: BinaryIO) -> Iterator[Iterator[bytes]]:
    """Each message as its chunks; a file that begins `From ` is an mbox, else it is one message.

    The chunks of a message must be taken before the next message. Raises OSError.
    """
    begin = file.read(len(SEPARATOR))
    file.seek(0)
    if begin == SEPARATOR:
        yield from (_chunked(lines) for lines in _Mbox(file).messages())
    else:
        yield iter(lambda: file.read(CHUNK), b"")


class _Mbox:
    """The mboxrd form: `From ` after a blank line begins a message, `>From ` is quoted text."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._more = True

    def messages(self) -> Iterator[Iterator[bytes]]:
        self._skip_line(self._line())
        while self._more:
            self._more = False
            lines = self._message()
            yield lines
            for _ in lines:
                # What the reader has left of it.
                continue

    def _message(self) -> Iterator[bytes]:
        held, starts = b"", True
        while line := self._line():
            if starts and held and line.startswith(SEPARATOR):
                self._skip_line(line)
                self._more = True
                return
            yield held
            held = line if starts and line in BLANK else b""
            if not held:
                yield _unquoted(line) if starts else line
            starts = line.endswith(b"\n")

    def _line(self) -> bytes:
        """A line, or the next piece of a long one."""
        return self._file.readline(CHUNK)

    def _skip_line(self, line: bytes) -> None:
        while line and not line.endswith(b"\n"):
            line = self._line()


def _unquoted(line: bytes) -> bytes:
    quoted = line.startswith(b">") and line.lstrip(b">").startswith(SEPARATOR)
    return line[1:] if quoted else line


def _chunked(lines: Iterable[bytes]) -> Iterator[bytes]:
    gathered = bytearray()
    for line in lines:
        gathered += line
        if len(gathered) >= CHUNK:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)
