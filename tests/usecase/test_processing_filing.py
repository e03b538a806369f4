"""From an accepted message to a case: filed once, into the right queue, sealed to its key."""

from dataclasses import replace
from datetime import timedelta

import pytest

from secure_mail.domain.cases import CaseState, CaseSummary
from secure_mail.domain.messages import Assurance, MessageState, PartKind
from secure_mail.domain.routing.facts import ScanVerdict
from secure_mail.domain.sealing import Purpose, queue_key
from secure_mail.domain.views import View
from secure_mail.domain.work import LEASE, FencedError, JobKind, JobState
from tests.usecase.casework_world import (
    ABROAD,
    COURT,
    LETTER,
    MAIJA,
    PARTNERS,
    STUDENTS,
    Casework,
)


@pytest.fixture
def world():
    return Casework()


def view_of(world, message):
    [part] = world.parts_of(message, PartKind.VIEW)
    key = world.staff_keys.open_key(world.now(message).sealed_key, message.content_id)
    opened = world.parts.open_part(key, part.content_id, part.id, part.inline, part.digest)
    return View.from_json(opened)


def test_a_letter_becomes_a_case_in_the_queue_of_its_topic(world):
    message = world.post(replace(LETTER, topic="student_loan"))
    world.work()
    case, now = world.case_of(message), world.now(message)
    assert (now.state, now.assurance, now.rule) == (
        MessageState.FILED,
        Assurance.LINK_CONFIRMED,
        "chosen-topic",
    )
    assert (case.queue, case.state, case.reference) == (STUDENTS, CaseState.NEW, message.reference)
    assert (case.language, case.country, case.notify) == ("fi", "PL", True)
    assert case.received_at == message.received_at
    assert world.events(case) == ["filed"]
    assert "message.filed" in world.audited()


def test_the_queue_alone_opens_what_was_filed(world):
    message = world.post()
    world.work()
    now, case = world.now(message), world.case_of(message)
    assert now.sealed_key.holder == queue_key("recovery")
    view = view_of(world, message)
    assert (view.text, view.sender, view.name) == (LETTER.text, str(MAIJA), LETTER.name)
    [summary] = world.store.state.summaries.values()
    opened = world.staff_keys.open_value(summary.sealed, summary.holder, Purpose.SUMMARY, case.id)
    assert CaseSummary.from_json(opened) == CaseSummary(
        address=str(MAIJA), subject=LETTER.subject, name=LETTER.name
    )
    assert case.address_index == world.index.of(MAIJA)


def test_the_due_day_counts_business_days_from_arrival_not_from_filing(world):
    message = world.post()
    world.later(days=3)
    world.work()
    case = world.case_of(message)
    assert case.due_at == world.calendar.due(message.received_at, 5)
    assert case.filed_at - case.received_at == timedelta(days=3)


def test_a_claim_of_a_message_that_is_settled_changes_nothing(world):
    message = world.post()
    world.work()
    before = world.store.state.cases
    with world.units() as uow:
        uow.outbox.add(JobKind.PROCESS_MESSAGE, message.id, world.clock.now())
        uow.commit()
    world.work()
    assert world.store.state.cases == before
    assert {entry.state for entry in world.store.state.outbox.values()} == {JobState.DONE}


def overtaken(world):
    """A claim whose lease ended, and the claim of the attempt that took over."""
    [late] = world.claim()
    world.later(seconds=LEASE.total_seconds())
    [early] = world.claim()
    return late, early


def test_a_late_worker_files_nothing_after_another_has_filed(world):
    message = world.post()
    late, early = overtaken(world)
    world.process(early)
    with pytest.raises(FencedError):
        world.process(late)
    assert world.now(message).state is MessageState.FILED
    assert len(world.store.state.cases) == 1


def test_a_worker_that_is_overtaken_while_it_reads_leaves_nothing_behind(world):
    world.post(files=[("plan.pdf", b"%PDF plan")])
    late, early = overtaken(world)
    scan = world.scanner.scan

    def overtake(name, read):
        world.scanner.scan = scan
        world.process(early)
        return scan(name, read)

    world.scanner.scan = overtake
    with pytest.raises(FencedError):
        world.process(late)
    assert len(world.store.state.cases) == 1
    assert len(world.store.state.summaries) == 1


def test_a_mails_attachments_are_taken_out_and_sealed_once(world):
    partner = world.partner()
    [message] = world.mail(**world.proved(partner))
    world.work()
    case = world.case_of(message)
    assert (case.queue, case.assurance, case.partner_id) == (
        PARTNERS,
        Assurance.SMTP_PARTNER,
        partner.id,
    )
    [file] = world.parts_of(message, PartKind.FILE)
    assert view_of(world, message).verdicts == {str(file.id): "unscanned"}
    assert case.files == 1
    assert "not-scanned" in case.tags


