"""What the header section says of the way a mail came: strict, and never more than is certain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.domain.trace_headers import (
    MAX_FIELDS,
    HeaderField,
    Hop,
    UnclearHeadersError,
    header_fields,
    hop_of,
    relays_hop,
)

POSTFIX = (
    b" from mail.institution.example (mail.institution.example [192.0.2.7])\r\n"
    b"\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n"
    b"\t(No client certificate requested)\r\n"
    b"\tby mx.kela.fi (Postfix) with ESMTPS id 4Zq1\r\n"
    b"\tfor <maintenance@kela.fi>; Tue, 24 Nov 2026 10:00:00 +0200 (EET)"
)


def received(value: bytes | str) -> HeaderField:
    octets = value.encode() if isinstance(value, str) else value
    return HeaderField("received", b"Received", octets)


class TestFields:
    def test_folds_stay_in_and_names_are_lower(self):
        fields = header_fields(b"Received: a\r\n\tb\r\nFROM:x\r\n")
        assert [(one.name, one.raw_name, one.raw_value, one.value) for one in fields] == [
            ("received", b"Received", b" a\r\n\tb", "a\tb"),
            ("from", b"FROM", b"x", "x"),
        ]
        assert "x" not in repr(fields[1])
        assert header_fields(b"") == ()

    @pytest.mark.parametrize(
        "section",
        [
            b"From: a\nTo: b\r\n",
            b"From: a\rTo: b\r\n",
            b"From: a\x00\r\n",
            b"no field\r\n",
            b"From : a\r\n",
            b" folded: at once\r\n",
            b"From: a\r\n \r\n",
            b"From: a\r\n\t\r\n b\r\n",
            b"From: a\r\n\r\nTo: b\r\n",
            b": a\r\n",
            b"X: y\r\n" * (MAX_FIELDS + 1),
        ],
    )
    def test_what_two_programs_may_read_in_two_ways_is_not_read(self, section):
        with pytest.raises(UnclearHeadersError):
            header_fields(section)

    def test_as_many_as_the_limit_are_read(self):
        assert len(header_fields(b"X: y\r\n" * MAX_FIELDS)) == MAX_FIELDS

    @given(st.binary(max_size=80))
    def test_octets_never_break_it(self, section):
        try:
            fields = header_fields(section)
        except UnclearHeadersError:
            return
        again = b"".join(one.raw_name + b":" + one.raw_value + b"\r\n" for one in fields)
        assert again in {section, section + b"\r\n"}


class TestHop:
    @pytest.mark.parametrize(
        ("value", "hop"),
        [
            (POSTFIX, Hop(by="mx.kela.fi", client="192.0.2.7", tls=True)),
            (
                "from x ([IPv6:2001:db8::7]) by MX.kela.fi. (Postfix) with ESMTP id 1; Tue",
                Hop(by="mx.kela.fi", client="2001:db8::7"),
            ),
            (
                (
                    "from [192.0.2.7] (helo=x) by mx.kela.fi with esmtps (TLS1.3) tls Y (Exim 4.96)"
                    " (envelope-from <a@b.example>) id 1; Tue"
                ),
                Hop(by="mx.kela.fi", client="192.0.2.7", tls=True),
            ),
            (
                "from x (y [::ffff:192.0.2.7]) by mx.kela.fi with UTF8SMTPSA id 1; Tue",
                Hop(by="mx.kela.fi", client="192.0.2.7", tls=True),
            ),
            (
                (
                    "from a (1.2.3.4) by b (10.0.0.1) with Microsoft SMTP Server (version=TLS1_2)"
                    " id 1 via Frontend Transport; Tue"
                ),
                Hop(by="b"),
            ),
            ("from x by mx.kela.fi via TCP with LMTPS id 1; Tue", Hop(by="mx.kela.fi", tls=True)),
        ],
    )
    def test_what_servers_write(self, value, hop):
        assert hop_of(received(value)) == hop

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "from x by mx.kela.fi; Tue",
            "by mx.kela.fi with ESMTPS id 1; Tue",
            "from x by mx.kela.fi with ESMTPS id 1",
            "from x (y [1.2.3.4] by mx.kela.fi with ESMTPS id 1; Tue",
            "from x y) by mx.kela.fi with ESMTPS id 1; Tue",
            "from two words by mx.kela.fi with ESMTPS id 1; Tue",
            # what a client said in HELO may not bring clauses, comments or quotes of its own
            "from x by mx.kela.fi with ESMTPS (y [1.2.3.4]) by mx.kela.fi with ESMTP id 1; Tue",
            "from x by mx.kela.fi with ESMTPS id 1; (y [1.2.3.4]) by mx.kela.fi with SMTP; Tue",
            'from "x (" (y [1.2.3.4]) by mx.kela.fi with ESMTPS id 1; Tue',
            "from x\\( (y [1.2.3.4]) by mx.kela.fi with ESMTPS id 1; Tue",
            "from x\x000\x00 (y [1.2.3.4]) by mx.kela.fi with ESMTPS id 1; Tue",
        ],
    )
    def test_anything_else_says_nothing(self, value):
        assert hop_of(received(value)) is None

    @pytest.mark.parametrize(
        "client",
        [
            "x (mail [9.9.9.9]) (unknown [192.0.2.7])",
            "[9.9.9.9] (unknown [192.0.2.7])",
            "x (mail [999.9.9.9])",
            "x (mail)",
        ],
    )
    def test_a_client_of_two_addresses_or_none_has_none(self, client):
        hop = hop_of(received(f"from {client} by mx.kela.fi with ESMTPS id 1; Tue"))
        assert hop == Hop(by="mx.kela.fi", tls=True)

    @pytest.mark.parametrize("protocol", ["SMTP", "ESMTP", "ESMTPA", "LMTP", "ESMTPSX", "TLS"])
    def test_a_protocol_without_tls_is_not_tls(self, protocol):
        hop = hop_of(received(f"from x by mx.kela.fi with {protocol} (using TLSv1.3) id 1; Tue"))
        assert hop is not None
        assert not hop.tls

    @given(st.text(alphabet='from byith()[];"\\.0129:\r\n\t\x00xESMTP', max_size=80))
    def test_no_text_breaks_it(self, text):
        hop_of(received(text))


class TestRelay:
    FORGED = b"Received: from x ([9.9.9.9]) by mx.kela.fi with ESMTPS id 1; Tue\r\n"

    def hop(self, section: bytes, *names: str) -> Hop | None:
        return relays_hop(header_fields(section), names)

    def test_only_the_topmost_received_speaks_and_only_in_the_relays_name(self):
        top = b"Received:" + POSTFIX + b"\r\n"
        assert self.hop(top + self.FORGED, "mx.kela.fi") == Hop(
            by="mx.kela.fi", client="192.0.2.7", tls=True
        )
        other = top.replace(b"by mx.kela.fi", b"by elsewhere.example")
        assert self.hop(other + self.FORGED, "mx.kela.fi") is None
        assert self.hop(self.FORGED, "MX.KELA.FI.", "") is not None
        assert self.hop(self.FORGED, "") is None
        assert self.hop(b"From: a@b.example\r\n", "mx.kela.fi") is None
