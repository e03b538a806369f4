"""What happens by the clock: unread answers come back, what nobody needs is forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest

from secure_mail.application.upkeep.return_unread import ReturnUnread
from secure_mail.application.upkeep.service_notices import ServiceNotices
from secure_mail.application.upkeep.sweep import DRAFT_MARGIN, ORPHAN_AGE, WORK_KEPT, Sweep
from secure_mail.domain.cases import ANSWER_UNREAD, AnswerState, CaseState, CloseReason, WaitingFor
from secure_mail.domain.compose import DRAFT_KEPT
from secure_mail.domain.links import REGISTRATION_KEPT
from secure_mail.domain.sealing import SealedBytes
from secure_mail.domain.work import JobState
from tests.fakes.chance import START
from tests.fakes.store import samples
from tests.usecase.casework_world import Casework

SECOND = timedelta(seconds=1)
OLD = DRAFT_KEPT + DRAFT_MARGIN


@pytest.fixture
def world():
    world = Casework()
    at = {"units": world.units, "clock": world.clock, "ids": world.ids}
    world.return_unread = ReturnUnread(**at)
    world.sweep = Sweep(**at, blobs=world.blobs)
    return world


def answered(world, **changes):
    case = samples.case(
        **{"answer": AnswerState.SENT, "state": CaseState.CLOSED, "closed_at": START, **changes}
    )
    reply = samples.reply(case_id=case.id, notice_at=START)
    with world.units() as uow:
        uow.cases.add(case, samples.summary(case))
        uow.replies.add(reply)
        uow.commit()
    return case, reply


def test_an_unread_answer_comes_back_after_14_days_once(world):
    case, reply = answered(world, close_reason=CloseReason.ANSWERED, waiting_for=WaitingFor.SENDER)
    world.clock.advance(ANSWER_UNREAD)
    assert world.return_unread() == 0
    world.clock.advance(SECOND)
    assert world.return_unread() == 1
    back = world.case(case)
    assert (back.state, back.answer) == (CaseState.OPEN, AnswerState.NOT_DISPLAYED)
    assert (back.close_reason, back.closed_at, back.waiting_for) == (None, None, None)
    assert (back.assignee, back.version) == (case.assignee, 2)
    assert world.events(case) == ["answer-not-displayed"]
    assert world.audited() == ["case.changed"]
    assert world.return_unread() == 0
    assert world.store.state.replies[reply.id] == reply


def test_what_was_displayed_or_is_no_longer_the_latest_does_not_come_back(world):
    displayed, reply = answered(world)
    world.store.state.replies[reply.id] = replace(reply, displayed_at=START)
    case, _ = answered(world)
    much_later = START + timedelta(days=10)
    later = samples.reply(case_id=case.id, created_at=much_later, notice_at=much_later)
    world.store.state.replies[later.id] = later
    world.clock.advance(ANSWER_UNREAD + SECOND)
    assert world.return_unread() == 0
    assert world.case(displayed).state is CaseState.CLOSED


def draft(world, *, blob=None, **changes):
    registration = samples.registration()
    link = samples.link(octets=500, registration_id=registration.id)
    noun = samples.draft(link_id=link.id, **changes)
    with world.units() as uow:
        uow.registrations.add(registration)
        uow.links.add(link)
        uow.drafts.add(noun)
        if blob:
            file = samples.draft_file(draft_id=noun.id, size=300, inline=None, blob=blob)
            uow.drafts.add_file(file)
        uow.commit()
    return noun


def kept(world, octets=b"sealed"):
    writer = world.blobs.writer()
    writer.write(SealedBytes(octets))
    return writer.commit()


def test_an_abandoned_draft_is_forgotten_with_its_files(world):
    blob = kept(world)
    noun = draft(world, blob=blob)
    world.clock.advance(OLD)
    assert world.sweep()["drafts"] == 0
    world.clock.advance(SECOND)
    assert world.sweep()["drafts"] == 1
    assert (world.store.state.drafts, world.store.state.draft_files) == ({}, {})
    assert world.blobs.kept == {}
    assert world.store.state.links[noun.link_id].octets == 200
    assert world.audited()[-1] == "upkeep.swept"


def test_a_draft_that_is_sent_while_it_is_swept_keeps_its_files(world):
    """Its blobs are a message's parts by the time that they would be deleted."""
    blob = kept(world)
    noun = draft(world, blob=blob)
    part = samples.part(inline=None, blob=blob)

    def send():
        with world.units() as uow:
            uow.drafts.sent(noun.id, "message")
            uow.contents.add(part.content_id, [part])
            uow.commit()

    world.clock.advance(OLD + SECOND)
    with world.units.reading() as uow:
        stale = uow.drafts.stale(world.clock.now(), 10)
    send()
    with world.units() as uow:
        assert not uow.drafts.delete(stale[0].id)
    world.sweep()
    assert blob in world.blobs.kept


