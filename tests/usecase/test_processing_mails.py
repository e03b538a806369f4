"""Receipts and refusals by mail: to proved or link-confirmed senders only, never about content."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from secure_mail.application.ports.mail import MailRefusedError, MailTemporaryError
from secure_mail.application.processing.send_receipt import SendReceipt
from secure_mail.application.processing.send_refusal import SendRefusal
from secure_mail.domain.cases import Case, CaseState, SealedSummary
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import (
    CaseId,
    ContentId,
    Mailbox,
    MessageId,
    QueueName,
    Reference,
)
from secure_mail.domain.messages import (
    ANSWER_UNASKED_EACH,
    Assurance,
    Channel,
    HoldReason,
    Message,
    MessageState,
)
from secure_mail.domain.refusals import RefusalCode
from secure_mail.domain.sealing import INTAKE, WORKER, Purpose, SealedBytes, queue_key
from secure_mail.domain.work import LEASE, JobKind
from tests.fakes.chance import START
from tests.fakes.texts import value_in
from tests.fakes.vault import FakeBlindIndex, FakeOpener, FakeSealer
from tests.usecase.links_world import MAIJA, LinksWorld

REFERENCE = Reference.of("PK", "7K4Q9M3")
MESSAGE = MessageId(UUID(int=3))
OFFICE = "clerk@institution.example"


class MailsWorld(LinksWorld):
    """A message that was accepted; by a link unless it is told otherwise."""

    def __init__(self):
        super().__init__()
        opener = FakeOpener(WORKER, INTAKE)
        job, write = self.send_link.job, self.send_link.write
        self.verbs = {
            JobKind.SEND_RECEIPT: SendReceipt(job=job, write=write, ids=self.ids, opener=opener),
            JobKind.SEND_REFUSAL: SendRefusal(
                job=job, write=write, ids=self.ids, opener=opener, index=FakeBlindIndex()
            ),
        }

    def message(self, **changes):
        sealer = FakeSealer()
        content = ContentId(UUID(int=4))
        evidence = Evidence(envelope_sender=OFFICE, header_from=(OFFICE,))
        message_id = changes.pop("id", MESSAGE)
        symbols = f"7K4Q9M{changes.pop('symbol', 3)}"
        message = Message(
            id=message_id,
            content_id=content,
            channel=Channel.FORM,
            mailbox=Mailbox("ulkomaanperinta"),
            state=MessageState.FILED,
            reference=Reference.of("PK", symbols),
            received_at=START,
            sealed_key=sealer.seal_key(sealer.new_content_key(), INTAKE, content),
            evidence=sealer.seal_value(evidence.to_json(), INTAKE, Purpose.EVIDENCE, message_id),
            assurance=Assurance.LINK_CONFIRMED,
        )
        message = replace(message, **changes)
        self.store.commits.run_now(lambda uow: uow.messages.add(message, None, None))
        return message

    def by_link(self, **changes):
        self.link(language="sv")
        self.mailer.sent.clear()
        return self.message(link_id=self.links()[0].id, **changes)

    def by_mail(self, assurance=Assurance.SMTP_PARTNER, **changes):
        return self.message(channel=Channel.SMTP, assurance=assurance, **changes)

    def file(self, language):
        case = Case(
            id=CaseId(UUID(int=8)),
            reference=REFERENCE,
            queue=QueueName("student_loans"),
            state=CaseState.NEW,
            received_at=START,
            filed_at=START,
            due_at=None,
            mailbox="ulkomaanperinta",
            channel="smtp",
            topic=None,
            purpose=None,
            language=language,
            sender_kind="partner",
            country=None,
            acts_for=False,
            assurance=Assurance.SMTP_PARTNER,
            notify=True,
            partner_id=None,
            address_index=None,
            last_message_at=START,
        )
        summary = SealedSummary(case_id=case.id, holder=queue_key("x"), sealed=SealedBytes(b""))
        with self.store.units() as uow:
            uow.cases.add(case, summary)
            uow.commit()
        return case.id

    def refuse(self, message):
        """How many mails go out when the job of its refusal is added, once, and done."""
        before = len(self.mailer.sent)
        with self.store.units() as uow:
            if uow.outbox.of(JobKind.SEND_REFUSAL, message.id) is None:
                uow.outbox.add(JobKind.SEND_REFUSAL, message.id, self.clock.now())
            uow.commit()
        for claim in self.claim():
            self.verbs[claim.kind](claim)
        return len(self.mailer.sent) - before

    def mails(self, kind):
        with self.store.units() as uow:
            if uow.outbox.of(kind, MESSAGE) is None:
                uow.outbox.add(kind, MESSAGE, self.clock.now())
            uow.commit()
        for claim in self.claim():
            self.verbs[claim.kind](claim)
        (entry,) = [e for e in self.store.state.outbox.values() if e.kind is kind]
        assert entry.state.value == "done"
        return self.mailer.sent


@pytest.fixture
def world():
    return MailsWorld()


def test_a_receipt_goes_to_the_address_of_the_link_in_its_language(world):
    world.by_link()
    (mail,) = world.mails(JobKind.SEND_RECEIPT)
    assert (mail.to, mail.subject, mail.message_id) == (MAIJA, "receipt sv", f"receipt-{MESSAGE}")
    assert value_in(mail.text, "reference") == str(REFERENCE)
    assert value_in(mail.text, "received_at") == str(START)
    assert value_in(mail.text, "stop_code") == world.stop_codes.code(MAIJA)
    assert world.events()[-1] == "receipt.mailed"


def test_a_proved_partner_gets_a_receipt_in_the_language_of_the_case(world):
    world.by_mail(case_id=world.file("fi"))
    (mail,) = world.mails(JobKind.SEND_RECEIPT)
    assert (str(mail.to), mail.subject) == (OFFICE, "receipt fi")


def test_an_organisation_that_is_checked_first_is_told_so(world):
    world.by_link(state=MessageState.HELD, reason=HoldReason.NOT_PROVED.value)
    (mail,) = world.mails(JobKind.SEND_RECEIPT)
    assert mail.subject == "receipt-held sv"


@pytest.mark.parametrize(
    "changes",
    [
        {"state": MessageState.HELD, "reason": HoldReason.UNREADABLE.value},
        {"state": MessageState.HELD, "reason": HoldReason.LOOP.value},
        {"state": MessageState.ACCEPTED},
        {"state": MessageState.REFUSED},
    ],
)
def test_nothing_that_could_not_be_opened_is_acknowledged(world, changes):
    world.by_link(**changes)
    assert world.mails(JobKind.SEND_RECEIPT) == []


@pytest.mark.parametrize("kind", [JobKind.SEND_RECEIPT, JobKind.SEND_REFUSAL])
@pytest.mark.parametrize("assurance", [Assurance.SMTP_UNVERIFIED, None])
def test_an_unproved_address_gets_no_mail(world, kind, assurance):
    state = MessageState.FILED if kind is JobKind.SEND_RECEIPT else MessageState.REFUSED
    world.by_mail(assurance, state=state, reason=RefusalCode.NOT_A_PARTNER.value)
    assert world.mails(kind) == []


@pytest.mark.parametrize("by", ["link", "mail"])
def test_a_refused_message_is_told_with_the_right_channel(world, by):
    make = world.by_link if by == "link" else world.by_mail
    make(state=MessageState.REFUSED, reason=RefusalCode.WRONG_MAILBOX.value)
    (mail,) = world.mails(JobKind.SEND_REFUSAL)
    assert mail.subject == ("refusal sv" if by == "link" else "refusal en")
    assert value_in(mail.text, "code") == "wrong-mailbox"
    assert value_in(mail.text, "what") == "message"
    assert mail.message_id == f"refusal-{MESSAGE}"


@pytest.mark.parametrize(
    "changes",
    [
        {"state": MessageState.HELD, "reason": RefusalCode.NOT_A_PARTNER.value},
        {"state": MessageState.REFUSED, "reason": RefusalCode.TEMPORARY.value},
        {"state": MessageState.REFUSED, "reason": None},
    ],
)
def test_a_refusal_without_a_text_is_not_mailed(world, changes):
    world.by_link(**changes)
    assert world.mails(JobKind.SEND_REFUSAL) == []


def test_a_rerun_mails_the_same_receipt(world):
    world.by_link()
    world.mailer.failure, world.mailer.late = SystemExit("killed"), True
    with pytest.raises(SystemExit):
        world.mails(JobKind.SEND_RECEIPT)
    world.clock.advance(LEASE)
    first, second = world.mails(JobKind.SEND_RECEIPT)
    assert first == second
    assert world.events().count("receipt.mailed") == 1


@pytest.mark.parametrize("kind", [JobKind.SEND_RECEIPT, JobKind.SEND_REFUSAL])
def test_a_relay_that_refuses_for_good_ends_the_job(world, kind):
    reason = RefusalCode.WRONG_MAILBOX.value
    state = MessageState.FILED if kind is JobKind.SEND_RECEIPT else MessageState.REFUSED
    world.by_link(state=state, reason=reason)
    world.mailer.failure = MailRefusedError("550")
    with pytest.raises(MailRefusedError):
        world.mails(kind)
    assert world.mailer.sent == []
    assert world.events()[-1] == "mail.undelivered"
    assert world.claim() == []


def test_an_address_gets_one_unasked_answer_in_an_hour(world):
    """Half-open: the next one may go when the hour is over, to the second."""
    refused = {"state": MessageState.REFUSED, "reason": RefusalCode.WRONG_MAILBOX.value}
    world.by_mail(**refused)
    assert len(world.mails(JobKind.SEND_REFUSAL)) == 1
    second, third = (world.by_mail(id=world.ids.new(), **refused, symbol=n) for n in (4, 5))
    world.clock.advance(ANSWER_UNASKED_EACH - timedelta(seconds=1))
    assert world.refuse(second) == 0
    assert world.events()[-1] == "refusal.not-sent"
    world.clock.advance(timedelta(seconds=1))
    assert world.refuse(third) == 1
    assert world.events()[-1] == "refusal.mailed"


def test_a_refusal_that_is_tried_again_keeps_its_hour_unless_another_took_it(world):
    refused = {"state": MessageState.REFUSED, "reason": RefusalCode.WRONG_MAILBOX.value}
    first = world.by_mail(**refused)
    second = world.by_mail(id=world.ids.new(), **refused, symbol=2)
    world.mailer.failure = MailTemporaryError("451")
    with pytest.raises(MailTemporaryError):
        world.refuse(first)
    world.clock.advance(LEASE)
    assert world.refuse(first) == 1
    assert world.refuse(second) == 0
    world.clock.advance(ANSWER_UNASKED_EACH)
    assert world.refuse(second) == 0  # its job is done, and is not taken up again
    assert [event for event in world.events() if event.startswith("refusal.")] == [
        "refusal.mailed",
        "refusal.not-sent",
    ]


def test_a_machine_is_not_answered_though_a_person_refuses_its_message(world):
    world.by_mail(
        state=MessageState.REFUSED, reason=RefusalCode.WRONG_MAILBOX.value, automatic=True
    )
    assert world.mails(JobKind.SEND_REFUSAL) == []
    assert "refusal.not-sent" not in world.events()


def test_a_message_that_is_gone_is_done(world):
    assert world.mails(JobKind.SEND_RECEIPT) == []
    assert world.mails(JobKind.SEND_REFUSAL) == []
