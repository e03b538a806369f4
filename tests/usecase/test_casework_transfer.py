"""A transfer re-seals what the old queue opened, and keeps the time of arrival."""

from dataclasses import replace

import pytest

from secure_mail.application.casework.add_note import AddNote
from secure_mail.application.casework.send_reply import After, Answer, SendReply
from secure_mail.application.casework.show_case import ShowCase
from secure_mail.application.casework.transfer_case import TransferCase
from secure_mail.domain.access import Role
from secure_mail.domain.cases import Identified
from secure_mail.domain.ids import QueueName
from secure_mail.domain.messages import PartKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import CannotOpenError, queue_key
from tests.usecase.casework_world import ABROAD, LETTER, MAIJA, MAINTENANCE, STUDENTS, Casework

ANSWER = Answer(text="An answer", language="fi", identified=Identified.NOT, after=After.KEEP)


class Desk(Casework):
    def __init__(self):
        super().__init__()
        acts = {"units": self.units, "trail": self.trail}
        sealing = {"rules": self.rules, "sealer": self.sealer}
        self.transfer = TransferCase(
            **acts, **sealing, calendar=self.calendar, opener=self.staff_keys, opening=self.opening
        )
        made = {"clock": self.clock, "ids": self.ids}
        self.note = AddNote(**acts, **sealing, **made)
        self.send = SendReply(
            **acts, **sealing, **made, opening=self.opening, make_part=self.make_part
        )
        self.show = ShowCase(**acts, opening=self.opening)


@pytest.fixture
def world():
    return Desk()


@pytest.fixture
def clerk(world):
    return world.member()


def refused(code, call, *args):
    with pytest.raises(Refusal) as caught:
        call(*args)
    assert caught.value.code is code


def test_everything_of_the_case_goes_to_the_new_key(world, clerk):
    case = world.filed(files=[("plan.pdf", b"%PDF")])
    world.note(clerk, case.reference, 1, "A note")
    world.send(clerk, case.reference, 2, ANSWER)
    parts = dict(world.store.state.parts)
    moved = world.transfer(clerk, case.reference, 3, MAINTENANCE, "It is about a child")
    state = world.store.state
    holder = queue_key("maintenance")
    assert {summary.holder for summary in state.summaries.values()} == {holder}
    assert {message.sealed_key.holder for message in state.messages.values()} == {holder}
    assert {reply.for_staff.holder for reply in state.replies.values()} == {holder}
    assert {event.holder for event in state.events.values() if event.note} == {holder}
    assert state.parts == parts
    assert (moved.queue, moved.assignee, moved.version) == (MAINTENANCE, None, 4)
    colleague = world.member(grants=((Role.CASEWORKER, MAINTENANCE),))
    file = world.show(colleague, case.reference, "case-work")
    assert file.messages[0].view.text == LETTER.text
    assert file.messages[0].files[0].label.name == "plan.pdf"
    assert file.replies[0][1].text == "An answer"
    assert file.summary.address == str(MAIJA)
    assert [text for _, text in file.events if text] == ["A note", "It is about a child"]
    refused(RefusalCode.NO_ACCESS, world.show, clerk, case.reference, "case-work")


def test_the_time_of_arrival_stays_and_the_due_day_is_the_new_queues(world, clerk):
    case = world.filed()
    world.later(days=2)
    moved = world.transfer(clerk, case.reference, 1, QueueName("eu_883_2004"))
    assert moved.received_at == case.received_at
    assert moved.due_at == world.calendar.due(case.received_at, 10)
    assert (
        world.transfer(
            world.member(grants=((Role.CASEWORKER, "eu_883_2004"),)),
            case.reference,
            2,
            QueueName("bounces"),
        ).due_at
        is None
    )


def test_a_transfer_is_told_with_where_from_and_where_to(world, clerk):
    case = world.filed()
    world.transfer(clerk, case.reference, 1, STUDENTS)
    event = list(world.store.state.events.values())[-1]
    assert (event.kind.value, event.actor) == ("transferred", clerk.actor)
    assert event.facts == {"before": ABROAD, "to": STUDENTS}
    assert world.audited()[-1] == "case.changed"


@pytest.mark.parametrize("to", ["nowhere", ABROAD])
def test_there_must_be_such_a_queue_and_another_one(world, clerk, to):
    case = world.filed()
    refused(RefusalCode.NOT_FOUND, world.transfer, clerk, case.reference, 1, QueueName(to))
    assert world.case(case) == case


def test_a_stale_transfer_reseals_nothing(world, clerk):
    case = world.filed()
    world.note(clerk, case.reference, 1, "A note")
    before = world.store.state
    refused(RefusalCode.STALE, world.transfer, clerk, case.reference, 1, STUDENTS)
    assert world.store.state is before


def test_what_does_not_open_stays_where_it_is(world, clerk):
    case = world.filed()
    [message] = world.store.state.messages.values()
    broken = replace(message.sealed_key, sealed=b"x" * 99)
    world.store.state.messages[message.id] = replace(message, sealed_key=broken)
    with pytest.raises(CannotOpenError):
        world.transfer(clerk, case.reference, 1, MAINTENANCE)
    assert world.case(case).queue == ABROAD
    assert world.audited()[-1] == "seal.broken"


def test_content_is_not_read_for_a_transfer(world, clerk):
    case = world.filed(files=[("large.pdf", b"%PDF" + b"x" * 200_000)])
    [message] = world.store.state.messages.values()
    assert any(part.blob for part in world.parts_of(message, PartKind.FILE))
    world.blobs.down = True
    assert world.transfer(clerk, case.reference, 1, MAINTENANCE).queue == MAINTENANCE
