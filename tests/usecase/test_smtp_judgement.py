"""Who may write by SMTP: decided at RCPT by the envelope, after the dot by what was proved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from secure_mail.application.intake.check_recipient import CheckRecipient
from secure_mail.application.intake.header_tap import HeaderTap, TappedHeaders
from secure_mail.application.intake.judge_arrival import JudgeArrival, duplicate_scope
from secure_mail.application.intake.peer import Peer
from secure_mail.application.intake.ready_for_mail import Readiness, ReadyForMail
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import Mailbox, MessageId, PartnerId
from secure_mail.domain.partners import Check, PartnerOrganisation, PartnerState
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.work import JobKind
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.chance import START, FixedClock, SeededIds
from tests.fakes.rules import reference_rules
from tests.fakes.sender_auth import FakeSenderAuthentication
from tests.fakes.store import FakeStore
from tests.fakes.vault import FakeBounceTags, FakeOwnMail

IDS = SeededIds(seed=5)
CLERK = EmailAddress("clerk", "institution.example")
STRANGER = EmailAddress("mallory", "elsewhere.example")
PARTNER = PartnerOrganisation(
    id=PartnerId(IDS.new()),
    name="Institution",
    domains=("institution.example",),
    require=(Check.NETWORK,),
    networks=("192.0.2.0/28",),
    exclusive=True,
    created_at=START,
)
OTHER = replace(
    PARTNER, id=PartnerId(IDS.new()), name="Other", domains=("other.example",), networks=()
)
READY = Readiness((PARTNER, OTHER))
PEER = Peer(address="192.0.2.7", helo="mail.institution.example", tls_version="TLSv1.3")
BOX = Mailbox("perintakeskus")
RULES = reference_rules()


def headers(raw: str) -> TappedHeaders:
    tap = HeaderTap()
    tap.feed(raw.replace("\n", "\r\n").encode() + b"\r\n\r\n")
    return tap.result()


FROM_CLERK = headers("From: Clerk <clerk@institution.example>")


def judged(
    tapped: TappedHeaders = FROM_CLERK,
    peer: Peer = PEER,
    sender: EmailAddress | None = CLERK,
    box: Mailbox = BOX,
    readiness: Readiness = READY,
) -> Evidence:
    judge = JudgeArrival(
        rules=RULES,
        own_mail=FakeOwnMail(),
        authentication=FakeSenderAuthentication(),
        clock=FixedClock(),
    )
    arrival = judge.arrived(tapped, peer=peer, sender=sender, mailboxes=(box,), readiness=readiness)
    return judge(arrival)


def refusal(call, *args, **kwargs) -> RefusalCode:
    with pytest.raises(Refusal) as refused:
        call(*args, **kwargs)
    return refused.value.code


def recipient(address: str, sender: EmailAddress | None = CLERK, *, relayed: bool = False):
    known = sender is not None and READY.partner_of(sender) is not None
    return CheckRecipient(rules=RULES, bounce_tags=FakeBounceTags())(
        EmailAddress.parse(address), sender=sender, known=known, relayed=relayed
    )


class TestAtRcpt:
    @pytest.mark.parametrize(
        "box", ["ulkomaanperinta", "maintenance", "perintakeskus", "velkajarjestelyt"]
    )
    def test_a_partner_reaches_all_four_mailboxes(self, box):
        assert recipient(f"{box.upper()}@kela.fi") == box

    @pytest.mark.parametrize(
        ("address", "code"),
        [
            ("nobody@kela.fi", RefusalCode.NO_SUCH_MAILBOX),
            ("perintakeskus%other.example@kela.fi", RefusalCode.NO_SUCH_MAILBOX),
            ("bounces@kela.fi", RefusalCode.NO_SUCH_MAILBOX),
            ("perintakeskus@kela.example", RefusalCode.RELAYING_DENIED),
            ("perintakeskus@sub.kela.fi", RefusalCode.RELAYING_DENIED),
            ("securemail@kela.fi", RefusalCode.NO_REPLY_ADDRESS),
        ],
    )
    @pytest.mark.parametrize("sender", [CLERK, STRANGER, None])
    def test_what_is_no_mailbox_is_refused_to_everybody_alike(self, address, code, sender):
        assert refusal(recipient, address, sender) is code

    @pytest.mark.parametrize("sender", [STRANGER, None])
    def test_who_is_no_partner_is_shown_the_secure_link(self, sender):
        assert refusal(recipient, "maintenance@kela.fi", sender) is RefusalCode.USE_SECURE_LINK

    @pytest.mark.parametrize("sender", [CLERK, STRANGER, None])
    @pytest.mark.parametrize("box", ["postmaster", "abuse"])
    def test_everybody_reaches_postmaster_and_abuse(self, sender, box):
        assert recipient(f"{box}@kela.fi", sender) == box

    def test_behind_a_relay_a_stranger_is_taken_to_be_held(self):
        assert recipient("maintenance@kela.fi", STRANGER, relayed=True) == "maintenance"
        assert refusal(recipient, "no@kela.fi", STRANGER, relayed=True) is (
            RefusalCode.NO_SUCH_MAILBOX
        )


class TestAfterTheDot:
    def test_a_partner_is_proved_by_its_network(self):
        evidence = judged()
        assert evidence.partner == str(PARTNER.id)
        assert evidence.checks == (Check.NETWORK, Check.TLS)
        assert (evidence.envelope_sender, evidence.header_from) == (str(CLERK), (str(CLERK),))
        assert (evidence.peer, evidence.helo, evidence.tls_version, evidence.relayed) == (
            "192.0.2.7",
            "mail.institution.example",
            "TLSv1.3",
            False,
        )

    def test_a_subdomain_is_the_partners(self):
        below = EmailAddress("x", "mail.institution.example")
        assert judged(sender=below).partner == str(PARTNER.id)

    @pytest.mark.parametrize(
        "peer",
        [
            replace(PEER, address="192.0.2.16"),
            replace(PEER, address="2001:db8::7"),
        ],
    )
    def test_another_network_proves_nobody(self, peer):
        assert refusal(judged, peer=peer) is RefusalCode.USE_SECURE_LINK

    def test_a_network_that_is_not_exclusive_proves_nobody(self):
        shared = Readiness((replace(PARTNER, exclusive=False),))
        assert refusal(judged, readiness=shared) is RefusalCode.USE_SECURE_LINK

    def test_without_tls_the_missing_check_is_named(self):
        with pytest.raises(Refusal) as refused:
            judged(peer=replace(PEER, tls_version=None))
        assert refused.value.code is RefusalCode.PARTNER_NOT_PROVED
        assert refused.value.facts == {"check": "tls"}

    def test_a_session_from_a_trusted_relay_never_satisfies_network(self):
        evidence = judged(peer=replace(PEER, relayed=True))
        assert evidence.relayed
        assert (evidence.checks, evidence.partner) == ((), str(PARTNER.id))

    @pytest.mark.parametrize(
        "author",
        [
            "mallory@elsewhere.example",
            "clerk@other.example",
            "clerk@institution.example.elsewhere.example",
            "clerk@notinstitution.example",
        ],
    )
    def test_from_and_envelope_are_of_one_partner(self, author):
        assert refusal(judged, headers(f"From: {author}")) is RefusalCode.USE_SECURE_LINK

    def test_single_addresses_of_a_partner_are_the_only_ones(self):
        narrow = Readiness((replace(PARTNER, addresses=("boss@institution.example",)),))
        assert refusal(judged, readiness=narrow) is RefusalCode.USE_SECURE_LINK

    @pytest.mark.parametrize(
        "raw",
        [
            "Subject: none",
            "From: clerk@institution.example\nFrom: clerk@institution.example",
            "From: clerk@institution.example, b@institution.example",
            "From: Group:;",
            "From: =?utf-8?q?clerk=40institution.example?=",
            "From: ",
        ],
    )
    def test_exactly_one_from_with_one_address(self, raw):
        assert refusal(judged, headers(raw)) is RefusalCode.NOT_ONE_FROM
        assert judged(headers(raw), peer=replace(PEER, relayed=True)).partner is None

    @pytest.mark.parametrize(("count", "refused"), [(30, False), (31, True)])
    @pytest.mark.parametrize("relayed", [False, True])
    def test_more_than_thirty_received_are_a_loop(self, count, refused, relayed):
        tapped = headers("Received: x\n" * count + "From: clerk@institution.example")
        peer = replace(PEER, relayed=relayed)
        if refused:
            assert refusal(judged, tapped, peer) is RefusalCode.ROUTING_LOOP
        else:
            judged(tapped, peer)

    def test_our_own_mail_is_a_loop(self):
        mark = FakeOwnMail().mark("receipt-1@kela.fi")
        ours = f"Message-ID: <receipt-1@kela.fi>\nX-Secure-Mail: {mark}\n"
        tapped = headers(ours + "From: clerk@institution.example")
        assert refusal(judged, tapped) is RefusalCode.ROUTING_LOOP
        forged = headers("X-Secure-Mail: abc\nFrom: clerk@institution.example")
        judged(forged)

    def test_a_bounce_reaches_postmaster(self):
        evidence = judged(headers("From: MAILER-DAEMON@x.example"), PEER, None, Mailbox("abuse"))
        assert (evidence.envelope_sender, evidence.partner) == (None, None)


class TestScopeOfDuplicates:
    def test_the_proved_partner_or_the_network(self):
        far = replace(PEER, address="198.51.100.9")
        near = replace(PEER, address="198.51.100.200")
        assert duplicate_scope(CLERK, PEER, PARTNER) == f"{CLERK.folded} {PARTNER.id}"
        assert duplicate_scope(CLERK, far, PARTNER) == duplicate_scope(CLERK, near, None)
        assert duplicate_scope(CLERK, far, None) != duplicate_scope(STRANGER, far, None)
        assert duplicate_scope(None, replace(PEER, address="2001:db8:1::1"), None) == (
            " 2001:db8:1::/48"
        )


class Calendar:
    def today(self, now):
        return now.date()


@pytest.fixture
def ready():
    store, blobs = FakeStore(), MemoryBlobs()
    return ReadyForMail(
        units=store.units, blobs=blobs, clock=FixedClock(), calendar=Calendar(), backlog_limit=2
    )


class TestReadyForMail:
    def test_partners_in_force_are_believed(self, ready):
        ended = replace(OTHER, until=date(2026, 3, 1))
        last_day = replace(OTHER, id=PartnerId(IDS.new()), name="Last", until=date(2026, 3, 2))
        suspended = replace(
            OTHER, id=PartnerId(IDS.new()), name="Gone", state=PartnerState.SUSPENDED
        )
        with ready.units() as uow:
            for partner in (PARTNER, ended, last_day, suspended):
                uow.partners.add(partner)
            uow.commit()
        found = ready()
        assert {partner.name for partner in found.partners} == {"Institution", "Last"}
        assert {partner.name for partner in found.over} == {ended.name, "Gone"}

    def test_full_storage_puts_off(self, ready):
        ready.blobs.full = True
        assert refusal(ready) is RefusalCode.STORAGE_LOW

    @pytest.mark.parametrize(("waiting", "put_off"), [(1, False), (2, True)])
    def test_a_long_backlog_puts_off(self, ready, waiting, put_off):
        with ready.units() as uow:
            for _ in range(waiting):
                uow.outbox.add(JobKind.PROCESS_MESSAGE, MessageId(IDS.new()), START)
            uow.commit()
        if put_off:
            assert refusal(ready) is RefusalCode.BACKLOG
        else:
            assert ready().partners == ()

    def test_a_database_that_is_down_puts_off(self, ready):
        ready.units._store.down = True
        assert refusal(ready) is RefusalCode.TEMPORARY
