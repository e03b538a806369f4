"""Held messages: listed, opened, released through the worker, refused with a word."""

from dataclasses import replace
from uuid import UUID

import pytest

from secure_mail.application.casework.held import ListHeld, RefuseHeld, ReleaseHeld, ShowHeld
from secure_mail.domain.access import Role
from secure_mail.domain.cases import CaseState
from secure_mail.domain.ids import MessageId
from secure_mail.domain.messages import MessageState, PartKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.facts import ScanVerdict
from secure_mail.domain.sealing import INTAKE, CannotOpenError, queue_key
from tests.fakes.texts import value_in
from tests.usecase.casework_world import (
    ABROAD,
    BY_PARTNER,
    COURT,
    LETTER,
    MAIJA,
    PARTNERS,
    TRIAGE,
    Casework,
)

PARTNER_LETTER = replace(LETTER, topic="partner_general", purpose="", language="en")


class Desk(Casework):
    def __init__(self):
        super().__init__()
        acts = {"units": self.units, "trail": self.trail}
        self.list = ListHeld(units=self.units)
        self.show = ShowHeld(**acts, opening=self.opening)
        self.release = ReleaseHeld(
            **acts,
            clock=self.clock,
            rules=self.rules,
            opener=self.staff_keys,
            sealer=self.sealer,
        )
        self.refuse = RefuseHeld(**acts, clock=self.clock)

    def not_proved(self):
        message = self.post(PARTNER_LETTER, declared=BY_PARTNER, address=COURT)
        self.work()
        return message

    def infected(self):
        self.scanner.said = {"bad.pdf": ScanVerdict.INFECTED}
        message = self.post(files=[("bad.pdf", b"%PDF")])
        self.work()
        return message


@pytest.fixture
def world():
    return Desk()


@pytest.fixture
def clerk(world):
    return world.member(grants=((Role.CASEWORKER, TRIAGE),))


def refused(code, call, *args):
    with pytest.raises(Refusal) as caught:
        call(*args)
    assert caught.value.code is code


def test_held_messages_are_for_those_who_read_triage(world, clerk):
    message, stranger = world.not_proved(), world.member()
    reader = world.member(grants=((Role.READER, TRIAGE),))
    assert [one.id for one in world.list(reader, None)] == [message.id]
    assert world.list(reader, message.id) == []
    assert world.show(reader, message.id, "p").view.text == LETTER.text
    refused(RefusalCode.NO_ACCESS, world.list, stranger, None)
    refused(RefusalCode.NO_ACCESS, world.show, stranger, message.id, "p")
    for person in (reader, stranger):
        refused(RefusalCode.NO_ACCESS, world.release, person, message.id, ABROAD)
        refused(RefusalCode.NO_ACCESS, world.refuse, person, message.id, RefusalCode.NOT_A_PARTNER)
    assert world.now(message).state is MessageState.HELD


def test_opening_one_is_recorded(world, clerk):
    message = world.not_proved()
    world.show(clerk, message.id, "case-work")
    event = list(world.store.state.audit.values())[-1]
    assert (event.kind.value, event.subject) == ("case.read", str(message.id))
    assert event.facts == {"purpose": "case-work", "act": "held"}


def test_only_what_is_held_is_found(world, clerk):
    filed = world.post()
    world.work()
    for message_id in (filed.id, MessageId(UUID(int=1))):
        refused(RefusalCode.NOT_FOUND, world.show, clerk, message_id, "p")
        refused(RefusalCode.NOT_FOUND, world.release, clerk, message_id, ABROAD)
        refused(RefusalCode.NOT_FOUND, world.refuse, clerk, message_id, RefusalCode.NOT_ABROAD)


