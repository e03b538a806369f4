"""What is not filed: held with a reason, refused with a word, and who is told of what."""

from dataclasses import replace

import pytest

from secure_mail.domain.ids import BlobKey
from secure_mail.domain.messages import MessageState, PartKind
from secure_mail.domain.refusals import RefusalCode
from secure_mail.domain.routing.facts import ScanVerdict
from secure_mail.domain.routing.rulebook import Actions
from secure_mail.domain.sealing import INTAKE, queue_key
from secure_mail.domain.work import MAX_ATTEMPTS, FencedError, JobKind, JobState
from secure_mail.infrastructure.rules.standing import RulesInForce
from tests.fakes.texts import value_in
from tests.usecase.casework_world import (
    BY_PARTNER,
    COURT,
    LETTER,
    MAIJA,
    MAIL,
    Casework,
)

PARTNER_LETTER = replace(LETTER, topic="partner_general", purpose="", language="en")
AUTOMATIC = MAIL.replace(b"Subject:", b"Auto-Submitted: auto-replied\r\nSubject:")


@pytest.fixture
def world():
    return Casework()


def reason(world, message):
    now = world.now(message)
    return now.state, now.reason


@pytest.mark.parametrize("kind", [PartKind.FORM, PartKind.RAW])
def test_a_swapped_ciphertext_is_an_alarm_and_the_message_is_held(world, kind):
    [message] = [world.post()] if kind is PartKind.FORM else world.mail()
    [part] = world.parts_of(message, kind)
    world.swap(part)
    world.work()
    assert reason(world, message) == (MessageState.HELD, "unreadable")
    assert "seal.broken" in world.audited()
    assert world.store.state.cases == {}
    assert world.mailer.sent == []


def test_a_swapped_file_of_a_form_is_an_alarm_when_the_scanner_opens_it(world):
    message = world.post(files=[("plan.pdf", b"%PDF plan")])
    [file] = world.parts_of(message, PartKind.FILE)
    world.swap(file)
    world.work()
    assert reason(world, message) == (MessageState.HELD, "unreadable")
    assert "seal.broken" in world.audited()


def test_a_blob_that_is_gone_is_an_alarm_and_the_message_is_held(world):
    [message] = world.mail()
    [raw] = world.parts_of(message, PartKind.RAW)
    world.store.state.parts[raw.id] = replace(raw, inline=None, blob=BlobKey("gone"))
    world.work()
    assert reason(world, message) == (MessageState.HELD, "unreadable")
    assert "seal.broken" in world.audited()


def test_a_key_of_another_message_does_not_open_this_one(world):
    message, other = world.post(), world.post()
    state = world.store.state
    state.messages[message.id] = replace(message, sealed_key=other.sealed_key)
    world.work()
    assert reason(world, message) == (MessageState.HELD, "unreadable")
    assert world.now(other).state is MessageState.FILED


def test_after_three_failures_triage_gets_the_octets_as_they_came(world):
    partner = world.partner()
    [message] = world.mail(**world.proved(partner))
    for _ in range(MAX_ATTEMPTS):
        [claim] = world.claim()
        world.later(hours=1)
    world.hold(claim)
    now = world.now(message)
    assert reason(world, message) == (MessageState.HELD, "processing-failed")
    assert now.sealed_key.holder == queue_key("triage")
    key = world.staff_keys.open_key(now.sealed_key, now.content_id)
    [raw] = world.parts_of(message, PartKind.RAW)
    opened = world.parts.open_part(key, raw.content_id, raw.id, raw.inline, raw.digest)
    assert opened == MAIL
    assert world.audited()[-1] == "message.held"
    assert {entry.state for entry in world.store.state.outbox.values()} == {JobState.DONE}


def test_a_fenced_worker_holds_nothing(world):
    message = world.post()
    [late] = world.claim()
    world.later(hours=1)
    world.claim()
    with pytest.raises(FencedError):
        world.hold(late)
    assert world.now(message).state is MessageState.ACCEPTED


def test_a_broken_key_is_held_as_it_is(world):
    message = world.post()
    broken = replace(message, sealed_key=replace(message.sealed_key, sealed=b"nothing"))
    world.store.state.messages[message.id] = broken
    [claim] = world.claim()
    world.hold(claim)
    assert world.now(message).sealed_key.holder == INTAKE
    assert world.now(message).state is MessageState.HELD


