"""The replies capability on fakes: a reader's browser, a worker, and a case with its answers."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from secure_mail.application.mailing import MailJob, WriteMail
from secure_mail.application.replies.end_reading_session import EndReadingSession
from secure_mail.application.replies.enter_code import EnterCode
from secure_mail.application.replies.list_answers import ListAnswers
from secure_mail.application.replies.read_reading_session import ReadReadingSession
from secure_mail.application.replies.request_code import RequestCode
from secure_mail.application.replies.send_code import SendCode
from secure_mail.application.replies.send_notice import SendNotice
from secure_mail.application.replies.show_answer import ShowAnswer
from secure_mail.application.undelivered import MarkUndelivered
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.cases import (
    ANSWER_SHOWN,
    AnswerState,
    Case,
    CaseState,
    Identified,
    Reply,
    SealedSummary,
)
from secure_mail.domain.ids import (
    CaseId,
    ContentId,
    PartId,
    QueueName,
    Reference,
    ReplyId,
    StaffId,
)
from secure_mail.domain.limits import CodeLimits
from secure_mail.domain.messages import Assurance, Part, PartKind
from secure_mail.domain.sealing import (
    REPLIES,
    WORKER,
    Purpose,
    SealedBytes,
    SealedDigest,
    queue_key,
)
from secure_mail.domain.views import View
from secure_mail.domain.work import JobKind
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.chance import FixedClock, SeededIds
from tests.fakes.mail import RecordingMailer
from tests.fakes.store import FakeStore
from tests.fakes.texts import PlainTexts, value_in
from tests.fakes.vault import (
    FakeBlindIndex,
    FakeDedupeKey,
    FakeOpener,
    FakePartOpener,
    FakeSealer,
    FakeStopCodes,
)

MAIJA = EmailAddress.parse("maija@example.com")
HOME, STRANGER = "192.0.2.7", "198.51.100.9"


class RepliesWorld:
    def __init__(self, limits=None):
        self.clock = FixedClock()
        self.ids = SeededIds()
        self.store = FakeStore(ids=self.ids, clock=self.clock)
        self.mailer = RecordingMailer()
        self.sealer, self.index = FakeSealer(), FakeBlindIndex()
        self.stop_codes = FakeStopCodes()
        units, clock, ids = self.store.units, self.clock, self.ids
        limits = limits or CodeLimits()
        undelivered = MarkUndelivered(ids=ids)
        job = MailJob(units=units, clock=clock, mailer=self.mailer, undelivered=undelivered)
        write = WriteMail(texts=PlainTexts(), stop_codes=self.stop_codes)
        self.request = RequestCode(
            units=units,
            clock=clock,
            ids=ids,
            sealer=FakeSealer([WORKER]),
            dedupe=FakeDedupeKey(),
            limits=limits,
        )
        self.send_code = SendCode(
            job=job,
            write=write,
            ids=ids,
            opener=FakeOpener(WORKER),
            sealer=FakeSealer([WORKER]),
            index=self.index,
            limits=limits,
        )
        self.send_notice = SendNotice(job=job, write=write, ids=ids, opener=FakeOpener(WORKER))
        self.enter = EnterCode(units=units, clock=clock, ids=ids)
        self.read = ReadReadingSession(units=units, clock=clock)
        self.end = EndReadingSession(units=units, clock=clock)
        self.answers = ListAnswers(units=units, clock=clock)
        self.show = ShowAnswer(
            units=units,
            clock=clock,
            ids=ids,
            opener=FakeOpener(REPLIES),
            parts=FakePartOpener(),
            blobs=MemoryBlobs(),
        )

    def ask(self, address=MAIJA, client=HOME):
        return self.request(address=address, language="fi", client=client)

    def claim(self):
        with self.store.units() as uow:
            claims = uow.outbox.claim(50, self.clock.now())
            uow.commit()
        return claims

    def work(self):
        """What the worker does with everything that is due; the mails that went out."""
        before = len(self.mailer.sent)
        verbs = {JobKind.SEND_CODE: self.send_code, JobKind.SEND_NOTICE: self.send_notice}
        for claim in self.claim():
            verbs[claim.kind](claim)
        return self.mailer.sent[before:]

    def code(self, **asked):
        """The browser's secret and the code of a request that was mailed."""
        secret = self.ask(**asked).secret
        return secret, code_of(self.work()[-1])

    def reading(self, **asked):
        return self.read(self.enter(*self.code(**asked)).secret)

    def codes(self):
        return sorted(self.store.state.codes.values(), key=lambda code: code.id)

    def events(self):
        return [event.kind.value for event in self.store.state.audit.values()]

    def file_case(self, number=1, address=MAIJA, **changes):
        now = self.clock.now()
        case = Case(
            id=CaseId(UUID(int=number)),
            reference=Reference.of("PK", f"7K4Q9M{number}"),
            queue=QueueName("student_loans"),
            state=CaseState.OPEN,
            received_at=now,
            filed_at=now,
            due_at=None,
            mailbox="ulkomaanperinta",
            channel="form",
            topic="student_loan",
            purpose=None,
            language="fi",
            sender_kind="customer_abroad",
            country="PL",
            acts_for=False,
            assurance=Assurance.LINK_CONFIRMED,
            notify=True,
            partner_id=None,
            address_index=self.index.of(address),
            last_message_at=now,
        )
        case = replace(case, **changes)
        summary = SealedSummary(
            case_id=case.id, holder=queue_key("recovery"), sealed=SealedBytes(b"")
        )
        with self.store.units() as uow:
            uow.cases.add(case, summary)
            uow.commit()
        return case

    def answer(self, case, text="You may pay in parts.", *, notify=True):
        """An answer as staff send it."""
        now = self.clock.now()
        reply_id, content = ReplyId(self.ids.new()), ContentId(self.ids.new())
        part_id, key = PartId(self.ids.new()), self.sealer.new_content_key()
        view = View(text=text).to_json()
        sealed = self.sealer.seal_part(key, content, part_id, view)
        part = Part(
            id=part_id,
            content_id=content,
            kind=PartKind.VIEW,
            ordinal=0,
            size=len(view),
            digest=SealedDigest(sha256(sealed).digest()),
            inline=sealed,
            blob=None,
            label=None,
        )
        reply = Reply(
            id=reply_id,
            case_id=case.id,
            content_id=content,
            author=StaffId(UUID(int=7)),
            created_at=now,
            language="sv",
            identified=Identified.LETTER,
            for_staff=self.sealer.seal_key(key, queue_key("recovery"), content),
            for_reader=self.sealer.seal_key(key, REPLIES, content),
            address=self.sealer.seal_value(
                str(MAIJA).encode(), WORKER, Purpose.REPLY_ADDRESS, reply_id
            ),
            readable_until=now + ANSWER_SHOWN,
        )
        with self.store.units() as uow:
            uow.contents.add(content, [part])
            uow.replies.add(reply)
            stored = uow.cases.get(case.id)
            state = AnswerState.SENT if notify else AnswerState.NOT_DISPLAYED
            uow.cases.save(
                replace(stored, answer=state, answered_at=now, version=stored.version + 1)
            )
            if notify:
                uow.outbox.add(JobKind.SEND_NOTICE, reply_id, now)
            uow.commit()
        return reply

    def case(self, case):
        return self.store.state.cases[case.id]

    def change(self, case, **changes):
        self.store.state.cases[case.id] = replace(self.case(case), **changes)


def code_of(mail):
    return value_in(mail.text, "code")


SECOND = timedelta(seconds=1)
