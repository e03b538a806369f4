"""DATA, cut in every way: one end only, dots undone, nothing smuggled."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from secure_mail.domain.refusals import RefusalCode
from secure_mail.interfaces.smtp.body import MAX_LINE, Body

LINES = st.lists(st.binary(max_size=30).map(lambda b: bytes(o for o in b if o not in b"\r\n\0")))
CRUMBS = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"a", b"\0"]), max_size=24)


def read(wire: bytes, cuts: list[int], max_size: int = 1 << 20) -> tuple[Body, bytes]:
    """The body after all chunks (those after its end come back in `rest`), and its octets."""
    body = Body(max_size)
    edges = sorted({0, len(wire), *(cut % (len(wire) + 1) for cut in cuts)})
    clean = b""
    for start, end in pairwise(edges):
        if body.done:
            body.rest += wire[start:end]
        else:
            clean += body.feed(wire[start:end])
    return body, clean


@given(LINES, st.binary(max_size=40), st.lists(st.integers(0, 2000)))
@example([b"."], b"", list(range(20)))
@example([b"..", b".x", b""], b"QUIT\r\n", list(range(40)))
@example([], b".\r\n", [])
def test_what_was_written_is_what_is_read_however_it_is_cut(lines, rest, cuts):
    message = b"".join(line + b"\r\n" for line in lines)
    stuffed = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
    body, clean = read(stuffed + b".\r\n" + rest, cuts)
    assert (body.done, body.refusal) == (True, None)
    assert clean == message
    assert body.rest == rest
    assert body.size == len(message)


@given(CRUMBS, st.lists(st.integers(0, 100)))
def test_every_cut_judges_alike(crumbs, cuts):
    wire = b"x\r\n" + b"".join(crumbs) + b"\r\n.\r\n"
    whole, whole_clean = read(wire, [])
    cut, cut_clean = read(wire, cuts)
    assert cut.done
    assert cut.rest == whole.rest
    assert (cut.refusal is None) == (whole.refusal is None)
    if whole.refusal is None:
        assert cut_clean == whole_clean
        assert b"\n" not in whole_clean.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "smuggled",
    [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\n\n.\r\n"],
)
def test_no_other_end_ends_a_message(smuggled):
    body, _ = read(b"a" + smuggled + b"MAIL FROM:<x@y.example>\r\n.\r\n", [])
    assert body.done
    assert body.rest == b""
    assert body.refusal is RefusalCode.BARE_LINE_ENDING


@pytest.mark.parametrize("nul", [b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"a\0b"])
def test_nul_spoils_the_message(nul):
    body, _ = read(nul + b"\r\n.\r\n", [])
    assert body.refusal is RefusalCode.NUL_IN_MESSAGE


@pytest.mark.parametrize(("extra", "refusal"), [(0, None), (1, RefusalCode.LINE_TOO_LONG)])
@pytest.mark.parametrize("cuts", [[], list(range(0, 70_000, 997)), [1, 65_536, 65_537]])
def test_a_line_has_an_end(extra, refusal, cuts):
    line = b"x" * (MAX_LINE - 1 + extra)
    body, _ = read(b"short\r\n" + line + b"\r\nmore\r\n.\r\n", cuts)
    assert body.refusal is refusal


def test_size_counts_octets_without_stuffing():
    assert read(b"..345678\r\n.\r\n", [], max_size=9)[0].refusal is None
    assert read(b"..3456789\r\n.\r\n", [], max_size=9)[0].refusal is RefusalCode.TOO_LARGE


def test_after_a_refusal_nothing_is_released_and_little_is_held():
    body = Body(1 << 20)
    assert body.feed(b"good\r\nbad\0\r\n") == b""
    for _ in range(100):
        assert body.feed(b"y" * 10_000) == b""
    assert not body.done
    assert body.feed(b"\r\n.\r\nNOOP\r\n") == b""
    assert (body.done, body.rest) == (True, b"NOOP\r\n")