def test_two_mailboxes_of_one_mail_share_one_view(world):
    partner = world.partner()
    first, second = world.mail(to=("perintakeskus", "velkajarjestelyt"), **world.proved(partner))
    world.work()
    assert {world.case_of(one).queue for one in (first, second)} == {PARTNERS, "debt_adjustment"}
    assert len(world.parts_of(first, PartKind.VIEW)) == 1
    assert len(world.parts_of(first, PartKind.FILE)) == 1
    assert view_of(world, first) == view_of(world, second)
    holders = {world.now(one).sealed_key.holder for one in (first, second)}
    assert holders == {queue_key("partners"), queue_key("adjustment")}


def test_what_is_filed_keeps_its_files_when_another_mailbox_of_the_mail_is_processed(world):
    """A clerk may be reading it: the address of a file must not die under the page."""
    partner = world.partner()
    first, _ = world.mail(to=("perintakeskus", "velkajarjestelyt"), **world.proved(partner))
    claims = world.claim()
    world.process(claims[0])
    before = world.parts_of(first, PartKind.FILE)
    world.process(claims[1])
    assert world.parts_of(first, PartKind.FILE) == before


def test_a_message_that_was_settled_meanwhile_is_not_filed_again(world):
    message = world.post(files=[("plan.pdf", b"%PDF plan")])
    [claim] = world.claim()

    class Overtaken:
        def scan(self, _name, _read):
            settled = replace(message, state=MessageState.HELD)
            world.store.state.messages[message.id] = settled
            return ScanVerdict.CLEAN

    derive = replace(world.process.derive, scanner=Overtaken())
    with pytest.raises(FencedError):
        replace(world.process, derive=derive)(claim)
    assert world.store.state.cases == {}


def test_an_attempt_that_died_is_replaced_not_doubled(world):
    partner = world.partner()
    [message] = world.mail(**world.proved(partner))
    [claim] = world.claim()
    waiting = world.process._waiting(message.id)
    arrival = world.process.open_arrival(waiting.message, waiting.parts)
    with world.units() as uow:
        stale = world.make_part(arrival.key, message.content_id, PartKind.VIEW, b"stale")
        uow.contents.replace_derived(message.content_id, [stale])
        uow.commit()
    world.process(claim)
    assert len(world.parts_of(message, PartKind.VIEW)) == 1
    assert view_of(world, message).text.strip() == "Secret words of a court"


def test_a_forms_files_stay_the_ones_that_were_sent(world):
    message = world.post(files=[("plan.pdf", b"%PDF plan"), ("pay.pdf", b"%PDF pay")])
    before = world.parts_of(message, PartKind.FILE)
    world.work()
    assert world.parts_of(message, PartKind.FILE) == before
    assert set(view_of(world, message).verdicts) == {str(part.id) for part in before}


@pytest.mark.parametrize(
    ("evidence", "assurance"),
    [
        ({"checks": ("tls", "network")}, Assurance.SMTP_PARTNER),
        ({"checks": ("tls",)}, Assurance.SMTP_UNVERIFIED),
        ({"checks": ("tls", "network"), "relayed": True}, Assurance.SMTP_UNVERIFIED),
        ({"checks": ("tls", "network"), "partner": None}, Assurance.SMTP_UNVERIFIED),
    ],
)
def test_a_partner_is_one_whose_every_check_held_at_the_door(world, evidence, assurance):
    partner = world.partner()
    [message] = world.mail(**{"partner": str(partner.id), **evidence})
    world.work()
    assert world.now(message).assurance is assurance
    filed = assurance is Assurance.SMTP_PARTNER
    assert (world.now(message).state is MessageState.FILED) is filed


def test_a_suspended_partner_is_a_stranger(world):
    partner = world.partner(until=world.clock.now().date() - timedelta(days=1))
    [message] = world.mail(**world.proved(partner))
    world.work()
    assert world.now(message).reason == "not-eligible"


def test_two_senders_are_no_sender(world):
    partner = world.partner()
    two = {**world.proved(partner), "header_from": (str(COURT), str(MAIJA))}
    [message] = world.mail(**two)
    world.work()
    assert world.now(message).assurance is Assurance.SMTP_UNVERIFIED
    assert world.now(message).state is MessageState.HELD


def test_no_word_of_a_letter_lies_open_in_the_store(world):
    world.post(files=[("secret-name.pdf", b"secret octets")])
    world.work()
    state = repr(world.store.state) + repr(
        [part.inline for part in world.store.state.parts.values()]
    )
    for word in ("Secret words", "secret octets", "secret-name", "Maija", "maija@"):
        assert word not in state


def test_the_case_knows_its_queue_from_the_rules_in_force(world):
    case = world.filed()
    assert case.queue == ABROAD
    assert case.rules_hash == world.rules.in_force().hash
