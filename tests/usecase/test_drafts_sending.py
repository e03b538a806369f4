"""Sending a draft: one unit, one message, its receipt in the session that earned it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from secure_mail.application.ports.store import ConflictError, StoreDownError
from secure_mail.domain.compose import Composition
from secure_mail.domain.links import GRACE
from secure_mail.domain.messages import Channel, PartKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.rulebook import AudienceKind
from secure_mail.domain.work import JobKind
from tests.fakes.rules import reference_book
from tests.usecase.drafts_world import TYPED, DraftsWorld
from tests.usecase.links_world import LIFE

LETTER = b"The words of the letter.\n"


@pytest.fixture
def world():
    world = DraftsWorld()
    yield world
    world.threads.shutdown()


class Session:
    """One browser with a draft ready to be sent."""

    def __init__(self, world, typed=TYPED, token=None):
        self.world = world
        self.cookie, self.session = world.session(token)
        self.opened, self.secret = world.draft(self.session, typed)

    def send(self, opened=None):
        session = self.world.read(self.cookie)
        return self.world.send(opened or self.opened, session, self.cookie)

    def refused(self):
        with pytest.raises(Refusal) as caught:
            self.send()
        return caught.value

    def receipts(self):
        return self.world.receipts(self.world.read(self.cookie).session, self.cookie)


def test_a_message_is_accepted_with_its_parts_and_its_work(world):
    one = Session(world)
    world.attach(one.opened, "letter.txt", LETTER)
    one.opened = world.again(one.opened, one.secret)
    receipt = one.send()
    (message,) = world.messages()
    assert (message.channel, message.mailbox) == (Channel.FORM, "ulkomaanperinta")
    assert (str(message.reference), message.grace) == (receipt.reference, False)
    assert message.link_id == one.session.link.id
    key = world.opener.open_key(message.sealed_key, message.content_id)
    parts = {part.kind: part for part in world.store.state.parts.values()}
    form, file = parts[PartKind.FORM], parts[PartKind.FILE]
    opened = world.parts.open_part(key, message.content_id, form.id, form.inline, form.digest)
    assert Composition.from_json(opened) == TYPED
    sealed = world.parts.open_part(key, message.content_id, file.id, file.inline, file.digest)
    assert sealed == LETTER
    jobs = [entry.kind for entry in world.store.state.outbox.values()]
    assert JobKind.PROCESS_MESSAGE in jobs
    assert {"message.accepted", "message.submitted"} <= set(world.events())


def test_the_receipt_tells_what_came_and_stays_with_the_session(world):
    token = world.link()
    one = Session(world, token=token)
    other = Session(world, token=token)
    receipt = one.send()
    assert one.receipts() == (receipt,)
    assert (receipt.subject, receipt.text_length, receipt.notify) == (
        TYPED.subject,
        len(TYPED.text),
        True,
    )
    assert receipt.draft == str(one.opened.draft.id)
    assert receipt.received_at == world.clock.now()
    assert world.read(one.cookie).masked
    assert other.receipts() == ()
    assert TYPED.subject not in json.dumps(repr(world.store.state))


def test_a_double_send_is_one_message_and_one_use(world):
    one = Session(world)
    first, second = one.send(), one.send()
    assert first == second
    assert len(world.messages()) == 1
    assert world.link_row().uses == 1
    assert len(one.receipts()) == 1
    with pytest.raises(Refusal) as caught:
        world.again(one.opened, one.secret)
    assert caught.value.code is RefusalCode.NOT_FOUND


def test_what_was_changed_meanwhile_is_not_sent(world):
    one = Session(world)
    world.save(one.opened, replace(TYPED, text="Another text."))
    assert one.refused().code is RefusalCode.STALE
    assert world.messages() == []


@pytest.mark.parametrize(
    ("changes", "step"),
    [({"topic": ""}, "topic"), ({"text": ""}, "message"), ({"name": ""}, "about")],
)
def test_an_unfinished_draft_is_not_sent(world, changes, step):
    refusal = Session(world, replace(TYPED, **changes)).refused()
    assert (refusal.code, refusal.facts) == (RefusalCode.DRAFT_INCOMPLETE, {"step": step})


def test_a_topic_for_partners_is_not_for_a_customer(world):
    topic = reference_book().topic("debt_adjustment")
    assert AudienceKind.CUSTOMER_ABROAD not in topic.audience
    purpose = next(iter(topic.purposes), "")
    refusal = Session(world, replace(TYPED, topic=topic.name, purpose=purpose)).refused()
    assert refusal.code is RefusalCode.WRONG_MAILBOX
    assert world.messages() == []


def test_the_twenty_first_message_is_refused(world):
    one = Session(world)
    world.change_link(uses=20)
    refusal = one.refused()
    assert (refusal.code, refusal.facts) == (RefusalCode.LINK_CAP, {"count": 20})
    assert world.messages() == []


@pytest.mark.parametrize(
    ("served_before_end", "sent_after_end", "taken"),
    [
        (timedelta(seconds=1), timedelta(0), True),
        (timedelta(seconds=1), GRACE - timedelta(seconds=1), True),
        (timedelta(seconds=1), GRACE, False),
        (timedelta(0), timedelta(seconds=1), False),
    ],
)
def test_grace_is_for_forms_served_in_the_links_life(
    world, served_before_end, sent_after_end, taken
):
    token = world.link()
    world.clock.advance(LIFE - timedelta(minutes=1))
    one = Session(world, token=token)
    world.clock.advance(timedelta(minutes=1) - served_before_end)
    world.again(one.opened, one.secret, serve=True)
    session = world.read(one.cookie)
    world.clock.advance(served_before_end + sent_after_end)
    if taken:
        world.send(one.opened, session, one.cookie)
        assert [message.grace for message in world.messages()] == [True]
    else:
        with pytest.raises(Refusal) as caught:
            world.send(one.opened, session, one.cookie)
        assert caught.value.code is RefusalCode.LINK_DEAD
        assert world.messages() == []


def test_a_revoked_link_has_no_grace(world):
    one = Session(world)
    session = world.read(one.cookie)
    with world.store.units() as uow:
        uow.links.revoke(session.link.id, "test")
        uow.commit()
    with pytest.raises(Refusal) as caught:
        world.send(one.opened, session, one.cookie)
    assert caught.value.code is RefusalCode.LINK_DEAD


class Failing:
    """A commit queue that fails first, with or without having committed."""

    def __init__(self, commits, error, *, committed):
        self._commits, self._error, self._committed = commits, error, committed

    async def run(self, unit):
        error, self._error = self._error, None
        if error is None or self._committed:
            result = await self._commits.run(unit)
        if error is not None:
            raise error
        return result


@pytest.mark.parametrize("committed", [True, False])
def test_an_unknown_outcome_is_temporary_and_the_next_try_is_the_same_message(world, committed):
    one = Session(world)
    commits = Failing(world.store.commits, StoreDownError("?"), committed=committed)
    world.send_draft = replace(world.send_draft, commits=commits)
    assert one.refused().code is RefusalCode.TEMPORARY
    receipt = one.send()
    assert [str(message.reference) for message in world.messages()] == [receipt.reference]
    assert world.link_row().uses == 1


def test_the_same_form_in_another_process_is_its_duplicate(world):
    one = Session(world)
    commits = Failing(world.store.commits, ConflictError(), committed=True)
    world.send_draft = replace(world.send_draft, commits=commits)
    one.send()
    assert len(world.messages()) == 1
