"""The links capability on fakes: a browser, a worker, and a clock to turn."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from secure_mail.application.links.apply_stop import ApplyStop
from secure_mail.application.links.end_links import EndLinks
from secure_mail.application.links.end_session import EndSession
from secure_mail.application.links.issue import Issue
from secure_mail.application.links.judge import Judge
from secure_mail.application.links.look_at_link import LookAtLink
from secure_mail.application.links.read_session import ReadSession
from secure_mail.application.links.redeem_link import RedeemLink
from secure_mail.application.links.request_link import RequestLink
from secure_mail.application.links.request_stop import RequestStop
from secure_mail.application.links.send_link import SendLink
from secure_mail.application.mailing import MailJob, WriteMail
from secure_mail.application.undelivered import MarkUndelivered
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.ids import PartnerId
from secure_mail.domain.limits import LinkLimits
from secure_mail.domain.links import Audience, Declaration
from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.domain.sealing import WORKER
from secure_mail.domain.work import JobKind
from secure_mail.infrastructure.rules.business_days import FinnishBusinessDays
from tests.fakes.chance import START, FixedClock, SeededIds
from tests.fakes.mail import RecordingMailer
from tests.fakes.rules import reference_rules
from tests.fakes.store import FakeStore
from tests.fakes.texts import PlainTexts, value_in
from tests.fakes.vault import (
    FakeBlindIndex,
    FakeBrowserVault,
    FakeDedupeKey,
    FakeLinkTokens,
    FakeOpener,
    FakeSealer,
    FakeStopCodes,
)

LIFE = timedelta(days=10)
MAIJA = EmailAddress.parse("maija@example.com")
ABROAD = Declaration(audience=Audience.ABROAD, country="PL", text_version="1")
PARTNER = Declaration(audience=Audience.PARTNER, text_version="1")
HOME, STRANGER = "192.0.2.7", "198.51.100.9"


class LinksWorld:
    def __init__(self, limits=None, rules=None):
        self.clock = FixedClock()
        self.ids = SeededIds()
        self.store = FakeStore(ids=self.ids, clock=self.clock)
        self.mailer = RecordingMailer()
        self.limits = limits or LinkLimits()
        units, clock, ids = self.store.units, self.clock, self.ids
        sealer, browser, index = FakeSealer([WORKER]), FakeBrowserVault(), FakeBlindIndex()
        opener, tokens = FakeOpener(WORKER), FakeLinkTokens()
        rules = rules or reference_rules()
        self.stop_codes = FakeStopCodes()
        asking = {
            "units": units,
            "clock": clock,
            "ids": ids,
            "sealer": sealer,
            "dedupe": FakeDedupeKey(),
            "limits": self.limits,
        }
        self.request_link = RequestLink(**asking, life=LIFE)
        self.request_stop = RequestStop(**asking)
        self.look = LookAtLink(units=units, clock=clock, ids=ids, browser=browser)
        self.redeem = RedeemLink(units=units, clock=clock, ids=ids, browser=browser)
        self.read = ReadSession(units=units, clock=clock, browser=browser)
        self.end_session = EndSession(units=units, clock=clock)
        self.send_link = SendLink(
            job=MailJob(
                units=units,
                clock=clock,
                mailer=self.mailer,
                undelivered=MarkUndelivered(ids=ids),
            ),
            write=WriteMail(texts=PlainTexts(), stop_codes=self.stop_codes),
            judge=Judge(
                index=index,
                rules=rules,
                calendar=FinnishBusinessDays("Europe/Helsinki"),
                limits=self.limits,
            ),
            issue=Issue(ids=ids, browser=browser, tokens=tokens, life=LIFE),
            ids=ids,
            opener=opener,
            tokens=tokens,
        )
        self.apply_stop = ApplyStop(
            units=units,
            clock=clock,
            ids=ids,
            opener=opener,
            stop_codes=self.stop_codes,
            index=index,
        )
        self.end_links = EndLinks(
            units=units, clock=clock, ids=ids, sealer=FakeSealer(), rules=rules
        )

    def ask(self, address=MAIJA, declaration=ABROAD, client=HOME, previous=None, language="fi"):
        return self.request_link(
            address=address,
            declaration=declaration,
            language=language,
            client=client,
            previous=previous,
        )

    def claim(self):
        with self.store.units() as uow:
            claims = uow.outbox.claim(50, self.clock.now())
            uow.commit()
        return claims

    def work(self):
        """What the worker does with everything that is due; the mails that went out."""
        before = len(self.mailer.sent)
        verbs = {JobKind.SEND_LINK: self.send_link, JobKind.APPLY_STOP: self.apply_stop}
        for claim in self.claim():
            verbs[claim.kind](claim)
        return self.mailer.sent[before:]

    def link(self, **asked):
        """The token of a link asked for and mailed; the clock stands where it stood."""
        self.ask(**asked)
        return token_of(self.work()[-1])

    def stop(self, action, *, address=MAIJA, code=None, client=HOME):
        self.request_stop(
            address=address,
            code=self.stop_codes.code(address) if code is None else code,
            action=action,
            client=client,
        )

    def links(self):
        return sorted(self.store.state.links.values(), key=lambda link: link.requested_at)

    def events(self):
        return [event.kind.value for event in self.store.state.audit.values()]

    def outcomes(self):
        return [registration.outcome for registration in self.store.state.registrations.values()]

    def register_partner(self, **changes):
        partner = PartnerOrganisation(
            id=PartnerId(UUID(int=5)),
            name="A French institution",
            domains=("institution.example",),
            require=(Check.TLS, Check.NETWORK),
            created_at=START,
        )
        with self.store.units() as uow:
            uow.partners.add(replace(partner, **changes))
            uow.commit()
        return partner


def token_of(mail):
    return value_in(mail.text, "token")
