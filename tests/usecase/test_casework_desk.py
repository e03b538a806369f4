"""At a desk: reading, taking, handing over, noting, closing; each an event, none unseen."""

from dataclasses import replace

import pytest

from secure_mail.application.casework.add_note import AddNote
from secure_mail.application.casework.close_case import CloseCase, ReopenCase
from secure_mail.application.casework.list_queues import ListQueues
from secure_mail.application.casework.show_case import ListColleagues, ShowCase
from secure_mail.application.casework.show_queue import ShowQueue
from secure_mail.application.casework.take_case import AssignCase, TakeCase, TakeNext
from secure_mail.application.ports.store_casework import CaseQuery
from secure_mail.domain.access import Role
from secure_mail.domain.cases import CaseState, CloseReason
from secure_mail.domain.messages import PartKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import CannotOpenError
from tests.usecase.casework_world import (
    ABROAD,
    COURT,
    LETTER,
    MAIJA,
    MAINTENANCE,
    TRIAGE,
    Casework,
)


class Desk(Casework):
    def __init__(self):
        super().__init__()
        acts = {"units": self.units, "trail": self.trail}
        self.take, self.take_next = TakeCase(**acts), TakeNext(**acts)
        self.assign, self.reopen = AssignCase(**acts), ReopenCase(**acts)
        self.close = CloseCase(**acts, clock=self.clock)
        self.note = AddNote(
            **acts, clock=self.clock, ids=self.ids, rules=self.rules, sealer=self.sealer
        )
        self.show = ShowCase(**acts, opening=self.opening)
        self.colleagues = ListColleagues(units=self.units)
        self.queue = ShowQueue(units=self.units, opening=self.opening, index=self.index)
        self.queues = ListQueues(
            units=self.units, clock=self.clock, rules=self.rules, calendar=self.calendar
        )


@pytest.fixture
def world():
    return Desk()


@pytest.fixture
def clerk(world):
    return world.member()


def refused(code, call, *args, **options):
    with pytest.raises(Refusal) as caught:
        call(*args, **options)
    assert caught.value.code is code
    return caught.value


def test_reading_shows_the_letter_and_leaves_a_trace_with_its_purpose(world, clerk):
    case = world.filed(files=[("plan.pdf", b"%PDF")])
    file = world.show(clerk, case.reference, "case-work")
    [message] = file.messages
    assert (message.view.text, message.view.name) == (LETTER.text, LETTER.name)
    assert [(one.label.name, one.verdict.value) for one in message.files] == [
        ("plan.pdf", "unscanned")
    ]
    assert (file.summary.address, file.summary.subject) == (str(MAIJA), LETTER.subject)
    assert world.events(case) == ["filed", "read"]
    [read] = [e for e in world.store.state.audit.values() if e.kind.value == "case.read"]
    assert (read.actor, read.subject) == (clerk.actor, str(case.id))
    assert read.facts["purpose"] == "case-work"


def test_a_case_of_another_queue_is_refused_and_the_queue_named(world, clerk):
    case = world.filed(replace(LETTER, topic="child_support"))
    for call in (
        lambda: world.show(clerk, case.reference, "case-work"),
        lambda: world.take(clerk, case.reference, 1),
        lambda: world.note(clerk, case.reference, 1, "note"),
        lambda: world.close(clerk, case.reference, 1, CloseReason.NONE),
    ):
        refusal = refused(RefusalCode.NO_ACCESS, call)
        assert refusal.facts == {"queue": MAINTENANCE}
    assert world.events(case) == ["filed"]


def test_a_reader_reads_and_changes_nothing(world):
    reader = world.member(grants=((Role.READER, ABROAD),))
    case = world.filed()
    world.show(reader, case.reference, "case-work")
    refused(RefusalCode.NO_ACCESS, world.take, reader, case.reference, 1)
    refused(RefusalCode.NO_ACCESS, world.take_next, reader, ABROAD)
    assert world.case(case) == case


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR, Role.PARTNER_MANAGER])
def test_who_looks_after_the_service_reads_no_mail(world, role):
    other = world.member(grants=((role, ABROAD),))
    case = world.filed()
    refused(RefusalCode.NO_ACCESS, world.show, other, case.reference, "audit")
    refused(RefusalCode.NO_ACCESS, world.queue, other, CaseQuery(queues=(ABROAD,)))


def test_a_swapped_letter_is_an_alarm_to_its_reader(world, clerk):
    case = world.filed()
    [message] = world.store.state.messages.values()
    [view] = world.parts_of(message, PartKind.VIEW)
    world.swap(view)
    with pytest.raises(CannotOpenError):
        world.show(clerk, case.reference, "case-work")
    assert world.audited()[-1] == "seal.broken"
    assert world.events(case) == ["filed"]


def test_taking_makes_a_new_case_open_and_mine(world, clerk):
    case = world.filed()
    taken = world.take(clerk, case.reference, case.version)
    assert (taken.assignee, taken.state, taken.version) == (clerk.id, CaseState.OPEN, 2)
    assert world.events(case) == ["filed", "claimed"]


