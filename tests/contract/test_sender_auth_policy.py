"""Mails that verify, and still do not count, or not alone: our policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from secure_mail.domain.authentication import Method, Reason, Result
from tests.arrivals import DOMAIN, US, letter
from tests.mail_signing import NAMES, rsa, signature, signed
from tests.sender_mails import (
    ESP,
    FAILS,
    HOLDS,
    NO_DMARC,
    PASS,
    PERM,
    POLICY,
    REPLAYED,
    SPF_TOO,
    TEMP,
    UNKNOWN,
    Mail,
    after,
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


STRICT = {
    "l= of the whole body": Mail(
        raw=lambda: own(tags={"l": "1000"}), verdict=FAILS, seen=dkim(POLICY, Reason.BODY_LENGTH)
    ),
    "l= with words behind": Mail(
        raw=lambda: own(tags={"l": "10"}) + b"EVIL\r\n",
        verdict=FAILS,
        seen=dkim(POLICY, Reason.BODY_LENGTH),
    ),
    "SHA-1": Mail(
        raw=lambda: own(algorithm="rsa-sha1"), verdict=FAILS, seen=dkim(POLICY, Reason.ALGORITHM)
    ),
    "expired": Mail(
        raw=lambda: own(tags={"x": after(-5)}), verdict=FAILS, seen=dkim(POLICY, Reason.EXPIRED)
    ),
    "expires tomorrow": Mail(raw=lambda: own(tags={"x": after(86_400)}), verdict=HOLDS),
    "from the future": Mail(
        raw=lambda: own(tags={"t": after(7200)}),
        verdict=FAILS,
        seen=dkim(POLICY, Reason.FROM_THE_FUTURE),
    ),
    "From not signed": Mail(
        raw=lambda: own(names=NAMES[1:]), verdict=FAILS, seen=dkim(POLICY, Reason.FROM_UNSIGNED)
    ),
    "Subject not signed": Mail(
        raw=lambda: own(names=["from", "to", "date"]),
        verdict=FAILS,
        seen=dkim(POLICY, Reason.SUBJECT_UNSIGNED),
    ),
    "key revoked": Mail(
        raw=lambda: own(selector="revoked"), verdict=FAILS, seen=dkim(PERM, Reason.KEY_REVOKED)
    ),
    "key of another kind": Mail(
        raw=lambda: own(selector="kind"), verdict=FAILS, seen=dkim(PERM, Reason.KEY_MISMATCH)
    ),
    "key in test": Mail(
        raw=lambda: own(selector="test"), verdict=FAILS, seen=dkim(POLICY, Reason.KEY_IN_TEST)
    ),
    "key for its own domain only": Mail(raw=lambda: own(selector="strict"), verdict=HOLDS),
    "key for its own domain only, signed for a subdomain": Mail(
        raw=lambda: own(selector="strict", tags={"i": f"@mail.{DOMAIN}"}),
        verdict=FAILS,
        seen=dkim(PERM, Reason.KEY_MISMATCH),
    ),
    "key of another service": Mail(
        raw=lambda: own(selector="web"), verdict=FAILS, seen=dkim(PERM, Reason.KEY_MISMATCH)
    ),
    "key for SHA-1": Mail(
        raw=lambda: own(selector="sha1"), verdict=FAILS, seen=dkim(PERM, Reason.KEY_MISMATCH)
    ),
    "key unreadable": Mail(
        raw=lambda: own(selector="odd"), verdict=FAILS, seen=dkim(PERM, Reason.KEY_UNREADABLE)
    ),
    "two keys": Mail(
        raw=lambda: own(selector="two"), verdict=FAILS, seen=dkim(PERM, Reason.KEY_AMBIGUOUS)
    ),
    "no key": Mail(
        raw=lambda: own(selector="absent"), verdict=FAILS, seen=dkim(PERM, Reason.NO_KEY)
    ),
    "DNS fails": Mail(
        raw=lambda: own(selector="servfail"), verdict=UNKNOWN, seen=dkim(TEMP, Reason.DNS)
    ),
    "DNS refuses": Mail(
        raw=lambda: own(selector="refused"), verdict=UNKNOWN, seen=dkim(TEMP, Reason.DNS)
    ),
    "DNS fails for a third party": Mail(
        raw=lambda: signed(letter(), ESP, rsa(number=1), selector="servfail"),
        verdict=FAILS,
        seen=dkim(Result.NEUTRAL, Reason.OTHER_SIGNER),
    ),
    "DNS fails for one of two": Mail(
        raw=lambda: signature(letter(), DOMAIN, rsa(), selector="servfail") + own(), verdict=HOLDS
    ),
    "no DMARC record": Mail(
        raw=lambda: signed(letter(author="x@undescribed.example"), "undescribed.example", rsa()),
        verdict=HOLDS,
        seen=(Method.DMARC, Result.NONE, Reason.NO_RECORD),
        partner=NO_DMARC,
    ),
}


@pytest.mark.parametrize("mail", STRICT.values(), ids=STRICT)
def test_strict(dns, mail):
    judge(dns, mail)


REPLAYS = {
    "six days old": Mail(raw=lambda: own(letter(days_old=6.9)), verdict=HOLDS),
    "seven days old": Mail(
        raw=lambda: own(letter(days_old=7.01)),
        verdict=REPLAYED,
        seen=dkim(PASS, Reason.OTHER_DATE),
    ),
    "of next month": Mail(raw=lambda: own(letter(days_old=-30)), verdict=REPLAYED),
    "to somebody else": Mail(
        raw=lambda: own(letter(to="bank@elsewhere.example")),
        verdict=REPLAYED,
        seen=dkim(PASS, Reason.OTHER_RECIPIENT),
    ),
    "to another mailbox of ours": Mail(
        raw=lambda: own(letter(to="perintakeskus@kela.fi")), verdict=REPLAYED
    ),
    "copied to us": Mail(
        raw=lambda: own(letter(to="x@y.example", cc=US), names=[*NAMES, "cc"]), verdict=HOLDS
    ),
    "a Cc to us that is not signed": Mail(
        raw=lambda: own(letter(to="x@y.example", cc=US)),
        verdict=REPLAYED,
        seen=dkim(PASS, Reason.OTHER_RECIPIENT),
    ),
    "a Cc to us put on top": Mail(
        raw=lambda: f"Cc: {US}\r\n".encode() + own(letter(to="x@y.example")), verdict=REPLAYED
    ),
    "To not signed": Mail(
        raw=lambda: own(names=["from", "subject", "date"]),
        verdict=REPLAYED,
        seen=dkim(PASS, Reason.RECIPIENT_UNSIGNED),
    ),
    "no To": Mail(
        raw=lambda: own(letter(to=None)),
        verdict=REPLAYED,
        seen=dkim(PASS, Reason.RECIPIENT_UNSIGNED),
    ),
    "Date not signed": Mail(
        raw=lambda: own(names=["from", "to", "subject"]),
        verdict=REPLAYED,
        seen=dkim(PASS, Reason.DATE_UNSIGNED),
    ),
    "to somebody else, from a permitted server": Mail(
        raw=lambda: own(letter(to="x@y.example")), verdict=HOLDS, partner=SPF_TOO
    ),
}


@pytest.mark.parametrize("mail", REPLAYS.values(), ids=REPLAYS)
def test_replays(dns, mail):
    judge(dns, mail)
