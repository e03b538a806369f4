"""The gate: sealed while it arrives, answered after the commit, one message per mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from secure_mail.application.intake.accept_message import DUPLICATES_KNOWN
from secure_mail.application.intake.gate import Receiving
from secure_mail.application.intake.sealed_body import HELD
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import Mailbox, Reference
from secure_mail.domain.sealing import INTAKE, CannotOpenError
from secure_mail.domain.work import JobKind
from tests.arrivals import evidence_at_door
from tests.fakes.chance import SeededIds
from tests.fakes.vault import FakeOpener, FakePartOpener
from tests.usecase.gate_world import ENVELOPE, EVIDENCE, LARGE, LETTER, World, run, sent


@pytest.fixture
def world() -> Iterator[World]:
    with ThreadPoolExecutor(1) as threads:
        yield World(threads)


@pytest.mark.parametrize("raw", [LETTER, b"", LARGE])
def test_what_went_in_comes_out_for_the_worker_alone(world, raw):
    (accepted,) = world.send(raw)
    (message,) = world.messages
    assert message.id == accepted.message_id
    assert world.opened(message) == raw
    with pytest.raises(CannotOpenError):
        FakeOpener().open_key(message.sealed_key, message.content_id)
    evidence = evidence_at_door(message, FakeOpener(INTAKE), FakePartOpener())
    assert evidence == EVIDENCE


def test_small_lives_in_the_row_and_large_in_a_blob(world):
    world.send(LETTER)
    world.send(LARGE)
    small, large = sorted(world.store.state.parts.values(), key=lambda part: part.size)
    assert (small.size, small.blob) == (len(LETTER), None)
    assert (large.size, large.inline) == (len(LARGE), None)
    assert list(world.blobs.kept) == [large.blob]


def test_one_unit_holds_reference_audit_ledger_and_work(world):
    (accepted,) = world.send()
    assert world.store.commit_count == 1
    assert Reference.parse(str(accepted.reference)) == accepted.reference
    assert str(accepted.reference).startswith("PK-")
    assert world.store.state.ledger == {1: accepted.message_id}
    (work,) = world.store.state.outbox.values()
    assert (work.kind, work.subject) == (JobKind.PROCESS_MESSAGE, accepted.message_id)
    (event,) = world.store.state.audit.values()
    (part,) = world.store.state.parts.values()
    assert (event.kind, event.actor) == (AuditKind.MESSAGE_ACCEPTED, "door:smtp")
    assert event.facts == {
        "reference": str(accepted.reference),
        "digest": part.digest.hex(),
    }


def test_several_mailboxes_are_one_content_with_a_sealing_each(world):
    both = replace(ENVELOPE, mailboxes=(Mailbox("maintenance"), Mailbox("perintakeskus")))
    accepted = world.send(envelope=both)
    assert [one.mailbox for one in accepted] == list(both.mailboxes)
    first, second = world.messages
    assert first.content_id == second.content_id
    assert len(world.store.state.parts) == 1
    assert first.reference != second.reference
    assert world.opened(first) == world.opened(second) == LETTER
    assert world.store.commit_count == 1


def test_the_same_octets_again_are_the_same_message(world):
    (first,) = world.send(LARGE)
    world.clock.advance(timedelta(hours=1))
    (again,) = world.send(LARGE)
    assert again == replace(first, duplicate=True)
    assert len(world.messages) == 1
    world.settle()
    assert len(world.blobs.kept) == 1, "the blob of a duplicate is deleted"
    assert world.opened(world.messages[0]) == LARGE


def test_a_duplicate_for_one_mailbox_is_new_for_another(world):
    world.send(LARGE)
    both = replace(ENVELOPE, mailboxes=(Mailbox("maintenance"), Mailbox("perintakeskus")))
    old, new = world.send(LARGE, both)
    assert (old.duplicate, new.duplicate) == (True, False)
    world.settle()
    assert [world.opened(message) for message in world.messages] == [LARGE, LARGE]


@pytest.mark.parametrize(
    ("after", "messages"), [(-timedelta(seconds=1), 1), (timedelta(), 2), (timedelta(days=1), 2)]
)
def test_duplicates_are_known_for_seven_days(world, after, messages):
    world.send()
    world.clock.advance(DUPLICATES_KNOWN + after)
    world.send()
    assert len(world.messages) == messages


def test_the_same_text_from_two_people_is_two_messages(world):
    world.send()
    world.send(envelope=replace(ENVELOPE, scope="b@b.example 192.0.2.0/24"))
    assert len(world.messages) == 2


def test_aborting_leaves_nothing(world):
    async def story() -> None:
        receiving = world.gate.begin(ENVELOPE)
        await receiving.write(LARGE)
        receiving.abort()

    run(story())
    world.settle()
    assert (world.messages, world.blobs.kept) == ([], {})


class Stuck(SeededIds):
    """Draws the same symbols twice, then others."""

    def __init__(self) -> None:
        super().__init__(seed=2)
        self._drawn = iter(["0000000", "0000000", "0000001"])

    def symbols(self, count: int) -> str:
        return next(self._drawn)


def test_a_reference_that_is_taken_is_drawn_again(world):
    stuck = replace(world.gate, ids=Stuck())
    for raw in (LETTER, LETTER + b"more"):
        run(sent(stuck, raw))
    assert [str(message.reference) for message in world.messages] == [
        str(Reference.of("PK", "0000000")),
        str(Reference.of("PK", "0000001")),
    ]


def test_memory_stays_flat(world):
    async def story() -> int:
        receiving = world.gate.begin(ENVELOPE)
        most = 0
        for _ in range(200):
            await receiving.write(b"x" * 10_000)
            most = max(most, receiving.buffered)
        receiving.abort()
        return most

    assert run(story()) <= HELD


def test_a_message_on_its_way_does_not_print_itself(world):
    async def story() -> Receiving:
        receiving = world.gate.begin(ENVELOPE)
        await receiving.write(LETTER)
        return receiving

    assert repr(run(story())) == "Receiving(smtp, maintenance)"
