"""Rows of the tables of mails: how they are made, and what DNS says of whom."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from secure_mail.domain.authentication import Method, Result
from secure_mail.domain.partners import PartnerOrganisation
from secure_mail.domain.proofs import Proof, prove
from secure_mail.infrastructure.sender_auth.check import DnsSenderAuthentication
from tests.arrivals import DOMAIN, PARTNER, letter, presented
from tests.mail_signing import arc_set, ed25519, rsa, sealed, signature, signed, unfit
from tests.services.dns import DnsServer, Fault

ESP, LIST, STRANGER = "esp.example", "list.example", "stranger.example"
CLIENT = "192.0.2.7"
SPF_TOO = replace(PARTNER, allow_spf=True)
BY_ESP = replace(PARTNER, signing_domains=(ESP,))
NO_DMARC = replace(PARTNER, domains=("undescribed.example",))
HOLDS, REPLAYED, UNKNOWN, FAILS = "holds", "replayed", "unknown", "fails"


def zone() -> dict[str, object]:
    def key(record: str) -> dict[str, list[str]]:
        return {"TXT": [record]}

    own = rsa().record
    broken_spf = " ".join(f"a:void{number}.example" for number in range(3))
    return {
        DOMAIN: {"TXT": ["v=spf1 include:hosts.institution.example -all", "other=text"]},
        "hosts.institution.example": {
            "TXT": ["v=spf1 mx ip4:192.0.2.0/29 ?all"],
            "MX": ["10 mx.institution.example."],
        },
        "mx.institution.example": {"A": ["198.51.100.9"]},
        f"_dmarc.{DOMAIN}": key("v=DMARC1; p=reject; garbage"),
        f"s1._domainkey.{DOMAIN}": key(own),
        f"wild._domainkey.{DOMAIN}": {"TXT": ["v=spf1 -all", own]},
        f"alias._domainkey.{DOMAIN}": {"CNAME": ["elsewhere.example."]},
        "elsewhere.example": key(own),
        f"long._domainkey.{DOMAIN}": key(f"{own}; n={'x' * 1500}"),
        f"longer._domainkey.{DOMAIN}": key(unfit(4104)),
        f"slow._domainkey.{DOMAIN}": key(unfit(2048, (1 << 65) + 1)),
        f"kilo._domainkey.{DOMAIN}": key(rsa(1024).record),
        f"short._domainkey.{DOMAIN}": key(rsa(768).record),
        f"ed._domainkey.{DOMAIN}": key(ed25519().record),
        f"revoked._domainkey.{DOMAIN}": key("v=DKIM1; p="),
        f"kind._domainkey.{DOMAIN}": key(ed25519().record),
        f"test._domainkey.{DOMAIN}": key(own + "; t=y"),
        f"strict._domainkey.{DOMAIN}": key(own + "; t=s"),
        f"web._domainkey.{DOMAIN}": key(own + "; s=web"),
        f"sha1._domainkey.{DOMAIN}": key(own + "; h=sha1"),
        f"odd._domainkey.{DOMAIN}": key("v=DKIM1; p=AAAA"),
        f"two._domainkey.{DOMAIN}": {"TXT": [own, own + "; t=s"]},
        f"servfail._domainkey.{DOMAIN}": Fault.SERVFAIL,
        f"refused._domainkey.{DOMAIN}": Fault.REFUSED,
        f"s1._domainkey.mail.{DOMAIN}": key(own),
        f"s1._domainkey.{ESP}": key(rsa(number=1).record),
        f"servfail._domainkey.{ESP}": Fault.SERVFAIL,
        f"s1._domainkey.{LIST}": key(rsa(number=2).record),
        f"s1._domainkey.{STRANGER}": key(rsa(number=3).record),
        "s1._domainkey.undescribed.example": key(own),
        "s1._domainkey.loop.example": key(own),
        "loop.example": {"TXT": ["v=spf1 include:loop2.example -all"]},
        "loop2.example": {"TXT": ["v=spf1 include:loop.example -all"]},
        "void.example": {"TXT": [f"v=spf1 {broken_spf} -all"]},
        "soft.example": {"TXT": ["v=spf1 ip4:198.51.100.1 ~all"]},
        "two.example": {"TXT": ["v=spf1 +all", "v=spf1 -all"]},
        "long.example": {"TXT": ["v=spf1 " + "ip4:198.51.100.1 " * 200 + "+all"]},
        "down.example": {"TXT": ["v=spf1 include:gone.example -all"]},
        "gone.example": Fault.SERVFAIL,
        "macro.example": {"TXT": ["v=spf1 exists:%{ir}.%{l}.ok.macro.example -all"]},
        "7.2.0.192.clerk.ok.macro.example": {"A": ["127.0.0.2"]},
        "ptr.example": {"TXT": ["v=spf1 ptr mx a/24 exp=why.ptr.example -all"]},
        "7.2.0.192.in-addr.arpa": {"PTR": ["mail.ptr.example."]},
        "mail.ptr.example": {"A": [CLIENT]},
        "_dmarc.down.example": Fault.SERVFAIL,
    }


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One row: how it is made, whose it should be, and what is expected of it."""

    raw: Callable[[], bytes]
    verdict: str
    seen: tuple[Method, Result, str] | None = None
    """One of the results."""
    partner: PartnerOrganisation = PARTNER
    sender: str = DOMAIN
    client: str = CLIENT


