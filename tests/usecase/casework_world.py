"""Case work on fakes: letters that arrived, the worker that files them, staff at their desks."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from secure_mail.application.casework.opening import Opening
from secure_mail.application.casework.trail import Trail
from secure_mail.application.mailing import MailJob, WriteMail
from secure_mail.application.processing.arrival import OpenArrival
from secure_mail.application.processing.authenticate import Authenticate
from secure_mail.application.processing.filing import Derive, OpenCase
from secure_mail.application.processing.hold_unprocessed import HoldUnprocessed
from secure_mail.application.processing.process_message import ProcessMessage
from secure_mail.application.processing.send_receipt import SendReceipt
from secure_mail.application.processing.send_refusal import SendRefusal
from secure_mail.application.sealed_evidence import TakeEvidence, seal_evidence
from secure_mail.application.sealed_parts import MakePart
from secure_mail.application.undelivered import MarkUndelivered
from secure_mail.domain.access import GrantState, Role, StaffIdentity
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.compose import Composition
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import ContentId, Mailbox, MessageId, QueueName
from secure_mail.domain.links import Audience, Declaration
from secure_mail.domain.messages import Channel, Message, MessageState, PartKind
from secure_mail.domain.requests import LinkRequest
from secure_mail.domain.routing.facts import ScanVerdict
from secure_mail.domain.sealing import INTAKE, REPLIES, STAFF, WORKER, Purpose, queue_key
from secure_mail.domain.views import Label
from secure_mail.domain.work import JobKind
from secure_mail.infrastructure.mime.parser import CompatMimeParser
from secure_mail.infrastructure.rules.business_days import FinnishBusinessDays
from secure_mail.infrastructure.vault.certificates import X509Certificates
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.chance import FixedClock, SeededIds
from tests.fakes.mail import RecordingMailer
from tests.fakes.rules import reference_rules
from tests.fakes.smime import FakeSmime
from tests.fakes.store import FakeStore, samples
from tests.fakes.texts import PlainTexts
from tests.fakes.vault import (
    FakeBlindIndex,
    FakeOpener,
    FakeOwnMail,
    FakePartOpener,
    FakeSealer,
    FakeStopCodes,
)

ABROAD, STUDENTS = QueueName("recovery_abroad"), QueueName("student_loans")
MAINTENANCE, PARTNERS = QueueName("child_maintenance"), QueueName("partners")
TRIAGE = QueueName("triage")
MAIJA = EmailAddress.parse("maija@example.com")
COURT = EmailAddress.parse("clerk@court.example")
LETTER = Composition(
    topic="benefit_recovery",
    purpose="payment_plan",
    acts_for=False,
    name="Maija Esimerkki",
    identity="1.1.1980",
    subject="Payment plan",
    text="Secret words about a debt",
    notify=True,
    language="fi",
)
DECLARED = Declaration(audience=Audience.ABROAD, country="PL", text_version="1")
BY_PARTNER = Declaration(audience=Audience.PARTNER, text_version="1")
MAIL = (
    b"From: clerk@court.example\r\nTo: perintakeskus@kela.fi\r\nSubject: A request\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nSecret words of a court\r\n"
    b'--b\r\nContent-Type: application/pdf; name="order.pdf"\r\n'
    b'Content-Disposition: attachment; filename="order.pdf"\r\n\r\n%PDF-1.7 order\r\n--b--\r\n'
)


class SetScanner:
    """Says what a test tells it to say, by the name of the file."""

    def __init__(self):
        self.said = {}

    def scan(self, name, read):
        read()
        return self.said.get(name, ScanVerdict.UNSCANNED)


class Casework:
    def __init__(self):
        self.clock, self.ids = FixedClock(), SeededIds()
        self.store = FakeStore(ids=SeededIds(seed=7), clock=self.clock)
        self.blobs, self.mailer = MemoryBlobs(self.clock), RecordingMailer()
        self.rules, self.scanner = reference_rules(), SetScanner()
        self.calendar = FinnishBusinessDays("Europe/Helsinki")
        self.sealer, self.parts, self.index = FakeSealer(), FakePartOpener(), FakeBlindIndex()
        keys = [queue_key(name) for name in self.rules.in_force().key_names()]
        self.worker_keys = FakeOpener(INTAKE, WORKER)
        self.staff_keys = FakeOpener(STAFF, *keys)
        self.reader_keys = FakeOpener(REPLIES)
        self.smime = FakeSmime("box")
        self.units = self.store.units
        self.make_part = MakePart(ids=self.ids, sealer=self.sealer, blobs=self.blobs)
        self.trail = Trail(clock=self.clock, ids=self.ids)
        self.opening = Opening(opener=self.staff_keys, parts=self.parts, blobs=self.blobs)
        self._worker()

    def _worker(self):
        take = TakeEvidence(opener=self.worker_keys, parts=self.parts, sealer=self.sealer)
        open_arrival = OpenArrival(
            opener=self.worker_keys, parts=self.parts, blobs=self.blobs, take_evidence=take
        )
        ports = {"units": self.units, "clock": self.clock, "ids": self.ids, "rules": self.rules}
        vault = {"opener": self.worker_keys, "sealer": self.sealer}
        self.process = ProcessMessage(
            **ports,
            **vault,
            calendar=self.calendar,
            parser=CompatMimeParser(FakeOwnMail()),
            blobs=self.blobs,
            open_arrival=open_arrival,
            authenticate=Authenticate(
                verifier=self.smime, decrypter=self.smime, certificates=X509Certificates()
            ),
            derive=Derive(
                make_part=self.make_part, scanner=self.scanner, open_arrival=open_arrival
            ),
            open_case=OpenCase(sealer=self.sealer, index=self.index, calendar=self.calendar),
            undelivered=MarkUndelivered(ids=self.ids),
        )
        self.hold = HoldUnprocessed(**ports, **vault, take_evidence=take)
        mails = {
            "job": MailJob(
                units=self.units,
                clock=self.clock,
                mailer=self.mailer,
                undelivered=self.process.undelivered,
            ),
            "ids": self.ids,
            "write": WriteMail(texts=PlainTexts(), stop_codes=FakeStopCodes()),
            "opener": self.worker_keys,
        }
        self.jobs = {
            JobKind.PROCESS_MESSAGE: self.process,
            JobKind.SEND_RECEIPT: SendReceipt(**mails),
            JobKind.SEND_REFUSAL: SendRefusal(**mails, index=self.index),
        }

    # -- what arrives ------------------------------------------------------------------------

    def post(self, letter=LETTER, files=(), *, declared=DECLARED, address=MAIJA, to=None):
        """A message by form and link, as the gate leaves it; `files` are (name, octets)."""
        request = LinkRequest(address=address, declaration=declared)
        registration = samples.registration()
        sealed = self.sealer.seal_value(
            request.to_json(), WORKER, Purpose.REGISTRATION, registration.id
        )
        link = samples.link(
            registration_id=registration.id,
            audience=declared.audience,
            language=letter.language,
        )
        with self.units() as uow:
            uow.registrations.add(replace(registration, sealed=sealed))
            uow.links.add(link)
            uow.commit()
        key, content = self.sealer.new_content_key(), ContentId(self.ids.new())
        make = partial(self.make_part, key, content)
        parts = [make(PartKind.FORM, letter.to_json())]
        for ordinal, (name, octets) in enumerate(files):
            label = Label(name=name, media_type="application/pdf")
            parts.append(make(PartKind.FILE, octets, ordinal=ordinal, label=label))
        topic = self.rules.in_force().topic(letter.topic)
        boxes = [Mailbox(to or topic.mailbox)]
        return self._accept(Channel.FORM, boxes, key, content, parts, Evidence(), link_id=link.id)[
            0
        ]

    def mail(self, raw=MAIL, to=("perintakeskus",), **evidence):
        """A message by SMTP, one for each mailbox."""
        key, content = self.sealer.new_content_key(), ContentId(self.ids.new())
        parts = [self.make_part(key, content, PartKind.RAW, raw)]
        seen = Evidence(**{"header_from": (str(COURT),), "tls": True, **evidence})
        return self._accept(Channel.SMTP, [Mailbox(box) for box in to], key, content, parts, seen)

    def proved(self, partner):
        """Evidence of a partner whose checks held."""
        return {"partner": str(partner.id), "checks": ("tls", "network")}

    def _accept(self, channel, boxes, key, content, parts, evidence, link_id=None):
        def unit(uow):
            uow.contents.add(content, parts)
            messages = []
            for box in boxes:
                message_id = MessageId(self.ids.new())
                message = Message(
                    id=message_id,
                    content_id=content,
                    channel=channel,
                    mailbox=box,
                    state=MessageState.ACCEPTED,
                    reference=samples.reference(),
                    received_at=self.clock.now(),
                    sealed_key=self.sealer.seal_key(key, INTAKE, content),
                    evidence=seal_evidence(self.sealer, key, content, message_id, evidence),
                    link_id=link_id,
                )
                uow.messages.add(message, None, None)
                uow.outbox.add(JobKind.PROCESS_MESSAGE, message_id, self.clock.now())
                messages.append(message)
            return messages

        return self.store.commits.run_now(unit)

    def partner(self, **changes):
        noun = samples.partner(**{"name": "District Court", "domains": (COURT.domain,), **changes})
        with self.units() as uow:
            uow.partners.add(noun)
            uow.commit()
        return noun

    # -- the worker --------------------------------------------------------------------------

    def claim(self):
        with self.units() as uow:
            claims = uow.outbox.claim(50, self.clock.now())
            uow.commit()
        return claims

    def work(self):
        """Does what is due, and what comes of it; the mails that went out."""
        before = len(self.mailer.sent)
        while claims := [claim for claim in self.claim() if claim.kind in self.jobs]:
            for claim in claims:
                self.jobs[claim.kind](claim)
        return self.mailer.sent[before:]

    def filed(self, *posted, **options):
        """A case that a letter became."""
        message = self.post(*posted, **options)
        self.work()
        return self.case_of(message)

    # -- what is stored ----------------------------------------------------------------------

    def now(self, message):
        """The message as it is stored now."""
        return self.store.state.messages[message.id]

    def case_of(self, message):
        found = self.now(message).case_id
        return self.store.state.cases[found] if found else None

    def case(self, case):
        return self.store.state.cases[case.id]

    def events(self, case):
        with self.units.reading() as uow:
            return [event.kind.value for event in uow.cases.events(case.id)]

    def audited(self):
        return [event.kind.value for event in self.store.state.audit.values()]

    def parts_of(self, message, kind):
        found = self.store.state.parts.values()
        return [p for p in found if p.content_id == message.content_id and p.kind is kind]

    def swap(self, part, octets=b"something else"):
        """Somebody changes what lies in the store."""
        self.store.state.parts[part.id] = replace(part, inline=octets)

    # -- staff -------------------------------------------------------------------------------

    def member(self, name="Sample Clerk", grants=((Role.CASEWORKER, ABROAD),), **changes):
        """Somebody with confirmed grants, as who acts."""
        noun = samples.member(name=name, **changes)
        with self.units() as uow:
            uow.staff.add(noun)
            for role, queue in grants:
                uow.staff.add_grant(
                    samples.grant(
                        staff_id=noun.id, role=role, queue=queue, state=GrantState.CONFIRMED
                    )
                )
            uow.commit()
        return StaffIdentity(
            id=noun.id, name=name, email=noun.email, language="fi", grants=tuple(grants)
        )

    def later(self, **by):
        return self.clock.advance(timedelta(**by))
