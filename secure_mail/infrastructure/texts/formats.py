"""Dates, times, sizes and countries as people of each language write them (texts.md, "Dates")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from unicodedata import normalize
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import format_date

_DATE = {"en": "d MMMM y", "fi": "d.M.y", "sv": "d MMMM y"}
_LOCALE = {"en": "en_GB", "fi": "fi", "sv": "sv"}
_MOMENT = {"en": "{date} {clock}", "fi": "{date} klo {clock}", "sv": "{date} kl. {clock}"}
_DECIMAL = {"en": ".", "fi": ",", "sv": ","}
_MEGA = {"en": "MB", "fi": "Mt", "sv": "MB"}
_KILO = {"en": "kB", "fi": "kt", "sv": "kB"}
_LAST_LETTERS = "åäö"
"""Finnish and Swedish put them after z, in this order."""
_NOT_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)
"""Two-letter codes of the locale data that ISO 3166-1 does not assign to a country."""


class Formats:
    """One deployment's way of writing: every instant is shown in its time zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def date(self, instant: datetime, language: str) -> str:
        """`24 November 2026`, `24.11.2026`, `24 november 2026`."""
        day = instant.astimezone(self._zone).date()
        return format_date(day, _DATE[language], locale=_LOCALE[language])

    def clock(self, instant: datetime, language: str) -> str:
        """`14:05` in English, `14.05` in Finnish and Swedish."""
        return _clock(instant.astimezone(self._zone), language)

    def moment(self, instant: datetime, language: str) -> str:
        """`24 November 2026 14:05`, `24.11.2026 klo 14.05`, `24 november 2026 kl. 14.05`."""
        return _MOMENT[language].format(
            date=self.date(instant, language), clock=self.clock(instant, language)
        )

    def local(self, instant: datetime, country: str | None, language: str) -> str | None:
        """The moment in `country`, if its clocks agree with each other and differ from ours."""
        zones = get_global("territory_zones").get(country or "", [])
        there = {instant.astimezone(ZoneInfo(name)).utcoffset() for name in zones}
        if len(there) != 1 or there == {instant.astimezone(self._zone).utcoffset()}:
            return None
        moment = instant.astimezone(ZoneInfo(zones[0]))
        day = format_date(moment.date(), _DATE[language], locale=_LOCALE[language])
        return _MOMENT[language].format(date=day, clock=_clock(moment, language))


def size(octets: int, language: str) -> str:
    """`812 kB`, `1.4 MB` (Finnish: kt, Mt; decimal comma)."""
    if octets < 1_000_000:
        return f"{max(1, round(octets / 1000))} {_KILO[language]}"
    return f"{octets / 1_000_000:.1f}".replace(".", _DECIMAL[language]) + f" {_MEGA[language]}"


@cache
def countries(language: str) -> Sequence[Mapping[str, str]]:
    """ISO 3166-1 countries and Kosovo by name, in the order of the language."""
    names = Locale.parse(_LOCALE[language]).territories
    listed = [
        {"value": code, "text": str(name)}
        for code, name in names.items()
        if len(code) == len("FI") and code.isalpha() and code not in _NOT_COUNTRIES
    ]
    return tuple(sorted(listed, key=lambda entry: _order(entry["text"], language)))


def country_name(code: str, language: str) -> str:
    """`Poland`, `Puola`, `Polen`; the code itself when it is unknown."""
    return str(Locale.parse(_LOCALE[language]).territories.get(code, code))


def _clock(moment: datetime, language: str) -> str:
    if language == "en":
        return f"{moment.hour:02}:{moment.minute:02}"
    return f"{moment.hour}.{moment.minute:02}"


def _order(name: str, language: str) -> tuple[str, ...]:
    """Letters without accents; but å, ä, ö are letters of their own in Finnish and Swedish."""
    own = _LAST_LETTERS if language in ("fi", "sv") else ""
    return tuple(
        f"~{own.index(letter)}" if letter in own else normalize("NFKD", letter)[0]
        for letter in name.casefold()
    )
