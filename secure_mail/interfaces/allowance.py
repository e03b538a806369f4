"""How much somebody may do in a while; forgets by itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from ipaddress import ip_network
from time import monotonic

MAX_NAMES = 10_000
"""Names remembered at once; beyond it the oldest are forgotten."""


def place_of(address: str) -> str:
    """Whom things are counted for: one host has every address of its IPv6 /64."""
    if ":" not in address:
        return address
    return str(ip_network(f"{address.partition('%')[0]}/64", strict=False))


class Allowance:
    """`limit` times in `period` seconds, per name, in a sliding window."""

    def __init__(self, limit: int, period: float, *, now: Callable[[], float] = monotonic) -> None:
        self._limit = limit
        self._period = period
        self._now = now
        self._times: dict[str, deque[float]] = {}

    def spent(self, name: str, limit: int | None = None) -> bool:
        """Whether nothing is left; `limit` for who has one of its own."""
        times = self._times.get(name, deque())
        while times and times[0] <= self._now() - self._period:
            times.popleft()
        return len(times) >= (self._limit if limit is None else limit)

    def spend(self, name: str) -> None:
        times = self._times.pop(name, deque[float]())
        times.append(self._now())
        self._times[name] = times
        while len(self._times) > MAX_NAMES:
            del self._times[next(iter(self._times))]
