"""The threads that take hints from the broker and run jobs."""

from __future__ import annotations

import dramatiq

STOP_MS = 20_000
"""How long running jobs may take to finish at a stop; the others come back by their lease."""


class WorkerThreads:
    """A dramatiq worker inside this process."""

    def __init__(self, broker: dramatiq.Broker, threads: int) -> None:
        self._broker = broker
        self._worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=100)

    def start(self) -> None:
        # A worker started by hand enforces time limits only after this signal.
        self._broker.emit_after("process_boot")
        self._worker.start()

    def stop(self) -> None:
        self._worker.stop(timeout=STOP_MS)
        self._broker.close()
