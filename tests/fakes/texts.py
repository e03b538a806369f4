"""Texts that say what they were given: the id, the language and every value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime


class PlainTexts:
    def line(self, key: str, language: str, /, **values: object) -> str:
        return f"{key} {language} {_said(values)}"

    def mail(self, name: str, language: str, values: Mapping[str, object]) -> tuple[str, str]:
        return f"{name} {language}", _said(values)

    def moment(self, instant: object, language: str) -> str:
        assert isinstance(instant, datetime)
        return f"{instant.isoformat()} {language}"


def _said(values: Mapping[str, object]) -> str:
    return "".join(f"{key}={value}\n" for key, value in sorted(values.items()))


def value_in(text: str, key: str) -> str:
    """What a mail of PlainTexts was given under a key."""
    return next(line for line in text.splitlines() if line.startswith(key + "=")).partition("=")[2]
