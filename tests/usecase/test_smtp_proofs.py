"""What proves a partner after the dot: by whom it is asked, what is refused, what is put off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from secure_mail.application.intake.header_tap import TappedHeaders
from secure_mail.application.intake.judge_arrival import duplicate_scope
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.authentication import Reason, Result
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.partners import Check
from secure_mail.domain.refusals import RefusalCode
from tests.arrivals import CLERK, DOMAIN, PARTNER, letter, tapped
from tests.usecase.arrival_world import (
    DKIM,
    NETWORK,
    PEER,
    PINNED,
    SIGNED,
    World,
)


class TestDkim:
    def test_a_signature_proves_the_partner(self):
        evidence = World()(SIGNED + letter())
        assert evidence.checks == (Check.DMARC, Check.TLS)
        assert (evidence.results, evidence.partner) == ((DKIM,), str(PARTNER.id))
        assert not evidence.replayed

    def test_it_is_asked_with_what_it_needs_to_know(self):
        world = World(replace(PARTNER, signing_domains=("esp.example",)))
        world(SIGNED + letter())
        (question,) = world.authentication.asked
        headers: TappedHeaders = tapped(SIGNED + letter())
        assert question.section == headers.section
        assert question.body == headers.body
        assert question.signers == (DOMAIN, "esp.example")
        assert question.recipients == {"maintenance@kela.fi"}
        assert (question.at, question.client) == (world.clock.now(), None)

    @pytest.mark.parametrize("reason", [Reason.OTHER_RECIPIENT, Reason.OTHER_DATE])
    def test_a_replay_is_taken_and_marked(self, reason):
        evidence = World(known=replace(DKIM, reason=reason))(SIGNED + letter())
        assert evidence.replayed
        assert Check.DMARC in evidence.checks

    @pytest.mark.parametrize(
        "known",
        [
            replace(DKIM, result=Result.FAIL),
            replace(DKIM, result=Result.POLICY),
            replace(DKIM, domain="mail.institution.example"),
        ],
    )
    def test_what_does_not_prove_is_shown_the_secure_link(self, known):
        assert World(known=known).refused(SIGNED + letter()).code is RefusalCode.USE_SECURE_LINK

    def test_a_mail_without_a_signature_asks_nobody(self):
        world = World()
        assert world.refused(letter()).code is RefusalCode.USE_SECURE_LINK
        assert not world.asked_of(letter())

    def test_dns_that_fails_puts_it_off(self):
        world = World(known=replace(DKIM, result=Result.TEMPERROR))
        assert world.refused(SIGNED + letter()).code is RefusalCode.DNS_FAILURE

    def test_dns_that_fails_for_somebody_else_refuses(self):
        world = World(known=replace(DKIM, result=Result.TEMPERROR, domain="esp.example"))
        assert world.refused(SIGNED + letter()).code is RefusalCode.USE_SECURE_LINK

    def test_what_fails_besides_is_not_put_off(self):
        world = World(known=replace(DKIM, result=Result.TEMPERROR))
        plain = replace(PEER, tls_version=None)
        assert world.refused(SIGNED + letter(), plain).code is RefusalCode.USE_SECURE_LINK

    def test_for_a_mailbox_of_everybody_nothing_is_refused_or_put_off(self):
        world = World(known=replace(DKIM, result=Result.TEMPERROR))
        evidence = world(SIGNED + letter(), box=Mailbox("postmaster"))
        assert evidence.checks == (Check.TLS,)

    def test_who_is_no_partner_asks_nobody(self):
        world = World()
        other = EmailAddress("x", "elsewhere.example")
        assert not world.asked_of(SIGNED + letter(), sender=other)
        assert not world.asked_of(SIGNED + letter(author="x@elsewhere.example"))
        assert not world.asked_of(SIGNED + letter(author="not an address@"))
        assert world.refused(SIGNED + letter(), sender=other).code is RefusalCode.USE_SECURE_LINK


class TestSpf:
    def test_it_proves_only_where_it_is_allowed(self):
        allowed = World(replace(PARTNER, allow_spf=True), spf=Result.PASS)
        assert Check.DMARC in allowed(letter()).checks
        (question,) = allowed.authentication.asked
        assert (question.client, question.helo) == ("192.0.2.7", PEER.helo)
        assert World(spf=Result.PASS).refused(letter()).code is RefusalCode.USE_SECURE_LINK

    def test_dns_that_fails_puts_it_off(self):
        world = World(replace(PARTNER, allow_spf=True), spf=Result.TEMPERROR)
        assert world.refused(letter()).code is RefusalCode.DNS_FAILURE


class TestNamedChecks:
    BOTH = replace(NETWORK, require=(Check.NETWORK, Check.DMARC), networks=("192.0.2.0/28",))

    @pytest.mark.parametrize(
        ("allow_spf", "raw", "code"),
        [
            (False, letter(), RefusalCode.DKIM_FAILED),
            (False, SIGNED + letter(), RefusalCode.DKIM_FAILED),
            (True, letter(), RefusalCode.SPF_FAILED),
            (True, SIGNED + letter(), RefusalCode.PARTNER_NOT_PROVED),
        ],
    )
    def test_a_failed_dmarc_is_named_when_the_network_proves(self, allow_spf, raw, code):
        world = World(replace(self.BOTH, allow_spf=allow_spf), known=None)
        refusal = world.refused(raw)
        assert (refusal.code, refusal.facts) == (code, {"check": "dmarc"})
        elsewhere = replace(PEER, address="203.0.113.9")
        assert world.refused(raw, elsewhere).code is RefusalCode.USE_SECURE_LINK

    def test_a_network_that_others_share_names_nothing(self):
        world = World(replace(self.BOTH, exclusive=False), known=None)
        assert world.refused(letter()).code is RefusalCode.USE_SECURE_LINK

    def test_another_failed_check_is_named_when_the_signature_proves(self):
        elsewhere = replace(PEER, address="203.0.113.9")
        world = World(NETWORK)
        refusal = world.refused(SIGNED + letter(), elsewhere)
        assert (refusal.code, refusal.facts) == (
            RefusalCode.PARTNER_NOT_PROVED,
            {"check": "network"},
        )
        assert world.refused(letter(), elsewhere).code is RefusalCode.USE_SECURE_LINK
        replayed = World(NETWORK, known=replace(DKIM, reason=Reason.OTHER_DATE))
        assert replayed.refused(SIGNED + letter(), elsewhere).code is RefusalCode.USE_SECURE_LINK

    def test_dns_is_asked_only_where_something_depends_on_it(self):
        assert not World(NETWORK).asked_of(SIGNED + letter())
        assert not World(NETWORK).asked_of(letter(), replace(PEER, address="203.0.113.9"))
        assert World(NETWORK).asked_of(SIGNED + letter(), replace(PEER, address="203.0.113.9"))
        assert World().asked_of(SIGNED + letter())


class TestCertificate:
    OF_CERTIFICATE = replace(PARTNER, require=(Check.CLIENT_CERTIFICATE,), certificates=(PINNED,))

    def test_a_registered_one_proves(self):
        peer = replace(PEER, certificate=PINNED.fingerprint)
        evidence = World(self.OF_CERTIFICATE)(letter(), peer)
        assert evidence.checks == (Check.CLIENT_CERTIFICATE, Check.TLS)
        assert evidence.certificate == PINNED.fingerprint
        assert duplicate_scope(CLERK, peer, self.OF_CERTIFICATE) == f"{CLERK} {PARTNER.id}"

    @pytest.mark.parametrize("certificate", [None, "cd" * 32])
    def test_another_one_does_not(self, certificate):
        peer = replace(PEER, certificate=certificate)
        refusal = World(self.OF_CERTIFICATE).refused(letter(), peer)
        assert refusal.code is RefusalCode.USE_SECURE_LINK


class TestSmime:
    def test_it_is_left_to_the_worker(self):
        world = World(replace(PARTNER, require=(Check.SMIME,)))
        evidence = world(letter())
        assert (evidence.checks, evidence.partner) == ((Check.TLS,), str(PARTNER.id))

    def test_all_else_must_hold_at_the_door(self):
        world = World(replace(PARTNER, require=(Check.SMIME, Check.DMARC)), known=None)
        assert world.refused(SIGNED + letter()).code is RefusalCode.USE_SECURE_LINK
        plain = replace(PEER, tls_version=None)
        world = World(replace(PARTNER, require=(Check.SMIME,)))
        assert world.refused(letter(), plain).code is RefusalCode.USE_SECURE_LINK
