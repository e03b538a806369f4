"""Template environments: one per language for pages, one for library macros, one for mails."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jinja2 import (
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    select_autoescape,
)

_COMPONENTS = (
    "back-link",
    "button",
    "character-count",
    "checkboxes",
    "error-summary",
    "file-upload",
    "input",
    "inset-text",
    "notification-banner",
    "pagination",
    "radios",
    "select",
    "skip-link",
    "summary-list",
    "tag",
    "textarea",
    "warning-text",
)


def library_macros() -> Mapping[str, object]:
    """`govukButton`, `govukRadios`, …: ready to call, whatever environment calls them.

    They test keys that callers leave out, so they live in an environment of their own whose
    undefined values are false; ours are strict.
    """
    package = PackageLoader("govuk_frontend_jinja")
    loader = PrefixLoader({"govuk_frontend_jinja": package})
    library = Environment(loader=loader, autoescape=True)
    macros = {}
    for component in _COMPONENTS:
        name = "govuk" + component.title().replace("-", "")
        template = library.get_template(f"govuk_frontend_jinja/components/{component}/macro.html")
        macros[name] = getattr(template.module, name)
    return macros


def page_environment(templates: Path, words: Mapping[str, object]) -> Environment:
    """Pages of one language: HTML, strict, escaped; `words` are its globals."""
    environment = Environment(
        loader=FileSystemLoader([templates / "web", templates]),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(words)
    return environment


def mail_environment(templates: Path, words: Mapping[str, object]) -> Environment:
    """Mails: plain text, strict. Nothing typed by a person is ever handed to them."""
    environment = Environment(  # noqa: S701  text/plain
        loader=FileSystemLoader(templates / "mail"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(words)
    return environment
