"""Lines and mails: what is said outside pages."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from secure_mail.application.ports.texts import LANGUAGES
from secure_mail.infrastructure.texts.catalogue import Catalogue
from secure_mail.infrastructure.texts.environment import mail_environment
from secure_mail.infrastructure.texts.formats import Formats

WIDTH = 78
"""Longest line of a mail (RFC 5322, 2.1.1)."""


class CatalogueTexts:
    """The port Texts over the catalogue and `templates/mail/`."""

    def __init__(
        self, catalogue: Catalogue, templates: Path, zone: ZoneInfo, base_url: str
    ) -> None:
        """`templates` is the folder with `mail/`; `base_url` stands before the link's path."""
        self._catalogue = catalogue
        self._formats = Formats(zone)
        self._base_url = base_url.rstrip("/")
        self._mails = mail_environment(templates, {"fold": _fold})

    def line(self, key: str, language: str, /, **values: object) -> str:
        return self._catalogue.line(key, language, **values)

    def mail(self, name: str, language: str, values: Mapping[str, object]) -> tuple[str, str]:
        template = self._mails.get_template(f"{name}.txt.j2")
        others = [other for other in LANGUAGES_OF_MAIL if other != language]
        text = template.render(
            values,
            languages=[language, *others],
            base_url=self._base_url,
            t=self._say,
            date=self._formats.date,
            clock=self._formats.clock,
        )
        subject, _, body = text.partition("\n\n")
        return subject.strip(), body.strip() + "\n"

    def moment(self, instant: object, language: str) -> str:
        if not isinstance(instant, datetime):
            raise TypeError(f"{type(instant).__name__} is no moment")
        return self._formats.moment(instant, language)

    def _say(self, key: str, language: str, /, **values: object) -> str:
        """In plain text emphasis has no sign; capitals of a heading carry it."""
        return self._catalogue.line(key, language, **values).replace("**", "")


LANGUAGES_OF_MAIL = tuple(sorted(LANGUAGES, key="fi sv en".split().index))
"""Finnish and Swedish, the languages of the law, before English."""


def _fold(text: str) -> str:
    """Wraps each paragraph; an address or a word is never broken."""
    return "\n".join(
        textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in text.splitlines()
    )
