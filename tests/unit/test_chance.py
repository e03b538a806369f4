"""Chance and time: ordered ids, codes of the promised alphabet, and reviewed check words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from uuid import RFC_4122, UUID

import pytest

from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.domain.ids import CROCKFORD
from secure_mail.infrastructure.chance import RandomIds, SystemClock, read_words
from tests.fakes.chance import START, FixedClock, SeededIds

WORDS = {"en": ("RIVER", "LAKE"), "fi": ("KOIVU",), "sv": ("SKED",)}
LISTS = Path(__file__).parents[2] / "templates" / "words"
LANGUAGES = ("en", "fi", "sv")

MAKERS: list[Callable[[Clock], Ids]] = [
    lambda clock: RandomIds(clock, WORDS),
    lambda _: SeededIds(),
]


@pytest.fixture(params=MAKERS, ids=["real", "fake"])
def ids(request: pytest.FixtureRequest) -> Ids:
    made: Ids = request.param(FixedClock())
    return made


def test_ids_rise_even_when_the_clock_stands_still(ids: Ids) -> None:
    made = [ids.new() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}


def test_an_id_begins_with_its_millisecond() -> None:
    clock = FixedClock()
    ids = RandomIds(clock, WORDS)
    first = ids.new()
    clock.advance(timedelta(milliseconds=7))
    second = ids.new()
    assert first.int >> 80 == int(START.timestamp() * 1000)
    assert (second.int >> 80) - (first.int >> 80) == 7


def test_ids_rise_when_the_clock_goes_back() -> None:
    clock = FixedClock()
    ids = RandomIds(clock, WORDS)
    first = ids.new()
    clock.advance(-timedelta(hours=1))
    assert ids.new() > first


def test_ids_of_many_threads_are_distinct() -> None:
    ids = RandomIds(SystemClock(), WORDS)
    made: list[UUID] = []
    threads = [
        Thread(target=lambda: made.extend([ids.new() for _ in range(2000)])) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8000


def test_codes_have_their_alphabet_and_length(ids: Ids) -> None:
    assert len(ids.symbols(7)) == 7
    assert set(ids.symbols(500)) <= set(CROCKFORD)
    assert re.fullmatch(r"\d{16}", ids.digits(16))
    assert len(ids.secret().octets) == 32
    assert ids.secret() != ids.secret()


@pytest.mark.parametrize("language", LANGUAGES)
def test_check_words_are_a_word_and_two_digits(ids: Ids, language: str) -> None:
    for _ in range(50):
        assert re.fullmatch(r"[A-ZÅÄÖ]+ \d\d", ids.check_words(language))


def test_chance_of_a_seed_repeats() -> None:
    one, two, other = SeededIds(1), SeededIds(1), SeededIds(2)
    assert (one.new(), one.digits(8)) == (two.new(), two.digits(8))
    assert one.symbols(20) != other.symbols(20)


def test_the_system_clock_is_aware_and_utc() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)


def test_words_are_read_upper_case_without_comments(tmp_path: Path) -> None:
    (tmp_path / "fi.txt").write_text("# reviewed\nkoivu\n\nsämpylä\n", "utf-8")
    assert read_words(tmp_path) == {"fi": ("KOIVU", "SÄMPYLÄ")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reviewed_words_are_what_links_promise(language: str) -> None:
    words = read_words(LISTS)[language]
    assert len(words) == len(set(words)) == 1024
    assert list(words) == sorted(words)
    alphabet = "A-Z" if language == "en" else "A-ZÅÄÖ"
    assert [word for word in words if not re.fullmatch(f"[{alphabet}]{{3,9}}", word)] == []
