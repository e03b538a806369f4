"""Dates, sizes and countries in three languages."""

from datetime import UTC, datetime

import pytest

from secure_mail.infrastructure.texts.formats import Formats, countries, country_name, size
from tests.unit.texts_setup import HELSINKI, texts

AFTERNOON = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)
MORNING = datetime(2026, 6, 1, 6, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "winter", "summer"),
    [
        ("en", "24 November 2026 14:05", "1 June 2026 09:05"),
        ("fi", "24.11.2026 klo 14.05", "1.6.2026 klo 9.05"),
        ("sv", "24 november 2026 kl. 14.05", "1 juni 2026 kl. 9.05"),
    ],
)
def test_moments_are_finnish_time_in_the_readers_way_of_writing(language, winter, summer):
    assert texts().moment(AFTERNOON, language) == winter
    assert texts().moment(MORNING, language) == summer


def test_the_local_time_is_told_where_a_country_has_one():
    formats = Formats(HELSINKI)
    assert formats.local(AFTERNOON, "PL", "en") == "24 November 2026 13:05"
    assert formats.local(AFTERNOON, "EE", "en") is None, "the same clock as ours"
    assert formats.local(AFTERNOON, "US", "en") is None, "several clocks"
    assert formats.local(AFTERNOON, None, "en") is None
    assert formats.local(AFTERNOON, "XX", "en") is None


def test_sizes():
    assert size(1, "en") == "1 kB"
    assert size(812_400, "fi") == "812 kt"
    assert size(1_440_000, "en") == "1.4 MB"
    assert size(1_440_000, "sv") == "1,4 MB"


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_countries_are_those_of_iso_3166(language):
    codes = [entry["value"] for entry in countries(language)]
    assert len(codes) == len(set(codes)) == 250
    assert {"FI", "AX", "XK", "GB"} <= set(codes)
    assert not {"EU", "UN", "ZZ"} & set(codes)


def test_countries_stand_in_the_order_of_the_language():
    finnish = [entry["text"] for entry in countries("fi")]
    swedish = [entry["text"] for entry in countries("sv")]
    assert finnish.index("Ahvenanmaa") < finnish.index("Alankomaat") < finnish.index("Ruotsi")
    assert swedish[-2:] == ["Österrike", "Östtimor"] or swedish.index("Åland") > swedish.index(
        "Zambia"
    )
    assert country_name("PL", "fi") == "Puola"
    assert country_name("QQ", "fi") == "QQ"
