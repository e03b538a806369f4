"""Contents, messages, duplicates, the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from secure_mail.application.ports.store import ConflictError
from secure_mail.domain.ids import BlobKey, PartnerId
from secure_mail.domain.messages import (
    ANSWER_UNASKED_EACH,
    Assurance,
    MessageState,
    PartKind,
)
from secure_mail.domain.sealing import SealedKey, queue_key
from secure_mail.domain.work import JobKind
from tests.fakes.chance import START
from tests.fakes.store import samples

WEEK = timedelta(days=7)


def accept(store, *messages):
    def unit(unit):
        for message in messages:
            unit.contents.add(message.content_id, [samples.part(content_id=message.content_id)])
            unit.messages.add(message, None, None)

    store.accept(unit)
    return messages


def test_a_message_is_kept_in_every_field(store):
    [message] = accept(store, samples.message())
    filed = replace(
        message,
        state=MessageState.FILED,
        sealed_key=SealedKey(queue_key("abroad"), samples.SEALED),
        assurance=Assurance.SMTP_PARTNER,
        partner_id=PartnerId(samples.new()),
        case_id=samples.case().id,
        link_id=samples.link().id,
        filed_at=START,
        grace=True,
        reason="reason",
        rules_hash="hash",
        rule="rule",
        trace="[]",
    )
    with store.writing() as unit:
        assert unit.messages.get(message.id) == message
        assert unit.messages.save(filed, MessageState.ACCEPTED)
        assert not unit.messages.save(filed, MessageState.ACCEPTED)
    with store.units.reading() as unit:
        assert unit.messages.get(message.id) == filed
        assert unit.messages.by_reference(message.reference) == filed
        assert unit.messages.of_case(filed.case_id) == [filed]
        assert unit.messages.sharing(message.content_id) == [filed]
        assert unit.messages.get(samples.message().id) is None


def test_a_reference_is_taken_once(store):
    [message] = accept(store, samples.message())
    with store.units.reading() as unit:
        assert unit.messages.reference_taken(message.reference)
        assert not unit.messages.reference_taken(samples.reference())
    with pytest.raises(ConflictError):
        accept(store, samples.message(reference=message.reference))


def test_a_digest_stands_for_its_message_until_its_time_is_over(store):
    def arrival(message):
        def unit(unit):
            unit.contents.add(message.content_id, [])
            unit.messages.add(message, b"digest", message.received_at + WEEK)

        return unit

    first, later = samples.message(), samples.message(received_at=START + WEEK)
    store.accept(arrival(first))
    with store.units.reading() as unit:
        assert unit.messages.duplicate(b"digest", START + WEEK - timedelta(seconds=1)) == first
        assert unit.messages.duplicate(b"digest", START + WEEK) is None
        assert unit.messages.duplicate(b"other", START) is None
    with pytest.raises(ConflictError):
        store.accept(arrival(samples.message(received_at=START + timedelta(seconds=1))))
    store.clock.advance(WEEK)
    store.accept(arrival(later))
    with store.units.reading() as unit:
        assert unit.messages.duplicate(b"digest", START + WEEK) == later


def test_messages_are_added_through_the_commit_queue_alone(store):
    with store.units() as unit, pytest.raises(RuntimeError, match="commit queue"):
        unit.messages.add(samples.message(), None, None)


def test_held_messages_come_in_pages_oldest_first(store):
    messages = accept(store, *(samples.message(state=MessageState.HELD) for _ in range(3)))
    accept(store, samples.message())
    with store.units.reading() as unit:
        assert unit.messages.held_count() == 3
        assert unit.messages.held(2) == list(messages[:2])
        assert unit.messages.held(2, after=messages[1].id) == [messages[2]]


def test_parts_come_by_kind_and_ordinal(store):
    message = samples.message()
    content = message.content_id
    kinds = [
        (PartKind.FILE, 1),
        (PartKind.VIEW, 0),
        (PartKind.FILE, 0),
        (PartKind.RAW, 0),
    ]
    parts = [samples.part(content_id=content, kind=kind, ordinal=n) for kind, n in kinds]
    with store.writing() as unit:
        unit.contents.add(content, parts)
        assert unit.contents.parts(content) == [parts[3], parts[1], parts[2], parts[0]]
        assert unit.contents.part(parts[0].id) == parts[0]
        assert unit.contents.part(samples.part().id) is None


def test_a_second_attempt_replaces_what_the_first_derived_from_a_mail(store):
    content = samples.message().content_id
    shared, alone = BlobKey("aa/shared"), BlobKey("bb/alone")

    def of(kind, blob=None, ordinal=0):
        inline = None if blob else samples.SEALED
        return samples.part(
            content_id=content, kind=kind, blob=blob, inline=inline, ordinal=ordinal
        )

    raw = of(PartKind.RAW, blob=shared)
    with store.writing() as unit:
        unit.contents.add(content, [raw])
        first = [
            of(PartKind.VIEW),
            of(PartKind.FILE, blob=alone),
            of(PartKind.FILE, blob=shared, ordinal=1),
        ]
        assert unit.contents.replace_derived(content, first) == []
        second = [of(PartKind.VIEW), of(PartKind.FILE)]
        assert unit.contents.replace_derived(content, second) == [alone]
        assert unit.contents.parts(content) == [raw, *second]
        assert unit.contents.named_blobs([shared, alone]) == {shared}
        assert unit.contents.named_blobs([]) == frozenset()


def test_files_of_a_form_are_not_derived(store):
    content = samples.message().content_id
    form = samples.part(content_id=content, kind=PartKind.FORM)
    file = samples.part(content_id=content, kind=PartKind.FILE, label=samples.SEALED)
    views = [samples.part(content_id=content, kind=PartKind.VIEW) for _ in range(2)]
    with store.writing() as unit:
        unit.contents.add(content, [form, file])
        unit.contents.replace_derived(content, views[:1])
        unit.contents.replace_derived(content, views[1:])
        assert unit.contents.parts(content) == [form, views[1], file]


def test_the_ledger_numbers_and_counts_every_acceptance(store):
    messages = accept(store, *(samples.message() for _ in range(4)))
    with store.writing() as unit:
        assert [unit.ledger.number(message.id) for message in messages] == [1, 2, 3, 4]
        assert unit.ledger.number(samples.message().id) is None
        assert unit.ledger.first() == messages[0].id
        assert unit.ledger.oldest_in_progress() == START
        for message, state in zip(
            messages, (MessageState.FILED, MessageState.HELD, MessageState.REFUSED), strict=False
        ):
            unit.messages.save(replace(message, state=state), MessageState.ACCEPTED)
        count = unit.ledger.count()
    assert (count.accepted, count.first_gap, count.balanced) == (4, None, True)
    assert (count.filed, count.held, count.refused, count.in_progress) == (1, 1, 1, 1)


def test_an_empty_ledger_is_balanced(store):
    with store.units.reading() as unit:
        assert unit.ledger.count().balanced
        assert unit.ledger.first() is None
        assert unit.ledger.oldest_in_progress() is None


def test_the_listing_shows_number_case_and_whether_somebody_works_on_it(store):
    case = samples.case()
    waiting, filed = accept(
        store, samples.message(), samples.message(received_at=START + WEEK, case_id=case.id)
    )
    with store.writing() as unit:
        unit.cases.add(case, samples.summary(case))
        unit.messages.save(replace(filed, state=MessageState.FILED), MessageState.ACCEPTED)
        unit.outbox.add(JobKind.PROCESS_MESSAGE, waiting.id, START)

    def page(**filters):
        every = {"state": None, "queue": None, "since": None, "limit": 10, "after": None}
        with store.units.reading() as unit:
            return [line.message.id for line in unit.messages.page(**every | filters)]

    assert page() == [waiting.id, filed.id]
    assert page(limit=1) == [waiting.id]
    assert page(after=waiting.id) == [filed.id]
    assert page(queue=case.queue) == [filed.id]
    assert page(queue="other") == []
    assert page(since=START + WEEK) == [filed.id]
    assert page(state="filed") == [filed.id]
    assert (page(state="accepted"), page(state="processing")) == ([waiting.id], [])
    with store.writing() as unit:
        unit.outbox.claim(1, START)
        lines = unit.messages.page(state=None, queue=None, since=None, limit=10, after=None)
    assert [(line.number, line.claimed, line.case, line.queue) for line in lines] == [
        (1, True, None, None),
        (2, False, case.reference, case.queue),
    ]
    assert (page(state="accepted"), page(state="processing")) == ([], [waiting.id])


def test_an_address_has_one_unasked_answer_in_an_hour(store):
    """Half-open, and an answer that is tried again keeps what it has."""
    address, other = b"\x00\x01one", b"\x00\x01other"
    first, second = samples.message().id, samples.message().id
    second_before = START + ANSWER_UNASKED_EACH - timedelta(microseconds=1)

    def asks(index, message, at):
        with store.writing() as unit:
            return unit.messages.answer_unasked(index, message, at)

    assert asks(address, first, START)
    assert asks(other, second, START)
    assert not asks(address, second, second_before)
    assert asks(address, first, START + timedelta(minutes=1))
    assert not asks(address, second, START + ANSWER_UNASKED_EACH)
    assert asks(address, second, START + timedelta(minutes=1) + ANSWER_UNASKED_EACH)
    assert not asks(address, first, START + timedelta(minutes=2) + ANSWER_UNASKED_EACH)
    with store.writing() as unit:
        assert unit.messages.forget_answers(START - timedelta(microseconds=1)) == 0
        assert unit.messages.forget_answers(START) == 1
    assert asks(other, first, START)


def test_that_a_machine_wrote_it_is_kept_with_a_message(store):
    [message] = accept(store, samples.message())
    with store.writing() as unit:
        assert not unit.messages.get(message.id).automatic
        unit.messages.save(replace(message, automatic=True), MessageState.ACCEPTED)
        assert unit.messages.get(message.id).automatic
