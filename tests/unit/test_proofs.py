"""What results prove of a partner, and whether the letter was meant for us, and now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

import pytest

from secure_mail.domain.authentication import REPLAYS, CheckResult, Method, Reason, Result
from secure_mail.domain.ids import PartnerId
from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.domain.proofs import NOTHING_PROVED, prove, replay_of, under_our_policy
from secure_mail.domain.signatures import read_signature
from secure_mail.domain.trace_headers import HeaderField, header_fields

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
US = ("maintenance@kela.fi",)
AUTHOR = "institution.example"
PARTNER = PartnerOrganisation(
    id=PartnerId(UUID(int=1)),
    name="Institution",
    domains=(AUTHOR,),
    require=(Check.DMARC,),
    created_at=NOW,
)
SPF_TOO = replace(PARTNER, allow_spf=True)
BY_ESP = replace(PARTNER, signing_domains=("esp.example",))


def found(
    method: Method,
    result: Result = Result.PASS,
    domain: str = AUTHOR,
    reason: str = "",
    source: str = "",
) -> CheckResult:
    return CheckResult(method=method, result=result, domain=domain, reason=reason, source=source)


DKIM = found(Method.DKIM)
SPF = found(Method.SPF)
NO_DNS = found(Method.DKIM, Result.TEMPERROR, reason=Reason.DNS)


class TestProof:
    @pytest.mark.parametrize(
        ("partner", "results", "holds"),
        [
            (PARTNER, [], False),
            (PARTNER, [DKIM], True),
            (PARTNER, [replace(DKIM, source="mx.kela.fi")], True),
            (PARTNER, [found(Method.DKIM, Result.FAIL, "esp.example"), DKIM], True),
            (PARTNER, [replace(DKIM, domain="mail.institution.example")], False),
            (PARTNER, [replace(DKIM, domain="esp.example")], False),
            (PARTNER, [replace(DKIM, domain="")], False),
            (BY_ESP, [replace(DKIM, domain="esp.example")], True),
            (PARTNER, [SPF], False),
            (SPF_TOO, [SPF], True),
            (SPF_TOO, [replace(SPF, domain="bounces.institution.example")], False),
            (SPF_TOO, [found(Method.SPF, Result.SOFTFAIL)], False),
            (
                replace(SPF_TOO, signing_domains=("esp.example",)),
                [replace(SPF, domain="esp.example")],
                False,
            ),
            # our own DMARC result adds nothing to what it was made of
            (SPF_TOO, [found(Method.DMARC)], False),
            (SPF_TOO, [found(Method.DMARC, source="mx.kela.fi")], True),
            (PARTNER, [found(Method.DMARC, source="mx.kela.fi")], False),
            (SPF_TOO, [found(Method.ARC), found(Method.SMIME)], False),
            *[
                (PARTNER, [replace(DKIM, result=result)], False)
                for result in Result
                if result != "pass"
            ],
        ],
    )
    def test_what_holds(self, partner, results, holds):
        assert prove(results, AUTHOR, partner).holds is holds

    def test_it_is_a_replay_only_when_nothing_else_proves(self):
        for reason in REPLAYS:
            replayed = replace(DKIM, reason=reason)
            assert prove([replayed], AUTHOR, PARTNER).replayed
            assert not prove([replayed, DKIM], AUTHOR, PARTNER).replayed
            assert not prove([replayed, SPF], AUTHOR, SPF_TOO).replayed
        assert not prove([DKIM], AUTHOR, PARTNER).replayed

    @pytest.mark.parametrize(
        ("partner", "results", "unknown"),
        [
            (PARTNER, [NO_DNS], True),
            (PARTNER, [NO_DNS, DKIM], False),
            (PARTNER, [replace(NO_DNS, domain="esp.example")], False),
            (BY_ESP, [replace(NO_DNS, domain="esp.example")], True),
            (PARTNER, [found(Method.SPF, Result.TEMPERROR)], False),
            (SPF_TOO, [found(Method.SPF, Result.TEMPERROR)], True),
            (PARTNER, [found(Method.DMARC, Result.TEMPERROR)], False),
            (PARTNER, [found(Method.ARC, Result.TEMPERROR, "list.example")], True),
            (PARTNER, [replace(NO_DNS, source="mx.kela.fi")], False),
        ],
    )
    def test_what_is_not_known_yet(self, partner, results, unknown):
        assert prove(results, AUTHOR, partner).unknown is unknown

    def test_whether_it_was_signed(self):
        assert prove([found(Method.DKIM, Result.FAIL)], AUTHOR, PARTNER).signed
        assert not prove([found(Method.DKIM, Result.NONE), SPF], AUTHOR, PARTNER).signed
        assert prove([], AUTHOR, PARTNER) == NOTHING_PROVED


def signature(names: str = "from:to:cc:subject:date", **tags: str) -> HeaderField:
    fields = {
        "v": "1",
        "a": "rsa-sha256",
        "d": AUTHOR,
        "s": "s1",
        "h": names,
        "bh": "",
        "b": "",
        **tags,
    }
    text = "; ".join(f"{tag}={value}" for tag, value in fields.items())
    return HeaderField("dkim-signature", b"DKIM-Signature", text.encode())


def letter(to: str = US[0], cc: str = "", date: datetime | str = NOW) -> tuple[HeaderField, ...]:
    written = date if isinstance(date, str) else format_datetime(date)
    text = f"From: x@{AUTHOR}\r\nTo: {to}\r\nSubject: x\r\nDate: {written}\r\n"
    return header_fields((text + (f"Cc: {cc}\r\n" if cc else "")).encode())


class TestReplay:
    @pytest.mark.parametrize(
        ("fields", "names", "reason"),
        [
            (letter(), "from:to:subject:date", None),
            (letter("Us <MAINTENANCE@KELA.FI>, x@y.example"), "from:to:subject:date", None),
            (letter("a@b.example", US[0]), "from:to:cc:subject:date", None),
            (letter("a@b.example", US[0]), "from:to:subject:date", Reason.OTHER_RECIPIENT),
            (letter("a@b.example"), "from:to:subject:date", Reason.OTHER_RECIPIENT),
            (letter("maintenance@kela.fi.example"), "from:to:subject:date", Reason.OTHER_RECIPIENT),
            (letter('"maintenance@kela.fi" <a@b.example>'), "from:to:date", Reason.OTHER_RECIPIENT),
            (letter("maintenance@kela.fi <a@b.example>"), "from:to:date", Reason.OTHER_RECIPIENT),
            (letter("maintenance@kela.fi: a@b.example;"), "from:to:date", Reason.OTHER_RECIPIENT),
            (letter("abuse@kela.fi"), "from:to:subject:date", Reason.OTHER_RECIPIENT),
            (letter("not an address"), "from:to:subject:date", Reason.OTHER_RECIPIENT),
            (letter("a..b@kela.fi"), "from:to:subject:date", Reason.OTHER_RECIPIENT),
            (letter(), "from:cc:subject:date", Reason.RECIPIENT_UNSIGNED),
            (letter(), "from:to:subject", Reason.DATE_UNSIGNED),
            (letter(date="yesterday"), "from:to:subject:date", Reason.OTHER_DATE),
            (letter(date="Mon, 2 Mar 2026 09:00:00 -0000"), "from:to:subject:date", None),
            (letter(date="Sun, 1 Jan 0001 00:00:00 +1400"), "from:to:date", Reason.OTHER_DATE),
            (letter(date=NOW - timedelta(days=7) + timedelta(seconds=1)), "from:to:date", None),
            (letter(date=NOW - timedelta(days=7)), "from:to:date", Reason.OTHER_DATE),
            (letter(date=NOW + timedelta(days=7)), "from:to:date", Reason.OTHER_DATE),
        ],
    )
    def test_to_us_and_now(self, fields, names, reason):
        assert replay_of(read_signature(signature(names)), fields, US, NOW) is reason

    def test_two_dates_are_none(self):
        fields = (*letter(), HeaderField("date", b"Date", b" x"))
        read = read_signature(signature("from:to:date"))
        assert replay_of(read, fields, US, NOW) is Reason.DATE_UNSIGNED


class TestUpstream:
    UP = replace(DKIM, source="mx.kela.fi")

    def judged(self, *fields: HeaderField, result: CheckResult = UP) -> CheckResult:
        (one,) = under_our_policy([result], (*fields, *letter()), US, NOW)
        return one

    def test_a_pass_counts_as_far_as_the_signature_is_one_we_would_take(self):
        assert self.judged(signature()) == self.UP
        assert self.judged(signature("from:to:subject")).reason == Reason.DATE_UNSIGNED
        for bad in (signature(l="3"), signature("to:subject"), signature(x="1")):
            assert self.judged(bad).result is Result.POLICY
            assert self.judged(signature(), bad).result is Result.POLICY

    def test_without_its_signature_a_pass_is_a_word(self):
        assert self.judged().result is Result.POLICY
        assert self.judged(signature(d="esp.example")).result is Result.POLICY
        assert self.judged(signature(s="other"), result=replace(self.UP, selector="s1")).result is (
            Result.POLICY
        )
        unreadable = HeaderField("dkim-signature", b"DKIM-Signature", b"x")
        assert self.judged(signature(), unreadable).result is Result.POLICY

    def test_that_dmarc_passed_may_be_by_a_replayed_signature(self):
        dmarc = found(Method.DMARC, source="mx.kela.fi")
        assert self.judged(result=dmarc).reason == Reason.RECIPIENT_UNSIGNED
        for other in (found(Method.SPF, source="mx"), replace(self.UP, result=Result.FAIL)):
            assert self.judged(result=other) == other
