"""The gate's commits, grouped: all that wait share one COMMIT, and are answered after it."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Condition, Thread
from time import monotonic
from typing import Generic, Protocol, TypeVar

from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import ConflictError, StoreDownError, UnitOfWork
from secure_mail.application.ports.work import Doorbell
from secure_mail.infrastructure.db.engine import Database, StatementError
from secure_mail.infrastructure.db.repositories.intake import forget_digests
from secure_mail.infrastructure.db.repositories.ledger import SqlLedger
from secure_mail.infrastructure.db.transaction import Transaction
from secure_mail.infrastructure.db.unit_of_work import SqlUnitOfWork

T = TypeVar("T")

FORGET_SECONDS = 1.0
GROUP = 256
"""Units of one COMMIT, at most."""
REJECTED = (ConflictError, StatementError)
"""The database takes a row of this unit never; all else is of the whole group."""


class Waiting(Protocol):
    """One unit whose asker waits in some event loop."""

    loop: asyncio.AbstractEventLoop
    recorded: SqlUnitOfWork | None

    def attempt(self, unit_of_work: UnitOfWork) -> bool: ...
    def fail(self, error: Exception) -> None: ...
    def answer(self) -> None: ...


@dataclass(slots=True)
class Job(Generic[T]):
    """The outcome stays here until the COMMIT."""

    unit: Callable[[UnitOfWork], T]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[T]
    outcome: Callable[[], None] | None = None
    recorded: SqlUnitOfWork | None = None
    """What it adds, where nothing had to be read for it."""

    def record(self, unit_of_work: SqlUnitOfWork) -> None:
        """Runs the unit before its turn; what does not work so will be run when it comes."""
        with suppress(Exception):
            result = self.unit(unit_of_work)
            transaction = unit_of_work.transaction
            if not (transaction.only_hoped or transaction.unforeseen):
                self.outcome = lambda: self.future.set_result(result)
                self.recorded = unit_of_work

    def attempt(self, unit_of_work: UnitOfWork) -> bool:
        """Runs the unit; False if it raised."""
        try:
            result = self.unit(unit_of_work)
        except Exception as error:  # noqa: BLE001  it belongs to its asker, whatever it is
            self.fail(error)
            return False
        self.outcome = lambda: self.future.set_result(result)
        return True

    def fail(self, error: Exception) -> None:
        # A future does not take StopIteration.
        told = RuntimeError("StopIteration") if isinstance(error, StopIteration) else error
        self.outcome = lambda: self.future.set_exception(told)

    def answer(self) -> None:
        """In the asker's loop. One that stopped waiting is not told; its unit stands."""
        if self.outcome is not None and not self.future.done():
            self.outcome()


class GroupCommitQueue:
    """The port CommitQueue: one writer thread, no lingering. Close it before the database."""

    def __init__(self, database: Database, ids: Ids, clock: Clock, doorbell: Doorbell) -> None:
        self._database = database
        self._ids = ids
        self._clock = clock
        self._doorbell = doorbell
        self._waiting: deque[Waiting] = deque()
        self._changed = Condition()
        self._closed = False
        self._forgetting = 0.0
        self._writer = Thread(target=self._write, name="commit-queue", daemon=True)
        self._writer.start()

    async def run(self, unit: Callable[[UnitOfWork], T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        job = Job(unit, loop, future)
        job.record(self._unit(Transaction.recorded(self._database.engine.dialect)))
        with self._changed:
            if self._closed:
                raise StoreDownError("the commit queue is closed")
            self._waiting.append(job)
            self._changed.notify()
        return await future

    def close(self) -> None:
        """Commits what waits, then ends the writer."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._writer.join()

    def _write(self) -> None:
        while self._wait():
            group: list[Waiting] = []
            try:
                self._commit(group)
            except Exception as error:  # noqa: BLE001  not knowing is temporary, whatever the cause
                told = type(error) if isinstance(error, StoreDownError) else StoreDownError
                group = group or self._take()
                for job in group:
                    job.fail(told(type(error).__name__))
            _answer(group)

    def _wait(self) -> bool:
        """True when a unit waits; False when the queue is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            return bool(self._waiting)

    def _take(self) -> list[Waiting]:
        with self._changed:
            return [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]

    def _commit(self, group: list[Waiting]) -> None:
        """All at once, asking little; should that fail, each in a SAVEPOINT of its own."""
        with self._database.writing() as connection:
            # Only now that it is our turn: whoever came meanwhile shares the COMMIT.
            group.extend(self._take())
            if self._together(Transaction.open(connection, hopeful=True), group):
                return
            connection.rollback()
        with self._database.writing() as connection:
            self._apart(Transaction.open(connection), group)

    def _together(self, tx: Transaction, group: list[Waiting]) -> bool:
        """False when a unit failed, a hope was wrong, or a row was rejected: it must not stay."""
        self._forget(tx)
        units = []
        for job in group:
            unit = job.recorded or self._unit(tx)
            if job.recorded:
                tx.add_all(unit.transaction)
            elif not job.attempt(unit):
                return False
            units.append(unit)
        try:
            tx.settle()
        except REJECTED:
            return False
        if tx.only_hoped:
            return False
        self._commit_units(tx, units)
        return True

    def _apart(self, tx: Transaction, group: list[Waiting]) -> None:
        forget_digests(tx, self._clock.now())
        done = []
        for job in group:
            unit, arrived = self._unit(tx), tx.begin_unit()
            if self._stands(tx, job, unit):
                done.append(unit)
            else:
                tx.undo_unit(arrived)
            tx.end_unit()
        self._commit_units(tx, done)

    @staticmethod
    def _stands(tx: Transaction, job: Waiting, unit: SqlUnitOfWork) -> bool:
        if not job.attempt(unit):
            return False
        try:
            tx.settle()
        except REJECTED as error:
            job.fail(error)
            return False
        return True

    def _commit_units(self, tx: Transaction, units: list[SqlUnitOfWork]) -> None:
        SqlLedger(tx).append([message for unit in units for message in unit.accepted])
        tx.commit()
        if any(unit.left_work for unit in units):
            self._doorbell.ring()

    def _unit(self, tx: Transaction) -> SqlUnitOfWork:
        return SqlUnitOfWork(tx, self._ids, self._clock, self._doorbell, grouped=True)

    def _forget(self, tx: Transaction) -> None:
        """Digests that are over clash with nothing, but not for every group."""
        now = monotonic()
        if now >= self._forgetting:
            forget_digests(tx, self._clock.now())
            self._forgetting = now + FORGET_SECONDS


def _answer(group: list[Waiting]) -> None:
    """One wake-up per event loop."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[Waiting]] = defaultdict(list)
    for job in group:
        by_loop[job.loop].append(job)
    for loop, jobs in by_loop.items():
        with suppress(RuntimeError):  # its loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_tell, jobs)


def _tell(jobs: list[Waiting]) -> None:
    for job in jobs:
        job.answer()
