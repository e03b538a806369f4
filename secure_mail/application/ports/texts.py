"""Words for people, in three languages, from catalogues and templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

LANGUAGES = ("en", "fi", "sv")


class Texts(Protocol):
    """The catalogue: `templates/texts/{en,fi,sv}.yaml` and the mail templates."""

    def line(self, key: str, language: str, /, **values: object) -> str:
        """One catalogue line with its `{values}` filled. KeyError for an unknown id or value."""
        ...

    def mail(self, name: str, language: str, values: Mapping[str, object]) -> tuple[str, str]:
        """Subject and text of a mail: `language` first, the link (if any) once, then the other two.

        `name` is a template of templates/mail/; lines are at most 78 characters.
        """
        ...

    def moment(self, instant: object, language: str) -> str:
        """An aware datetime as `24 November 2026 14:05`, in the deployment's time zone."""
        ...


class Pages(Protocol):
    """The page templates: `templates/web/`."""

    def render(self, template: str, language: str, /, **context: object) -> str:
        """HTML of a page, such as `public/start.html`; its first comment names the context."""
        ...

    def countries(self, language: str) -> Sequence[Mapping[str, str]]:
        """`{"value": ISO 3166-1 alpha-2, "text": name}` of every country, in the order of names."""
        ...
