"""A DKIM signature as it is written: what can be read, and what our policy has against it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.domain.authentication import Reason
from secure_mail.domain.signature_keys import MAX_RECORD, KeyFaultError, key_record
from secure_mail.domain.signatures import (
    FUTURE,
    MAX_SIGNATURE,
    MAX_SIGNED_NAMES,
    Algorithm,
    Canonical,
    Signature,
    UnreadableTagsError,
    covers,
    objection,
    read_signature,
    tag_list,
)
from secure_mail.domain.trace_headers import HeaderField, header_fields

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAMP = int(NOW.timestamp())
TAGS = {
    "v": "1",
    "a": "rsa-sha256",
    "c": "relaxed/simple",
    "d": "Institution.example",
    "s": "S1",
    "h": "From : To:Subject\t:date",
    "bh": base64.b64encode(b"b" * 32).decode(),
    "b": base64.b64encode(b"s" * 256).decode(),
}
LETTER = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nDate: y\r\n"


def written(text: str) -> HeaderField:
    return HeaderField("dkim-signature", b"DKIM-Signature", text.encode())


def read(*without: str, **tags: str) -> Signature:
    text = "; ".join(f"{n}={v}" for n, v in {**TAGS, **tags}.items() if n not in without)
    return read_signature(written(text))


def against(signature: Signature, letter: bytes = LETTER) -> Reason | None:
    return objection(signature, header_fields(letter), NOW)


class TestReading:
    def test_a_signature(self):
        signature = read()
        assert (signature.domain, signature.selector) == ("institution.example", "s1")
        assert signature.key_name == "s1._domainkey.institution.example"
        assert signature.algorithm is Algorithm.RSA_SHA256
        assert signature.header_form is Canonical.RELAXED
        assert signature.body_form is Canonical.SIMPLE
        assert signature.names == ("from", "to", "subject", "date")
        assert signature.body_hash == b"b" * 32
        assert (signature.signed_at, signature.expires) == (None, None)
        assert not signature.length_limited
        assert not signature.subdomain

    def test_what_may_be_left_out_or_said_in_other_ways(self):
        assert read("c").header_form is read("c").body_form is Canonical.SIMPLE
        assert read(c="relaxed").body_form is Canonical.SIMPLE
        assert read(i="clerk@mail.institution.example").subdomain
        assert not read(i="@Institution.example").subdomain
        assert read(t=str(STAMP), x=str(STAMP + 1)).signed_at == NOW
        assert read(x="9" * 12).expires.year == 9999
        assert read(b="A A\tA=").tags["b"] == "A A\tA="

    @pytest.mark.parametrize("blank", ["\x0b", "\x0c", "\x1c", "\x00", "\x7f"])
    def test_a_control_sign_that_holds_up_the_verifier_is_in_no_tag(self, blank):
        """A few KiB of `b`, such blanks and folds in any tag took a second of every thread."""
        assert read(z="x b \r\n !").tags["z"] == "x b  !"
        with pytest.raises(UnreadableTagsError):
            read(z=f"x b{blank}\r\n !")

    @pytest.mark.parametrize("missing", ["v", "a", "d", "s", "h", "bh", "b"])
    def test_a_tag_that_must_be_there(self, missing):
        with pytest.raises(UnreadableTagsError):
            read(missing)

    @pytest.mark.parametrize(
        "tags",
        [
            {"v": "2"},
            {"a": "rsa-md5"},
            {"c": "nofws"},
            {"c": "relaxed/relaxed/relaxed"},
            {"d": "institution"},
            {"d": "institution..example"},
            {"d": "institution.example@b"},
            {"d": "ä.example"},
            {"s": "a b"},
            {"s": "x" * 230},
            {"h": ""},
            {"h": "from::to"},
            {"h": ":".join(["from"] * (MAX_SIGNED_NAMES + 1))},
            {"bh": "!"},
            {"b": "!"},
            {"b": base64.b64encode(b"x" * 513).decode()},
            {"q": "http"},
            {"i": "clerk@elsewhere.example"},
            {"i": "clerk@notinstitution.example"},
            {"i": "institution.example.elsewhere.example"},
            {"t": "yesterday"},
            {"x": "-1"},
            {"x": "1" * 13},
            {"z": "x" * MAX_SIGNATURE},
        ],
    )
    def test_what_cannot_be_read(self, tags):
        with pytest.raises(UnreadableTagsError):
            read(**tags)

    @pytest.mark.parametrize("text", ["a", "a=b;;c=d", "a=b; a=c", "=b", "1=b", "a-b=c", "é=b"])
    def test_tags_that_are_none(self, text):
        with pytest.raises(UnreadableTagsError):
            tag_list(text)

    def test_tags(self):
        assert tag_list("a = b=c ; D=;") == {"a": "b=c", "D": ""}

    @given(st.text(max_size=100))
    def test_no_text_breaks_it(self, text):
        try:
            read_signature(written(text))
        except UnreadableTagsError:
            return


class TestPolicy:
    def test_nothing_is_against_a_good_one(self):
        assert against(read()) is None
        assert against(read(a="ed25519-sha256")) is None
        assert against(read(h="from"), b"From: a@b.example\r\n") is None
        assert against(read(h="from:subject:to"), LETTER) is None

    @pytest.mark.parametrize(
        ("tags", "reason"),
        [
            ({"l": "10"}, Reason.BODY_LENGTH),
            ({"l": "0"}, Reason.BODY_LENGTH),
            ({"a": "rsa-sha1"}, Reason.ALGORITHM),
            ({"x": str(STAMP)}, Reason.EXPIRED),
            ({"x": str(STAMP + 1)}, None),
            ({"t": str(STAMP + int(FUTURE.total_seconds()))}, None),
            ({"t": str(STAMP + int(FUTURE.total_seconds()) + 1)}, Reason.FROM_THE_FUTURE),
            ({"h": "to:subject"}, Reason.FROM_UNSIGNED),
            ({"h": "from:to"}, Reason.SUBJECT_UNSIGNED),
        ],
    )
    def test_what_makes_it_count_as_none(self, tags, reason):
        assert against(read(**tags)) is reason

    @pytest.mark.parametrize(
        "name", ["From", "Subject", "To", "Date", "Message-ID", "Cc", "Reply-To", "Content-Type"]
    )
    def test_a_second_field_beside_the_signed_one(self, name):
        added = LETTER + f"{name}: 1\r\n{name}: 2\r\n".encode()
        assert against(read(), added) is Reason.HEADER_ADDED
        assert against(read(h=f"{TAGS['h']}:{name}:{name}:{name}"), added) is None

    def test_two_fields_that_nobody_reads_are_no_matter(self):
        assert (
            against(read(), LETTER + b"X-A: 1\r\nX-A: 2\r\nReceived: 3\r\nReceived: 4\r\n") is None
        )

    def test_what_it_covers(self):
        fields = header_fields(LETTER + b"Cc: e@f.example\r\n")
        assert covers(read(), fields, "to")
        assert not covers(read(), fields, "cc")
        assert not covers(read(h="from:subject:reply-to"), fields, "reply-to")
        assert not covers(read(), header_fields(LETTER + b"To: x@y.example\r\n"), "to")


RSA = Algorithm.RSA_SHA256


def fault(*texts: bytes, algorithm: Algorithm = RSA, subdomain: bool = False) -> Reason:
    with pytest.raises(KeyFaultError) as raised:
        key_record(texts, algorithm, subdomain=subdomain)
    return raised.value.reason


class TestKeys:
    def test_a_key(self):
        key = key_record(
            [b"v=DKIM1; k=rsa; t=s; s=*; h=sha1:sha256; p=a2V5;"], RSA, subdomain=False
        )
        assert (key.kind, key.material, key.in_test) == ("rsa", b"key", False)
        assert key_record([b"p=a2V5"], RSA, subdomain=True).kind == "rsa"
        assert key_record([b"v=spf1 -all", b"p=a 2 V5"], RSA, subdomain=True).material == b"key"
        assert key_record([b"t=y:s; p=a2V5"], RSA, subdomain=False).in_test

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (b"v=DKIM1; p=", Reason.KEY_REVOKED),
            (b"v=DKIM1; k=ed25519; p=a2V5", Reason.KEY_MISMATCH),
            (b"v=DKIM1; s=tlsrpt; p=a2V5", Reason.KEY_MISMATCH),
            (b"v=DKIM1; h=sha1; p=a2V5", Reason.KEY_MISMATCH),
            (b"v=DKIM1; p=!", Reason.KEY_UNREADABLE),
            (b"v=DKIM2; p=a2V5", Reason.KEY_UNREADABLE),
            (b"p=a2V5; v=DKIM1", Reason.KEY_UNREADABLE),
            (b"v=DKIM1; k=rsa", Reason.KEY_UNREADABLE),
            (b"\xff\xfe", Reason.KEY_UNREADABLE),
            (b"p=" + b"a" * MAX_RECORD, Reason.KEY_UNREADABLE),
        ],
    )
    def test_what_is_no_key_for_it(self, text, reason):
        assert fault(text) is reason

    def test_none_or_several(self):
        assert fault() is Reason.NO_KEY
        assert fault(b"p=a2V5", b"p=a2V5") is Reason.KEY_AMBIGUOUS

    def test_a_key_for_its_own_domain_only(self):
        assert fault(b"t=s; p=a2V5", subdomain=True) is Reason.KEY_MISMATCH
