"""The outbox over memory, Redis and RabbitMQ: the broker is a hint, the store the truth."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from secure_mail.application.ports.work import BrokerDownError
from secure_mail.application.undelivered import MarkUndelivered
from secure_mail.application.upkeep.claim_work import ClaimWork
from secure_mail.application.upkeep.give_back_work import GiveBackWork
from secure_mail.application.upkeep.retry_job import RetryJob
from secure_mail.domain.work import (
    LEASE,
    MAIL_PAUSES,
    MOST_ATTEMPTS,
    Claim,
    FencedError,
    JobKind,
    JobState,
)
from secure_mail.infrastructure.broker.brokers import broker_from_url
from secure_mail.infrastructure.broker.doorbell import EventDoorbell
from secure_mail.interfaces.worker import dispatcher
from secure_mail.interfaces.worker.actors import ActorHints, declare
from secure_mail.interfaces.worker.dispatcher import Dispatcher
from secure_mail.interfaces.worker.threads import WorkerThreads
from tests.fakes.chance import FixedClock, SeededIds
from tests.fakes.store import FakeStore

WAIT = 20


class Office:
    """A store, a broker and a worker whose job is to mark itself done."""

    def __init__(self, url: str) -> None:
        self.clock = FixedClock()
        self.store = FakeStore(ids=SeededIds(), clock=self.clock)
        self.bell = EventDoorbell()
        self.broker = broker_from_url(url)
        self.ran: Counter[UUID] = Counter()
        self.fails = 0
        self.changed = threading.Condition()
        claim_work = ClaimWork(units=self.store.units, clock=self.clock)
        self.retry = RetryJob(
            units=self.store.units,
            clock=self.clock,
            undelivered=MarkUndelivered(ids=SeededIds()),
            link_life=timedelta(days=10),
        )
        give_back = GiveBackWork(units=self.store.units)
        self.dispatcher = Dispatcher(claim_work, give_back, self.bell, threads=2)
        self.actor = declare(self.broker, self.dispatcher.counted(self.work))
        self.dispatcher.send_by(ActorHints(self.actor))
        self.threads = WorkerThreads(self.broker, threads=2)
        self.started = False

    def start(self) -> None:
        self.started = True
        self.threads.start()
        self.dispatcher.start()

    def stop(self) -> None:
        if self.started:
            self.dispatcher.stop()
            self.threads.stop()

    def leave(self, count: int) -> list[UUID]:
        subjects = [uuid4() for _ in range(count)]
        with self.store.units() as uow:
            for subject in subjects:
                uow.outbox.add(JobKind.SEND_LINK, subject, self.clock.now())
            uow.commit()
        self.bell.ring()
        return subjects

    def work(self, claim: Claim) -> None:
        with self.changed:
            self.ran[claim.subject] += 1
            fails, self.fails = self.fails, max(0, self.fails - 1)
            self.changed.notify_all()
        if fails:
            self.retry(claim, "ValueError")
            return
        with self.store.units() as uow:
            uow.outbox.done(claim)
            uow.commit()
        with self.changed:
            self.changed.notify_all()

    def states(self, subjects: list[UUID]) -> set[JobState | None]:
        with self.store.units.reading() as uow:
            entries = [uow.outbox.of(JobKind.SEND_LINK, subject) for subject in subjects]
        return {entry.state if entry else None for entry in entries}

    def done(self, subjects: list[UUID]) -> bool:
        with self.changed:
            return self.changed.wait_for(
                lambda: self.states(subjects) == {JobState.DONE}, timeout=WAIT
            )


@pytest.fixture(params=["memory", "redis", "rabbitmq"])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    kind = request.param
    url = "memory://" if kind == "memory" else request.getfixturevalue(f"{kind}_url")
    office = Office(url)
    yield office
    office.stop()


def test_every_job_runs_once_and_is_done(office: Office) -> None:
    office.start()
    subjects = office.leave(25)
    assert office.done(subjects)
    assert office.ran == Counter(subjects)


def test_a_job_that_fails_comes_back_after_its_pause(office: Office) -> None:
    office.fails = 1
    office.start()
    (subject,) = office.leave(1)
    with office.changed:
        assert office.changed.wait_for(lambda: office.ran[subject] == 1, timeout=WAIT)
    office.clock.advance(MAIL_PAUSES[0])
    office.bell.ring()
    assert office.done([subject])
    assert office.ran[subject] == 2


class Deaf:
    """A broker that takes nothing, so many times."""

    def __init__(self, hints: ActorHints, times: int) -> None:
        self._hints = hints
        self.times = times

    def send(self, claim: Claim) -> None:
        if self.times:
            self.times -= 1
            raise BrokerDownError
        self._hints.send(claim)


def test_a_broker_that_is_away_costs_no_attempt(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "POLL_SECONDS", 0.01)
    office.dispatcher.send_by(Deaf(ActorHints(office.actor), MOST_ATTEMPTS + 1))
    office.start()
    subjects = office.leave(3)
    assert office.done(subjects)
    with office.store.units.reading() as uow:
        entries = [uow.outbox.of(JobKind.SEND_LINK, subject) for subject in subjects]
    assert {entry.attempt for entry in entries if entry} == {1}


def test_a_wiped_broker_loses_no_work(office: Office) -> None:
    (subject,) = office.leave(1)
    claim = ClaimWork(units=office.store.units, clock=office.clock)(10)
    assert [one.subject for one in claim] == [subject]
    # The hint was never sent: as if the broker had forgotten it.
    office.start()
    office.clock.advance(LEASE)
    office.bell.ring()
    assert office.done([subject])


def test_a_late_worker_changes_nothing(office: Office) -> None:
    (subject,) = office.leave(1)
    claim_work = ClaimWork(units=office.store.units, clock=office.clock)
    (late,) = claim_work(10)
    office.clock.advance(LEASE)
    (current,) = claim_work(10)
    assert (late.attempt, current.attempt) == (1, 2)
    with office.store.units() as uow, pytest.raises(FencedError):
        uow.outbox.done(late)
    assert office.states([subject]) == {JobState.CLAIMED}


def test_the_broker_is_told_ids_only(office: Office) -> None:
    message = office.actor.message(str(uuid4()), JobKind.SEND_LINK.value, str(uuid4()), 1)
    assert [type(value) for value in message.args] == [str, str, str, int]
    assert not message.kwargs


def test_an_unknown_broker_is_refused() -> None:
    with pytest.raises(ValueError, match="no broker"):
        broker_from_url("kafka://127.0.0.1")
