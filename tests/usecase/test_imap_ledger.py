"""What the IMAP door writes down of each message, before and after it fetches it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from secure_mail.application.intake.begin_fetch import BeginFetch
from secure_mail.application.intake.forget_fetches import ForgetFetches
from secure_mail.application.intake.give_up_fetch import GiveUpFetch
from secure_mail.application.intake.known_fetches import KnownFetches
from secure_mail.application.intake.record_fetch import RecordFetch
from secure_mail.application.ports.store import StoreDownError
from secure_mail.domain.events import AuditKind
from secure_mail.domain.fetching import FETCHES_KEPT, FetchKey, FetchState
from secure_mail.domain.ids import Mailbox, MessageId
from tests.fakes.chance import FixedClock, SeededIds
from tests.fakes.store import FakeStore

KEY = FetchKey(account="a1", folder="INBOX", uidvalidity=5, uid=7)
MESSAGE = MessageId(SeededIds(seed=8).new())


class World:
    def __init__(self) -> None:
        self.clock = FixedClock()
        self.store = FakeStore(clock=self.clock)
        units = self.store.units
        self.known = KnownFetches(units=units)
        self.begin = BeginFetch(units=units, clock=self.clock)
        self.record = RecordFetch(units=units, clock=self.clock)
        self.give_up = GiveUpFetch(units=units, clock=self.clock, ids=SeededIds(seed=3))
        self.forget = ForgetFetches(units=units, clock=self.clock)

    @property
    def row(self):
        return self.known("a1", "INBOX", 5).get(7)


@pytest.fixture
def world():
    return World()


def test_a_try_is_committed_before_anything_is_fetched(world):
    assert world.begin(KEY).tries == 1
    assert world.row.tries == 1
    assert world.begin(KEY, counted=False).tries == 1
    assert world.begin(KEY).tries == 2


def test_what_is_in_stays_in(world):
    fetch = world.begin(KEY)
    world.clock.advance(timedelta(minutes=1))
    world.record(fetch, MESSAGE)
    assert (world.row.state, world.row.message_id) == (FetchState.STORED, MESSAGE)
    assert world.row.touched_at == world.clock.now()
    world.give_up(fetch, Mailbox("box"), "tries")
    assert world.row.state is FetchState.STORED
    assert not world.store.state.audit


def test_what_is_given_up_is_an_alarm_of_the_trail_once(world):
    fetch = world.begin(KEY)
    for _ in range(2):
        world.give_up(fetch, Mailbox("box"), "too-large")
    assert (world.row.state, world.row.reason) == (FetchState.FAILED, "too-large")
    (event,) = world.store.state.audit.values()
    assert (event.kind, event.actor) == (AuditKind.MESSAGE_NOT_FETCHED, "door:imap")
    assert event.subject == "box"
    facts = {"reason": "too-large", "uidvalidity": "5", "uid": "7", "tries": "1"}
    assert event.facts == facts


def test_only_what_left_the_folder_long_ago_is_forgotten(world):
    there, gone, older = KEY, replace(KEY, uid=8), replace(KEY, uidvalidity=4)
    for key in (there, gone, older):
        world.begin(key)
    world.clock.advance(FETCHES_KEPT)
    assert world.forget("a1", "INBOX", 5, {7}) == 0
    world.clock.advance(timedelta(seconds=1))
    assert world.forget("a1", "INBOX", 5, {7}) == 2
    assert list(world.store.state.fetches) == [there]


def test_a_store_that_is_down_says_so(world):
    world.store.down = True
    with pytest.raises(StoreDownError):
        world.begin(KEY)
    with pytest.raises(StoreDownError):
        world.known("a1", "INBOX", 5)
