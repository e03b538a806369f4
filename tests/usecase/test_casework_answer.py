"""The answer: what goes out, to whom, after which second look, and what becomes of the case."""

import re
from dataclasses import replace
from time import process_time

import pytest

from secure_mail.application.casework.delicate import needs_second_look
from secure_mail.application.casework.send_reply import After, Answer, SendReply
from secure_mail.domain.cases import (
    ANSWER_SHOWN,
    AnswerState,
    CaseState,
    CloseReason,
    Identified,
    WaitingFor,
)
from secure_mail.domain.messages import Assurance, PartKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import REPLIES, WORKER, CannotOpenError, Purpose, queue_key
from secure_mail.domain.views import View
from secure_mail.domain.work import JobKind
from tests.usecase.casework_world import LETTER, MAIJA, Casework

ANSWER = Answer(
    text="You can pay monthly.", language="fi", identified=Identified.NOT, after=After.CLOSE
)


class Desk(Casework):
    def __init__(self):
        super().__init__()
        self.send = SendReply(
            units=self.units,
            clock=self.clock,
            ids=self.ids,
            rules=self.rules,
            sealer=self.sealer,
            opening=self.opening,
            make_part=self.make_part,
            trail=self.trail,
        )

    def replies(self):
        return list(self.store.state.replies.values())

    def notices(self):
        kinds = [entry.kind for entry in self.store.state.outbox.values()]
        return kinds.count(JobKind.SEND_NOTICE)


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


def test_the_reader_and_the_queue_open_the_same_answer(world, clerk):
    case = world.filed()
    world.send(clerk, case.reference, 1, ANSWER)
    [reply] = world.replies()
    [part] = world.parts_of(reply, PartKind.VIEW)
    assert (reply.for_staff.holder, reply.for_reader.holder) == (queue_key("recovery"), REPLIES)
    for keys, sealed in (
        (world.staff_keys, reply.for_staff),
        (world.reader_keys, reply.for_reader),
    ):
        key = keys.open_key(sealed, reply.content_id)
        opened = world.parts.open_part(key, part.content_id, part.id, part.inline, part.digest)
        assert View.from_json(opened) == View(text=ANSWER.text)
    address = world.worker_keys.open_value(reply.address, WORKER, Purpose.REPLY_ADDRESS, reply.id)
    assert address.decode() == str(MAIJA)
    assert reply.readable_until == world.clock.now() + ANSWER_SHOWN
    assert "pay monthly" not in repr(world.store.state)


@pytest.mark.parametrize(
    ("after", "state", "waiting", "reason"),
    [
        (After.CLOSE, CaseState.CLOSED, None, CloseReason.ANSWERED),
        (After.WAIT, CaseState.WAITING, WaitingFor.SENDER, None),
        (After.KEEP, CaseState.OPEN, None, None),
    ],
)
def test_the_clerk_says_what_becomes_of_the_case(world, clerk, after, state, waiting, reason):
    case = world.filed()
    answered = world.send(clerk, case.reference, 1, replace(ANSWER, after=after))
    assert (answered.state, answered.waiting_for, answered.close_reason) == (state, waiting, reason)
    assert (answered.answer, answered.answered_at) == (AnswerState.SENT, world.clock.now())
    assert answered.assignee == clerk.id
    assert world.notices() == 1
    assert world.events(case) == ["filed", "replied"]
    [sent] = [e for e in world.store.state.audit.values() if e.kind.value == "reply.sent"]
    assert sent.facts["identified"] == "not"


def test_without_a_notice_the_case_stays_with_its_clerk_at_once(world, clerk):
    """links.md: nobody told the sender, so the answer goes by post or telephone."""
    case = world.filed(replace(LETTER, notify=False))
    answered = world.send(clerk, case.reference, 1, ANSWER)
    assert (answered.state, answered.answer) == (CaseState.OPEN, AnswerState.NOT_DISPLAYED)
    assert answered.assignee == clerk.id
    assert world.notices() == 0
    assert world.events(case) == ["filed", "replied", "answer-not-displayed"]


def test_an_answer_to_a_closed_case_opens_it(world, clerk):
    case = world.filed()
    world.send(clerk, case.reference, 1, ANSWER)
    again = replace(ANSWER, text="One thing more.", after=After.KEEP)
    opened = world.send(clerk, case.reference, 2, again)
    assert (opened.state, opened.close_reason, opened.closed_at) == (CaseState.OPEN, None, None)
    assert len(world.replies()) == 2