def test_a_database_that_the_blobs_do_not_belong_to_deletes_none(world):
    """A restored copy or a wrong setting: to it every blob would look like an orphan."""
    strange = kept(world)
    world.post()
    assert world.blobs.owned_by("the database that wrote them")
    world.clock.advance(ORPHAN_AGE + SECOND)
    assert world.sweep()["blobs"] == 0
    assert strange in world.blobs.kept


def test_a_database_without_messages_deletes_none(world):
    strange = kept(world)
    world.clock.advance(ORPHAN_AGE + SECOND)
    assert world.sweep()["blobs"] == 0
    assert strange in world.blobs.kept


def test_orphan_blobs_go_after_a_day_and_named_ones_never(world):
    world.post()
    orphan, named = kept(world), kept(world)
    part = samples.part(inline=None, blob=named)
    with world.units() as uow:
        uow.contents.add(part.content_id, [part])
        uow.commit()
    world.clock.advance(ORPHAN_AGE)
    assert world.sweep()["blobs"] == 0
    world.clock.advance(SECOND)
    assert world.sweep()["blobs"] == 1
    assert set(world.blobs.kept) == {named}
    assert orphan not in world.blobs.kept


def test_a_registration_without_a_message_is_forgotten_one_with_a_message_is_not(world):
    message = world.post()
    world.work()
    unused = samples.registration()
    with world.units() as uow:
        uow.registrations.add(unused)
        uow.commit()
    world.clock.advance(REGISTRATION_KEPT + timedelta(days=11))
    assert world.sweep()["registrations"] == 1
    [left] = world.store.state.registrations.values()
    assert left.id == world.store.state.links[message.link_id].registration_id


def test_old_sessions_codes_and_done_work_are_forgotten(world):
    world.post()
    world.work()
    with world.units() as uow:
        uow.sessions.add(samples.session())
        uow.codes.add(samples.code())
        uow.commit()
    assert {entry.state for entry in world.store.state.outbox.values()} == {JobState.DONE}
    world.clock.advance(WORK_KEPT + timedelta(days=1))
    swept = world.sweep()
    assert (swept["sessions"], swept["codes"]) == (1, 1)
    assert swept["jobs"] == 2
    assert world.store.state.outbox == {}


def test_what_the_operator_tells_everyone_is_in_the_trail(world):
    notices = ServiceNotices(units=world.units, clock=world.clock, ids=world.ids)
    number = notices.add(START, START + SECOND, {"en": "x", "fi": "x", "sv": "x"})
    assert notices.remove(number)
    assert not notices.remove(number)
    told = [(e.kind, e.subject, e.facts) for e in world.store.state.audit.values()]
    acts = ({"act": "added"}, {"act": "removed"})
    assert told == [("notice.changed", str(number), act) for act in acts]


def test_a_round_without_work_writes_nothing_into_the_trail(world):
    world.sweep()
    assert world.audited() == []
