"""Mail that no person wrote, and mail that cannot be read here."""

import io
import struct
import zipfile
from base64 import encodebytes
from time import monotonic

import pytest

from secure_mail.infrastructure.mime import automatic
from tests.unit.mime_messages import letter, mixed, parser, part

STATUS = part(
    b"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\n"
    b"Action: failed\r\nStatus: 5.1.1\r\n",
    b"message/delivery-status",
)
REPORT = b"multipart/report; report-type="


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (letter(b"Dear Sir"), "none"),
        (letter(b"x", b"Auto-Submitted: no"), "none"),
        (letter(b"x", b"Auto-Submitted: No (a person)", b"Precedence: auto_reply"), "none"),
        (letter(b"x", b"Auto-Submitted: auto-replied; owner-email=a@b.example"), "auto_replied"),
        (letter(b"x", b"X-Autoreply: yes"), "auto_replied"),
        (letter(b"x", b"Precedence: auto_reply"), "auto_replied"),
        (letter(b"x", b"Auto-Submitted: AUTO-GENERATED"), "auto_generated"),
        (letter(b"x", b"Auto-Submitted: something-new"), "auto_generated"),
        (letter(b"x", b"List-Id: <l.b.example>"), "list"),
        (letter(b"x", b"Precedence: bulk"), "list"),
        (letter(b"x", b"Precedence: first-class"), "none"),
        (mixed(part(b"failed"), STATUS, kind=REPORT + b"delivery-status"), "bounce"),
        (mixed(part(b"failed"), STATUS, kind=b"multipart/report"), "bounce"),
        (mixed(part(b"read"), kind=REPORT + b"disposition-notification"), "auto_replied"),
        (mixed(part(b"spam"), kind=REPORT + b"feedback-report"), "auto_generated"),
        (b"From: MAILER-DAEMON@b.example\r\n\r\nsorry", "bounce"),
        (b"From: Mailer-Daemon <>\r\n\r\nsorry", "bounce"),
        (b"Return-Path: <>\r\nFrom: postmaster@b.example\r\n\r\nsorry", "bounce"),
        (b"From: postmaster@b.example\r\n\r\nA letter of a person.", "none"),
        (letter(b"x", b"Message-ID: <1@k>", b"X-Secure-Mail: k@1"), "own"),
        (letter(b"x", b"Message-ID: <1@k>", b"X-Secure-Mail: forged"), "none"),
    ],
)
def test_kinds_of_automatic_mail(raw, kind):
    assert parser().parse(raw).auto_kind == kind


WORDS = (
    b"The following addresses had permanent fatal errors -----\r\n<c@d.example>\r\n"
    b"----- Transcript of session follows -----\r\n"
)


def test_the_wordings_of_old_servers_are_known():
    assert parser().parse(letter(b"   ----- " + WORDS)).auto_kind == "bounce"


ENDLESS = [
    b"did not reach the following recipient(s):\r\n\r\n" + b"a" * 60_000,
    b"," * 60_000,
    b",=\r\n" * 40_000,
]


@pytest.mark.parametrize("line", ENDLESS)
def test_endless_lines_are_not_searched_for_wordings(line):
    """The library's patterns would hold the whole process for ten seconds and more."""
    began = monotonic()
    raw = letter(line, b"Content-Transfer-Encoding: quoted-printable")
    assert parser().parse(raw).auto_kind == "none"
    assert monotonic() - began < 2


def test_much_base64_is_not_searched_for_wordings():
    """Decoded, it may be one line; a short one does no harm."""
    coded = b"Content-Transfer-Encoding: base64"
    words = b"   ----- " + WORDS
    assert parser().parse(letter(words, b"X-Old: base64")).auto_kind == "bounce"
    raw = letter(encodebytes(b"x" * 8000 + words), coded)
    assert parser().parse(raw).auto_kind == "none"


