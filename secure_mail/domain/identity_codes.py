"""Finnish personal identity codes and IBANs in a text: caught before they are sent in a subject."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_CENTURIES = {"+": 1800}
_CENTURIES |= dict.fromkeys("-YXWVU", 1900)
_CENTURIES |= dict.fromkeys("ABCDEF", 2000)
"""Separators of each century; most of them are in use since 2023."""
_CHECKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_PERSON = re.compile(
    r"(?<![0-9A-Za-z])([0-9]{6})([-+A-FU-Ya-fu-y])([0-9]{3})([0-9A-Ya-y])(?![0-9A-Za-z])"
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))

_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}[0-9]{2}(?=[0-9A-Za-z ])")
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST",
        26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB NI PL SV",
        29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
"""Characters of an IBAN by country (ISO 13616 registry)."""


class CodeKind(StrEnum):
    PERSON = "person"
    IBAN = "iban"


@dataclass(frozen=True, slots=True)
class Found:
    """A valid code at `text[start:end]`; the code itself is not repeated."""

    kind: CodeKind
    start: int
    end: int


def find(text: str) -> tuple[Found, ...]:
    """Every valid code of the text, in order: date, check character or check digits agree."""
    plain = _plain(text)
    return tuple(sorted([*_persons(plain), *_ibans(plain)], key=lambda found: found.start))


def without_codes(text: str) -> str:
    """The text with every valid code taken out, and the gaps closed."""
    for found in reversed(find(text)):
        text = f"{text[: found.start]} {text[found.end :]}"
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Full-width digits and letters, and every dash, in their plain form; no position moves."""
    forms = (unicodedata.normalize("NFKC", sign) for sign in text)
    plain = (form if len(form) == 1 else sign for sign, form in zip(text, forms, strict=True))
    return "".join(plain).translate(_DASHES)


def _persons(text: str) -> Iterator[Found]:
    for match in _PERSON.finditer(text):
        birth, sign, number, check = match.groups()
        remainder = int(birth + number) % 31
        agrees = _CHECKS[remainder] == check.upper() and int(number) >= 2
        if agrees and _is_day(birth, _CENTURIES[sign.upper()]):
            yield Found(CodeKind.PERSON, *match.span())


def _is_day(birth: str, century: int) -> bool:
    try:
        date(century + int(birth[4:]), int(birth[2:4]), int(birth[:2]))
    except ValueError:
        return False
    return True


def _ibans(text: str) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(match.group()[:2].upper(), 0)
        end, signs = match.start(), ""
        while end < len(text) and len(signs) < length:
            sign = text[end]
            if sign.isascii() and sign.isalnum():
                signs += sign
            elif sign != " " or text[end - 1] == " ":
                break
            end += 1
        if length and len(signs) == length and not text[end : end + 1].isalnum():
            moved = signs[4:] + signs[:4]
            if int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1:
                yield Found(CodeKind.IBAN, match.start(), end)