def own(message: bytes | None = None, **options: object) -> bytes:
    return signed(message or letter(), DOMAIN, options.pop("key", None) or rsa(), **options)


def dkim(result: Result, reason: str = "") -> tuple[Method, Result, str]:
    return Method.DKIM, result, reason


def spf(result: Result, reason: str = "") -> tuple[Method, Result, str]:
    return Method.SPF, result, reason


def arc(result: Result, reason: str = "") -> tuple[Method, Result, str]:
    return Method.ARC, result, reason


def after(seconds: int) -> str:
    return str(int(time.time()) + seconds)


PASS, FAIL, POLICY = Result.PASS, Result.FAIL, Result.POLICY
TEMP, PERM = Result.TEMPERROR, Result.PERMERROR
REPORT = f"{LIST}; dkim=pass header.d={DOMAIN}; dmarc=pass header.from={DOMAIN}"


def forwarded(
    report: str = REPORT, domain: str = LIST, number: int = 2, **options: object
) -> bytes:
    """Signed by the partner, then changed and sealed by a list."""
    changed = own().replace(b"Subject: Case 7", b"Subject: [list] Case 7")
    return sealed(changed, domain, rsa(number=number), report, **options)


def forwarded_twice(second: str = LIST, **options: object) -> bytes:
    first = forwarded()
    report = f"{second}; arc=pass; dkim=pass header.d={DOMAIN}"
    number = 2 if second == LIST else 3
    return sealed(
        first,
        second,
        rsa(number=number),
        report,
        instance=2,
        **{"validation": "pass", "earlier": [arc_set(first)], **options},
    )


def forged_on_top(number: str, report: str) -> bytes:
    """The list sealed that nothing was signed; a forger lays a set of his own over its set.

    The numbers are written so that we might read them, and the library would pass them over.
    """
    genuine = sealed(letter(), LIST, rsa(number=2), f"{LIST}; dkim=none")
    statement = signature(
        letter(), LIST, rsa(number=3), tags={"i": "?"}, header="ARC-Message-Signature"
    ).replace(b" i=?;", f" {number};".encode())
    seal = f"ARC-Seal: a=rsa-sha256; {number}; cv=pass; d={LIST}; s=s1; b=AAAA\r\n"
    says = f"ARC-Authentication-Results: {report}; {REPORT}\r\n"
    return seal.encode() + statement + says.encode() + genuine


def judge(dns: DnsServer, mail: Mail) -> None:
    """Asserts that the mail is judged as its row says."""
    check = DnsSenderAuthentication(resolver=dns.resolver(), forwarders=frozenset({LIST}))
    question = presented(mail.raw(), mail.partner, mail.client)
    sender = replace(question.sender, domain=mail.sender)
    results = check(replace(question, sender=sender))
    proof = prove(results, question.author.domain, mail.partner)
    assert verdict_of(proof) == mail.verdict, results
    if mail.seen:
        assert mail.seen in {(one.method, one.result, one.reason) for one in results}, results


def verdict_of(proof: Proof) -> str:
    if proof.holds:
        return REPLAYED if proof.replayed else HOLDS
    return UNKNOWN if proof.unknown else FAILS
