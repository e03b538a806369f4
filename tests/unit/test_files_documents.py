"""Documents pass unchanged, or are refused with the reason that the sender can act on."""

import struct

import pytest

from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.infrastructure.files.screen import StreamingScreen
from tests.unit.files_made import DOCX, ODT, archive, jpeg, pdf, png, screened

COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000)
OFFICE_LOCK = "EncryptedPackage".encode("utf-16-le")
WHOLE = {
    "a.pdf": pdf(),
    "a.docx": archive(DOCX),
    "a.odt": archive(ODT),
    "a.txt": "Hyvä vastaanottaja,\r\n\tkiitos – thanks\n".encode() * 100,
    "b.txt": "Hyvää päivää".encode("cp1252"),
    "c.txt": "\ufeffHyvää päivää".encode("utf-16-le"),
    "a.jpg": jpeg(),
    "A.PNG": png(),
}


def locked_zip() -> bytes:
    data = bytearray(archive(DOCX))
    struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 8, 1)
    return bytes(data)


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("step", [1, 1000, 10**6])
def test_what_its_name_says_passes_unchanged(name, step):
    assert screened(name, WHOLE[name], step) == WHOLE[name]


def test_the_types_are_those_of_the_page():
    assert StreamingScreen().extensions == (
        ".pdf", ".jpg", ".jpeg", ".png", ".txt", ".docx", ".odt",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.pdf", b"", "file-empty"),
        ("a.pdf", pdf(b"/Encrypt 5 0 R"), "file-locked"),
        ("a.pdf", pdf(b"/Encrypt<</Filter/Standard>>"), "file-locked"),
        ("a.pdf", pdf()[:-10], "file-unreadable"),
        ("a.pdf", b"\n" + pdf(), "file-type"),
        ("a.pdf", pdf(after=archive(DOCX)), "file-type"),
        ("a.pdf", pdf(after=archive(DOCX) + b"%%EOF"), "file-type"),
        ("a.pdf", b"%PDF-1.7\n<script>" + pdf(), "file-type"),
        ("a.docx", locked_zip(), "file-locked"),
        ("a.docx", COMPOUND + OFFICE_LOCK + COMPOUND, "file-locked"),
        ("a.docx", COMPOUND, "file-type"),
        ("a.docx", archive(ODT), "file-type"),
        ("a.docx", archive({"a.txt": b"x"}), "file-type"),
        ("a.docx", archive(DOCX | {"word/vbaProject.bin": b"x"}), "file-type"),
        ("a.docx", archive(DOCX)[:-1], "file-unreadable"),
        ("a.docx", archive(DOCX) + b"x", "file-unreadable"),
        ("a.docx", b"PK\x03\x04" + b"x" * 2000 + archive(DOCX), "file-unreadable"),
        ("a.docx", archive(DOCX | {"%PDF-": b"x"}), "file-type"),
        ("a.odt", archive(ODT, stored=("mimetype", "content.xml")), "file-locked"),
        ("a.odt", archive(ODT | {"encrypted-package": b"x"}), "file-locked"),
        ("a.odt", archive(DOCX), "file-type"),
        ("a.odt", archive(ODT | {"mimetype": ODT["mimetype"] + b"-template"}), "file-type"),
        ("a.txt", b"text\0text", "file-type"),
        ("a.txt", pdf(), "file-type"),
        ("a.txt", b"{\\rtf1 x}", "file-type"),
        ("a.txt", b"<!DOCTYPE html><p>x", "file-type"),
        ("a.txt", b"\xff\xfex", "file-type"),
        ("a.jpg", png(), "file-type"),
        ("a.png", jpeg(), "file-type"),
        ("a.pdf", jpeg(), "file-type"),
    ],
)  # fmt: skip
def test_refused_with_its_reason(name, data, code):
    for step in (1, 4096):
        with pytest.raises(Refusal) as refused:
            screened(name, data, step)
        assert (refused.value.code, refused.value.facts) == (RefusalCode(code), {})


def test_a_bomb_is_refused_by_what_it_claims():
    data = bytearray(archive(DOCX))
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, 2**31)
    with pytest.raises(Refusal) as refused:
        screened("a.docx", bytes(data))
    assert refused.value.code is RefusalCode.FILE_UNREADABLE


@pytest.mark.parametrize(
    "name", ["a", "a.exe", ".pdf", "a.pdf.exe", "a.docm", "a.doc", "", "a.zip"]
)
def test_what_is_not_on_the_list_is_refused_before_its_first_octet(name):
    with pytest.raises(Refusal) as refused:
        StreamingScreen().begin(name)
    assert refused.value.code is RefusalCode.FILE_TYPE


def test_a_declared_nothing_is_empty():
    with pytest.raises(Refusal) as refused:
        StreamingScreen().begin("a.pdf", 0)
    assert refused.value.code is RefusalCode.FILE_EMPTY


def test_a_filter_says_what_it_lets_through():
    upload = StreamingScreen().begin("C:\\temp\\\u202eLetter.PDF", 10)
    assert (upload.clean_name, upload.media_type) == ("Letter.PDF", "application/pdf")
    assert "Letter" not in repr(upload)


def test_a_lock_is_seen_across_the_edge_of_two_pieces():
    data = pdf(b"/Encrypt 5 0 R") + b"x" * 300_000 + b"%%EOF"
    for step in (3, 3030, 3040, 3050, 65_536):
        with pytest.raises(Refusal) as refused:
            screened("a.pdf", data, step)
        assert refused.value.code is RefusalCode.FILE_LOCKED


def test_memory_stays_flat():
    upload = StreamingScreen().begin("a.pdf")
    upload.update(pdf())
    for _ in range(200):
        assert upload.update(bytes(65_536)) == bytes(65_536)
    assert len(upload._content._tail._octets) < 1024 * 1024
    upload.update(b"%%EOF")
    assert upload.finish() == b""
