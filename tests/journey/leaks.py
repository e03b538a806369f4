"""Looks for words where they must not be, in every form that octets take on their way."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import quote, urlsplit

Place = tuple[str, bytes]


def forms(word: str) -> set[bytes]:
    """A word as it would stand in text, JSON, a URL, base64 at any offset, and hexadecimal."""
    plain = word.encode()
    wide = {word.encode("utf-16-le"), word.encode("utf-16-be")}
    inner = {b64encode(b"\0" * shift + plain)[(shift * 4 + 2) // 3 : -4] for shift in range(3)}
    escaped = {json.dumps(word)[1:-1].encode(), quote(word, safe="").encode()}
    return {plain, plain.hex().encode(), *wide, *inner, *escaped}


def leaks(words: Iterable[str], places: Iterable[Place]) -> list[str]:
    """`word in place`, for each that was found; letters of either case count."""
    looked = [(word, form.lower()) for word in words for form in forms(word)]
    return sorted(
        {
            f"{word!r} in {name}"
            for name, octets in places
            for word, form in looked
            if form in octets.lower()
        }
    )


def files(*paths: Path) -> Iterator[Place]:
    """Files, and every file below folders; journals that vanish meanwhile are none."""
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            try:
                if file.is_file():
                    yield str(file), file.read_bytes()
            except FileNotFoundError:
                continue


@contextmanager
def overheard(url: str) -> Iterator[bytearray]:
    """Everything that is said to a Redis server meanwhile: what rests in it, and what passes."""
    parts = urlsplit(url)
    heard = bytearray()
    with socket.create_connection((parts.hostname, parts.port)) as line:

        def listen() -> None:
            while octets := line.recv(65536):
                heard.extend(octets)

        line.sendall(b"MONITOR\r\n")
        listener = Thread(target=listen)
        listener.start()
        try:
            yield heard
        finally:
            line.shutdown(socket.SHUT_RDWR)
            listener.join()
