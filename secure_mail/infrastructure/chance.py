"""Time and chance of the real world: the system's clock, and everything that must be random."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from uuid import UUID

from secure_mail.application.ports.clock import Clock
from secure_mail.domain.ids import CROCKFORD
from secure_mail.domain.sealing import BrowserSecret

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTER_BITS = 12
_POOL = 2048


class SystemClock:
    """The present instant."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomIds:
    """Random things from the system's generator; ids in the order in which they were asked for."""

    def __init__(self, clock: Clock, words: Mapping[str, Sequence[str]]) -> None:
        self._clock = clock
        self._words = words
        self._lock = Lock()
        self._millisecond = 0
        self._counter = 0
        self._pool = b""

    def new(self) -> UUID:
        """UUID version 7 with a counter (RFC 9562, 6.2, method 1): rises when time does not."""
        with self._lock:
            millisecond, counter = self._tick()
            chance = int.from_bytes(self._drawn(8), "big") >> 2
        return UUID(int=(millisecond << 80) | (7 << 76) | (counter << 64) | (2 << 62) | chance)

    def symbols(self, count: int) -> str:
        # 32 symbols: the low five bits of an octet are one of them, each as likely.
        with self._lock:
            drawn = self._drawn(count)
        return "".join(CROCKFORD[octet & 31] for octet in drawn)

    def digits(self, count: int) -> str:
        return "".join(secrets.choice("0123456789") for _ in range(count))

    def secret(self) -> BrowserSecret:
        return BrowserSecret(secrets.token_bytes(32))

    def check_words(self, language: str) -> str:
        return f"{secrets.choice(self._words[language])} {self.digits(2)}"

    def _drawn(self, count: int) -> bytes:
        """Never given twice. Asking the system costs more than an id: one call serves hundreds."""
        if len(self._pool) < count:
            self._pool = secrets.token_bytes(max(_POOL, count))
        drawn, self._pool = self._pool[:count], self._pool[count:]
        return drawn

    def _tick(self) -> tuple[int, int]:
        present = (self._clock.now() - _EPOCH) // timedelta(milliseconds=1)
        self._counter += 1
        if present > self._millisecond or self._counter >> _COUNTER_BITS:
            self._millisecond = max(present, self._millisecond + 1)
            # The highest bit starts clear: room for 2,048 ids before the time must be borrowed.
            self._counter = secrets.randbits(_COUNTER_BITS - 1)
        return self._millisecond, self._counter


def read_words(folder: Path) -> dict[str, tuple[str, ...]]:
    """The reviewed check words by language, upper case.

    One file `<language>.txt` each, one word a line; lines that begin with `#` are comments.
    """
    return {
        path.stem: tuple(
            line.strip().upper()
            for line in path.read_text("utf-8").splitlines()
            if line.strip() and not line.startswith("#")
        )
        for path in sorted(folder.glob("*.txt"))
    }
