"""Sender authentication: what the port promises, of the fake and of the real one; and its DNS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import dns.resolver
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secure_mail.domain.authentication import BodyHashes, CheckResult, Method, Reason, Result
from secure_mail.infrastructure.sender_auth.check import DnsSenderAuthentication
from secure_mail.infrastructure.sender_auth.lookups import (
    DnsFailureError,
    Lookups,
    open_resolver,
)
from tests.arrivals import DOMAIN, PARTNER, letter, presented
from tests.fakes.sender_auth import FakeSenderAuthentication
from tests.mail_signing import rsa, signed
from tests.services.dns import DnsServer, Fault, closed_port, dns_server

PASSED = CheckResult(method=Method.DKIM, result=Result.PASS, domain=DOMAIN)
NO_DNS = replace(PASSED, result=Result.TEMPERROR, reason=Reason.DNS)
DOWN = "down.example"


@pytest.fixture(scope="module")
def server() -> Iterator[DnsServer]:
    zone = {
        f"s1._domainkey.{DOMAIN}": {"TXT": [rsa().record]},
        f"s1._domainkey.{DOWN}": Fault.SERVFAIL,
        "silent.example": Fault.SILENT,
        "large.example": {"TXT": ["x" * 3000]},
        "two.example": {"TXT": ["a", "b" * 300]},
        "alias.example": {"CNAME": ["two.example."]},
        "empty.example": {"A": ["192.0.2.1"]},
    }
    with dns_server(zone) as running:
        yield running


@pytest.fixture(params=["fake", "real"])
def authentication(request, server):
    if request.param == "real":
        return DnsSenderAuthentication(resolver=server.resolver())
    return FakeSenderAuthentication(
        known={DOMAIN: PASSED, DOWN: replace(NO_DNS, domain=DOWN)},
        clients={},
    )


class TestPort:
    def test_a_good_signature_passes(self, authentication):
        results = authentication(presented(signed(letter(), DOMAIN, rsa())))
        assert PASSED in [replace(one, selector="") for one in results]

    def test_a_mail_without_one_says_so(self, authentication):
        assert authentication(presented(letter())) == (
            CheckResult(method=Method.DKIM, result=Result.NONE, reason=Reason.UNSIGNED),
        )

    def test_a_dns_failure_is_a_result(self, authentication):
        question = replace(presented(signed(letter(), DOWN, rsa())), signers=(DOMAIN, DOWN))
        results = authentication(question)
        assert replace(NO_DNS, domain=DOWN) in [replace(one, selector="") for one in results]

    def test_spf_is_asked_of_the_client_that_is_named(self, authentication):
        question = replace(presented(letter()), client="203.0.113.1")
        assert [one.domain for one in authentication(question) if one.method is Method.SPF] == [
            DOMAIN
        ]

    def test_unclear_headers_prove_nothing(self, authentication):
        question = presented(b"not a field\r\n" + signed(letter(), DOMAIN, rsa()))
        assert authentication(question)[0].reason == Reason.HEADERS_UNCLEAR

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(st.binary(max_size=200), st.binary(max_size=200))
    def test_no_octets_break_it(self, authentication, above, inside):
        for signature in (
            b"DKIM-Signature: " + inside,
            b"ARC-Seal: i=1;" + inside,
            b"ARC-Message-Signature: i=1; h=from; " + inside,
        ):
            section = above + b"\r\n" + signature + b"\r\nFrom: a@b.example\r\n"
            question = replace(presented(letter()), section=section, body=BodyHashes(b"", b""))
            assert all(one.result is not Result.PASS for one in authentication(question))


def test_a_sender_does_not_choose_whose_dns_is_waited_for(server):
    """One that never answers would hold a thread for each mail that a stranger sends."""
    mail = signed(signed(letter(), DOMAIN, rsa()), "silent.example", rsa())
    before = len(server.asked)
    results = DnsSenderAuthentication(resolver=server.resolver())(presented(mail))
    asked = {name for name, _ in server.asked[before:]}
    assert asked == {f"s1._domainkey.{DOMAIN}", f"_dmarc.{DOMAIN}"}
    found = {(one.domain, one.result, one.reason) for one in results}
    assert ("silent.example", Result.NEUTRAL, Reason.OTHER_SIGNER) in found
    assert (DOMAIN, Result.PASS, "") in found


def test_the_organisation_of_the_author_is_asked(server):
    """It makes DMARC pass, which staff are shown, though the check of a partner wants more."""
    mail = signed(letter(), f"mail.{DOMAIN}", rsa())
    before = len(server.asked)
    DnsSenderAuthentication(resolver=server.resolver())(presented(mail))
    assert (f"s1._domainkey.mail.{DOMAIN}", "TXT") in server.asked[before:]


class TestLookups:
    def test_every_text_of_a_name_its_strings_joined(self, server):
        lookups = Lookups(server.resolver())
        assert sorted(lookups.txt("two.example")) == [b"a", b"b" * 300]
        assert sorted(lookups.txt("alias.example.")) == [b"a", b"b" * 300]

    def test_what_is_too_large_for_a_datagram_comes_over_tcp(self, server):
        before = server.over_tcp
        assert Lookups(server.resolver()).txt("large.example") == (b"x" * 3000,)
        assert server.over_tcp == before + 1

    @pytest.mark.parametrize(
        "name", ["absent.example", "empty.example", "a..b", "x" * 64 + ".example", "é\udc80.x", ""]
    )
    def test_where_there_is_none_there_is_none(self, server, name):
        assert Lookups(server.resolver()).txt(name) == ()

    def test_a_question_is_asked_once(self, server):
        lookups = Lookups(server.resolver())
        for _ in range(3):
            lookups.txt("two.example")
            with pytest.raises(DnsFailureError):
                lookups.txt(f"s1._domainkey.{DOWN}")
        asked = len(server.asked)
        lookups.txt("TWO.example")
        with pytest.raises(DnsFailureError):
            lookups.txt(f"s1._domainkey.{DOWN}")
        assert len(server.asked) == asked

    def test_all_questions_together_are_bounded(self, server):
        lookups = Lookups(server.resolver(), seconds=0.3)
        with pytest.raises(DnsFailureError):
            lookups.txt("silent.example")
        asked = len(server.asked)
        with pytest.raises(DnsFailureError):
            lookups.txt("two.example")
        assert len(server.asked) == asked

    def test_silence_is_a_temporary_error_within_the_bound(self, server):
        silent = replace(
            presented(letter(author="x@silent.example"), replace(PARTNER, allow_spf=True)),
            client="192.0.2.7",
        )
        sender = replace(silent.sender, domain="silent.example")
        check = DnsSenderAuthentication(resolver=server.resolver(), seconds=0.3)
        results = check(replace(silent, sender=sender))
        assert {one.result for one in results if one.method is not Method.DKIM} == {
            Result.TEMPERROR
        }


class TestServers:
    def test_nobody_listens(self):
        with pytest.raises(DnsFailureError):
            Lookups(open_resolver([closed_port()]), seconds=0.5).txt("two.example")

    def test_the_second_server_answers_when_the_first_is_away(self, server):
        resolver = open_resolver([closed_port(), server.address])
        assert Lookups(resolver).txt("alias.example")

    @pytest.mark.parametrize(
        ("text", "address", "port"),
        [
            ("192.0.2.1", "192.0.2.1", 53),
            ("192.0.2.1:5353", "192.0.2.1", 5353),
            ("2001:db8::1", "2001:db8::1", 53),
            ("[2001:db8::1]", "2001:db8::1", 53),
            ("[2001:db8::1]:5353", "2001:db8::1", 5353),
        ],
    )
    def test_how_servers_are_written(self, text, address, port):
        (server,) = open_resolver([text]).nameservers
        assert (server.address, server.port) == (address, port)

    @pytest.mark.parametrize(
        "text", ["", "dns.example", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:0", "192.0.2.1:70000"]
    )
    def test_what_is_no_server(self, text):
        with pytest.raises(ValueError, match=r".*"):
            open_resolver([text])

    def test_without_any_the_systems_are_asked(self):
        assert isinstance(open_resolver(), dns.resolver.Resolver)
        assert open_resolver().nameservers
