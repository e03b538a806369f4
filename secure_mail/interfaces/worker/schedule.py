"""The scheduler: what must happen by the clock and not by a message."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import structlog

log = structlog.get_logger()


class Schedule:
    """One thread that runs each task at its interval in seconds; a failure is not the end."""

    def __init__(self, tasks: dict[str, tuple[float, Callable[[], object]]]) -> None:
        self._tasks = tasks
        self._stopping = Event()
        self._thread = Thread(target=self._loop, name="schedule", daemon=True)

    @property
    def turning(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(10)

    def _loop(self) -> None:
        waited = dict.fromkeys(self._tasks, 0.0)
        tick = min(interval for interval, _ in self._tasks.values())
        while not self._stopping.wait(tick):
            for name, (interval, task) in self._tasks.items():
                waited[name] += tick
                if waited[name] >= interval:
                    waited[name] = 0.0
                    self._run(name, task)

    def _run(self, name: str, task: Callable[[], object]) -> None:
        try:
            task()
        except Exception as error:  # noqa: BLE001 - the next task and the next time must come
            log.warning("schedule.failed", task=name, error=type(error).__name__)
