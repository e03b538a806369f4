"""Lines and mails: what is said outside pages."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from secure_mail.infrastructure.texts.catalogue import Catalogue
from secure_mail.infrastructure.texts.environment import mail_environment
from secure_mail.infrastructure.texts.formats import Formats

WIDTH = 78
"""Longest line of a mail (RFC 5322, 2.1.1)."""
_ORDER = ("fi", "sv", "en")
"""Finnish and Swedish, the languages of the law, stand before English."""
_IN_NUMBER = re.compile(r"(?<=\d) (?=\d)")
_JOINT = "\N{NO-BREAK SPACE}"
_BLANK_LINES = re.compile(r"\n{3,}")


class CatalogueTexts:
    """The port Texts over the catalogue and `templates/mail/`."""

    def __init__(
        self, catalogue: Catalogue, templates: Path, zone: ZoneInfo, base_url: str
    ) -> None:
        """`templates` is the folder with `mail/`; `base_url` stands before the link's path."""
        self._catalogue = catalogue
        self._formats = Formats(zone)
        self._base_url = base_url.rstrip("/")
        self._mails = mail_environment(
            templates,
            {"t": self._say, "date": self._formats.date, "clock": self._formats.clock},
        )

    def line(self, key: str, language: str, /, **values: object) -> str:
        return self._catalogue.line(key, language, **values)

    def mail(self, name: str, language: str, values: Mapping[str, object]) -> tuple[str, str]:
        template = self._mails.get_template(f"{name}.txt.j2")
        others = [other for other in _ORDER if other != language]
        subject, _, body = template.render(
            values, languages=[language, *others], base_url=self._base_url
        ).partition("\n\n")
        return subject.strip(), _fold(_BLANK_LINES.sub("\n\n", body).strip()) + "\n"

    def moment(self, instant: object, language: str) -> str:
        if not isinstance(instant, datetime):
            raise TypeError(f"{type(instant).__name__} is no moment")
        return self._formats.moment(instant, language)

    def _say(self, key: str, language: str, /, **values: object) -> str:
        """In plain text emphasis has no sign; capitals of a heading carry it."""
        return self._catalogue.line(key, language, **values).replace("**", "")


def _fold(text: str) -> str:
    """Wraps long lines; an address, a word or a telephone number is never broken."""
    whole = _IN_NUMBER.sub(_JOINT, text)
    return "\n".join(
        textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in whole.splitlines()
    ).replace(_JOINT, " ")
