"""Units of work and the commit queue of the store in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import TypeVar

from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import StoreDownError, UnitOfWork
from secure_mail.application.ports.work import Doorbell
from secure_mail.domain.ids import MessageId
from tests.fakes.chance import FixedClock, SeededIds
from tests.fakes.store.casework import FakeCases, FakeCodes, FakeReplies, FakeStaff
from tests.fakes.store.fetching import FakeFetches
from tests.fakes.store.intake import FakeContents, FakeLedger, FakeMessages
from tests.fakes.store.links import FakeDrafts, FakeLinks, FakeRegistrations, FakeSessions
from tests.fakes.store.outbox import FakeOutbox
from tests.fakes.store.partners import FakePartners, FakePassports
from tests.fakes.store.state import State
from tests.fakes.store.upkeep import FakeAudit, FakeNotices, FakeRuleSets

T = TypeVar("T")


class FakeStore:
    """`units` and `commits` are the ports. A test may set `down`, and look at `state`, `rings`
    (of the doorbell) and `commit_count`.
    """

    def __init__(
        self, ids: Ids | None = None, clock: Clock | None = None, doorbell: Doorbell | None = None
    ) -> None:
        self.ids = ids or SeededIds(seed=99)
        self.clock = clock or FixedClock()
        self.state = State()
        self.down = False
        self.rings = 0
        self.commit_count = 0
        self.units = FakeUnits(self)
        self.commits = FakeCommitQueue(self)
        self._doorbell = doorbell
        self._writer = Lock()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """As SQLite: one writer at a time; a second one in the same thread waits in vain."""
        self.check()
        if not self._writer.acquire(timeout=5):
            raise StoreDownError("another transaction is open")
        try:
            yield
        finally:
            self._writer.release()

    def check(self) -> None:
        if self.down:
            raise StoreDownError("down")

    def keep(self, state: State, *, rings: bool) -> None:
        self.check()
        self.state = state.copy()
        self.commit_count += 1
        if rings:
            self.rings += 1
            if self._doorbell is not None:
                self._doorbell.ring()


class FakeUnit:
    """The port UnitOfWork over a copy of the state."""

    def __init__(self, store: FakeStore, *, writable: bool = True, grouped: bool = False) -> None:
        self.state = store.state.copy()
        self.accepted: list[MessageId] = []
        self.left_work = False
        self._store = store
        self._writable = writable
        self._grouped = grouped
        self._over = False

    def commit(self) -> None:
        if self._grouped:
            raise RuntimeError("a unit of the commit queue must not commit")
        if not self._writable:
            raise RuntimeError("a transaction for reading cannot write")
        self._store.keep(self._open(), rings=self.left_work)
        self._over = True
        for name in [name for name in vars(self) if hasattr(UnitOfWork, name)]:
            delattr(self, name)

    def _open(self) -> State:
        if self._over:
            raise RuntimeError("the transaction was committed")
        return self.state

    def _accept(self, message: MessageId) -> None:
        if not self._grouped:
            raise RuntimeError("messages are added through the commit queue, which numbers them")
        self.accepted.append(message)

    def _leave_work(self) -> None:
        self.left_work = True

    @cached_property
    def registrations(self) -> FakeRegistrations:
        return FakeRegistrations(self._open())

    @cached_property
    def links(self) -> FakeLinks:
        return FakeLinks(self._open())

    @cached_property
    def sessions(self) -> FakeSessions:
        return FakeSessions(self._open())

    @cached_property
    def drafts(self) -> FakeDrafts:
        return FakeDrafts(self._open())

    @cached_property
    def contents(self) -> FakeContents:
        return FakeContents(self._open())

    @cached_property
    def messages(self) -> FakeMessages:
        return FakeMessages(self._open(), self._accept)

    @cached_property
    def ledger(self) -> FakeLedger:
        return FakeLedger(self._open())

    @cached_property
    def outbox(self) -> FakeOutbox:
        return FakeOutbox(self._open(), self._store.ids, self._store.clock, self._leave_work)

    @cached_property
    def cases(self) -> FakeCases:
        return FakeCases(self._open())

    @cached_property
    def replies(self) -> FakeReplies:
        return FakeReplies(self._open())

    @cached_property
    def codes(self) -> FakeCodes:
        return FakeCodes(self._open())

    @cached_property
    def staff(self) -> FakeStaff:
        return FakeStaff(self._open())

    @cached_property
    def partners(self) -> FakePartners:
        return FakePartners(self._open())

    @cached_property
    def passports(self) -> FakePassports:
        return FakePassports(self._open())

    @cached_property
    def audit(self) -> FakeAudit:
        return FakeAudit(self._open())

    @cached_property
    def rule_sets(self) -> FakeRuleSets:
        return FakeRuleSets(self._open())

    @cached_property
    def notices(self) -> FakeNotices:
        return FakeNotices(self._open())

    @cached_property
    def fetches(self) -> FakeFetches:
        return FakeFetches(self._open())


class FakeUnits:
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    @contextmanager
    def __call__(self) -> Iterator[FakeUnit]:
        with self._store.writing():
            yield FakeUnit(self._store)

    @contextmanager
    def reading(self) -> Iterator[FakeUnit]:
        self._store.check()
        yield FakeUnit(self._store, writable=False)


class FakeCommitQueue:
    """Each unit is a group of one."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def run(self, unit: Callable[[UnitOfWork], T]) -> T:
        return self.run_now(unit)

    def run_now(self, unit: Callable[[UnitOfWork], T]) -> T:
        """For a test that is not asynchronous."""
        with self._store.writing():
            work = FakeUnit(self._store, grouped=True)
            result = unit(work)
            work.ledger.append(work.accepted)
            self._store.keep(work.state, rings=work.left_work)
            return result
