"""A clock that stands still, and chance that repeats itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from secure_mail.domain.ids import CROCKFORD
from secure_mail.domain.sealing import BrowserSecret

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday, 11:00 in Helsinki."""


class FixedClock:
    def __init__(self, instant: datetime = START) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> datetime:
        self.instant += by
        return self.instant


class SeededIds:
    """Every id and code is a function of the seed and of how many were drawn before."""

    def __init__(self, seed: int = 1, words: tuple[str, ...] = ("KOIVU", "RIVER", "SKED")) -> None:
        self._random = Random(seed)
        self._words = words
        self._count = 0

    def new(self) -> UUID:
        self._count += 1
        tail = self._random.getrandbits(62)
        return UUID(int=(self._count << 80) | (7 << 76) | (2 << 62) | tail)

    def symbols(self, count: int) -> str:
        return "".join(self._random.choice(CROCKFORD) for _ in range(count))

    def digits(self, count: int) -> str:
        return "".join(self._random.choice("0123456789") for _ in range(count))

    def secret(self) -> BrowserSecret:
        return BrowserSecret(self._random.randbytes(32))

    def check_words(self, language: str) -> str:
        assert language in {"en", "fi", "sv"}
        return f"{self._random.choice(self._words)} {self.digits(2)}"
