"""The search itself: a word is found in whatever form it went astray."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote

import pytest

from tests.journey.leaks import leaks

WORD = "Ääkköskettu-17"


@pytest.mark.parametrize(
    "octets",
    [
        WORD.encode(),
        WORD.replace("k", "K").encode(),
        WORD.encode("utf-16-le"),
        b'{"text": "\\u00c4\\u00e4kk\\u00f6skettu-17"}',
        quote(WORD).encode(),
        WORD.encode().hex().encode(),
        *(b64encode(b"." * shift + WORD.encode() + b"...") for shift in range(4)),
    ],
)
def test_a_word_is_found_in_every_form(octets: bytes) -> None:
    assert leaks([WORD], [("here", b"before " + octets + b" after")]) == [f"{WORD!r} in here"]


def test_other_words_are_not() -> None:
    assert not leaks([WORD], [("here", b"something else")])
