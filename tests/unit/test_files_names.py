"""Names of files, made safe to show and to save under."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.application.ports.scanner import Scanner, ScanVerdict
from secure_mail.domain.filenames import LONGEST, clean_name, extension_of
from secure_mail.infrastructure.scanner.absent import NoScanner


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("letter.pdf", "letter.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\pa\u0308a\u0308to\u0308s.pdf", "päätös.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\0b\x1b\u200f\ufeff.pdf", "ab.pdf"),
        ("a\r\nb .pdf ", "a b .pdf"),
        (' "what"?.pdf', "_what__.pdf"),
        ("...", ""),
        ("", ""),
        ("dir/", ""),
        ("x" * 300 + ".docx", "x" * 115 + ".docx"),
        ("x" * 300, "x" * 120),
        ("x." + "y" * 300, "x." + "y" * 118),
        ("😀.pdf", "😀.pdf"),
    ],
)
def test_clean_names(name, clean):
    assert clean_name(name) == clean


@given(st.text(max_size=300))
def test_a_clean_name_is_clean(name):
    clean = clean_name(name)
    assert len(clean) <= LONGEST
    assert not set(clean) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in clean)
    assert clean_name(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)


def test_extensions():
    assert [extension_of(n) for n in ("a.PDF", "a.b.c", "a", ".pdf", "a.")] == [
        ".pdf", ".c", "", "", "",
    ]  # fmt: skip


def test_without_a_scanner_nothing_was_scanned():
    scanner: Scanner = NoScanner()
    assert scanner.scan("a.pdf", b"x") is ScanVerdict.UNSCANNED