def test_what_cannot_be_read_is_held_with_its_octets(world):
    raw = b"From: clerk@court.example\r\n" + b"X: y\r\n" * 20_000 + b"\r\nbody\r\n"
    partner = world.partner()
    [message] = world.mail(raw, **world.proved(partner))
    world.work()
    assert reason(world, message) == (MessageState.HELD, "unreadable")
    assert world.now(message).sealed_key.holder == queue_key("triage")
    assert len(world.parts_of(message, PartKind.RAW)) == 1


@pytest.mark.parametrize(
    ("verdict", "held"),
    [(ScanVerdict.INFECTED, "infected"), (ScanVerdict.ERROR, "unscanned")],
)
def test_the_worst_verdict_of_any_file_holds_the_message(world, verdict, held):
    world.scanner.said = {"b.pdf": verdict}
    message = world.post(files=[("a.pdf", b"%PDF"), ("b.pdf", b"%PDF"), ("c.pdf", b"%PDF")])
    assert world.work() == []
    assert reason(world, message) == (MessageState.HELD, held)


def test_a_filed_letter_is_acknowledged_once_with_reference_and_time(world):
    message = world.post()
    [mail] = world.work()
    assert str(mail.to) == str(MAIJA)
    assert mail.language == "fi"
    assert mail.message_id == f"receipt-{message.id}"
    assert value_in(mail.text, "reference") == str(message.reference)
    for word in (LETTER.subject, LETTER.name, "Secret"):
        assert word not in mail.text + mail.subject
    assert "receipt.mailed" in world.audited()


def test_an_organisation_that_is_not_registered_is_held_and_told_so(world):
    message = world.post(PARTNER_LETTER, declared=BY_PARTNER, address=COURT)
    [mail] = world.work()
    assert reason(world, message) == (MessageState.HELD, "not-proved")
    assert mail.message_id == f"receipt-held-{message.id}"


def test_mail_of_a_stranger_is_held_and_nobody_is_mailed(world):
    [message] = world.mail()
    assert world.work() == []
    assert reason(world, message) == (MessageState.HELD, "not-eligible")


def test_automatic_mail_of_a_partner_is_filed_and_never_answered(world):
    partner = world.partner()
    [message] = world.mail(AUTOMATIC, **world.proved(partner))
    assert world.work() == []
    assert world.now(message).state is MessageState.FILED


def test_automatic_mail_that_the_rules_refuse_is_not_answered_either(world):
    """Else two machines would answer each other."""
    book = world.rules.in_force()
    no = Actions(refuse=RefusalCode.WRONG_MAILBOX)
    fits_all = next(rule for rule in book.rules if rule.id == "nothing-fits")
    rules = RulesInForce(replace(book, rules=(replace(fits_all, then=no),)))
    world.jobs[JobKind.PROCESS_MESSAGE] = replace(world.process, rules=rules)
    partner = world.partner()
    [machine] = world.mail(AUTOMATIC, **world.proved(partner))
    [person] = world.mail(**world.proved(partner))
    mails = world.work()
    assert (
        reason(world, machine) == reason(world, person) == (MessageState.REFUSED, "wrong-mailbox")
    )
    assert [mail.message_id for mail in mails] == [f"refusal-{person.id}"]


def test_the_rules_refuse_a_mailbox_that_is_not_for_the_sender_and_tell_the_way(world):
    message = world.post(to="perintakeskus")
    [mail] = world.work()
    assert reason(world, message) == (MessageState.REFUSED, "wrong-mailbox")
    assert value_in(mail.text, "code") == "wrong-mailbox"
    assert world.store.state.cases == {}


def test_the_receipt_belongs_to_the_transaction_that_files(world):
    """A worker that dies before its commit has promised nothing."""
    message = world.post()
    [claim] = world.claim()
    world.store.down = True
    with pytest.raises(Exception, match="down"):
        world.process(claim)
    world.store.down = False
    kinds = [entry.kind for entry in world.store.state.outbox.values()]
    assert kinds == [JobKind.PROCESS_MESSAGE]
    assert world.now(message).state is MessageState.ACCEPTED
    world.later(hours=1)
    assert len(world.work()) == 1
