"""From the outbox to the broker: claims what is due, no more than there are free threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread
from time import monotonic
from typing import Protocol

import structlog

from secure_mail.application.ports.work import Hints
from secure_mail.application.upkeep.claim_work import ClaimWork
from secure_mail.application.upkeep.give_back_work import GiveBackWork
from secure_mail.domain.ids import OutboxId
from secure_mail.domain.work import LEASE, Claim

log = structlog.get_logger()

POLL_SECONDS = 1.0


class Bell(Protocol):
    """The dispatcher's side of the doorbell."""

    def ring(self) -> None: ...
    def wait(self, seconds: float) -> None: ...


class Dispatcher:
    """One thread. Waits for the doorbell or a second, claims, hands hints to the broker."""

    def __init__(
        self, claim_work: ClaimWork, give_back: GiveBackWork, bell: Bell, threads: int
    ) -> None:
        self._claim_work = claim_work
        self._give_back = give_back
        self._hints: Hints | None = None
        self._bell = bell
        self._threads = threads
        self._under_way: dict[OutboxId, float] = {}
        self._lock = Lock()
        self._stopping = Event()
        self._thread = Thread(target=self._loop, name="dispatcher", daemon=True)

    def send_by(self, hints: Hints) -> None:
        """The broker to hand claims to; set once, before `start`."""
        self._hints = hints

    @property
    def turning(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the loop has ended; what it claimed runs, or comes back by its lease."""
        self._stopping.set()
        self._bell.ring()
        self._thread.join(5)

    def counted(self, run: Callable[[Claim], None]) -> Callable[[Claim], None]:
        """Wraps the worker's run, so that a finished job frees its thread and rings again.

        Over a shared broker a job may be another process's: it then stands for the oldest of ours,
        which that process finishes in turn.
        """

        def run_and_count(claim: Claim) -> None:
            try:
                run(claim)
            finally:
                with self._lock:
                    if claim.id not in self._under_way and self._under_way:
                        self._under_way.pop(next(iter(self._under_way)))
                    self._under_way.pop(claim.id, None)
                self._bell.ring()

        return run_and_count

    def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                self._dispatch()
            except Exception as error:  # noqa: BLE001 - while it does not turn, no mail is processed
                log.warning("dispatch.failed", error=type(error).__name__)
                self._stopping.wait(POLL_SECONDS)
            self._bell.wait(POLL_SECONDS)

    def _dispatch(self) -> None:
        now = monotonic()
        with self._lock:
            for lost in [job for job, until in self._under_way.items() if until <= now]:
                del self._under_way[lost]
            free = self._threads - len(self._under_way)
        if free <= 0 or self._hints is None:
            return
        claims = self._claim_work(free)
        for number, claim in enumerate(claims):
            with self._lock:
                self._under_way[claim.id] = now + LEASE.total_seconds()
            try:
                self._hints.send(claim)
            except Exception:
                self._not_sent(claims[number:])
                raise

    def _not_sent(self, claims: Sequence[Claim]) -> None:
        with self._lock:
            for claim in claims:
                self._under_way.pop(claim.id, None)
        self._give_back(claims)
