"""What may stand in for a signature: SPF, and a forwarder that sealed what it found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from secure_mail.domain.authentication import Method, Reason, Result
from tests.arrivals import DOMAIN, letter
from tests.mail_signing import arc_set, rsa, sealed
from tests.sender_mails import (
    ESP,
    FAIL,
    FAILS,
    HOLDS,
    LIST,
    PASS,
    PERM,
    POLICY,
    REPLAYED,
    REPORT,
    SPF_TOO,
    STRANGER,
    TEMP,
    UNKNOWN,
    Mail,
    arc,
    dkim,
    forged_on_top,
    forwarded,
    forwarded_twice,
    judge,
    own,
    spf,
    zone,
)
from tests.services.dns import DnsServer, dns_server


@pytest.fixture(scope="module")
def dns() -> Iterator[DnsServer]:
    with dns_server(zone()) as server:
        yield server


SPF = {
    "permitted": Mail(raw=letter, verdict=HOLDS, seen=spf(PASS), partner=SPF_TOO),
    "permitted, but SPF is not allowed": Mail(raw=letter, verdict=FAILS),
    "not permitted": Mail(
        raw=letter,
        verdict=FAILS,
        seen=spf(FAIL, Reason.NOT_PERMITTED),
        partner=SPF_TOO,
        client="203.0.113.9",
    ),
    "not permitted, IPv6": Mail(
        raw=letter,
        verdict=FAILS,
        seen=spf(FAIL, Reason.NOT_PERMITTED),
        partner=SPF_TOO,
        client="2001:db8::7",
    ),
    "of another domain": Mail(
        raw=lambda: letter(author="x@soft.example"), verdict=FAILS, seen=spf(PASS), partner=SPF_TOO
    ),
    "softfail": Mail(
        raw=lambda: letter(author="x@soft.example"),
        verdict=FAILS,
        seen=spf(Result.SOFTFAIL, Reason.NOT_PERMITTED),
        partner=SPF_TOO,
        sender="soft.example",
    ),
    "no record": Mail(
        raw=lambda: letter(author="x@mail.ptr.example"),
        verdict=FAILS,
        seen=spf(Result.NONE, Reason.NO_RECORD),
        partner=SPF_TOO,
        sender="mail.ptr.example",
    ),
    "records that include each other": Mail(
        raw=lambda: letter(author="x@loop.example"),
        verdict=FAILS,
        seen=spf(PERM, Reason.RECORD_UNREADABLE),
        partner=SPF_TOO,
        sender="loop.example",
    ),
    "three names that are none": Mail(
        raw=lambda: letter(author="x@void.example"),
        verdict=FAILS,
        seen=spf(PERM, Reason.RECORD_UNREADABLE),
        partner=SPF_TOO,
        sender="void.example",
    ),
    "two records": Mail(
        raw=lambda: letter(author="x@two.example"),
        verdict=FAILS,
        seen=spf(PERM, Reason.RECORD_UNREADABLE),
        partner=SPF_TOO,
        sender="two.example",
    ),
    "a record without an end": Mail(
        raw=lambda: letter(author="x@long.example"),
        verdict=FAILS,
        seen=spf(PERM, Reason.RECORD_UNREADABLE),
        partner=SPF_TOO,
        sender="long.example",
    ),
    "DNS fails": Mail(
        raw=lambda: letter(author="x@down.example"),
        verdict=UNKNOWN,
        seen=spf(TEMP, Reason.DNS),
        partner=SPF_TOO,
        sender="down.example",
    ),
    "DNS of the DMARC record fails": Mail(
        raw=lambda: letter(author="x@down.example"),
        verdict=UNKNOWN,
        seen=(Method.DMARC, TEMP, Reason.DNS),
        partner=SPF_TOO,
        sender="down.example",
    ),
    "by a macro": Mail(
        raw=lambda: letter(author="x@macro.example"),
        verdict=HOLDS,
        seen=spf(PASS),
        partner=SPF_TOO,
        sender="macro.example",
    ),
    "by the name of the server": Mail(
        raw=lambda: letter(author="x@ptr.example"),
        verdict=HOLDS,
        seen=spf(PASS),
        partner=SPF_TOO,
        sender="ptr.example",
    ),
    "permitted, though the signature is broken": Mail(
        raw=lambda: own() + b"P.S.\r\n", verdict=HOLDS, partner=SPF_TOO
    ),
    "signed, though not permitted": Mail(
        raw=own, verdict=HOLDS, partner=SPF_TOO, client="203.0.113.9"
    ),
}


@pytest.mark.parametrize("mail", SPF.values(), ids=SPF)
def test_spf(dns, mail):
    judge(dns, mail)


ARC = {
    "a configured forwarder": Mail(raw=forwarded, verdict=HOLDS, seen=arc(PASS)),
    "two of its servers": Mail(raw=forwarded_twice, verdict=HOLDS, seen=arc(PASS)),
    "it says DKIM failed": Mail(
        raw=lambda: forwarded(f"{LIST}; dkim=fail header.d={DOMAIN}"), verdict=FAILS, seen=arc(PASS)
    ),
    "it says DKIM passed for another": Mail(
        raw=lambda: forwarded(f"{LIST}; dkim=pass header.d={ESP}"), verdict=FAILS
    ),
    "it says only that DMARC passed": Mail(
        raw=lambda: forwarded(f"{LIST}; dmarc=pass header.from={DOMAIN}"), verdict=FAILS
    ),
    "it says only that DMARC passed, and SPF is allowed": Mail(
        raw=lambda: forwarded(f"{LIST}; dmarc=pass header.from={DOMAIN}"),
        verdict=HOLDS,
        partner=SPF_TOO,
        client="203.0.113.9",
    ),
    "it says nothing that can be read": Mail(
        raw=lambda: forwarded("x y z"), verdict=FAILS, seen=arc(PASS)
    ),
    "it says it in a local part": Mail(
        raw=lambda: forwarded(
            f'{LIST}; spf=pass smtp.mailfrom="; dkim=pass header.d={DOMAIN}"@x.y'
        ),
        verdict=FAILS,
    ),
    "a stranger": Mail(
        raw=lambda: forwarded(domain=STRANGER, number=3),
        verdict=FAILS,
        seen=arc(POLICY, Reason.STRANGER),
    ),
    "a stranger behind the forwarder": Mail(
        raw=lambda: forwarded_twice(STRANGER), verdict=FAILS, seen=arc(POLICY, Reason.STRANGER)
    ),
    "a stranger in the forwarder's name": Mail(
        raw=lambda: forwarded(number=3), verdict=FAILS, seen=arc(FAIL, Reason.CHAIN_BROKEN)
    ),
    "the report was changed": Mail(
        raw=lambda: forwarded(f"{LIST}; dkim=fail header.d={DOMAIN}").replace(
            b"dkim=fail", b"dkim=pass", 1
        ),
        verdict=FAILS,
        seen=arc(FAIL, Reason.CHAIN_BROKEN),
    ),
    "an earlier report was changed": Mail(
        raw=lambda: forwarded_twice().replace(b"dmarc=pass", b"dmarc=none"),
        verdict=FAILS,
        seen=arc(FAIL, Reason.CHAIN_BROKEN),
    ),
    "the body was changed after it": Mail(
        raw=lambda: forwarded() + b"P.S.\r\n", verdict=FAILS, seen=arc(FAIL, Reason.BODY_CHANGED)
    ),
    "second Subject after it": Mail(
        raw=lambda: b"Subject: Pay\r\n" + forwarded(),
        verdict=FAILS,
        seen=arc(POLICY, Reason.HEADER_ADDED),
    ),
    "the chain says that it is broken": Mail(
        raw=lambda: forwarded_twice(validation="fail"),
        verdict=FAILS,
        seen=arc(FAIL, Reason.CHAIN_BROKEN),
    ),
    "a first seal that claims a chain before it": Mail(
        raw=lambda: forwarded(validation="pass"),
        verdict=FAILS,
        seen=arc(FAIL, Reason.CHAIN_BROKEN),
    ),
    "a set is missing": Mail(
        raw=lambda: forwarded(instance=2, validation="pass"),
        verdict=FAILS,
        seen=arc(FAIL, Reason.CHAIN_BROKEN),
    ),
    "a field is there twice": Mail(
        raw=lambda: arc_set(forwarded()) + forwarded(),
        verdict=FAILS,
        seen=arc(PERM, Reason.CHAIN_BROKEN),
    ),
    "a forged set that the library passes over, other digits": Mail(
        raw=lambda: forged_on_top("i=\N{FULLWIDTH DIGIT TWO}", "i\N{EM SPACE}=2"), verdict=FAILS
    ),
    "a forged set that the library passes over, an odd blank": Mail(
        raw=lambda: forged_on_top("i=\N{FULLWIDTH DIGIT TWO}", "i\x1c=2"), verdict=FAILS
    ),
    "a forged set whose report alone is in sight": Mail(
        raw=lambda: forged_on_top(f"z=i={'9' * 5000}; i=2", "i=2"),
        verdict=FAILS,
        seen=arc(FAIL, Reason.CHAIN_BROKEN),
    ),
    "its seal around the message signature of a stranger": Mail(
        raw=lambda: (
            forwarded()
            .replace(f" d={LIST}; s=s1; ".encode(), f" d={STRANGER}; s=s1; ".encode(), 2)
            .replace(f" d={STRANGER}; s=s1; ".encode(), f" d={LIST}; s=s1; ".encode(), 1)
        ),
        verdict=FAILS,
        seen=arc(POLICY, Reason.CHAIN_UNEVEN),
    ),
    "to somebody else": Mail(
        raw=lambda: sealed(
            own(letter(to="x@y.example")) + b"P.S.\r\n", LIST, rsa(number=2), REPORT
        ),
        verdict=REPLAYED,
        seen=arc(PASS, Reason.OTHER_RECIPIENT),
    ),
    "not needed": Mail(
        raw=lambda: sealed(own(), STRANGER, rsa(number=3), REPORT), verdict=HOLDS, seen=dkim(PASS)
    ),
}


@pytest.mark.parametrize("mail", ARC.values(), ids=ARC)
def test_arc(dns, mail):
    judge(dns, mail)


@pytest.mark.parametrize(
    ("number", "validation"),
    [
        pytest.param(3, "pass", id="the newest seal is forged"),
        pytest.param(2, "fail", id="the forwarder says that the chain was broken"),
    ],
)
def test_a_forged_seal_on_top_lets_nobody_choose_who_is_asked(dns, number, validation):
    """The sets below it are a forger's as well, of domains whose DNS may never answer."""
    below = sealed(letter(), "servfail.example", rsa(number=3), f"servfail.example; {REPORT}")
    forged = sealed(
        below,
        LIST,
        rsa(number=number),
        REPORT,
        instance=2,
        validation=validation,
        earlier=[arc_set(below)],
    )
    before = len(dns.asked)
    judge(dns, Mail(raw=lambda: forged, verdict=FAILS, seen=arc(FAIL, Reason.CHAIN_BROKEN)))
    assert {name for name, _ in dns.asked[before:]} == {f"s1._domainkey.{LIST}", f"_dmarc.{DOMAIN}"}
