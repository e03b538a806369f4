"""One message in, one small value out: texts, attachments with every octet, names, defects."""

from base64 import b64encode

import pytest

from secure_mail.application.ports.mime import ParsedMail
from tests.unit.mime_messages import mixed, parser, part

PDF = bytes(range(256)) * 3


def parse(raw: bytes) -> ParsedMail:
    return parser().parse(raw)


def test_a_plain_letter():
    mail = parse(
        "From: Anna <a@b.example>\r\nTo: maintenance@example.org\r\n"
        "Subject: =?utf-8?q?P=C3=A4=C3=A4t=C3=B6s?=\r\nDate: Mon, 1 Jun 2026 10:00:00 +0300\r\n"
        "Message-ID: <1@b.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        "Hei,\r\nhaluan maksusuunnitelman ja kiitän.\r\n".encode()
    )
    assert (mail.subject, mail.from_addresses) == ("Päätös", ("a@b.example",))
    assert mail.text == "Hei,\nhaluan maksusuunnitelman ja kiitän."
    assert (mail.language, mail.auto_kind, mail.readable) == ("fi", "none", "yes")
    assert mail.headers["subject"] == ("Päätös",)
    assert (mail.attachments, mail.defects) == ((), ())


@pytest.mark.parametrize("encoding", ["base64", "8bit", "quoted-printable"])
def test_every_octet_of_an_attachment_is_kept(encoding):
    body = {
        "base64": b64encode(PDF),
        "8bit": PDF,
        "quoted-printable": b"".join(b"=%02X" % octet for octet in PDF),
    }[encoding]
    raw = mixed(part(b"hello"), part(body, b"application/pdf", b'x; filename="a.pdf"', encoding))
    (file,) = parse(raw).attachments
    assert (file.name, file.media_type, file.content) == ("a.pdf", "application/pdf", PDF)


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b'attachment; filename="../../etc/passwd"', "passwd"),
        (b'attachment; filename="C:\\\\x\\\\letter.pdf"', "letter.pdf"),
        (b"attachment; filename*=utf-8''a%E2%80%AEfdp.exe", "afdp.exe"),
        (b"attachment; filename*=utf-8''a%00%0Ab.pdf", "a b.pdf"),
        (b"attachment", ""),
    ],
)
def test_names_are_normalised(disposition, name):
    (file,) = parse(mixed(part(b"x", b"application/pdf", disposition))).attachments
    assert file.name.replace("\ufffd", "") == name


def test_html_is_read_when_there_is_no_plain_twin():
    html = part(b"<p>Hello <b>you</b></p>", b"text/html")
    only = parse(mixed(html))
    assert (only.text, only.html) == ("Hello you", "<p>Hello <b>you</b></p>")
    choice = parse(mixed(part(b"plain"), html, kind=b"multipart/alternative"))
    assert (choice.text, choice.html) == ("plain", "<p>Hello <b>you</b></p>")
    blank = parse(mixed(part(b" \r\n"), html, kind=b"multipart/alternative"))
    assert blank.text == "Hello you"
    both = parse(mixed(part(b"first"), html))
    assert both.text == "first\n\nHello you"


def test_a_folded_boundary_hides_no_part():
    raw = mixed(part(b"one"), part(b"two", b"application/pdf", b"attachment; filename=a.pdf"))
    folded = raw.replace(b'boundary="edge"', b'\r\n boundary="ed\r\n ge"').replace(
        b"--edge", b"--ed ge"
    )
    assert [file.content for file in parse(folded).attachments] == [b"two"]


def test_an_embedded_message_is_an_attachment_exactly_as_it_came():
    inner = (
        b"From: c@d.example\r\nContent-Type: text/plain;\r\n  charset=utf-8\r\n\r\n\xe4 inner\r\n."
    )
    for encoding, body in (("8bit", inner), ("base64", b64encode(inner))):
        mail = parse(mixed(part(b"see"), part(body, b"message/rfc822", b"inline", encoding)))
        (file,) = mail.attachments
        assert (file.name, file.media_type) == ("message.eml", "message/rfc822")
        assert file.content == inner
        assert mail.text == "see"


def test_several_texts_are_one():
    mail = parse(mixed(part(b"before"), part(b"x", b"image/png", b"inline"), part(b"after")))
    assert mail.text == "before\n\nafter"
    assert len(mail.attachments) == 1


def test_a_named_text_is_a_file_unless_it_is_the_message():
    (file,) = parse(mixed(part(b"x"), part(b"y", b"text/plain; name=notes.txt"))).attachments
    assert file.name == "notes.txt"
    assert parse(b"From: a@b.example\r\nContent-Type: text/plain; name=x.txt\r\n\r\ny").text == "y"


def test_defects_are_named():
    raw = (
        b"From: a@b.example\r\nFrom: evil@x.example\r\n"
        b"Content-Type: multipart/mixed; boundary=edge\r\n\r\n--edge\r\n"
        b"Content-Type: text/plain; charset=rot13\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"no base64 (at all) here!\0\r\n--edge\r\nContent-Type: application/ms-tnef\r\n\r\nx\r\n"
    )
    mail = parse(raw)
    assert set(mail.defects) == {
        "ambiguous-from", "close-boundary-not-found", "nul", "tnef", "transfer-encoding",
        "unknown-charset",
    }  # fmt: skip
    assert mail.from_addresses == ("a@b.example", "evil@x.example")
    assert "no base64 (at all) here!" in mail.text


def test_html_names_its_charset_itself():
    html = '<meta http-equiv="x" content="text/html; charset=koi8-r"><p>привет'.encode("koi8-r")
    assert parse(mixed(part(html, b"text/html"))).text == "привет"


def test_content_does_not_print_itself():
    mail = parse(mixed(part(b"secret"), part(b"x", b"application/pdf", b"x; filename=secret.pdf")))
    assert "secret" not in repr(mail) + repr(mail.attachments)
