"""DMARC: records as owners write them, alignment by organisation, and the result."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.domain.authentication import CheckResult, Method, Reason, Result
from secure_mail.domain.dmarc import DmarcRecord, Policy, dmarc_result, read_record

AUTHOR = "mail.institution.example"


def organisation(domain: str) -> str:
    return ".".join(domain.split(".")[-2:])


def found(
    method: Method, domain: str, result: Result = Result.PASS, source: str = ""
) -> CheckResult:
    return CheckResult(method=method, result=result, domain=domain, source=source)


@pytest.mark.parametrize(
    ("texts", "record"),
    [
        ([], None),
        ([b"v=spf1 -all"], None),
        ([b"v=DMARC2; p=none"], None),
        ([b"p=none; v=DMARC1"], None),
        ([b"v=dmarc1; p=none"], None),
        ([b"v=DMARC1; p=none", b"v=DMARC1; p=reject"], None),
        ([b"v=DMARC1; p=none; x=" + b"y" * 4096], None),
        ([b"v=DMARC1"], DmarcRecord(policy=Policy.NONE, subdomain_policy=Policy.NONE)),
        (
            [b"x", b" v = DMARC1 ; P = Reject;"],
            DmarcRecord(policy=Policy.REJECT, subdomain_policy=Policy.REJECT),
        ),
        (
            [b"v=DMARC1; p=quarantine; sp=none; adkim=s; aspf=s; pct=7; rua=mailto:a@b"],
            DmarcRecord(
                policy=Policy.QUARANTINE,
                subdomain_policy=Policy.NONE,
                strict_dkim=True,
                strict_spf=True,
            ),
        ),
        (
            [b"v=DMARC1; p=yes; sp=maybe; adkim=x; garbage; =; \xff=1"],
            DmarcRecord(policy=Policy.NONE, subdomain_policy=Policy.NONE),
        ),
        (
            [b"v=DMARC1; p=none; p=reject"],
            DmarcRecord(policy=Policy.NONE, subdomain_policy=Policy.NONE),
        ),
    ],
)
def test_records(texts, record):
    assert read_record(texts) == record


@given(st.lists(st.binary(max_size=60), max_size=3))
def test_no_octets_break_it(texts):
    read_record(texts)
    read_record([b"v=DMARC1;" + text for text in texts[:1]])


RELAXED = DmarcRecord(policy=Policy.NONE, subdomain_policy=Policy.NONE)
STRICT = DmarcRecord(
    policy=Policy.NONE, subdomain_policy=Policy.NONE, strict_dkim=True, strict_spf=True
)


@pytest.mark.parametrize(
    ("record", "results", "result"),
    [
        (None, [found(Method.DKIM, AUTHOR)], Result.NONE),
        (RELAXED, [], Result.FAIL),
        (RELAXED, [found(Method.DKIM, AUTHOR)], Result.PASS),
        (RELAXED, [found(Method.DKIM, "institution.example")], Result.PASS),
        (RELAXED, [found(Method.SPF, "other.institution.example")], Result.PASS),
        (RELAXED, [found(Method.DKIM, "elsewhere.example")], Result.FAIL),
        (RELAXED, [found(Method.DKIM, AUTHOR, Result.FAIL)], Result.FAIL),
        (RELAXED, [found(Method.DKIM, AUTHOR, Result.POLICY)], Result.FAIL),
        (RELAXED, [found(Method.DKIM, AUTHOR, source="mx")], Result.FAIL),
        (RELAXED, [found(Method.ARC, AUTHOR)], Result.FAIL),
        (STRICT, [found(Method.DKIM, AUTHOR)], Result.PASS),
        (STRICT, [found(Method.DKIM, "institution.example")], Result.FAIL),
        (STRICT, [found(Method.SPF, "institution.example")], Result.FAIL),
    ],
)
def test_results(record, results, result):
    dmarc = dmarc_result(record, AUTHOR, results, organisation)
    assert (dmarc.method, dmarc.result, dmarc.domain) == (Method.DMARC, result, AUTHOR)
    assert dmarc.reason in {"", Reason.NO_RECORD, Reason.NOT_ALIGNED}
