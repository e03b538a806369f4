"""The outbox: leases, attempts that fence, and what is nobody's any more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from secure_mail.domain.work import LEASE, FencedError, JobKind, JobState
from tests.fakes.chance import START
from tests.fakes.store import samples

SECOND = timedelta(seconds=1)
KIND = JobKind.SEND_LINK


def add(store, *due, kind=KIND):
    subjects = [samples.new() for _ in due]
    with store.writing() as unit:
        for subject, at in zip(subjects, due, strict=True):
            unit.outbox.add(kind, subject, at)
    return subjects


def claim(store, limit=10, now=START):
    with store.writing() as unit:
        return unit.outbox.claim(limit, now)


def test_due_rows_are_claimed_oldest_first_and_once(store):
    late, early, _future = add(store, START, START - SECOND, START + SECOND)
    claims = claim(store)
    assert [(each.subject, each.kind, each.attempt) for each in claims] == [
        (early, KIND, 1),
        (late, KIND, 1),
    ]
    assert claim(store) == []
    with store.units.reading() as unit:
        entry = unit.outbox.of(KIND, early)
        assert (entry.id, entry.state, entry.attempt) == (claims[0].id, JobState.CLAIMED, 1)
        assert (entry.due_at, entry.lease_until) == (START - SECOND, START + LEASE)
        assert (entry.created_at, entry.last_error) == (store.clock.now(), None)
        assert unit.outbox.of(JobKind.SEND_CODE, early) is None


def test_no_more_are_claimed_than_asked_for(store):
    add(store, *[START] * 5)
    assert len(claim(store, limit=3)) == 3
    assert len(claim(store, limit=3)) == 2


def test_work_that_is_taken_back_is_due_at_once_and_fences_whoever_had_it(store):
    add(store, START, START)
    [first] = claim(store, limit=1)
    with store.writing() as unit:
        assert unit.outbox.take_back() == 1
    with store.writing() as unit, pytest.raises(FencedError):
        unit.outbox.done(first)
    again = claim(store)
    assert [(each.id, each.attempt) for each in again if each.id == first.id] == [(first.id, 2)]
    assert len(again) == 2
    [done, _] = again
    with store.writing() as unit:
        unit.outbox.done(done)
        assert unit.outbox.take_back() == 1


def test_work_that_is_given_back_is_due_at_once_and_was_never_tried(store):
    add(store, START)
    [first] = claim(store)
    with store.writing() as unit:
        unit.outbox.give_back(first)
        unit.outbox.give_back(first)
    with store.writing() as unit, pytest.raises(FencedError):
        unit.outbox.done(first)
    [again] = claim(store)
    assert (again.id, again.attempt) == (first.id, 1)


def test_a_lease_that_is_over_is_taken_over_and_fences_the_first(store):
    add(store, START)
    [first] = claim(store)
    assert claim(store, now=START + LEASE - SECOND) == []
    [second] = claim(store, now=START + LEASE)
    assert (second.id, second.attempt) == (first.id, 2)
    with store.writing() as unit:
        with pytest.raises(FencedError):
            unit.outbox.done(first)
        with pytest.raises(FencedError):
            unit.outbox.renew(first, START)
        unit.outbox.retry(first, START, "Late")
        assert unit.outbox.of(KIND, first.subject).state is JobState.CLAIMED
        unit.outbox.done(second)
        with pytest.raises(FencedError):
            unit.outbox.done(second)
        assert unit.outbox.of(KIND, first.subject).state is JobState.DONE


@pytest.mark.parametrize("changes", [{"kind": JobKind.APPLY_STOP}, {"subject": UUID(int=1)}])
def test_a_claim_made_up_in_the_broker_ends_no_other_work(store, changes):
    (subject,) = add(store, START)
    (claimed,) = claim(store)
    forged = replace(claimed, **changes)
    with store.units() as unit:
        with pytest.raises(FencedError):
            unit.outbox.renew(forged, START)
        with pytest.raises(FencedError):
            unit.outbox.done(forged)
    with store.units.reading() as unit:
        assert unit.outbox.of(KIND, subject).state is JobState.CLAIMED


def test_an_overdue_lease_that_nobody_took_may_still_finish(store):
    add(store, START)
    [late] = claim(store)
    with store.writing() as unit:
        unit.outbox.done(late)
    assert claim(store, now=START + 2 * LEASE) == []


def test_a_renewed_lease_lasts_longer(store):
    add(store, START)
    [held] = claim(store)
    with store.writing() as unit:
        unit.outbox.renew(held, START + SECOND)
    assert claim(store, now=START + LEASE) == []
    assert len(claim(store, now=START + LEASE + SECOND)) == 1


def test_a_retry_waits_for_its_time(store):
    add(store, START)
    [first] = claim(store)
    with store.writing() as unit:
        unit.outbox.retry(first, START + SECOND, "RelayDownError")
        entry = unit.outbox.of(KIND, first.subject)
        assert (entry.state, entry.due_at) == (JobState.PENDING, START + SECOND)
        assert (entry.lease_until, entry.last_error) == (None, "RelayDownError")
    assert claim(store) == []
    [second] = claim(store, now=START + SECOND)
    assert second.attempt == 2


def test_the_backlog_counts_what_is_not_finished_up_to_a_cap(store):
    add(store, *[START + SECOND] * 3)
    add(store, START)
    add(store, START, kind=JobKind.SEND_CODE)
    claims = claim(store)
    with store.writing() as unit:
        assert (unit.outbox.backlog(KIND, 10), unit.outbox.backlog(KIND, 2)) == (4, 2)
        for each in claims:
            unit.outbox.done(each)
        assert unit.outbox.backlog(KIND, 10) == 3
        assert unit.outbox.backlog(JobKind.SEND_CODE, 10) == 0


def test_finished_rows_are_swept_and_no_others(store):
    [finished] = add(store, START)
    [done] = claim(store)
    [waiting] = add(store, START)
    with store.writing() as unit:
        unit.outbox.done(done)
        assert unit.outbox.delete_done(store.clock.now()) == 0
        assert unit.outbox.delete_done(store.clock.now() + SECOND) == 1
        assert unit.outbox.of(KIND, finished) is None
        assert unit.outbox.of(KIND, waiting) is not None


def test_a_dead_row_is_counted_and_tried_no_more_until_it_is_swept(store):
    [subject] = add(store, START)
    add(store, START, kind=JobKind.SEND_CODE)
    claims = claim(store)
    first = next(each for each in claims if each.subject == subject)
    with store.writing() as unit:
        unit.outbox.bury(first, "MailRefusedError")
        with pytest.raises(FencedError):
            unit.outbox.done(first)
        with pytest.raises(FencedError):
            unit.outbox.bury(first, "MailRefusedError")
    assert [each.subject for each in claim(store, now=START + 2 * LEASE)] != [subject]
    with store.writing() as unit:
        entry = unit.outbox.of(KIND, subject)
        assert (entry.state, entry.last_error) == (JobState.DEAD, "MailRefusedError")
        assert entry.lease_until is None
        assert (unit.outbox.dead(KIND, 10), unit.outbox.dead(KIND, 0)) == (1, 0)
        assert unit.outbox.dead(JobKind.SEND_CODE, 10) == 0
        assert unit.outbox.backlog(KIND, 10) == 0
        assert unit.outbox.delete_done(store.clock.now() + SECOND) == 1
        assert unit.outbox.dead(KIND, 10) == 0


def test_an_entry_is_held_by_its_claim_alone(store):
    add(store, START)
    [first] = claim(store)
    with store.units.reading() as unit:
        held = unit.outbox.held(first)
        assert (held.id, held.attempt, held.created_at) == (first.id, 1, store.clock.now())
        assert unit.outbox.held(replace(first, subject=UUID(int=1))) is None
    [second] = claim(store, now=START + LEASE)
    with store.writing() as unit:
        assert unit.outbox.held(first) is None
        assert unit.outbox.held(second).attempt == 2
        unit.outbox.done(second)
        assert unit.outbox.held(second) is None


def test_the_latest_entry_of_a_subject_is_told(store):
    [subject] = add(store, START)
    [first] = claim(store)
    store.clock.advance(SECOND)
    with store.writing() as unit:
        unit.outbox.done(first)
        unit.outbox.add(KIND, subject, START)
        assert unit.outbox.of(KIND, subject).state is JobState.PENDING


def test_workers_that_claim_at_once_share_the_rows(store):
    add(store, *[START] * 40)

    def work(_):
        taken = []
        while claims := claim(store, limit=3):
            taken += claims
        return taken

    with ThreadPoolExecutor(4) as pool:
        claims = [each for taken in pool.map(work, range(4)) for each in taken]
    assert len({each.id for each in claims}) == len(claims) == 40
