"""What follows when a mail of ours comes back, is refused or is given up: once, where it helps."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from secure_mail.application.undelivered import MarkUndelivered
from secure_mail.application.upkeep.retry_job import RetryJob
from secure_mail.domain.answers import CODE_LIFE, CodeState
from secure_mail.domain.bounces import MailKind, MailName, Undelivered
from secure_mail.domain.cases import AnswerState, CaseState
from secure_mail.domain.links import LinkState
from secure_mail.domain.refusals import Refusal
from secure_mail.domain.work import MAIL_PAUSES, MAIL_TRIED_FOR, JobKind, JobState
from tests.fakes.chance import START
from tests.usecase.links_world import LIFE, LinksWorld
from tests.usecase.replies_world import RepliesWorld

BOUNCED = Undelivered.BOUNCED
MINUTE = timedelta(minutes=1)


def mark(world, kind, about, why=BOUNCED):
    with world.store.units() as uow:
        news = MarkUndelivered(ids=world.ids)(uow, world.clock.now(), MailName(kind, about), why)
        uow.commit()
    return news


def audited(world, kind):
    return [e for e in world.store.state.audit.values() if e.kind.value == kind]


def case_events(world):
    return [(e.kind.value, dict(e.facts)) for e in world.store.state.events.values()]


@pytest.fixture
def links():
    return LinksWorld()


@pytest.fixture
def replies():
    return RepliesWorld()


def test_a_bounced_link_is_revoked_with_its_sessions_and_no_other_link_is(links):
    token = links.link()
    session = links.redeem(token)
    other = links.link()
    first, second = links.links()
    assert mark(links, MailKind.LINK, first.id)
    first, second = links.links()
    assert (first.state, first.revoked_reason) == (LinkState.REVOKED, "bounced")
    assert second.state is LinkState.LIVE
    with pytest.raises(Refusal):
        links.read(session.secret)
    links.redeem(other)
    assert [event.facts for event in audited(links, "link.revoked")] == [{"reason": "bounced"}]
    assert [event.facts for event in audited(links, "mail.undelivered")] == [
        {"mail": "link", "reason": "bounced"}
    ]


def test_a_second_bounce_of_the_same_mail_changes_nothing(links):
    links.link()
    [link] = links.links()
    assert mark(links, MailKind.LINK, link.id)
    before = dict(links.store.state.audit)
    assert not mark(links, MailKind.LINK, link.id)
    assert links.store.state.audit == before


def test_an_address_that_bounced_may_be_asked_for_again(links):
    """A mailbox that was full, or not there yet, is no reason to lock its owner out."""
    links.link()
    mark(links, MailKind.LINK, links.links()[0].id)
    links.clock.advance(timedelta(hours=2))
    assert links.link()


def test_a_bounced_code_opens_nothing(replies):
    replies.file_case()
    secret, code = replies.code()
    [asked] = replies.codes()
    assert mark(replies, MailKind.CODE, asked.id)
    assert replies.codes()[0].state is CodeState.DEAD
    with pytest.raises(Refusal):
        replies.enter(secret, code)


def test_a_code_that_was_used_stays_used(replies):
    replies.file_case()
    replies.enter(*replies.code())
    mark(replies, MailKind.CODE, replies.codes()[0].id)
    assert replies.codes()[0].state is CodeState.USED


def test_a_bounced_notice_returns_the_case_to_its_clerk_once(replies):
    case = replies.file_case()
    reply = replies.answer(case)
    replies.work()
    replies.change(case, state=CaseState.CLOSED, version=replies.case(case).version + 1)
    version = replies.case(case).version
    assert mark(replies, MailKind.NOTICE, reply.id)
    assert not mark(replies, MailKind.NOTICE, reply.id)
    now = replies.case(case)
    assert (now.state, now.answer) == (CaseState.OPEN, AnswerState.NOT_DISPLAYED)
    assert now.version == version + 1
    assert case_events(replies)[-1] == (
        "answer-not-displayed",
        {"reply": str(reply.id), "reason": "bounced"},
    )


def test_the_notice_of_an_earlier_answer_leaves_the_latest_one_alone(replies):
    case = replies.file_case()
    earlier = replies.answer(case)
    replies.clock.advance(MINUTE)
    replies.answer(case)
    mark(replies, MailKind.NOTICE, earlier.id)
    assert replies.case(case).answer is AnswerState.SENT
    assert case_events(replies)[-1][0] == "answer-not-displayed"


def test_an_answer_that_was_read_all_the_same_is_read(replies):
    case = replies.file_case()
    reply = replies.answer(case)
    replies.show(replies.reading(), case.reference)
    before = case_events(replies)
    assert mark(replies, MailKind.NOTICE, reply.id)
    assert replies.case(case).answer is AnswerState.DISPLAYED
    assert case_events(replies) == before


@pytest.mark.parametrize("kind", MailKind)
def test_a_mail_about_something_that_is_gone_is_only_recorded(replies, kind):
    assert mark(replies, kind, UUID(int=9))
    assert [event.facts["mail"] for event in audited(replies, "mail.undelivered")] == [kind.value]
    assert case_events(replies) == []


# -- tried again, and given up -----------------------------------------------------------------


class Tried:
    """A job that fails at every try, and how long it was tried."""

    def __init__(self, world, kind, link_life=LIFE):
        self.world = world
        self.retry = RetryJob(
            units=world.store.units,
            clock=world.clock,
            undelivered=MarkUndelivered(ids=world.ids),
            link_life=link_life,
        )
        with world.store.units() as uow:
            uow.outbox.add(kind, UUID(int=9), world.clock.now())
            uow.commit()

    def entry(self):
        return list(self.world.store.state.outbox.values())[-1]

    def run(self):
        """The pauses between the tries, until it was given up."""
        pauses = []
        while self.entry().state is not JobState.DEAD:
            [claim] = self.world.claim()
            again = self.retry(claim, "MailTemporaryError")
            assert again is (self.entry().state is JobState.PENDING)
            if again:
                pauses.append(self.entry().due_at - self.world.clock.now())
                self.world.clock.advance(pauses[-1])
        return pauses


def test_a_mail_is_tried_with_growing_pauses_for_two_days(links):
    tried = Tried(links, JobKind.SEND_NOTICE)
    pauses = tried.run()
    assert tuple(pauses[:6]) == MAIL_PAUSES
    assert set(pauses[6:]) == {MAIL_PAUSES[-1]}
    assert MAIL_TRIED_FOR - MAIL_PAUSES[-1] <= sum(pauses, timedelta()) < MAIL_TRIED_FOR
    assert tried.entry().last_error == "MailTemporaryError"
    assert links.claim() == []
    [event] = audited(links, "mail.undelivered")
    assert event.facts == {"mail": "notice", "reason": "given-up"}


def test_a_relay_that_is_down_for_a_night_loses_nothing(links):
    assert sum(Tried(links, JobKind.SEND_RECEIPT).run(), timedelta()) > timedelta(hours=16)


@pytest.mark.parametrize(
    ("kind", "life"),
    [(JobKind.SEND_CODE, CODE_LIFE), (JobKind.SEND_LINK, timedelta(days=1))],
)
def test_a_mail_is_tried_no_longer_than_what_it_brings_is_of_use(links, kind, life):
    tried = Tried(links, kind, link_life=timedelta(days=1))
    assert sum(tried.run(), timedelta()) < life
    assert links.clock.now() < START + life


def test_the_last_try_is_not_at_the_end_itself(links):
    """Half-open: what would be due at the very end is of no use any more."""
    tried = Tried(links, JobKind.SEND_LINK, link_life=MAIL_PAUSES[0])
    assert tried.run() == []
    tried = Tried(links, JobKind.SEND_LINK, link_life=MAIL_PAUSES[0] + timedelta(microseconds=1))
    assert tried.run() == [MAIL_PAUSES[0]]


def test_other_work_is_never_given_up(links):
    tried = Tried(links, JobKind.APPLY_STOP)
    for _ in range(99):
        [claim] = links.claim()
        assert tried.retry(claim, "ValueError")
        links.clock.advance(timedelta(hours=1))
    assert tried.entry().state is JobState.PENDING


def test_a_late_worker_gives_nothing_up(links):
    tried = Tried(links, JobKind.SEND_LINK)
    [late] = links.claim()
    links.clock.advance(MAIL_TRIED_FOR)
    [current] = links.claim()
    assert tried.retry(late, "MailTemporaryError")
    assert tried.entry().state is JobState.CLAIMED
    assert not tried.retry(current, "MailTemporaryError")


def test_what_is_given_up_ends_as_if_it_had_bounced(links):
    links.link()
    [link] = links.links()
    assert mark(links, MailKind.LINK, link.id, Undelivered.GIVEN_UP)
    assert links.links() == [
        replace(link, state=LinkState.REVOKED, revoked_reason="given-up"),
    ]
