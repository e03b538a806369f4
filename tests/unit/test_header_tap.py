"""The header tap: what a door judges, the same for every way of cutting the stream."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from secure_mail.application.intake.header_tap import (
    FROM_LIMIT,
    SECTION_LIMIT,
    VALUE_LIMIT,
    HeaderTap,
    TappedHeaders,
)

MESSAGE = (
    b"Received: from a by b\r\nRECEIVED : from c\r\n by d\r\n"
    b"From: Anna\r\n\t<a@b.example>\r\nTo: maintenance@example.org\r\nCc: c@d.example\r\n"
    b"Date: Mon, 1 Jun 2026 10:00:00 +0300\r\nMessage-ID: <1@b.example>\r\n"
    b"Auto-Submitted: no\r\nX-Secure-Mail: mark\r\nSubject: from: nobody@x.example\r\n"
    b"\r\nFrom: body@x.example\r\nReceived: in the body\r\n"
)


def tapped(*chunks: bytes) -> TappedHeaders:
    tap = HeaderTap()
    for chunk in chunks:
        tap.feed(chunk)
    return tap.result()


def test_what_a_door_judges():
    result = tapped(MESSAGE)
    assert result == TappedHeaders(
        from_addresses=("a@b.example",),
        from_headers=1,
        received=2,
        own_mark="mark",
        message_id="1@b.example",
        auto_submitted="no",
        to="maintenance@example.org",
        cc="c@d.example",
        date="Mon, 1 Jun 2026 10:00:00 +0300",
        section=MESSAGE.partition(b"\r\n\r\n")[0] + b"\r\n",
    )
    assert result.single_from == "a@b.example"
    assert "a@b" not in repr(result)


def test_two_from_headers_and_two_addresses_are_not_one():
    two_headers = tapped(b"From: a@b.example\r\nFrom: c@d.example\r\n\r\n")
    two_addresses = tapped(b"From: a@b.example, c@d.example\r\n\r\n")
    assert two_headers.from_addresses == two_addresses.from_addresses
    assert (two_headers.from_headers, two_addresses.from_headers) == (2, 1)
    assert two_headers.single_from is two_addresses.single_from is None
    assert tapped(b"Subject: nobody\r\n\r\n").single_from is None


def test_a_second_from_cannot_hide_behind_a_crooked_line():
    hidden = b"From: a@b.example\r\nno header at all\r\nFrom : c@d.example\r\n\r\n"
    assert tapped(hidden).from_headers == 2
    assert tapped(b"From: a@b.example\rFrom: c@d.example\n\n").from_headers == 2


def test_a_from_over_the_limit_names_nobody():
    long = b"From: a@b.example, " + b"x" * VALUE_LIMIT + b"\r\n\r\n"
    folded = b"From: a@b.example,\r\n " + b"x" * VALUE_LIMIT + b"\r\n\r\n"
    many = b"From: a@b.example\r\n" * (FROM_LIMIT + 1) + b"\r\n"
    endless = b"From: a@b.example\r\nX: " + b"x" * SECTION_LIMIT
    for message in (long, folded, many, endless):
        assert tapped(message).from_addresses == ()
        assert tapped(message).single_from is None
    assert tapped(endless).cut
    assert tapped(b"From: a@b.example\r\nX: " + b"x" * 2 * VALUE_LIMIT + b"\r\n\r\n").single_from


def test_the_section_is_kept_as_it_came_and_without_the_empty_line():
    assert tapped(b"A: b\r\n", b"\r", b"\nbody").section == b"A: b\r\n"
    assert tapped(b"A: b\n\nbody").section == b"A: b\n"
    assert tapped(b"A: b\r\rbody").section == b"A: b\r"
    assert tapped(b"\r\nbody").section == b""
    assert tapped(b"A: b").section == b"A: b"
    cut = tapped(b"DKIM-Signature: a\r\nX: " + b"x" * SECTION_LIMIT)
    assert (cut.section, cut.signed) == (b"", True)


def test_signatures_are_noticed():
    for name in (b"DKIM-Signature", b"dkim-signature ", b"ARC-Message-Signature"):
        assert tapped(name + b": v=1\r\n\r\n").signed
    assert not tapped(b"X: DKIM-Signature: v=1\r\n\r\nDKIM-Signature: v=1\r\n").signed
    assert not tapped(b"ARC-Seal: i=1\r\n\r\n").signed


def test_nothing_is_kept_of_the_body():
    tap = HeaderTap()
    tap.feed(MESSAGE)
    assert tap.done
    before = vars(tap).copy()
    tap.feed(b"From: late@x.example\r\n" * 1000)
    assert vars(tap) == before


_LINES = st.sampled_from([
    b"From: a@b.example", b"from : Anna <c@d.example>", b" folded@e.example", b"\tmore",
    b"Received: x", b"To: f@g.example", b"garbage", b":", b"", b"From:", b"Message-ID: <1@h>",
])  # fmt: skip
_ENDS = st.sampled_from([b"\r\n", b"\r\n", b"\n", b"\r", b"\n\r"])
_MESSAGES = st.lists(st.tuples(_LINES, _ENDS), max_size=12).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


@given(_MESSAGES | st.binary(max_size=60), st.lists(st.integers(0, 300), max_size=8))
@example(MESSAGE, list(range(1, 300)))
@example(b"From: a@b.example, " + b"x" * VALUE_LIMIT, [VALUE_LIMIT, VALUE_LIMIT + 5])
@example(b"From: a@b.example\r\nX: " + b"x" * SECTION_LIMIT + b"\r\n\r\n", [SECTION_LIMIT])
def test_any_split_gives_the_same_result(message, cuts):
    edges = [0, *sorted(min(cut, len(message)) for cut in cuts), len(message)]
    chunks = [message[a:b] for a, b in pairwise(edges)]
    assert tapped(*chunks) == tapped(message)
