"""The catalogue: every line that a person reads, by id, in three languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import yaml
from markupsafe import Markup, escape

from secure_mail.application.ports.texts import LANGUAGES

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_EMPHASIS = re.compile(r"\*(.+?)\*")
_TEXT = "tag:yaml.org,2002:str"


class CatalogueError(Exception):
    """A catalogue that cannot be used; says which file and why."""


class Catalogue:
    """Lines by language and id, with the words of the organisation filled in."""

    def __init__(
        self,
        lines: Mapping[str, Mapping[str, str]],
        organisation: Mapping[str, Mapping[str, str]],
        base_url: str,
    ) -> None:
        """`organisation` is language -> word (`short`, `centre`, …) -> text."""
        scheme, _, host = base_url.rstrip("/").partition("://")
        self._lines = lines
        self._words: dict[str, dict[str, object]] = {
            language: {
                **{f"org_{word}": text for word, text in organisation[language].items()},
                "scheme": scheme,
                "host": host,
            }
            for language in LANGUAGES
        }

    @classmethod
    def load(
        cls, folder: Path, organisation: Mapping[str, Mapping[str, str]], base_url: str
    ) -> Self:
        """Reads `folder/{en,fi,sv}.yaml`. CatalogueError when a file is not a flat map of lines."""
        lines = {language: _read(folder / f"{language}.yaml") for language in LANGUAGES}
        return cls(lines, organisation, base_url)

    def line(self, key: str, language: str, /, **values: object) -> str:
        """The line as plain text. KeyError for an unknown id or a missing value."""
        return self._lines[language][key].format_map({**self._words[language], **values})

    def markup(self, key: str, language: str, /, **values: object) -> Markup:
        """The line as HTML: `**strong**`, `*emphasis*`; all else, values included, is escaped."""
        pattern = str(escape(self._lines[language][key]))
        pattern = _EMPHASIS.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", pattern))
        # the escaped pattern holds catalogue text only; Markup escapes each value as it fills it in
        return Markup(pattern).format_map({**self._words[language], **values})  # noqa: S704

    def words(self, language: str) -> Mapping[str, object]:
        """What every line may name: `org_short`, …, `host`, `scheme`."""
        return self._words[language]


def _read(file: Path) -> Mapping[str, str]:
    """A flat map of ids to text; YAML would let the last of two equal keys win, we refuse it."""
    try:
        root = yaml.compose(file.read_text("utf-8"), Loader=yaml.SafeLoader)
    except (OSError, yaml.YAMLError) as fault:
        raise CatalogueError(f"{file}: {fault}") from fault
    if not isinstance(root, yaml.MappingNode):
        raise CatalogueError(f"{file}: not a map of ids to lines")
    lines: dict[str, str] = {}
    for key, text in root.value:
        if not isinstance(text, yaml.ScalarNode) or text.tag != _TEXT or key.value in lines:
            where = f"{file}:{key.start_mark.line + 1}"
            raise CatalogueError(f"{where}: {key.value} stands twice or is not one text")
        lines[key.value] = text.value
    return lines
