"""Letters for the wire: each distinct, each of the size asked for, each with the canary in it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

CANARY = b"Kanarialintu-laulaa-vain-suljetun-oven-takana"
"""Searched for where nothing may lie in the clear."""
LINE = CANARY + b". Asia koskee esimerkkia; lasku on liitteena.\r\n"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent, and how it is known again: the SHA-256 of its octets."""

    head: bytes
    filler: bytes
    """Shared by all letters of one size; holds no line that begins with a dot."""

    @property
    def size(self) -> int:
        return len(self.head) + len(self.filler)

    @property
    def digest(self) -> str:
        whole = sha256(self.head)
        whole.update(self.filler)
        return whole.hexdigest()


def letters(run: str, count: int, size: int, sender: str, recipient: str) -> list[Letter]:
    """`run` tells the letters of one round from those of every other."""
    heads = [_head(run, number, sender, recipient) for number in range(count)]
    longest = max(map(len, heads))
    filler = _filled(size - longest)
    return [Letter(_padded(head, longest), filler) for head in heads]


def _head(run: str, number: int, sender: str, recipient: str) -> bytes:
    fields = (
        f"From: Desk <{sender}>",
        f"To: <{recipient}>",
        "Date: Tue, 24 Nov 2026 10:00:00 +0200",
        f"Message-ID: <{run}.{number}@institution.example>",
        f"Subject: Kirje {number}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=us-ascii",
    )
    return "\r\n".join(fields).encode() + b"\r\n\r\n" + CANARY + b"\r\n"


def _padded(head: bytes, length: int) -> bytes:
    """Longer by letters in its last line, so that all are of one size."""
    return head[:-2] + b"x" * (length - len(head)) + b"\r\n"


def _filled(size: int) -> bytes:
    whole, rest = divmod(max(size, 2), len(LINE))
    return LINE * whole + (b"x" * (rest - 2) + b"\r\n" if rest >= 2 else b"\r\n")
