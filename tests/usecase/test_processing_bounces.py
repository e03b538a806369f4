"""Mails of ours that come back: what the report does, to which mail, and what is left to read."""

from dataclasses import replace
from uuid import UUID

import pytest

from secure_mail.domain.bounces import MailKind, MailName
from secure_mail.domain.cases import AnswerState, CaseState, CloseReason
from secure_mail.domain.links import LinkState
from secure_mail.domain.messages import MessageState
from secure_mail.domain.refusals import RefusalCode
from secure_mail.domain.routing.rulebook import Actions
from secure_mail.domain.work import FencedError, JobKind
from secure_mail.infrastructure.rules.standing import RulesInForce
from tests.fakes.store import samples
from tests.unit.mime_messages import letter
from tests.unit.test_mime_delivery import EXCHANGE, OLD_SENDMAIL, ONE, POSTFIX, QMAIL, report
from tests.usecase.casework_world import Casework

DELAY = report(ONE + b"Action: delayed\r\nStatus: 4.4.1")
ARRIVED = report(ONE + b"Action: relayed\r\nStatus: 2.1.9")
UNCLEAR = b"From: MAILER-DAEMON@mx.example\r\n\r\nIt did not work.\r\n"
ABSENT = letter(b"I am away.", b"Auto-Submitted: auto-replied")


class Bounces(Casework):
    """A link that was mailed, and what comes back to its address."""

    def __init__(self):
        super().__init__()
        self.link = self.linked()

    def linked(self):
        registration = samples.registration()
        link = samples.link(id=registration.id, registration_id=registration.id)
        with self.units() as uow:
            uow.registrations.add(registration)
            uow.links.add(link)
            uow.commit()
        return link

    def comes_back(self, raw=POSTFIX, mail=None, **evidence):
        """Filed by the worker, as the door left it; the message afterwards."""
        name = mail or MailName(MailKind.LINK, self.link.id)
        seen = {"bounced": str(name), "header_from": ("mailer-daemon@mx.example",), **evidence}
        [message] = self.mail(raw, to=("postmaster",), **seen)
        self.work()
        return self.now(message)

    def state(self):
        return self.store.state.links[self.link.id].state


@pytest.fixture
def world():
    return Bounces()


@pytest.mark.parametrize("raw", [POSTFIX, EXCHANGE, QMAIL, OLD_SENDMAIL])
def test_a_failure_revokes_the_link_and_is_filed_for_nobody_to_do(world, raw):
    message = world.comes_back(raw)
    assert (message.state, message.rule) == (MessageState.FILED, "undelivered")
    assert world.state() is LinkState.REVOKED
    assert world.store.state.links[world.link.id].revoked_reason == "bounced"
    case = world.case_of(message)
    assert (case.queue, case.state, case.close_reason) == (
        "bounces",
        CaseState.CLOSED,
        CloseReason.NONE,
    )
    assert world.mailer.sent == []
    assert world.audited().count("mail.undelivered") == 1


@pytest.mark.parametrize("raw", [DELAY, ARRIVED, ABSENT])
def test_a_delay_a_delivery_and_an_absence_change_nothing(world, raw):
    message = world.comes_back(raw)
    assert world.state() is LinkState.LIVE
    assert world.case_of(message).state is CaseState.CLOSED
    assert "mail.undelivered" not in world.audited()
    assert world.mailer.sent == []


def test_what_is_not_understood_is_left_to_a_person(world):
    message = world.comes_back(UNCLEAR)
    assert world.state() is LinkState.LIVE
    assert (world.case_of(message).queue, world.case_of(message).state) == (
        "bounces",
        CaseState.NEW,
    )


def test_a_letter_to_a_bounce_address_is_left_to_a_person(world):
    message = world.comes_back(letter(b"Who are you?"))
    assert world.state() is LinkState.LIVE
    assert world.case_of(message).state is CaseState.NEW


@pytest.mark.parametrize(
    "evidence",
    [{"bounced": None}, {"envelope_sender": "maija@example.com"}],
    ids=["no tag", "a sender"],
)
def test_a_report_without_tag_or_with_a_sender_changes_nothing(world, evidence):
    message = world.comes_back(**evidence)
    assert world.state() is LinkState.LIVE
    assert world.case_of(message).state is CaseState.NEW
    assert "mail.undelivered" not in world.audited()


def test_the_tag_counts_and_not_what_the_report_returns(world):
    """Whoever got one mail knows its tag, and may write the Message-ID of any other below it."""
    other = world.linked()
    raw = POSTFIX.replace(b"link-1@", f"link-{other.id}@".encode())
    assert str(other.id).encode() in raw
    world.comes_back(raw)
    assert world.state() is LinkState.REVOKED
    assert world.store.state.links[other.id].state is LinkState.LIVE


def test_the_second_report_changes_nothing_more(world):
    world.comes_back()
    world.comes_back(EXCHANGE)
    assert world.audited().count("mail.undelivered") == 1
    assert world.audited().count("link.revoked") == 1


def test_a_report_that_the_rules_hold_has_its_effect_once(world):
    book = world.rules.in_force()
    rule = next(one for one in book.rules if one.id == "undelivered")
    hold = replace(rule, then=Actions(refuse=RefusalCode.WRONG_MAILBOX))
    rules = RulesInForce(replace(book, rules=(hold,)))
    world.jobs[JobKind.PROCESS_MESSAGE] = replace(world.process, rules=rules)
    message = world.comes_back()
    assert message.state is MessageState.REFUSED
    assert message.automatic
    assert world.state() is LinkState.REVOKED
    assert world.mailer.sent == []


def test_a_receipt_that_came_back_is_told_in_its_case(world):
    letter_of_a_person = world.post()
    world.work()
    case_id = world.now(letter_of_a_person).case_id
    before = world.store.state.cases[case_id]
    world.comes_back(mail=MailName(MailKind.RECEIPT, letter_of_a_person.id))
    event = list(world.store.state.events.values())[-1]
    assert (event.case_id, event.kind.value) == (case_id, "receipt-undelivered")
    assert event.facts == {"message": str(letter_of_a_person.id), "reason": "bounced"}
    assert world.store.state.cases[case_id] == before
    assert before.answer is AnswerState.NONE


def test_a_bounce_of_a_mail_about_nothing_is_filed_all_the_same(world):
    message = world.comes_back(mail=MailName(MailKind.NOTICE, UUID(int=1)))
    assert message.state is MessageState.FILED


def test_a_crash_before_the_commit_leaves_both_undone(world):
    name = MailName(MailKind.LINK, world.link.id)
    [message] = world.mail(POSTFIX, to=("postmaster",), bounced=str(name))
    [claim] = world.claim()
    world.later(hours=1)
    world.claim()
    with pytest.raises(FencedError):
        world.process(claim)
    assert world.state() is LinkState.LIVE
    assert world.now(message).state is MessageState.ACCEPTED
