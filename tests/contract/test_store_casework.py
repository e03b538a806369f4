"""Cases, their timeline, answers and reading codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from secure_mail.application.ports.store import ConflictError
from secure_mail.domain.answers import CODE_LIFE, CODE_TRIES, CodeState
from secure_mail.domain.cases import (
    AnswerState,
    CaseEvent,
    CaseEventKind,
    CaseState,
    CloseReason,
    WaitingFor,
)
from secure_mail.domain.ids import EventId, StaffId
from secure_mail.domain.sealing import SealedBytes, SealedKey, queue_key
from tests.fakes.chance import START
from tests.fakes.store import samples

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def add_case(unit, **changes):
    case = samples.case(**changes)
    unit.cases.add(case, samples.summary(case))
    return case


def add_reply(unit, case, **changes):
    reply = samples.reply(case_id=case.id, **changes)
    unit.contents.add(reply.content_id, [])
    unit.replies.add(reply)
    return reply


def test_a_case_is_kept_in_every_field(store):
    with store.writing() as unit:
        case = add_case(unit)
        changed = replace(
            case,
            state=CaseState.CLOSED,
            due_at=None,
            assignee=StaffId(samples.new()),
            waiting_for=WaitingFor.SENDER,
            waiting_until=START,
            close_reason=CloseReason.ANSWERED,
            closed_at=START,
            answer=AnswerState.SENT,
            answered_at=START,
            address_index=None,
            topic=None,
            rules_hash="hash",
            rule="rule",
            tags=(),
            version=2,
        )
        assert unit.cases.get(case.id) == case
        assert unit.cases.save(changed)
    with store.units.reading() as unit:
        assert unit.cases.get(case.id) == changed
        assert unit.cases.get(samples.case().id) is None


def test_a_change_of_a_stale_version_is_stopped(store):
    with store.writing() as unit:
        case = add_case(unit)
        assert unit.cases.save(replace(case, version=2, priority="high"))
        assert not unit.cases.save(replace(case, version=2, priority="low"))
        assert not unit.cases.save(replace(case, version=4))
        assert unit.cases.get(case.id).priority == "high"


def test_a_case_is_found_by_its_reference_and_by_those_that_joined_it(store):
    def unit(unit):
        case = add_case(unit)
        message = samples.message(case_id=case.id)
        unit.contents.add(message.content_id, [])
        unit.messages.add(message, None, None)
        assert unit.cases.by_reference(case.reference) == case
        assert unit.cases.by_reference(message.reference) == case
        assert unit.cases.by_reference(samples.reference()) is None
        return case

    case = store.accept(unit)
    with store.units() as unit, pytest.raises(ConflictError):
        add_case(unit, reference=case.reference)


def test_cases_of_a_sender_come_newest_first(store):
    with store.writing() as unit:
        first = add_case(unit)
        later = add_case(unit, received_at=START + SECOND)
        add_case(unit, address_index=b"another")
        assert unit.cases.of_address(b"address") == [later, first]
        assert unit.cases.of_address(b"address", 1) == [later]


def test_a_sender_may_read_what_is_open_or_ended_lately(store):
    closed = {"state": CaseState.CLOSED}
    with store.writing() as unit:
        old = START - DAY
        opened = add_case(unit, answered_at=old)
        just = add_case(unit, **closed, closed_at=START)
        answered = add_case(unit, **closed, closed_at=old, answered_at=START)
        add_case(unit, **closed, closed_at=old, answered_at=old)
        add_case(unit, **closed, closed_at=old)
        readable = unit.cases.readable(b"address", START)
        assert {case.id for case in readable} == {opened.id, just.id, answered.id}


def test_summaries_are_resealed_in_place(store):
    with store.writing() as unit:
        case, other = add_case(unit), add_case(unit)
        new = replace(samples.summary(case), holder=queue_key("tax"), sealed=SealedBytes(b"other"))
        unit.cases.put_summary(new)
        assert unit.cases.summaries([case.id]) == {case.id: new}
        assert set(unit.cases.summaries([case.id, other.id])) == {case.id, other.id}
        assert unit.cases.summaries([]) == {}


def test_the_timeline_comes_oldest_first_and_notes_are_resealed(store):
    with store.writing() as unit:
        case = add_case(unit)
        note = CaseEvent(
            id=EventId(samples.new()),
            case_id=case.id,
            at=START + SECOND,
            kind=CaseEventKind.NOTE,
            actor="worker",
            facts={"from": "ä"},
            holder=queue_key("abroad"),
            note=samples.SEALED,
        )
        filed = replace(
            note, id=EventId(samples.new()), at=START, kind=CaseEventKind.FILED, note=None
        )
        unit.cases.add_event(note)
        unit.cases.add_event(filed)
        assert unit.cases.events(case.id) == [filed, note]
        resealed = replace(note, holder=queue_key("tax"), note=SealedBytes(b"other"))
        unit.cases.replace_event_seal(resealed)
        assert unit.cases.events(case.id) == [filed, resealed]


def test_an_answer_is_displayed_once(store):
    with store.writing() as unit:
        case = add_case(unit)
        reply = add_reply(unit, case)
        noticed = replace(reply, notice_at=START)
        unit.replies.save(noticed)
        later = add_reply(unit, case, created_at=START + SECOND)
        assert unit.replies.of_case(case.id) == [noticed, later]
        assert unit.replies.displayed(reply.id, START)
        assert not unit.replies.displayed(reply.id, START + SECOND)
        assert unit.replies.get(reply.id).displayed_at == START
        resealed = SealedKey(queue_key("tax"), SealedBytes(b"other"))
        unit.replies.reseal(reply.id, resealed)
        assert unit.replies.get(reply.id) == replace(
            noticed, displayed_at=START, for_staff=resealed
        )
        assert unit.replies.get(samples.reply().id) is None


def test_unread_answers_are_the_latest_of_cases_that_wait_for_their_reader(store):
    noticed = {"notice_at": START}
    sent = {"answer": AnswerState.SENT}
    with store.writing() as unit:
        case = add_case(unit, **sent)
        add_reply(unit, case, **noticed)
        latest = add_reply(unit, case, **noticed, created_at=START + SECOND)
        second = add_reply(unit, add_case(unit, **sent), notice_at=START + SECOND)
        add_reply(unit, add_case(unit, **sent))
        add_reply(unit, add_case(unit, **sent), **noticed, displayed_at=START)
        add_reply(unit, add_case(unit, answer=AnswerState.NOT_DISPLAYED), **noticed)
        assert unit.replies.unread_since(START, 10) == []
        assert unit.replies.unread_since(START + DAY, 10) == [latest, second]
        assert unit.replies.unread_since(START + DAY, 1) == [latest]


@pytest.mark.parametrize(
    ("state", "now", "usable"),
    [
        (CodeState.REQUESTED, START, True),
        (CodeState.MAILED, START + CODE_LIFE - SECOND, True),
        (CodeState.MAILED, START + CODE_LIFE, False),
        (CodeState.USED, START, False),
        (CodeState.DEAD, START, False),
    ],
)
def test_tries_count_while_the_code_is_usable(store, state, now, usable):
    with store.writing() as unit:
        code = samples.code(state=state)
        unit.codes.add(code)
        tries = [unit.codes.count_try(code.id, now) for _ in range(CODE_TRIES + 1)]
        assert tries == [usable] * CODE_TRIES + [False]
        assert unit.codes.get(code.id).tries == CODE_TRIES * usable


def test_the_fifth_try_may_be_the_right_one_and_its_use_kills_the_others(store):
    of_one = {"address_index": b"a", "state": CodeState.MAILED}
    with store.writing() as unit:
        code = samples.code(**of_one, tries=CODE_TRIES, cases=(samples.case().id,))
        earlier = samples.code(**of_one)
        stranger = samples.code(state=CodeState.MAILED, address_index=b"b")
        asked = samples.code()
        for each in (code, earlier, stranger, asked):
            unit.codes.add(each)
        assert not unit.codes.use(asked.id, START)
        assert not unit.codes.use(code.id, START + CODE_LIFE)
        assert unit.codes.use(code.id, START + CODE_LIFE - SECOND)
        assert not unit.codes.use(code.id, START)
        assert unit.codes.get(code.id) == replace(code, state=CodeState.USED)
        assert unit.codes.get(earlier.id).state is CodeState.DEAD
        assert unit.codes.get(stranger.id) == stranger
        assert unit.codes.get(asked.id) == asked


def test_codes_are_found_by_cookie_network_and_address(store):
    with store.writing() as unit:
        first = samples.code(address_index=b"a", code_hmac=b"h")
        later = samples.code(
            cookie_hash=first.cookie_hash, requested_at=START + SECOND, address_index=b"a"
        )
        unit.codes.add(later)
        unit.codes.add(first)
        assert unit.codes.by_cookie(first.cookie_hash) == later
        assert unit.codes.by_cookie(b"none") is None
        assert unit.codes.of_network(b"network", START + SECOND) == 1
        assert unit.codes.of_address(b"a", START) == [first, later]
        unit.codes.save(replace(first, tries=2))
        assert unit.codes.get(first.id).tries == 2
        assert unit.codes.delete_before(START + SECOND) == 1
        assert unit.codes.get(first.id) is None