def test_an_answer_in_a_colleagues_case_leaves_it_the_colleagues(world, clerk):
    case = world.filed()
    colleague = world.member("Another Clerk")
    world.store.state.cases[case.id] = replace(case, assignee=colleague.id)
    answered = world.send(clerk, case.reference, 1, ANSWER)
    assert answered.assignee == colleague.id
    assert world.replies()[0].author == clerk.id


def test_a_double_click_is_one_answer(world, clerk):
    case = world.filed()
    first = world.send(clerk, case.reference, 1, ANSWER)
    assert world.send(clerk, case.reference, 1, ANSWER) == first
    assert (len(world.replies()), world.notices()) == (1, 1)


def test_another_text_from_the_same_page_is_stale_not_lost(world, clerk):
    case = world.filed()
    world.send(clerk, case.reference, 1, ANSWER)
    other = replace(ANSWER, text="You must pay at once.")
    refused(RefusalCode.STALE, world.send, clerk, case.reference, 1, other)
    assert len(world.replies()) == 1


def test_a_stale_answer_changes_nothing(world, clerk):
    case = world.filed()
    world.store.state.cases[case.id] = replace(case, version=2)
    before = world.store.state
    refused(RefusalCode.STALE, world.send, clerk, case.reference, 1, ANSWER)
    assert world.store.state is before


def test_nobody_is_answered_without_an_address(world, clerk):
    case = world.filed()
    [summary] = world.store.state.summaries.values()
    empty = world.sealer.seal_value(
        b'{"address": "", "subject": "", "name": ""}', summary.holder, Purpose.SUMMARY, case.id
    )
    world.store.state.summaries[case.id] = replace(summary, sealed=empty)
    refused(RefusalCode.NO_REPLY_ADDRESS, world.send, clerk, case.reference, 1, ANSWER)
    assert world.replies() == []


def test_a_swapped_address_is_an_alarm_and_nothing_is_sent(world, clerk):
    case = world.filed()
    [summary] = world.store.state.summaries.values()
    world.store.state.summaries[case.id] = replace(summary, sealed=b"x" * 99)
    with pytest.raises(CannotOpenError):
        world.send(clerk, case.reference, 1, ANSWER)
    assert world.audited()[-1] == "seal.broken"
    assert (world.replies(), world.notices()) == ([], 0)


def test_delicate_words_need_a_second_look(world, clerk):
    case = world.filed()
    delicate = replace(ANSWER, text="Your debt is 1 240,50 €.")
    refused(RefusalCode.NOT_IDENTIFIED, world.send, clerk, case.reference, 1, delicate)
    assert world.replies() == []
    world.send(clerk, case.reference, 1, replace(delicate, sure=True))
    assert len(world.replies()) == 1


@pytest.mark.parametrize(
    ("text", "delicate"),
    [
        ("Pay 60 € a month.", True),
        ("Maksa 1\u00a0240,50\u202f€.", True),
        ("It is EUR 60.", True),
        ("It is €60.", True),
        ("Det kostar 60 euro.", True),
        ("Your code 131052-308T is known.", True),
        ("Teimme päätöksen.", True),
        ("Beslutet kommer.", True),
        ("The decision is made.", True),
        ("Call us at 10 in Europe.", False),
        ("Send us form 12 by 24 November 2026.", False),
    ],
)
def test_what_is_delicate(text, delicate):
    assert needs_second_look(text, Assurance.LINK_CONFIRMED, Identified.NOT) is delicate
    assert needs_second_look(text, Assurance.SMTP_PARTNER, Identified.LETTER) is delicate
    assert not needs_second_look(text, Assurance.POSTAL_PIN, Identified.NOT)
    assert not needs_second_look(text, Assurance.LINK_CONFIRMED, Identified.POSTAL_CODE)


@pytest.mark.parametrize("sign", ["1", "1 ", "1.", "1\u00a0"])
def test_a_reply_of_digits_alone_is_searched_in_linear_time(sign):
    text = (sign * 40_000)[:40_000]
    began = process_time()
    assert not needs_second_look(text, Assurance.LINK_CONFIRMED, Identified.NOT)
    assert process_time() - began < 2


def test_an_answer_does_not_print_itself():
    assert not re.search("monthly", repr(ANSWER))
