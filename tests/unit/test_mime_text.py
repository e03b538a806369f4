"""Charsets, headers, parameters, transfer encodings, HTML, languages: never an exception."""

import re
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.infrastructure.mime.charsets import codec_of, decode
from secure_mail.infrastructure.mime.headers import decode_header, main_value, parameters
from secure_mail.infrastructure.mime.html_text import html_to_text
from secure_mail.infrastructure.mime.languages import language_of
from secure_mail.infrastructure.mime.transfer import decode_base64, decode_transfer


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("päätös".encode(), "utf-8", "päätös"),
        ("päätös".encode("latin-1"), "ISO-8859-1", "päätös"),
        ("“päätös”".encode("cp1252"), "iso-8859-1", "“päätös”"),
        ("päätös".encode(), "us-ascii", "päätös"),
        ("päätös".encode("latin-1"), "utf-8", "päätös"),
        ("å".encode() + b" \xe4", "utf-8", "å ä"),
        ("käännös".encode("latin-1"), "x-unknown", "käännös"),
        ("日本語".encode("shift_jis"), "x-sjis", "日本語"),
        ("中文".encode("gb18030"), "GB2312", "中文"),
        ("привет".encode("koi8-r"), "KOI8-R", "привет"),
        (b"uryyb", "rot13", "uryyb"),
        (b"a\0b", "utf-8", "a\ufffdb"),
        (b"\x81", "windows-1252", "\\x81"),
        (b"+2AA-", "utf-7", "+2AA-"),
    ],
)
def test_octets_become_text(data, charset, text):
    assert decode(data, charset) == text


@pytest.mark.parametrize(
    "name", ["rot13", "zip", "idna", "undefined", "unicode_escape", "base64", "x\0y", "a" * 50, "ä"]
)
def test_what_is_no_charset_is_unknown(name):
    assert codec_of(name) == ""


@given(st.binary(max_size=200), st.text(max_size=20) | st.sampled_from(["utf-16", "hz", "big5"]))
def test_decoding_never_raises_and_suits_a_database(data, charset):
    text = decode(data, charset)
    assert "\0" not in text
    assert text.encode().decode() == text


@given(st.binary(max_size=200))
def test_no_octet_is_dropped(data):
    kept = decode(data.replace(b"\0", b""))
    assert len(kept) >= len(re.findall(rb"[\x01-\x7f]|[\x80-\xff]+", data))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?utf-8?q?P=C3=A4=C3=A4t=C3=B6s?=", "Päätös"),
        (b"=?utf-8?B?UMOk?= =?utf-8?B?w6R0w7Zz?=", "Päätös"),
        (b"=?utf-8?b?UMM=?=\r\n =?UTF-8?b?pA==?=", "Pä"),
        (b"Re: =?iso-8859-1*fi?q?p=E4=E4t=F6s?= nyt", "Re: päätös nyt"),
        (b"a\r\n b\r\n\tc", "a b\tc"),
        ("raaka päätös".encode("latin-1"), "raaka päätös"),
        (b"=?rot13?Q?uryyb?=", "uryyb"),
        (b"=?utf-8?b?!!!?= x", "!!! x"),
        (b"a\0b", "a\ufffdb"),
    ],
)
def test_header_values(raw, text):
    assert decode_header(raw) == text


@pytest.mark.parametrize(
    ("raw", "name", "value"),
    [
        (b'attachment; filename="a;b.pdf"', "filename", "a;b.pdf"),
        (b"attachment; FILENAME=my letter.pdf", "filename", "my letter.pdf"),
        (b"attachment; filename*=utf-8''p%C3%A4.pdf; filename=p.pdf", "filename", "pä.pdf"),
        (b"x; name*1*=%A4.pdf; name*0*=utf-8'fi'p%C3", "name", "pä.pdf"),
        (b'x; name*0="a"; name*1="b.pdf"', "name", "ab.pdf"),
        (b'x; name="=?utf-8?q?p=C3=A4.pdf?="', "name", "pä.pdf"),
        (b'x; name="a\\"b.pdf"', "name", 'a"b.pdf'),
        (b"x; name*=rot13''uryyb", "name", "uryyb"),
        (b'x; boundary="one\r\n two"', "boundary", "one two"),
    ],
)
def test_parameters(raw, name, value):
    assert parameters(raw)[name] == value


def test_main_value():
    assert main_value(b" Text/HTML ; charset=x") == "text/html"


@given(st.binary(max_size=120))
def test_headers_never_raise(raw):
    decode_header(raw)
    parameters(raw)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_base64_of_joined_runs_is_whole(first, second):
    joined = b64encode(first) + b"\r\n" + b64encode(second)
    unpadded = not first or len(first) % 3 == 0
    assert decode_base64(joined)[0] == first + second or unpadded


def test_crooked_transfer_encodings_lose_nothing():
    assert decode_base64(b"QUJDREVG" * 20 + b"!!")[0] == b"ABCDEF" * 20
    assert decode_base64(b"Plain words, labelled wrongly (!).") == (
        b"Plain words, labelled wrongly (!).",
        False,
    )
    assert decode_base64(b"QUJDR") == (b"ABC", False)
    assert decode_transfer(b"a=E4=\r\nb=ZZ", "quoted-printable")[0] == b"a\xe4b=ZZ"
    assert decode_transfer(b"begin 644 x\r\n#0V%T\r\n`\r\nend\r\n", "x-uuencode") == (b"Cat", True)
    assert decode_transfer(b"no uuencode", "x-uuencode") == (b"no uuencode", False)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hei,</p><p>maksu&nbsp;5&euro;<br>t. A</p>", "Hei,\n\nmaksu 5€\nt. A"),
        ("<head><title>x</title></head><STYLE>p{}</STYLE>a<script>b<c</script>d", "ad"),
        ("a<!-- b --><!doctype html>c", "ac"),
        ("1 < 2 &amp; 3 > 2", "1 < 2 & 3 > 2"),
        ("<table><tr><td>a<td>b</tr><tr><td>c</table>", "a b\n\nc"),
        ("a&#0;b&#999999999999;c", "a\ufffdb\ufffdc"),
        ("İ<P>x</P>", "İ\nx"),
        ("a<b unclosed", "a"),
    ],
)
def test_html_becomes_text(html, text):
    assert html_to_text(html) == text


@given(st.text(alphabet="<>!-/ap&;#x \"'", max_size=100))
def test_html_never_raises(html):
    html_to_text(html)


def test_languages():
    assert language_of("sv-FI, en", "the and of") == "sv"
    assert language_of("", "Hei, haluan maksusuunnitelman ja kiitos") == "fi"
    assert language_of("", "Hej, jag vill betala min skuld") == "sv"
    assert language_of("", "Dear Sir, I would like to pay") == "en"
    assert language_of("de", "Sehr geehrte Damen") == ""
    assert language_of("", "") == ""
