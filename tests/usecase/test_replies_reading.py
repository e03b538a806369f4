"""Reading an answer: notice, list, and the display that alone counts as read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from secure_mail.application.ports.mail import MailRefusedError
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.cases import ANSWER_SHOWN, AnswerState, CaseState, WaitingFor
from secure_mail.domain.ids import Reference
from secure_mail.domain.public_words import PublicStatus
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import CannotOpenError, SealedBytes
from secure_mail.domain.work import LEASE
from tests.fakes.chance import START
from tests.fakes.texts import value_in
from tests.usecase.replies_world import MAIJA, SECOND, RepliesWorld


@pytest.fixture
def world():
    return RepliesWorld()


@pytest.fixture
def case(world):
    return world.file_case()


def refused(code):
    return pytest.raises(Refusal, match=code.value)


def test_the_notice_has_neither_content_nor_link(world, case):
    reply = world.answer(case, "You may pay in parts.")
    (mail,) = world.work()
    assert (mail.to, mail.subject, mail.message_id) == (MAIJA, "notice fi", f"notice-{reply.id}")
    assert value_in(mail.text, "reference") == str(case.reference)
    assert value_in(mail.text, "readable_until") == str(START + ANSWER_SHOWN)
    assert "parts" not in mail.text
    assert "http" not in mail.text
    assert world.store.state.replies[reply.id].notice_at == START
    assert world.events() == ["notice.mailed"]
    (event,) = world.store.state.events.values()
    assert (event.kind.value, event.facts) == ("notice-mailed", {"reply": str(reply.id)})


def test_a_rerun_mails_the_same_notice_once_more(world, case):
    world.answer(case)
    (claim,) = world.claim()
    world.mailer.failure, world.mailer.late = SystemExit("killed"), True
    with pytest.raises(SystemExit):
        world.send_notice(claim)
    world.clock.advance(LEASE)
    world.work()
    first, second = world.mailer.sent
    assert first == second
    assert world.events() == ["notice.mailed"]


def test_an_answer_that_was_displayed_needs_no_notice(world, case):
    reading = world.reading()
    world.answer(case)
    world.show(reading, case.reference)
    assert world.work() == []


def test_a_notice_that_is_refused_for_good_returns_the_case_to_its_clerk(world, case):
    reply = world.answer(case)
    world.change(case, state=CaseState.CLOSED, version=world.case(case).version + 1)
    world.mailer.failure = MailRefusedError("550")
    with pytest.raises(MailRefusedError):
        world.work()
    assert world.mailer.sent == []
    assert world.case(case).state is CaseState.OPEN
    assert world.case(case).answer is AnswerState.NOT_DISPLAYED
    assert world.store.state.replies[reply.id].notice_at is None
    (event,) = world.store.state.events.values()
    assert (event.kind.value, event.facts["reason"]) == ("answer-not-displayed", "mail-refused")


def test_the_display_is_the_only_event_that_counts_as_read_and_counts_once(world, case):
    world.answer(case, "You may pay in parts.")
    reading = world.reading()
    world.answers(reading)
    assert world.case(case).answer is AnswerState.SENT
    version = world.case(case).version
    shown = world.show(reading, case.reference)
    (answer,) = shown.answers
    assert (answer.text, answer.language) == ("You may pay in parts.", "sv")
    assert (answer.written_at, answer.readable_until) == (START, START + ANSWER_SHOWN)
    assert shown.status is PublicStatus.OPEN
    assert "parts" not in repr(shown)
    world.show(reading, case.reference)
    assert world.events().count("answer.displayed") == 1
    kinds = [event.kind.value for event in world.store.state.events.values()]
    assert kinds.count("answer-displayed") == 1
    assert world.case(case).answer is AnswerState.DISPLAYED
    assert world.case(case).version == version + 1


def test_a_session_shows_its_own_cases_only(world, case):
    stranger = EmailAddress.parse("else@example.com")
    other = world.file_case(2, address=stranger)
    world.answer(other)
    reading = world.reading()
    for reference in (other.reference, Reference.of("PK", "0000000")):
        with refused(RefusalCode.NOT_FOUND):
            world.show(reading, reference)
    assert [line.reference for line in world.answers(reading)] == [case.reference]


@pytest.mark.parametrize(("after", "shown"), [(ANSWER_SHOWN - SECOND, 1), (ANSWER_SHOWN, 0)])
def test_an_answer_is_shown_for_thirty_days(world, case, after, shown):
    world.answer(case)
    world.clock.advance(after)
    reading = world.reading()
    found = world.show(reading, case.reference)
    assert (len(found.answers), found.gone) == (shown, not shown)
    assert len(world.answers(reading)) == 1


def test_a_case_without_an_answer_is_shown_as_such(world, case):
    found = world.show(world.reading(), case.reference)
    assert (found.answers, found.gone, found.status) == ((), False, PublicStatus.OPEN)
    assert world.case(case).version == 1


def test_answers_are_shown_oldest_first_and_cases_newest_first(world, case):
    world.answer(case, "first")
    world.clock.advance(timedelta(hours=1))
    world.answer(case, "second")
    newer = world.file_case(2)
    reading = world.reading()
    assert [line.reference for line in world.answers(reading)] == [newer.reference, case.reference]
    assert [line.answers for line in world.answers(reading)] == [0, 2]
    shown = world.show(reading, case.reference)
    assert [answer.text for answer in shown.answers] == ["first", "second"]


@pytest.mark.parametrize(
    ("state", "waiting_for", "word"),
    [
        (CaseState.NEW, None, PublicStatus.NEW),
        (CaseState.OPEN, None, PublicStatus.OPEN),
        (CaseState.WAITING, WaitingFor.SENDER, PublicStatus.WAITING),
        (CaseState.WAITING, WaitingFor.UNIT, PublicStatus.OPEN),
        (CaseState.WAITING, WaitingFor.INSIDE, PublicStatus.OPEN),
        (CaseState.CLOSED, None, PublicStatus.CLOSED),
    ],
)
@pytest.mark.parametrize("notify", [True, False])
def test_the_public_word_for_each_staff_state(world, case, state, waiting_for, word, notify):
    world.answer(case, notify=notify)
    world.change(case, state=state, waiting_for=waiting_for)
    reading = world.reading()
    (line,) = world.answers(reading)
    assert (line.status, line.unread) == (PublicStatus.ANSWERED, True)
    assert world.show(reading, case.reference).status is word
    (line,) = world.answers(reading)
    assert (line.status, line.unread) == (word, False)


def test_the_session_is_idle_for_thirty_minutes_and_lives_two_hours(world, case):
    secret = world.enter(*world.code()).secret
    for _ in range(4):
        world.clock.advance(timedelta(minutes=30) - SECOND)
        world.read(secret)
    world.clock.advance(4 * SECOND)
    with refused(RefusalCode.SESSION_ENDED):
        world.read(secret)
    idle = world.enter(*world.code()).secret
    world.clock.advance(timedelta(minutes=30))
    with refused(RefusalCode.SESSION_ENDED):
        world.read(idle)


def test_a_person_ends_the_session(world, case):
    secret = world.enter(*world.code()).secret
    world.end(secret)
    world.end(secret)
    with refused(RefusalCode.SESSION_ENDED):
        world.read(secret)


def test_a_swapped_ciphertext_is_an_alarm(world, case):
    world.answer(case)
    (part,) = world.store.state.parts.values()
    world.store.state.parts[part.id] = replace(part, inline=SealedBytes(part.inline[::-1]))
    with pytest.raises(CannotOpenError):
        world.show(world.reading(), case.reference)
    assert world.events()[-1] == "seal.broken"
    assert world.case(case).answer is AnswerState.SENT


def test_a_clerk_s_change_in_the_same_moment_does_not_lose_the_display(world, case):
    world.answer(case)
    world.change(case, version=40)
    world.show(world.reading(), case.reference)
    assert (world.case(case).answer, world.case(case).version) == (AnswerState.DISPLAYED, 41)
