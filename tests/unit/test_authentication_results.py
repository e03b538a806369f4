"""Authentication-Results: read by the grammar of RFC 8601, believed only from a trusted host."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.domain.authentication import CheckResult, Method, Result
from secure_mail.domain.authentication_results import (
    MAX_RESULTS,
    MAX_VALUE,
    AuthenticationResults,
    ReportedResult,
    UnclearResultsError,
    parse_results,
    trusted_results,
)

HOST = "mx.kela.fi"
RECEIVED = b"Received: from a ([192.0.2.7]) by mx.kela.fi (Postfix) with ESMTPS id 1; Tue\r\n"
LATER = b"Received: from mx.kela.fi ([10.0.0.1]) by store.kela.fi with LMTP id 2; Tue\r\n"
GOOD = b"Authentication-Results: mx.kela.fi; dkim=pass header.d=institution.example\r\n"
DKIM = CheckResult(
    method=Method.DKIM, result=Result.PASS, domain="institution.example", source=HOST
)


def trusted(section: bytes) -> tuple[CheckResult, ...]:
    return trusted_results(section, authserv_id=HOST, received_by=HOST)


class TestGrammar:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("a.example 1; none", []),
            ("a.example; spf=pass smtp.mailfrom=b.example", [("spf", "pass")]),
            (
                (
                    "a.example; auth=pass (login) smtp.auth=x@b.example;\r\n"
                    "  spf=pass smtp.mailfrom=b.example"
                ),
                [("auth", "pass"), ("spf", "pass")],
            ),
            (
                (
                    "a.example (x) 1 (y); dkim (one) / 1 (two) = (three) fail "
                    "policy (four) . (five) expired (six) = (seven) 1362471462"
                ),
                [("dkim", "fail")],
            ),
            ("a.example; DKIM=PASS (a (nested \\) one)) header.d=b.example", [("dkim", "pass")]),
            ('a.example; dkim=fail reason="bad; dkim=pass" header.d=b', [("dkim", "fail")]),
            ("a.example; dkim=pass header.b=abc/+= header.s=s;", [("dkim", "pass")]),
            ('"a.example"; none', []),
            ("a.example; none;", []),
            ("a.example; dmarc=pass action=none header.from=b.example", [("dmarc", "pass")]),
        ],
    )
    def test_what_is_written_right_is_read(self, value, expected):
        unfolded = value.replace("\r\n", "")
        results = parse_results(unfolded).results
        assert [(one.method, one.result) for one in results] == expected

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "a.example",
            "a.example;",
            "; dkim=pass",
            "a.example dkim=pass",
            "a.example; dkim",
            "a.example; dkim=",
            "a.example; dkim=pass header.d",
            "a.example; dkim=pass header.d=",
            "a.example; dkim=pass (never closed",
            "a.example; dkim=pass )",
            'a.example; dkim=fail reason="never closed',
            "a.example; none dkim=pass",
            "a.example; none; dkim=pass",
            "a.example; dkim=fail; none",
            "a.example; dkim=pass\x00",
            "a.example; dkim=pass header.d=a header.d=b",
            "spf=pass smtp.mailfrom=a.example; dkim=pass",
            "i=1; a.example; dkim=pass",
            "a.example; dkim/x=pass",
            "a.example; dkim=pass" * 3000,
            "a.example" + "; dkim=pass" * (MAX_RESULTS + 1),
            "a.example; dkim=pass " + "(" * MAX_VALUE,
        ],
    )
    def test_anything_else_is_unclear(self, value):
        with pytest.raises(UnclearResultsError):
            parse_results(value)

    @pytest.mark.parametrize(
        ("mailfrom", "read"),
        [
            ('"x; dkim=pass header.d=bank.example"@soft.example', "soft.example"),
            ('"x@bank.example"@soft.example', "soft.example"),
            ('"\\"; dkim=pass header.d=bank.example \\""@soft.example', "soft.example"),
            ("x@soft.example", "soft.example"),
            ("soft.example", "soft.example"),
            ('"x"@soft.example', "soft.example"),
            ('"(x"@soft.example', "soft.example"),
        ],
    )
    def test_a_quoted_local_part_makes_no_results(self, mailfrom, read):
        section = (
            f"Authentication-Results: {HOST}; spf=pass smtp.mailfrom={mailfrom}\r\n".encode()
            + RECEIVED
        )
        assert trusted(section) == (
            CheckResult(method=Method.SPF, result=Result.PASS, domain=read, source=HOST),
        )

    @given(st.text(max_size=120))
    def test_no_text_breaks_it(self, text):
        try:
            assert parse_results(text).authserv_id
        except UnclearResultsError:
            return

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["dkim", "spf", "dmarc", "x-own"]),
                st.sampled_from(["pass", "fail", "none", "temperror"]),
                st.dictionaries(
                    st.sampled_from(["header.d", "smtp.mailfrom", "policy.x"]),
                    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12),
                    max_size=3,
                ),
            ),
            min_size=1,
            max_size=5,
        ),
        st.sampled_from(["", " ", " (a; dkim=pass (b) \\( c) ", "\t"]),
    )
    def test_what_is_written_by_the_grammar_comes_back(self, results, blank):
        text = f"{blank}a.example{blank}"
        for method, result, properties in results:
            text += f";{blank}{method}{blank}={blank}{result}"
            for name, value in properties.items():
                quoted = value.replace("\\", "\\\\").replace('"', '\\"')
                ptype, _, prop = name.partition(".")
                text += f' {blank}{ptype}{blank}.{blank}{prop}{blank}={blank}"{quoted}"{blank}'
        assert parse_results(text) == AuthenticationResults(
            "a.example", tuple(ReportedResult(*one) for one in results)
        )


class TestTrust:
    @pytest.mark.parametrize(
        "section",
        [
            GOOD + RECEIVED,
            GOOD.replace(b"Authentication", b"AUTHENTICATION").replace(b"mx.k", b"MX.K") + RECEIVED,
            LATER + GOOD + RECEIVED,
            b"Return-Path: <>\r\n" + GOOD + b"Received-SPF: pass\r\n" + RECEIVED,
            GOOD.replace(b" header.d", b"\r\n\theader.d") + RECEIVED,
            GOOD.replace(b"header.d=", b"header.i=clerk@") + RECEIVED,
            b"Authentication-Results: other.example; dkim=fail\r\n" + GOOD + RECEIVED,
            # what stands below was there before, whatever it says
            GOOD + RECEIVED + GOOD.replace(b"pass", b"fail"),
        ],
    )
    def test_the_topmost_block_above_the_hosts_received_counts(self, section):
        assert trusted(section) == (DKIM,)

    @pytest.mark.parametrize(
        "section",
        [
            GOOD,
            RECEIVED + GOOD,
            RECEIVED + GOOD + RECEIVED,
            LATER + RECEIVED + GOOD,
            GOOD.replace(b"mx.kela.fi", b"mx.kela.fi.elsewhere.example") + RECEIVED,
            GOOD.replace(b"mx.kela.fi", b"kela.fi") + RECEIVED,
            GOOD.replace(b"Auth", b"ARC-Auth") + RECEIVED,
            GOOD.replace(b"Auth", b"X-Auth") + RECEIVED,
            GOOD.replace(b"Results:", b"Results :") + RECEIVED,
            GOOD + RECEIVED.replace(b"by mx", b"by x.mx"),
            # a host that writes no Received: a forged one stands in its place, a crooked one above
            GOOD + b"Received: x by mx.kela.fi with y\r\n" + RECEIVED,
            b"Authentication-Results: nonsense\r\n" + GOOD + RECEIVED,
            b"no header\r\n" + GOOD + RECEIVED,
            GOOD + b"X: bare\rReceived: from a by mx.kela.fi with SMTP; Tue\r\n" + RECEIVED,
            # two answers to one question
            GOOD + b"Authentication-Results: mx.kela.fi; dmarc=pass header.from=a.example;"
            b" dmarc=fail header.from=a.example\r\n" + RECEIVED,
        ],
    )
    def test_otherwise_nothing_counts(self, section):
        assert trusted(section) == ()

    def test_a_crooked_received_of_another_host_does_not_hide_the_block(self):
        above = b"Received: by 2002:a05:6a20 with SMTP id x; Tue\r\n"
        assert trusted(above + GOOD + RECEIVED) == (DKIM,)

    def test_the_block_ends_where_something_else_begins(self):
        more = b"Authentication-Results: mx.kela.fi; spf=pass smtp.mailfrom=a@b.example\r\n"
        spf = CheckResult(method=Method.SPF, result=Result.PASS, domain="b.example", source=HOST)
        assert trusted(GOOD + more + RECEIVED) == (DKIM, spf)
        assert trusted(GOOD + b"X: y\r\n" + more + RECEIVED) == (DKIM,)
        other = b"Authentication-Results: other.example; none\r\n"
        assert trusted(GOOD + other + more + RECEIVED) == (DKIM,)

    def test_several_signatures_are_several_results(self):
        text = (
            b"Authentication-Results: mx.kela.fi; dkim=fail header.d=esp.example header.s=A;"
            b" dkim=pass header.d=institution.example header.s=S1; spf=none smtp.helo=x;"
            b" iprev=pass; dkim=odd\r\n"
        )
        assert [(one.result, one.domain, one.selector) for one in trusted(text + RECEIVED)] == [
            (Result.FAIL, "esp.example", "a"),
            (Result.PASS, "institution.example", "s1"),
        ]

    def test_without_both_names_nobody_is_believed(self):
        for names in (
            {"authserv_id": "", "received_by": HOST},
            {"authserv_id": HOST, "received_by": ""},
        ):
            assert trusted_results(GOOD + RECEIVED, **names) == ()

    @given(st.binary(max_size=100))
    def test_octets_never_break_it(self, octets):
        trusted(octets + GOOD + RECEIVED)
        trusted(GOOD + octets + RECEIVED)
