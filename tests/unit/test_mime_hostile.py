"""Messages made to break parsers: held by the precheck, or read in bounded time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.application.intake.header_tap import HeaderTap
from secure_mail.application.ports.mime import UnreadableError
from secure_mail.infrastructure.mime.parser import CompatMimeParser
from secure_mail.infrastructure.mime.precheck import Limits
from tests.unit.mime_messages import letter, parser


def nested(depth: int) -> bytes:
    opening = b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n'
    return b"From: a@b.example\r\n" + b"".join(opening % (i, i) for i in range(depth)) + b"\r\nhi"


HELD = {
    "nested-too-deep": nested(500),
    "too-many-headers": b"X: y\r\n" * 2001 + b"\r\nx",
    "headers-too-long": b"X: " + b"y " * 500_000 + b"\r\n\r\nx",
    "header-too-long": letter(b"x", b"Subject: " + b"a" * 100_000),
    "nested-comments": b"From: " + b"(" * 5000 + b" a@b.example\r\n\r\nx",
    "too-many-parts": letter(
        b"--b\r\n\r\nx\r\n" * 4000, b"Content-Type: multipart/mixed; boundary=b"
    ),
    "too-many-parameters": letter(b"x", b"Content-Type: text/plain" + b"; a=b" * 300),
    "too-many-lines": letter(b"a\r" * 2_000_001),
    "too-large-to-open": letter(b"x" * (36 * 1024 * 1024)),
}


@pytest.mark.parametrize("code", HELD)
def test_over_a_limit_is_held(code):
    with pytest.raises(UnreadableError, match=f"^{code}$"):
        parser().parse(HELD[code])


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_limit_holds_for_every_line_end(end):
    with pytest.raises(UnreadableError):
        parser().parse(end.join([b"X: y"] * 5000) + end + end)


def test_parameters_of_inner_parts_count():
    inner = b"--b\r\nContent-Disposition: attachment" + b";\r\n filename*1*=x" * 201 + b"\r\n\r\nx"
    with pytest.raises(UnreadableError, match="too-many-parameters"):
        parser().parse(letter(inner, b"Content-Type: multipart/mixed; boundary=b"))


def test_nesting_costs_lines_times_boundaries():
    strict = CompatMimeParser(parser()._own, Limits(nested_lines=1000))
    with pytest.raises(UnreadableError, match="nested-too-deep"):
        strict.parse(nested(50))


READ = {
    "nesting": nested(100),
    "embedded messages": b"Content-Type: message/rfc822\r\n\r\n" * 5000 + b"hi",
    "quotes": b'From: "' + b"\\\\" * 20_000 + b'" <a@b.example>\r\n\r\nx',
    "angles": b"From: " + b"<" * 3000 + b"a@b.example>\r\n\r\nx",
    "routes": b"From: <" + b"@a," * 5000 + b":a@b.example>\r\n\r\nx",
    "addresses": b"From: " + b"a@b.example," * 5000 + b"\r\n\r\nx",
    "encoded words": letter(b"x", b"Subject: " + b"=?a?q?" * 10_000),
    "parameter": letter(b"x", b"Content-Type: text/plain;" + b"a*" * 30_000),
    "escapes": letter(b"x", b'Content-Type: text/plain;a="' + b"\\" * 60_000),
    "headers of a part": letter(
        b"--b\r\n" + b"X: y\r\n" * 100_000, b"Content-Type: multipart/mixed; boundary=b"
    ),
    "boundaries": letter(b"boundary        " * 500_000),
    "links": letter(b"http://a" * 500_000),
    "base64": letter(b"QQ=" * 1_000_000, b"Content-Transfer-Encoding: base64"),
    "uuencode": letter(b"begin 644 a\r\n" * 50_000, b"Content-Transfer-Encoding: x-uuencode"),
    "lock": letter(b"%PDF-" + b"/Encrypt        " * 500_000, b"Content-Type: application/pdf"),
    "wordings": letter(b"<a " * 80_000),
} | {
    f"html {sign}": letter(sign.encode() * (3_000_000 // len(sign)), b"Content-Type: text/html")
    for sign in ("<a", "</", "<!--", "<!", "<![", '<a b="', "<script>", "&#9", "&a", "<meta ")
}  # fmt: skip


@pytest.mark.timeout(30)  # a second is usual: only a quadratic parser is stopped by it
@pytest.mark.parametrize("case", READ)
def test_what_is_under_the_limits_is_read_at_once(case):
    assert parser().parse(READ[case]).readable in {"yes", "locked"}


@pytest.mark.parametrize(
    "raw",
    [b"", b"\r\n", b"\0", b"From:", bytes(range(256)) * 100, b"\r" * 5, b"--\r\n--", b":\r\n\r\n"],
)
def test_crumbs_are_read(raw):
    mail = parser().parse(raw)
    for text in (mail.subject, mail.text, mail.html, *mail.headers):
        assert "\0" not in text
        assert text.encode().decode() == text


_PIECES = st.sampled_from([
    b"From: a@b.example", b"From: c@d.example", b"\r\n", b"\r\n\r\n", b"\n", b"\r", b" ", b"\0",
    b"Content-Type: multipart/mixed; boundary=b", b"--b\r\n", b"--b--\r\n", b"\xe4", b"=?utf-8?q?",
    b"Content-Type: text/html; charset=", b"utf-16", b"boundary*=idna''b",
    b"Content-Type: message/rfc822",
    b"Content-Transfer-Encoding: base64", b"QUI", b"=", b"<p>",
    b"Content-Disposition: x; filename*0*=",
])  # fmt: skip


@given(st.lists(_PIECES, max_size=25).map(b"".join))
def test_never_raises_and_names_the_same_senders_as_the_door(raw):
    mail = parser().parse(raw)
    tap = HeaderTap()
    tap.feed(raw)
    assert len(mail.from_addresses) == len(tap.result().from_addresses)
    assert ("ambiguous-from" in mail.defects) == (tap.result().single_from is None)


@pytest.mark.parametrize("charset", [b"charset=\0", b"charset*=utf-8''x", b"charset=undefined"])
def test_an_odd_charset_of_a_part_is_read_all_the_same(charset):
    """The library's own accessor raises ValueError, TypeError or UnicodeError on these."""
    mail = parser().parse(b"Content-Type: text/plain; " + charset + b"\r\n\r\nvel\xc3\xa4")
    assert mail.text == "velä"
