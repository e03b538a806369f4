"""Messages in files: where one ends and the next begins, in flat memory."""

from __future__ import annotations

from io import BytesIO

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.interfaces.cli.letters import CHUNK, Letters, messages_in

BEGIN = b"From MAILER-DAEMON Mon Nov 23 10:00:00 2026\n"


def read(octets: bytes) -> list[bytes]:
    return [b"".join(chunks) for chunks in messages_in(BytesIO(octets))]


def test_a_file_that_begins_otherwise_is_one_message():
    octets = b"Received: x\n\nFrom here on\n\nFrom there on\n"
    assert read(octets) == [octets]
    assert read(b"") == [b""]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_separator_follows_a_blank_line_and_takes_it_along(end):
    letter = end.join([b"Subject: a", b"", b"text", b"From a line of text", b""])
    box = (BEGIN + letter + end) * 2
    assert read(box) == [letter, letter]


def test_quoted_lines_lose_one_sign():
    box = BEGIN + b"A: b\n\n>From him\n>>From her\n> From\n>Frommage\n\n"
    assert read(box) == [b"A: b\n\nFrom him\n>From her\n> From\n>Frommage\n"]


def test_only_a_blank_line_that_ends_the_message_is_the_boxs_own():
    assert read(BEGIN + b"A: b\n\n\n\ntext\n\n\n") == [b"A: b\n\n\n\ntext\n\n"]
    assert read(BEGIN + b"A: b\n\ntext without end") == [b"A: b\n\ntext without end"]


def test_a_message_that_was_not_read_to_its_end_does_not_shift_the_next():
    begun = [
        next(chunks)
        for chunks in messages_in(BytesIO((BEGIN + b"A: b\n\n" + b"x\n" * CHUNK + b"\n") * 2))
    ]
    assert [chunk[:5] for chunk in begun] == [b"A: b\n"] * 2


def test_chunks_are_small_however_long_the_lines():
    octets = BEGIN + b"A: b\n\n" + b"x" * 3 * CHUNK + b"\n" + b"y\n" * CHUNK + b"\n"
    (chunks,) = ([*chunks] for chunks in messages_in(BytesIO(octets)))
    assert max(map(len, chunks)) < 2 * CHUNK
    assert b"".join(chunks) == octets[len(BEGIN) : -1]


@given(st.lists(st.binary().filter(lambda text: b"From " not in text), min_size=1, max_size=4))
def test_what_is_boxed_comes_out_as_it_was(letters):
    boxed = b"".join(BEGIN + b"A: b\n" + letter + b"\n\n" for letter in letters)
    assert read(boxed) == [b"A: b\n" + letter + b"\n" for letter in letters]


def test_a_maildirs_messages_are_those_of_cur_and_new(tmp_path):
    for name in ("cur/b", "cur/a", "new/c", "tmp/d"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"12345")
    letters = Letters.at(tmp_path)
    assert [file.name for file in letters.files] == ["a", "b", "c"]
    assert letters.octets == 15
    with pytest.raises(typer.BadParameter):
        Letters.at(tmp_path / "cur")
