"""Signed mails, whole and changed, judged against a real DNS server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from secure_mail.domain.authentication import Method, Reason, Result
from tests.arrivals import DOMAIN, PARTNER, letter
from tests.mail_signing import NAMES, ed25519, rsa, signature, signed
from tests.sender_mails import (
    BY_ESP,
    ESP,
    FAIL,
    FAILS,
    HOLDS,
    PASS,
    PERM,
    POLICY,
    Mail,
    dkim,
    judge,
    own,
    zone,
)
from tests.services.dns import DnsServer, dns_server


@pytest.fixture(scope="module")
def dns() -> Iterator[DnsServer]:
    with dns_server(zone()) as server:
        yield server


SIGNATURES = {
    "aligned": Mail(raw=own, verdict=HOLDS, seen=dkim(PASS)),
    "simple/simple": Mail(raw=lambda: own(canonical="simple/simple"), verdict=HOLDS),
    "relaxed/simple": Mail(raw=lambda: own(canonical="relaxed/simple"), verdict=HOLDS),
    "simple/relaxed": Mail(raw=lambda: own(canonical="simple/relaxed"), verdict=HOLDS),
    "simple, by default": Mail(
        raw=lambda: own(canonical="simple", tags={"c": "simple"}), verdict=HOLDS
    ),
    "Ed25519": Mail(raw=lambda: own(key=ed25519(), selector="ed"), verdict=HOLDS),
    "RSA of 1024 bits": Mail(raw=lambda: own(key=rsa(1024), selector="kilo"), verdict=HOLDS),
    "RSA of 4104 bits": Mail(
        raw=lambda: own(selector="longer"), verdict=FAILS, seen=dkim(POLICY, Reason.KEY_TOO_LONG)
    ),
    "RSA of an endless exponent": Mail(
        raw=lambda: own(selector="slow"), verdict=FAILS, seen=dkim(POLICY, Reason.KEY_TOO_LONG)
    ),
    "a record that needs TCP": Mail(raw=lambda: own(selector="long"), verdict=HOLDS),
    "RSA of 768 bits": Mail(
        raw=lambda: own(key=rsa(768), selector="short"),
        verdict=FAILS,
        seen=dkim(POLICY, Reason.KEY_TOO_SHORT),
    ),
    "key behind an alias": Mail(raw=lambda: own(selector="alias"), verdict=HOLDS),
    "key beside another text": Mail(raw=lambda: own(selector="wild"), verdict=HOLDS),
    "everything signed twice over": Mail(
        raw=lambda: own(names=[*NAMES, *NAMES, "cc", "reply-to"]), verdict=HOLDS
    ),
    "empty body": Mail(raw=lambda: own(letter(body="")), verdict=HOLDS),
    "signed for a subdomain of its own": Mail(
        raw=lambda: own(tags={"i": f"x@mail.{DOMAIN}"}), verdict=HOLDS
    ),
    "aligned in the relaxed way only": Mail(
        raw=lambda: signed(letter(), f"mail.{DOMAIN}", rsa()),
        verdict=FAILS,
        seen=(Method.DMARC, PASS, ""),
    ),
    "author of a subdomain, signed by the domain": Mail(
        raw=lambda: own(letter(author=f"clerk@mail.{DOMAIN}")), verdict=FAILS, seen=dkim(PASS)
    ),
    "author of a subdomain, signed by it": Mail(
        raw=lambda: signed(letter(author=f"x@mail.{DOMAIN}"), f"mail.{DOMAIN}", rsa()),
        verdict=HOLDS,
        seen=(Method.DMARC, PASS, ""),
    ),
    "subdomain named in the registration": Mail(
        raw=lambda: signed(letter(), f"mail.{DOMAIN}", rsa()),
        verdict=HOLDS,
        partner=replace(PARTNER, signing_domains=(f"mail.{DOMAIN}",)),
    ),
    "third party": Mail(
        raw=lambda: signed(letter(), ESP, rsa(number=1)),
        verdict=FAILS,
        seen=(Method.DMARC, FAIL, Reason.NOT_ALIGNED),
    ),
    "third party named in the registration": Mail(
        raw=lambda: signed(letter(), ESP, rsa(number=1)), verdict=HOLDS, partner=BY_ESP
    ),
    "third party on top, aligned below": Mail(
        raw=lambda: signed(own(), ESP, rsa(number=1)), verdict=HOLDS
    ),
    "aligned on top, broken third party below": Mail(
        raw=lambda: (
            signature(letter(), DOMAIN, rsa())
            + signature(letter(body="other"), ESP, rsa(number=1))
            + letter()
        ),
        verdict=HOLDS,
        seen=dkim(FAIL, Reason.BODY_CHANGED),
    ),
    "aligned below thirty others": Mail(
        raw=lambda: signature(letter(), ESP, rsa(number=1)) * 30 + own(), verdict=HOLDS
    ),
    "aligned below thirty that are none": Mail(
        raw=lambda: b"DKIM-Signature: x\r\n" * 30 + own(), verdict=HOLDS
    ),
    "key of somebody else": Mail(
        raw=lambda: own(key=rsa(number=1)), verdict=FAILS, seen=dkim(FAIL, Reason.SIGNATURE_WRONG)
    ),
    "not signed": Mail(raw=letter, verdict=FAILS, seen=dkim(Result.NONE, Reason.UNSIGNED)),
    "unreadable": Mail(
        raw=lambda: b"DKIM-Signature: v=1; d\r\n" + letter(),
        verdict=FAILS,
        seen=dkim(PERM, Reason.SIGNATURE_UNREADABLE),
    ),
}


@pytest.mark.parametrize("mail", SIGNATURES.values(), ids=SIGNATURES)
def test_signatures(dns, mail):
    judge(dns, mail)


CHANGED = {
    "a word in the body": Mail(
        raw=lambda: own().replace(b"letter", b"latter"),
        verdict=FAILS,
        seen=dkim(FAIL, Reason.BODY_CHANGED),
    ),
    "words behind the body": Mail(
        raw=lambda: own() + b"P.S.\r\n", verdict=FAILS, seen=dkim(FAIL, Reason.BODY_CHANGED)
    ),
    "empty lines behind the body": Mail(raw=lambda: own() + b"\r\n\r\n", verdict=HOLDS),
    "blanks in the body, relaxed": Mail(
        raw=lambda: own().replace(b"Words  of", b"Words \t of"), verdict=HOLDS
    ),
    "blanks in the body, simple": Mail(
        raw=lambda: own(canonical="relaxed/simple").replace(b"Words  of", b"Words \t of"),
        verdict=FAILS,
        seen=dkim(FAIL, Reason.BODY_CHANGED),
    ),
    "a word in the subject": Mail(
        raw=lambda: own().replace(b"Case 7", b"Case 8"),
        verdict=FAILS,
        seen=dkim(FAIL, Reason.SIGNATURE_WRONG),
    ),
    "folds in the subject, relaxed": Mail(
        raw=lambda: own().replace(b"Subject: Case", b"SUBJECT:\r\n\t Case"), verdict=HOLDS
    ),
    "folds in the subject, simple": Mail(
        raw=lambda: own(canonical="simple/relaxed").replace(b": Case", b":\r\n Case"),
        verdict=FAILS,
        seen=dkim(FAIL, Reason.SIGNATURE_WRONG),
    ),
    "fields that are not signed": Mail(
        raw=lambda: b"Received: x\r\nX-Spam: no\r\n" + own(), verdict=HOLDS
    ),
    "second Subject on top": Mail(
        raw=lambda: b"Subject: Pay\r\n" + own(),
        verdict=FAILS,
        seen=dkim(POLICY, Reason.HEADER_ADDED),
    ),
    "second Subject below": Mail(
        raw=lambda: own().replace(b"\r\n\r\n", b"\r\nSubject: Pay\r\n\r\n", 1),
        verdict=FAILS,
        seen=dkim(POLICY, Reason.HEADER_ADDED),
    ),
    "second Subject, absence signed": Mail(
        raw=lambda: b"Subject: Pay\r\n" + own(names=[*NAMES, "subject"]),
        verdict=FAILS,
        seen=dkim(FAIL, Reason.SIGNATURE_WRONG),
    ),
    "second To on top": Mail(
        raw=lambda: b"To: x@y.example\r\n" + own(),
        verdict=FAILS,
        seen=dkim(POLICY, Reason.HEADER_ADDED),
    ),
    "second Date on top": Mail(
        raw=lambda: b"Date: Mon, 1 Jan 2001 00:00:00 +0000\r\n" + own(),
        verdict=FAILS,
        seen=dkim(POLICY, Reason.HEADER_ADDED),
    ),
    "a line that is no field": Mail(
        raw=lambda: b"not a field\r\n" + own(),
        verdict=FAILS,
        seen=dkim(PERM, Reason.HEADERS_UNCLEAR),
    ),
    "a blank fold": Mail(
        raw=lambda: own().replace(b"Case 7", b"Case 7\r\n "),
        verdict=FAILS,
        seen=dkim(PERM, Reason.HEADERS_UNCLEAR),
    ),
}


@pytest.mark.parametrize("mail", CHANGED.values(), ids=CHANGED)
def test_changed(dns, mail):
    judge(dns, mail)
