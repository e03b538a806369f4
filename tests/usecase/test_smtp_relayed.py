"""What is believed of a mail that a trusted relay brings: its own word, and never the sender's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from secure_mail.application.intake.arrival_facts import RelayTrust
from secure_mail.domain.authentication import Result
from secure_mail.domain.partners import Check
from secure_mail.domain.refusals import RefusalCode
from tests.arrivals import PARTNER, STARTED, letter
from tests.usecase.arrival_world import (
    DKIM,
    NETWORK,
    PEER,
    PINNED,
    RELAY,
    SIGNED,
    World,
    hop,
)


class TestBehindARelay:
    TRUST = RelayTrust(authserv_id="auth.kela.fi")
    REPORT = b"Authentication-Results: auth.kela.fi; dkim=pass header.d=institution.example\r\n"

    def test_a_signature_survives_it(self):
        evidence = World()(hop() + SIGNED + letter(), RELAY)
        assert evidence.checks == (Check.DMARC, Check.TLS)
        assert (evidence.tls, evidence.relayed, evidence.peer) == (True, True, "192.0.2.7")

    @pytest.mark.parametrize(
        ("section", "tls"),
        [
            (hop(), True),
            (hop("ESMTP"), False),
            (hop("ESMTP") + hop(), False),
            (b"", False),
            (hop().replace(b"by mx.kela.fi", b"by elsewhere.example"), False),
            (hop() + b"not a field\r\n", False),
        ],
    )
    def test_tls_is_what_its_own_received_says(self, section, tls):
        evidence = World(NETWORK)(section + letter(), RELAY)
        assert evidence.tls is tls
        assert evidence.checks == ((Check.TLS,) if tls else ())
        enforced = World(NETWORK, trust=RelayTrust(enforces_tls=True))(section + letter(), RELAY)
        assert enforced.tls

    def test_its_own_connection_says_nothing_of_tls(self):
        secured = replace(RELAY, tls_version="TLSv1.3")
        assert not World()(hop("ESMTP") + letter(), secured).tls

    def test_network_and_certificate_never_hold(self):
        partner = replace(
            NETWORK,
            require=(Check.NETWORK, Check.CLIENT_CERTIFICATE),
            networks=("192.0.2.0/28", "10.0.0.0/28"),
            certificates=(PINNED,),
        )
        peer = replace(RELAY, certificate=PINNED.fingerprint)
        assert World(partner)(hop() + letter(), peer).checks == (Check.TLS,)

    def test_spf_is_asked_of_the_client_that_the_relay_names(self):
        world = World(replace(PARTNER, allow_spf=True), spf=Result.PASS)
        assert Check.DMARC in world(hop() + letter(), RELAY).checks
        assert world.authentication.asked[0].helo is None
        nameless = hop().replace(b"[192.0.2.7]", b"unknown")
        assert not world.asked_of(nameless + letter(), RELAY)
        assert Check.DMARC not in world(nameless + letter(), RELAY).checks

    def test_nothing_is_refused_whatever_fails(self):
        assert World(known=None)(hop() + SIGNED + letter(), RELAY).checks == (Check.TLS,)
        assert not World(NETWORK).asked_of(hop() + SIGNED + letter(), RELAY)

    def test_dns_that_fails_puts_it_off_all_the_same(self):
        world = World(known=replace(DKIM, result=Result.TEMPERROR))
        assert world.refused(hop() + SIGNED + letter(), RELAY).code is RefusalCode.DNS_FAILURE

    def test_its_word_counts_above_its_received(self):
        world = World(known=None, trust=self.TRUST)
        raw = self.REPORT + hop() + SIGNED + letter(days_old=0)
        world.clock.instant = STARTED
        evidence = world(raw, RELAY)
        assert Check.DMARC in evidence.checks
        assert [one.source for one in evidence.results] == ["auth.kela.fi"]
        assert not evidence.replayed

    def test_where_its_word_may_be_of_another_letter_we_look_ourselves(self):
        world = World(known=replace(DKIM, result=Result.FAIL), trust=self.TRUST)
        raw = self.REPORT + hop() + SIGNED + letter(to="x@elsewhere.example")
        world.clock.instant = STARTED
        assert world.asked_of(raw, RELAY)
        assert world(raw, RELAY).replayed

    @pytest.mark.parametrize(
        ("section", "peer", "trust"),
        [
            (REPORT + hop(), PEER, TRUST),
            (hop() + REPORT, RELAY, TRUST),
            (REPORT + hop(), RELAY, RelayTrust()),
            (REPORT + hop(), RELAY, RelayTrust(authserv_id="kela.fi")),
            (REPORT, RELAY, TRUST),
            (REPORT + hop(), replace(RELAY, helo="other.kela.fi"), TRUST),
        ],
    )
    def test_a_forged_word_proves_nothing(self, section, peer, trust):
        world = World(known=None, trust=trust)
        world.clock.instant = STARTED
        raw = section + SIGNED + letter()
        if peer.relayed:
            assert Check.DMARC not in world(raw, peer).checks
        else:
            assert world.refused(raw, peer).code is RefusalCode.USE_SECURE_LINK
