"""Body hashes while streaming: those of RFC 6376, however the body is cut into chunks."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import example, given
from hypothesis import strategies as st

from secure_mail.application.intake.header_tap import HeaderTap
from secure_mail.application.intake.signed_body import SignedBody
from secure_mail.domain.authentication import BodyHashes


def hashed(*chunks: bytes) -> BodyHashes:
    body = SignedBody()
    for chunk in chunks:
        body.feed(chunk)
    return body.result()


def of(simple: bytes, relaxed: bytes) -> BodyHashes:
    return BodyHashes(hashlib.sha256(simple).digest(), hashlib.sha256(relaxed).digest())


@pytest.mark.parametrize(
    ("body", "simple", "relaxed"),
    [
        (b"", b"\r\n", b""),
        (b"\r\n\r\n", b"\r\n", b""),
        (b" \r\n\t\r\n", b" \r\n\t\r\n", b""),
        (b"a", b"a\r\n", b"a\r\n"),
        (b"a\r\n\r\n\r\n", b"a\r\n", b"a\r\n"),
        # the example of RFC 6376, 3.4.5
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C \r\nD \t E\r\n", b" C\r\nD E\r\n"),
        (b"\r\n\r\nb\r\n", b"\r\n\r\nb\r\n", b"\r\n\r\nb\r\n"),
        (b"a\r", b"a\r\r\n", b"a\r\r\n"),
    ],
)
def test_both_forms(body, simple, relaxed):
    assert hashed(body) == of(simple, relaxed)
    assert hashed(*(body[at : at + 1] for at in range(len(body)))) == of(simple, relaxed)


_PIECES = st.sampled_from([b"a", b"words", b" ", b"\t", b"  ", b"\r\n", b"\r\n\r\n", b"\r", b"\n"])
_BODIES = st.lists(_PIECES, max_size=40).map(b"".join) | st.binary(max_size=200)


@given(_BODIES, st.lists(st.integers(0, 200), max_size=12))
@example(b"\r\r\n", [1])
@example(b"a \r\n", [1, 2, 3])
@example(b"a\t\t\r\n\r\nb", [2, 3, 4, 5, 6])
@example(b"\n\n\r\n", [1])
@example(b"a\r\n" + b"\r\n" * 20_000 + b"b", [3, 20_000])
def test_they_are_those_of_the_library_for_every_way_of_cutting(body, cuts):
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    chunks = [body[a:b] for a, b in pairwise(edges)]
    assert hashed(*chunks) == of(Simple.canonicalize_body(body), Relaxed.canonicalize_body(body))


def test_asked_twice_it_says_the_same():
    body = SignedBody()
    body.feed(b"a \r")
    assert body.result() == body.result()


@given(st.integers(1, 60))
@example(1)
def test_the_tap_says_where_the_body_begins(step):
    raw = b"From: a@b.example\r\nDKIM-Signature: v=1\r\n\r\n\r\nbody \r\n"
    tap, body = HeaderTap(), SignedBody()
    for at in range(0, len(raw), step):
        chunk = raw[at : at + step]
        begins = tap.feed(chunk)
        body.feed(chunk[begins:])
    assert tap.result().section == b"From: a@b.example\r\nDKIM-Signature: v=1\r\n"
    assert body.result() == of(b"\r\nbody \r\n", b"\r\nbody\r\n")
