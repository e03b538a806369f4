"""The in-process doorbell: a commit that left work wakes this process's dispatcher at once."""

from __future__ import annotations

from threading import Event


class EventDoorbell:
    """Implements `ports.work.Doorbell`; rings that come while it is being answered are one ring."""

    def __init__(self) -> None:
        self._rung = Event()

    def ring(self) -> None:
        self._rung.set()

    def wait(self, seconds: float) -> None:
        """Returns at the next ring, or after `seconds`; the ring is then used up."""
        self._rung.wait(seconds)
        self._rung.clear()
