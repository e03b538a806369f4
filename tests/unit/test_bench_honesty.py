"""What the bench believes: letters told apart, a search that finds, queue files that are read."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

import pytest

from bench.client import Load
from bench.honesty import PIECE, in_the_clear
from bench.load.letters import CANARY, letters
from bench.machine import Machine, filesystem
from bench.peers.postfix import content
from bench.rounds import compared
from secure_mail.interfaces.smtp.body import Body

FROM, TO = "desk@institution.example", "velkajarjestelyt@kela.fi"


def whole(letter):
    return letter.head + letter.filler


@pytest.mark.parametrize("size", [1024, 4096, 100_000])
def test_letters_are_distinct_and_of_the_size_asked_for(size):
    made = letters("P1.3", 120, size, FROM, TO)
    assert {letter.size for letter in made} == {size}
    assert len({letter.digest for letter in made}) == 120
    assert made[7].digest == sha256(whole(made[7])).hexdigest()


def test_letters_of_another_round_are_others():
    first, second = (letters(run, 50, 4096, FROM, TO) for run in ("P1.0", "P1.1"))
    assert not {one.digest for one in first} & {one.digest for one in second}


def test_a_letter_goes_over_the_wire_as_it_is():
    (letter,) = letters("wire", 1, 4096, FROM, TO)
    body = Body(1 << 20)
    assert body.feed(whole(letter) + b".\r\n") == whole(letter)
    assert body.done
    assert body.refusal is None


def test_the_canary_is_in_every_piece_of_a_letter():
    (letter,) = letters("canary", 1, 100_000, FROM, TO)
    octets = letter.filler
    assert CANARY in letter.head
    assert all(CANARY in octets[at : at + 200] for at in range(0, len(octets) - 200, 200))


def test_what_was_acknowledged_is_compared_with_what_is_there():
    load = Load(seconds=1, client_cpu=0, digests=("a", "b", "c"), acknowledged=3)
    assert compared(load, Counter("abc")) == (0, 0)
    assert compared(load, Counter("ab")) == (1, 0)
    assert compared(load, Counter("abx")) == (1, 1)
    assert compared(load, Counter("abcc")) == (0, 1)


def test_letters_of_a_client_that_does_not_tell_them_apart_are_counted():
    load = Load(seconds=1, client_cpu=0, acknowledged=3)
    assert compared(load, Counter("xyz")) == (0, 0)
    assert compared(load, Counter("xy")) == (1, 0)
    assert compared(load, Counter("xyzz")) == (0, 1)


@pytest.mark.parametrize("before", [0, 10, PIECE - 20, PIECE, 2 * PIECE - 1])
def test_the_search_finds_the_word_wherever_it_stands(tmp_path, before):
    (tmp_path / "blobs").mkdir()
    (tmp_path / "clean").write_bytes(b"x" * 100)
    (tmp_path / "blobs" / "leak").write_bytes(b"x" * before + CANARY + b"y")
    assert in_the_clear([tmp_path]) == [tmp_path / "blobs" / "leak"]


def record(kind, data):
    length, sevens = len(data), bytearray()
    while length >= 0x80:
        sevens.append(length & 0x7F | 0x80)
        length >>= 7
    return kind + bytes([*sevens, length]) + data


def test_a_letter_is_read_out_of_a_queue_file_of_postfix():
    long = b"y" * 5000
    file = (
        record(b"C", b"   4096    400    1    0") + record(b"S", FROM.encode()) + record(b"M", b"")
    )
    received = (
        b"Received: from client (unknown [127.0.0.1])",
        b"\tby mx with ESMTP",
        b"\tid 1; now",
    )
    for line in (*received, b"From: <desk>", b"", b"Hei,"):
        file += record(b"N", line)
    file += record(b"L", long[:2048]) + record(b"N", long[2048:]) + record(b"X", b"")
    assert content(file) == b"From: <desk>\r\n\r\nHei,\r\n" + long + b"\r\n"


def test_the_machine_line_names_no_machine(tmp_path):
    machine = Machine.here(tmp_path)
    assert filesystem(tmp_path) != "unknown"
    assert str(tmp_path) not in machine.line
    assert machine.kind.startswith(f"{machine.cores}-cores-")
    assert not list(tmp_path.iterdir())


def test_a_disk_that_does_not_sync_is_told():
    facts = {
        "cores": 2,
        "processor": "p",
        "memory_gib": 4,
        "system": "Linux",
        "python": "3.11",
        "filesystem": "tmpfs",
        "fsync_ms": 0.001,
        "load": 0.0,
        "postfix": "absent",
    }
    assert "nothing is durable here" in Machine(**facts, fsync_real=False).line
