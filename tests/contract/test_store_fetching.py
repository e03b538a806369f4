"""What is remembered of fetched messages: tries that are counted, ends that stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from secure_mail.domain.fetching import FetchKey, FetchState
from secure_mail.domain.ids import MessageId
from tests.fakes.chance import START
from tests.fakes.store import samples

MINUTE = timedelta(minutes=1)
LARGEST = 2**32 - 1
FIRST = FetchKey(account="a1", folder="INBOX", uidvalidity=LARGEST, uid=7)
SECOND = replace(FIRST, uid=LARGEST)
OTHERS = (
    replace(FIRST, account="a2"),
    replace(FIRST, folder="Other"),
    replace(FIRST, uidvalidity=1),
)


def begin(store, key, now=START, *, counted=True):
    with store.writing() as unit:
        return unit.fetches.begin(key, now, counted=counted)


def known(store, key=FIRST):
    with store.units.reading() as unit:
        return unit.fetches.of_folder(key.account, key.folder, key.uidvalidity)


def test_each_begin_is_a_try_unless_it_is_given_back(store):
    first = begin(store, FIRST)
    assert (first.key, first.state, first.tries) == (FIRST, FetchState.FETCHING, 1)
    assert begin(store, FIRST).tries == 2
    again = begin(store, FIRST, START + MINUTE, counted=False)
    assert (again.tries, again.touched_at) == (2, START + MINUTE)
    assert known(store) == [again]


def test_a_try_that_was_given_back_from_the_start(store):
    assert begin(store, FIRST, counted=False).tries == 0


def test_rows_of_a_folder_are_told_apart_by_account_folder_and_validity(store):
    for key in (SECOND, FIRST, *OTHERS):
        begin(store, key)
    assert [fetch.key for fetch in known(store)] == [FIRST, SECOND]
    for other in OTHERS:
        assert [fetch.key for fetch in known(store, other)] == [other]


def test_an_end_stays_the_end(store):
    begun = begin(store, FIRST)
    stored = replace(
        begun, state=FetchState.STORED, message_id=MessageId(samples.new()), touched_at=START
    )
    with store.writing() as unit:
        assert unit.fetches.settle(stored)
        assert not unit.fetches.settle(replace(begun, state=FetchState.FAILED, reason="tries"))
    assert begin(store, FIRST, START + MINUTE) == stored
    assert known(store) == [stored]


def test_what_was_never_begun_cannot_end(store):
    never = replace(begin(store, FIRST), uid=8, state=FetchState.FAILED, reason="too-large")
    with store.writing() as unit:
        assert not unit.fetches.settle(never)
    assert [fetch.key for fetch in known(store)] == [FIRST]


def test_old_rows_are_found_under_every_validity_and_deleted(store):
    elsewhere, folder, older = OTHERS
    for key in (FIRST, elsewhere, folder, older):
        begin(store, key)
    begin(store, SECOND, START + MINUTE)
    with store.writing() as unit:
        found = unit.fetches.untouched_since("a1", "INBOX", START + MINUTE)
        assert list(found) == [older, FIRST]
        assert unit.fetches.delete(found) == 2
        assert unit.fetches.delete(found) == 0
    assert [fetch.key for fetch in known(store)] == [SECOND]
    assert known(store, older) == []
    assert len(known(store, folder)) == len(known(store, elsewhere)) == 1