def test_a_release_goes_back_through_the_worker_and_files_once(world, clerk):
    message = world.not_proved()
    world.later(days=1)
    world.release(clerk, message.id, PARTNERS)
    released = world.now(message)
    assert (released.state, released.sealed_key.holder) == (MessageState.ACCEPTED, INTAKE)
    refused(RefusalCode.NOT_FOUND, world.release, clerk, message.id, ABROAD)
    world.work()
    world.work()
    case = world.case_of(message)
    assert (case.queue, case.state, case.rule) == (PARTNERS, CaseState.NEW, "released")
    assert case.received_at == message.received_at
    assert world.now(message).sealed_key.holder == queue_key("partners")
    assert len(world.store.state.cases) == 1
    assert len(world.parts_of(message, PartKind.VIEW)) == 1
    assert "message.released" in world.audited()


def test_a_receipt_goes_out_once_whatever_people_decide(world, clerk):
    message = world.not_proved()
    world.partner()
    world.release(clerk, message.id, PARTNERS)
    assert world.work() == []
    assert [mail.message_id for mail in world.mailer.sent] == [f"receipt-held-{message.id}"]


def test_who_was_not_told_yet_is_told_when_a_person_files_it(world, clerk):
    # Held by the table of who may write, then let in by a person.
    message = world.post(PARTNER_LETTER, to="perintakeskus")
    world.work()
    stored = world.now(message)
    held = replace(stored, state=MessageState.HELD, reason="not-eligible")
    world.store.state.messages[message.id] = held
    world.release(clerk, message.id, PARTNERS)
    [mail] = world.work()
    assert (str(mail.to), mail.message_id) == (str(MAIJA), f"receipt-{message.id}")


def test_a_queue_that_is_not_there_is_no_place(world, clerk):
    message = world.not_proved()
    refused(RefusalCode.NOT_FOUND, world.release, clerk, message.id, "nowhere")
    assert world.now(message).state is MessageState.HELD


def test_refusing_tells_the_sender_which_way_to_take(world, clerk):
    message = world.not_proved()
    world.refuse(clerk, message.id, RefusalCode.NOT_A_PARTNER)
    now = world.now(message)
    assert (now.state, now.reason) == (MessageState.REFUSED, "not-a-partner")
    [mail] = world.work()
    assert (str(mail.to), value_in(mail.text, "code")) == (str(COURT), "not-a-partner")
    assert "message.refused" in world.audited()
    refused(RefusalCode.NOT_FOUND, world.refuse, clerk, message.id, RefusalCode.NOT_A_PARTNER)


def test_an_address_that_nobody_proved_is_not_mailed(world, clerk):
    [message] = world.mail()
    world.work()
    world.refuse(clerk, message.id, RefusalCode.USE_SECURE_LINK)
    assert world.work() == []
    assert world.now(message).state is MessageState.REFUSED


def test_what_the_worker_could_not_open_stays_closed_and_may_be_tried_again(world, clerk):
    message = world.post()
    [part] = world.parts_of(message, PartKind.FORM)
    world.swap(part)
    world.work()
    assert world.show(clerk, message.id, "p").view is None
    world.release(clerk, message.id, ABROAD)
    world.work()
    assert world.now(message).reason == "unreadable"
    world.store.state.parts[part.id] = part
    world.release(clerk, message.id, ABROAD)
    world.work()
    assert world.case_of(message).queue == ABROAD


def test_what_was_changed_while_it_was_held_is_an_alarm(world, clerk):
    message = world.not_proved()
    [view] = world.parts_of(message, PartKind.VIEW)
    world.swap(view)
    assert world.show(clerk, message.id, "p").view is None
    assert "seal.broken" in world.audited()
    broken = replace(world.now(message).sealed_key, sealed=b"x" * 99)
    world.store.state.messages[message.id] = replace(world.now(message), sealed_key=broken)
    alarms = world.audited().count("seal.broken")
    with pytest.raises(CannotOpenError):
        world.release(clerk, message.id, ABROAD)
    assert world.audited().count("seal.broken") == alarms + 1
    assert world.now(message).state is MessageState.HELD