def test_a_letter_with_a_file_is_not_searched_for_wordings():
    file = part(b"%PDF-", b"application/pdf", b"attachment; filename=a.pdf")
    assert parser().parse(mixed(part(b"   ----- " + WORDS), file)).auto_kind == "none"


def zipped(name: str = "a.txt", *, password: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, b"content")
    data = bytearray(out.getvalue())
    if password:
        at = data.index(b"PK\x01\x02")
        struct.pack_into("<H", data, at + 8, 1)
    return bytes(data)


ENVELOPED = bytes.fromhex("308006092a864886f70d010703a080")
SIGNED = bytes.fromhex("308006092a864886f70d010702a080")
COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("content", "kind", "answer"),
    [
        (zipped(), b"application/zip", "yes"),
        (zipped(password=True), b"application/zip", "locked"),
        (zipped(password=True), b"text/x-wrong", "locked"),
        (b"%PDF-1.7\ntrailer<</Root 1 0 R>>", b"application/pdf", "yes"),
        (b"%PDF-1.7\ntrailer<</Root 1 0 R/Encrypt 5 0 R>>", b"application/pdf", "locked"),
        (b"%PDF-1.7\n/EncryptMetadata false", b"application/pdf", "yes"),
        (COMPOUND + b"WordDocument", b"application/msword", "yes"),
        (COMPOUND + "EncryptedPackage".encode("utf-16-le"), b"application/x", "locked"),
        (ENVELOPED, b"application/pkcs7-mime; smime-type=enveloped-data", "locked"),
        (ENVELOPED, b"application/octet-stream", "locked"),
        (SIGNED, b"application/pkcs7-signature", "yes"),
        (b"-----BEGIN PGP MESSAGE-----\n\nx", b"application/octet-stream", "locked"),
        (b"PK\x03\x04", b"application/zip", "yes"),
    ],
)
def test_locked_files(content, kind, answer):
    raw = mixed(part(b"Dear Sir"), part(content, kind, b"attachment; filename=a.bin"))
    assert parser().parse(raw).readable == answer


def test_a_locked_message():
    assert (
        parser().parse(letter(ENVELOPED, b"Content-Type: application/pkcs7-mime")).readable
        == "locked"
    )
    assert parser().parse(letter(b"-----BEGIN PGP MESSAGE-----\r\n\r\nx")).readable == "locked"
    pgp = mixed(part(b"Version: 1", b"application/pgp-encrypted"), kind=b"multipart/encrypted")
    assert parser().parse(pgp).readable == "locked"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (b"Open the message: https://app.zivver.com/read/1", "remote"),
        (b"Lue viesti https://turvaposti.court.example/x", "remote"),
        (b"https://outlook.office365.example/Encryption/retrieve.ashx?x=1", "remote"),
        (b"See https://zivver.com.example.org/ and https://notzivver.com/", "yes"),
        (b"I wrote by https://securemail.kela.example/l/1 before", "yes"),
        (b"https://[broken/", "yes"),
        (b"A long letter. " * 300 + b"https://app.zivver.com/read/1", "yes"),
    ],
)
def test_only_a_link_to_another_service(text, answer):
    assert parser().parse(letter(text)).readable == answer


def test_a_letter_with_its_own_file_is_not_remote():
    file = part(b"%PDF-", b"application/pdf", b"attachment; filename=a.pdf")
    raw = mixed(part(b"https://app.zivver.com/read/1"), file)
    assert parser().parse(raw).readable == "yes"


def test_the_wrapper_of_another_service_is_remote():
    file = part(b"x", b"text/html", b"attachment; filename=securedoc_2026.html")
    assert parser().parse(mixed(part(b"Open the file"), file)).readable == "remote"


def test_nested_parts_without_end_are_not_searched_for_a_bounce():
    """The library walks them in quadratic time, wherever the recursion limit is high."""
    assert automatic._searchable(b"Content-Type: message/rfc822\r\n\r\n" * 50 + b"hi")
    assert not automatic._searchable(b"Content-Type: message/rfc822\r\n\r\n" * 51 + b"hi")
