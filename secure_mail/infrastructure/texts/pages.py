"""Pages: templates of `templates/web/` in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment

from secure_mail.application.ports.texts import LANGUAGES
from secure_mail.infrastructure.texts.assets import Assets
from secure_mail.infrastructure.texts.catalogue import Catalogue
from secure_mail.infrastructure.texts.environment import library_macros, page_environment
from secure_mail.infrastructure.texts.formats import Formats, countries, country_name, size

_FRAME: Mapping[str, object] = {
    "errors": {},
    "values": {},
    "csrf": "",
    "notices": (),
    "path": None,
    "language_links": None,
    "back": None,
    "session": None,
    "session_ended": False,
    "me": None,
    "nav": "",
    "done": None,
    "held_count": None,
    "country": None,
}
"""What a page may leave out."""


class JinjaPages:
    """The port Pages: each language has an environment of its own, so that macros speak it."""

    def __init__(self, catalogue: Catalogue, templates: Path, static: Path, zone: ZoneInfo) -> None:
        """`templates` is the folder with `web/`; `static` what is served at `/static`."""
        assets, formats, macros = Assets(static), Formats(zone), library_macros()
        self._environments = {
            language: page_environment(
                templates, {**macros, **_words(language, catalogue, formats, assets)}
            )
            for language in LANGUAGES
        }

    def render(self, template: str, language: str, /, **context: object) -> str:
        page = self._environment(language).get_template(template)
        return page.render({**_FRAME, **context})

    def countries(self, language: str) -> Sequence[Mapping[str, str]]:
        return countries(language)

    def _environment(self, language: str) -> Environment:
        return self._environments[language]


def _words(
    language: str, catalogue: Catalogue, formats: Formats, assets: Assets
) -> Mapping[str, object]:
    """What every template of `language` may call."""

    def t(key: str, **values: object) -> str:
        return catalogue.line(key, language, **values)

    def tm(key: str, **values: object) -> str:
        return catalogue.markup(key, language, **values)

    def local_time(instant: datetime, country: str | None) -> str | None:
        return formats.local(instant, country, language)

    def label_of(text: str, heading: bool, bold: bool) -> Mapping[str, object]:  # noqa: FBT001
        classes = "govuk-label--l" if heading else "govuk-label--s" if bold else ""
        return {"text": text, "isPageHeading": heading, "classes": classes}

    def error_of(text: str | None) -> Mapping[str, str] | None:
        return {"text": text, "visuallyHiddenText": t("ui.error")} if text else None

    return {
        "lang": language,
        "languages": LANGUAGES,
        "t": t,
        "tm": tm,
        "label_of": label_of,
        "error_of": error_of,
        "org": catalogue.words(language),
        "static": assets.address,
        "url": f"/{language}{{}}".format,
        "local_time": local_time,
        "date": partial(formats.date, language=language),
        "clock": partial(formats.clock, language=language),
        "moment": partial(formats.moment, language=language),
        "size": partial(size, language=language),
        "country_name": partial(country_name, language=language),
    }
