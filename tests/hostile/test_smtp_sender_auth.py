"""Sender authentication through the real door, with real DNS: what is taken, and what is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from secure_mail.application.intake.arrival_facts import RelayTrust
from secure_mail.domain.authentication import Method, Reason, Result
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.partners import Check
from secure_mail.infrastructure.sender_auth.check import DnsSenderAuthentication
from tests.arrivals import DOMAIN, US, letter
from tests.mail_signing import rsa, signed
from tests.services.dns import DnsServer, Fault, dns_server
from tests.smtp_rig import PARTNER, Rig, play

RELAY = {"relays": ("127.0.0.0/8",), "trust": RelayTrust(authserv_id="mx.kela.fi")}
SIGNED = signed(letter(), DOMAIN, rsa())
REPORT = f"Authentication-Results: mx.kela.fi; dkim=pass header.d={DOMAIN}\r\n".encode()
HOP = (
    b"Received: from mail.institution.example (x [192.0.2.7])\r\n"
    b"\t(using TLSv1.3 with cipher X) by mx.kela.fi (Postfix) with ESMTPS id 1; Tue\r\n"
)
FAILED = "550 5.7.1 SV: Skriv pa https://secure.kela.fi/sv/. Meddelandet sparades inte."


@pytest.fixture(scope="module")
def dns() -> Iterator[DnsServer]:
    zone = {
        f"s1._domainkey.{DOMAIN}": {"TXT": [rsa().record]},
        f"broken._domainkey.{DOMAIN}": Fault.SERVFAIL,
        f"_dmarc.{DOMAIN}": {"TXT": ["v=DMARC1; p=reject"]},
        DOMAIN: {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]},
    }
    with dns_server(zone) as server:
        yield server


def sent(
    tmp_path, dns: DnsServer, raw: bytes, *, box: str = US, **parts: object
) -> tuple[str, Evidence | None]:
    """The last line of the reply after the dot, and the evidence of what was stored."""
    replies: list[str] = []
    found: list[Evidence] = []

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, box)
            replies.append(await client.data(raw))
        found.extend(map(rig.evidence, rig.stored))

    check = DnsSenderAuthentication(resolver=dns.resolver())
    usual = {"require": (Check.DMARC,), "partner_networks": (), "authentication": check}
    play(tmp_path, story, **{**usual, **parts})
    return replies[0].split("\n")[-1], found[0] if found else None


def test_a_signed_mail_is_taken_and_its_evidence_says_why(tmp_path, dns):
    reply, evidence = sent(tmp_path, dns, SIGNED)
    assert reply.startswith("250 2.0.0 ")
    assert evidence.checks == (Check.DMARC, Check.TLS)
    assert [(one.method, one.result) for one in evidence.results] == [
        (Method.DKIM, Result.PASS),
        (Method.DMARC, Result.PASS),
    ]
    assert not evidence.replayed


def test_a_large_signed_mail_is_hashed_while_it_streams(tmp_path, dns):
    body = "A line of a long letter, with  blanks \t in it. \r\n" * 60_000 + "\r\n\r\n"
    reply, evidence = sent(tmp_path, dns, signed(letter(body=body), DOMAIN, rsa()))
    assert reply.startswith("250 ")
    assert Check.DMARC in evidence.checks


def test_a_line_that_begins_with_a_dot_is_hashed_without_its_stuffing(tmp_path, dns):
    raw = signed(letter(body="..\r\n.\r\n.dot\r\n"), DOMAIN, rsa(), canonical="simple/simple")
    _, evidence = sent(tmp_path, dns, raw.replace(b"\r\n.", b"\r\n.."))
    assert Check.DMARC in evidence.checks


@pytest.mark.parametrize(
    "raw",
    [
        letter(),
        SIGNED.replace(b"letter", b"latter"),
        b"Subject: Pay\r\n" + SIGNED,
        signed(letter(), "esp.example", rsa()),
        REPORT + letter(),
        REPORT + HOP + SIGNED.replace(b"letter", b"latter"),
    ],
)
def test_what_proves_nothing_is_shown_the_secure_link(tmp_path, dns, raw):
    assert sent(tmp_path, dns, raw) == (FAILED, None)


def test_dns_that_fails_is_temporary(tmp_path, dns):
    raw = signed(letter(), DOMAIN, rsa(), selector="broken")
    assert sent(tmp_path, dns, raw) == (
        "451 4.7.24 Sender authentication met a DNS error, try again later",
        None,
    )


def test_a_replay_is_taken_and_marked(tmp_path, dns):
    reply, evidence = sent(tmp_path, dns, signed(letter(to="x@y.example"), DOMAIN, rsa()))
    assert reply.startswith("250 ")
    assert evidence.replayed
    assert evidence.results[0].reason == Reason.OTHER_RECIPIENT


@pytest.mark.parametrize(
    ("allow_spf", "raw", "reply"),
    [
        (False, letter(), "550 5.7.20 No passing DKIM signature of yours; "),
        (False, SIGNED + b"P.S.\r\n", "550 5.7.20 "),
        (True, letter(), "550 5.7.23 SPF validation failed; "),
        (True, SIGNED + b"P.S.\r\n", "550 5.7.26 Required check failed: dmarc; "),
    ],
)
def test_what_failed_is_named_when_the_network_proves(tmp_path, dns, allow_spf, raw, reply):
    parts = {"require": (Check.DMARC, Check.NETWORK), "allow_spf": allow_spf}
    here = {**parts, "partner_networks": ("127.0.0.0/8",)}
    said, evidence = sent(tmp_path, dns, raw, **here)
    assert said.startswith(reply)
    assert evidence is None
    elsewhere = {**parts, "partner_networks": ("198.51.100.0/28",)}
    (tmp_path / "elsewhere").mkdir()
    assert sent(tmp_path / "elsewhere", dns, raw, **elsewhere) == (FAILED, None)


def test_the_network_is_named_when_the_signature_proves(tmp_path, dns):
    parts = {"require": (Check.NETWORK,), "partner_networks": ("198.51.100.0/28",)}
    said, _ = sent(tmp_path, dns, SIGNED, **parts)
    assert said.startswith("550 5.7.26 Required check failed: network; ")
    (tmp_path / "unsigned").mkdir()
    asked = len(dns.asked)
    assert sent(tmp_path / "unsigned", dns, letter(), **parts) == (FAILED, None)
    assert len(dns.asked) == asked


def test_a_partner_of_one_network_costs_no_question(tmp_path, dns):
    asked = len(dns.asked)
    here = {"require": (Check.NETWORK,), "partner_networks": ("127.0.0.0/8",)}
    _, evidence = sent(tmp_path, dns, SIGNED, **here)
    assert evidence.checks == (Check.NETWORK, Check.TLS)
    assert (len(dns.asked), evidence.results) == (asked, ())


class TestBehindARelay:
    """Its Received bears the name that AUTHSERV_ID says."""

    def test_a_signature_survives_and_tls_is_what_the_relay_says(self, tmp_path, dns):
        reply, evidence = sent(tmp_path, dns, HOP + SIGNED, **RELAY)
        assert reply.startswith("250 ")
        assert evidence.relayed
        assert evidence.checks == (Check.DMARC, Check.TLS)

    def test_a_network_check_is_missing(self, tmp_path, dns):
        here = {"require": (Check.NETWORK,), "partner_networks": ("127.0.0.0/8", "192.0.2.0/28")}
        _, evidence = sent(tmp_path, dns, HOP + SIGNED, **here, **RELAY)
        assert evidence.checks == (Check.TLS,)

    def test_spf_is_of_the_client_that_the_relay_names(self, tmp_path, dns):
        _, evidence = sent(tmp_path, dns, HOP + letter(), allow_spf=True, **RELAY)
        assert evidence.checks == (Check.DMARC, Check.TLS)
        (tmp_path / "forged").mkdir()
        forged = HOP.replace(b"192.0.2.7", b"203.0.113.9") + HOP
        _, evidence = sent(tmp_path / "forged", dns, forged + letter(), allow_spf=True, **RELAY)
        assert evidence.checks == (Check.TLS,)

    @pytest.mark.parametrize(("above", "counts"), [(True, True), (False, False)])
    def test_results_count_above_its_received_and_are_forged_below(
        self, tmp_path, dns, above, counts
    ):
        broken = SIGNED + b"A footer of the relay.\r\n"
        raw = REPORT + HOP + broken if above else HOP + REPORT + broken
        _, evidence = sent(tmp_path, dns, raw, **RELAY)
        assert (Check.DMARC in evidence.checks) is counts

    @pytest.mark.parametrize("received", [b"", HOP.replace(b"by mx.kela.fi", b"by x.example")])
    def test_without_a_received_of_its_own_nothing_counts(self, tmp_path, dns, received):
        _, evidence = sent(tmp_path, dns, REPORT + received + letter(), **RELAY)
        assert evidence.checks == ()
        assert not evidence.tls
