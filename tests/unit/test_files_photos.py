"""Photos lose what they tell besides the picture, while they stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.infrastructure.files.screen import StreamingScreen
from tests.unit.files_made import (
    JFIF,
    SECRET,
    chunk,
    exif,
    jpeg,
    pdf,
    png,
    screened,
    segment,
)

ICC = segment(0xE2, b"ICC_PROFILE\0\x01\x01profile")
ADOBE = segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01")
TOLD = (
    segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET),
    segment(0xE2, b"MPF\0" + SECRET),
    segment(0xED, b"Photoshop 3.0\0" + SECRET),
    segment(0xE0, b"JFXX\0" + SECRET),
    segment(0xE5, SECRET),
    segment(0xFE, SECRET),
)
PNG_TOLD = tuple(
    chunk(kind, SECRET) for kind in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"zzZz")
)
FILM = b"\0\0\0\x18ftypmp42" + SECRET


@pytest.mark.parametrize("step", [1, 7, 1024, 10**6])
def test_a_jpeg_keeps_the_picture_and_nothing_else(step):
    clean = screened("a.jpg", jpeg(segment(0xE1, exif(1)), *TOLD, ICC, ADOBE, after=FILM), step)
    assert clean == jpeg(ICC, ADOBE)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_jpeg_keeps_its_orientation(order):
    clean = screened("a.jpeg", jpeg(segment(0xE1, exif(6, order))))
    body = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    assert clean == jpeg(segment(0xE1, body))
    assert screened("a.jpg", clean) == clean


@pytest.mark.parametrize("content", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", exif(99), b""])
def test_crooked_exif_is_cut(content):
    assert screened("a.jpg", jpeg(segment(0xE1, content))) == jpeg()


def test_fill_octets_before_a_marker_are_no_damage():
    assert screened("a.jpg", jpeg().replace(JFIF, b"\xff\xff" + JFIF)) == jpeg()


@pytest.mark.parametrize("step", [1, 7, 10**6])
def test_a_png_keeps_the_picture_and_nothing_else(step):
    colours = chunk(b"gAMA", b"\0\0\xb1\x8f")
    assert screened("a.png", png(*PNG_TOLD, colours, after=FILM), step) == png(colours)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jpg", jpeg()[:-2]),
        ("a.jpg", jpeg()[:40]),
        ("a.jpg", b"\xff\xd8\xff\xd9"),
        ("a.jpg", b"\xff\xd8\xff" + b"\xff" * 100),
        ("a.jpg", b"\xff\xd8\xff\xe0\0\x01"),
        ("a.jpg", b"\xff\xd8\xff\xe0\0\x03xno marker"),
        ("a.png", png()[:-1]),
        ("a.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")),
        ("a.png", png().replace(b"IDAT", b"tEXt")),
        ("a.png", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR"),
    ],
)
def test_a_broken_picture_is_unreadable(name, data):
    with pytest.raises(Refusal) as refused:
        screened(name, data)
    assert refused.value.code is RefusalCode.FILE_UNREADABLE


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
@pytest.mark.parametrize("after", [pdf(), b"PK\x05\x06" + bytes(18), b"x" * 90_000 + b"PK\x05\x06"])
def test_a_picture_with_a_second_file_behind_it_is_refused(name, after):
    whole = jpeg(after=after) if name == "a.jpg" else png(after=after)
    with pytest.raises(Refusal) as refused:
        screened(name, whole, 999)
    assert refused.value.code is RefusalCode.FILE_TYPE


def test_a_chunk_passes_in_pieces_so_that_memory_stays_flat():
    upload = StreamingScreen().begin("a.png")
    head = png(chunk(b"tEXt", b""))[:33] + b"\x40\0\0\0IDAT"
    assert upload.update(head + bytes(5000)) == head + bytes(5000)
    assert all(upload.update(bytes(65_536)) == bytes(65_536) for _ in range(100))


@given(st.binary(max_size=300), st.integers(1, 50))
def test_no_secret_passes_whatever_the_pieces(noise, step):
    told = segment(0xE1, b"Exif\0\0" + noise + SECRET), segment(0xFE, SECRET + noise)
    assert SECRET not in screened("a.jpg", jpeg(*told), step)
    assert screened("a.png", png(chunk(b"tEXt", SECRET + noise)), step) == png()


@given(st.binary(max_size=300), st.sampled_from(["a.jpg", "a.png"]))
def test_noise_is_refused_and_nothing_else_raised(noise, name):
    magic = b"\xff\xd8\xff" if name == "a.jpg" else b"\x89PNG\r\n\x1a\n"
    with pytest.raises(Refusal):
        screened(name, magic + noise)


def test_a_picture_of_a_million_empty_pieces_is_refused():
    with pytest.raises(Refusal) as refused:
        screened("a.jpg", jpeg(segment(0xFE, b"") * 250_000), 10**7)
    assert refused.value.code is RefusalCode.FILE_UNREADABLE