def test_the_next_case_is_the_one_to_be_answered_first(world, clerk):
    later = world.filed()
    world.later(days=-3)
    first = world.filed()
    assert world.take_next(clerk, ABROAD).id == first.id
    assert world.take_next(clerk, ABROAD).id == later.id
    assert world.take_next(clerk, ABROAD) is None


def test_two_clerks_who_take_at_once_are_told_who_was_second(world, clerk):
    case, other = world.filed(), world.member("Another Clerk")
    world.take(clerk, case.reference, 1)
    refused(RefusalCode.STALE, world.take, other, case.reference, 1)
    assert world.case(case).assignee == clerk.id


def test_a_case_is_handed_to_a_colleague_of_its_queue_only(world, clerk):
    case = world.filed()
    other = world.member("Another Clerk")
    reader = world.member("A Reader", grants=((Role.READER, ABROAD),))
    stranger = world.member("A Stranger", grants=((Role.CASEWORKER, TRIAGE),))
    assert set(world.colleagues(ABROAD)) == {(clerk.id, clerk.name), (other.id, other.name)}
    for nobody in (reader, stranger):
        refused(RefusalCode.NO_ACCESS, world.assign, clerk, case.reference, 1, nobody.id)
    assert world.assign(clerk, case.reference, 1, other.id).assignee == other.id
    assert world.assign(clerk, case.reference, 2, None).assignee is None
    assert world.events(case) == ["filed", "assigned", "assigned"]


def test_a_note_is_sealed_to_the_queue_and_read_with_the_case(world, clerk):
    case = world.filed()
    noted = world.note(clerk, case.reference, 1, "Call her on Monday")
    assert noted.version == 2
    file = world.show(clerk, case.reference, "case-work")
    assert [text for _, text in file.events if text] == ["Call her on Monday"]
    assert "Monday" not in repr(world.store.state)


def test_a_stale_page_changes_nothing(world, clerk):
    case = world.filed()
    world.note(clerk, case.reference, 1, "first")
    before = world.store.state
    for call in (
        lambda: world.note(clerk, case.reference, 1, "second"),
        lambda: world.close(clerk, case.reference, 1, CloseReason.NONE),
        lambda: world.assign(clerk, case.reference, 1, None),
        lambda: world.reopen(clerk, case.reference, 1),
    ):
        refused(RefusalCode.STALE, call)
    assert world.store.state is before


def test_a_case_is_closed_with_a_reason_and_opened_again(world, clerk):
    case = world.filed()
    closed = world.close(clerk, case.reference, 1, CloseReason.NOT_OURS)
    assert (closed.state, closed.close_reason) == (CaseState.CLOSED, CloseReason.NOT_OURS)
    assert closed.closed_at == world.clock.now()
    opened = world.reopen(clerk, case.reference, 2)
    assert (opened.state, opened.close_reason, opened.closed_at) == (CaseState.OPEN, None, None)
    assert world.events(case) == ["filed", "closed", "reopened"]


def test_queues_are_counted_for_those_who_may_read_them(world, clerk):
    first = world.filed()
    world.filed()
    world.filed(replace(LETTER, topic="child_support"))
    world.take(clerk, first.reference, 1)
    lines = world.queues(clerk)
    [(queue, count)] = lines.queues
    assert queue.name == ABROAD
    assert (count.open, count.mine, count.unassigned, count.new) == (2, 1, 1, 1)
    assert (lines.mine, lines.held) == (1, None)
    world.later(days=30)
    assert world.queues(clerk).queues[0][1].overdue == 2
    supervisor = world.member(grants=((Role.SUPERVISOR, TRIAGE),))
    world.mail()
    world.work()
    assert world.queues(supervisor).held == 1


def test_the_queue_page_opens_summaries_in_memory(world, clerk):
    case = world.filed()
    shown = world.queue(clerk, CaseQuery(queues=(ABROAD,)))
    assert [one.id for one in shown.page.cases] == [case.id]
    assert shown.summaries[case.id].subject == LETTER.subject
    assert shown.names == {str(clerk.id): clerk.name}
    refused(RefusalCode.NO_ACCESS, world.queue, clerk, CaseQuery(queues=(ABROAD, TRIAGE)))


def test_a_sender_is_found_in_the_queues_asked_for_only(world, clerk):
    case = world.filed()
    world.filed(replace(LETTER, topic="child_support"))
    query = CaseQuery(queues=(ABROAD,))
    assert [one.id for one in world.queue(clerk, query, MAIJA).page.cases] == [case.id]
    assert world.queue(clerk, query, COURT).page.cases == ()
    closed = replace(query, states=(CaseState.CLOSED,))
    assert world.queue(clerk, closed, MAIJA).page.cases == ()


def test_earlier_cases_are_told_from_queues_one_may_read(world, clerk):
    earlier = world.filed()
    world.filed(replace(LETTER, topic="child_support"))
    case = world.filed()
    assert [one.id for one in world.show(clerk, case.reference, "p").earlier] == [earlier.id]
