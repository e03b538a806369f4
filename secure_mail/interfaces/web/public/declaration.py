"""The answers before the address: they travel in the form and are judged again at its end."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256
from urllib.parse import urlencode

from secure_mail.application.ports.texts import LANGUAGES, Texts
from secure_mail.domain.eligibility import VerdictKind, declared, judge
from secure_mail.domain.links import Audience, Declaration
from secure_mail.domain.refusals import RefusalCode
from secure_mail.domain.routing.rulebook import RuleBook
from secure_mail.interfaces.web.answers import HTTP_PAGES, SeeOther
from secure_mail.interfaces.web.forms import Form

QUESTIONS = (
    "elig.h1", "elig.hint", "elig.fi", "elig.eidas", "elig.abroad", "elig.partner", "elig.none",
    "country.h1", "country.hint",
)  # fmt: skip


def text_version(texts: Texts) -> str:
    """Which wording of the questions is asked: changes with any of its words, in any language."""
    lines = [texts.line(line, language) for language in LANGUAGES for line in QUESTIONS]
    return sha256("\n".join(lines).encode()).hexdigest()[:12]


def audience_of(typed: str) -> Audience | None:
    """The choice, if it is one of the five."""
    return Audience(typed) if typed in set(Audience) else None


def read_declaration(form: Form, countries: Collection[str], version: str) -> Declaration | None:
    """What the hidden fields say; None when they say nothing that the pages could have."""
    audience = audience_of(form.line("audience"))
    if audience is None:
        return None
    country = form.line("country").upper()
    return Declaration(
        audience=audience,
        country=country if country in countries else None,
        eidas_failed=form.line("eidas_failed") == "1",
        text_version=version,
    )


def outcome(book: RuleBook, declaration: Declaration) -> str:
    """Where the eligibility table sends someone who answered so: a path after the language."""
    verdict = judge(book.eligibility, declared(declaration))
    if verdict.kind is not VerdictKind.REFUSED:
        return f"/link?{urlencode(carried(declaration))}"
    if declaration.audience is Audience.NONE:
        return "/eligibility/other"
    page = HTTP_PAGES[RefusalCode(str(verdict.code))]
    return page.path if isinstance(page, SeeOther) else "/eligibility/other"


def carried(declaration: Declaration) -> dict[str, str]:
    """The answers as the fields of a form."""
    fields = {"audience": declaration.audience.value, "country": declaration.country or ""}
    return {**fields, "eidas_failed": "1"} if declaration.eidas_failed else fields
