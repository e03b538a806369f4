"""Every refusal has a page, and what the table names is there."""

import pytest

from secure_mail.application.ports.texts import LANGUAGES
from secure_mail.domain.refusals import RefusalCode
from secure_mail.interfaces.web.answers import HTTP_PAGES, Beside, ErrorPage, OwnPage, SeeOther
from tests.unit.texts_setup import TEMPLATES, catalogue, pages

KINDS = {page.kind for page in HTTP_PAGES.values() if isinstance(page, ErrorPage)}


def test_http_pages_are_total():
    assert set(HTTP_PAGES) == set(RefusalCode)


@pytest.mark.parametrize("code", RefusalCode)
def test_each_page_of_the_table_is_there(code):
    match HTTP_PAGES[code]:
        case ErrorPage(status=status):
            assert 400 <= status < 600
        case OwnPage(template=template):
            assert (TEMPLATES / "web" / template).is_file()
        case SeeOther(path=path):
            assert path.startswith("/")
        case Beside(line=line):
            lines = catalogue()._lines
            assert all(line in lines[language] for language in LANGUAGES)


@pytest.mark.parametrize("kind", sorted({*KINDS, "404", "421", "500", "unsure", "method"}))
@pytest.mark.parametrize("kept", [None, "Words <i>of</i> mine."])
def test_each_kind_of_error_page_can_be_shown(kind, kept):
    retry = {"action": "/en/link", "fields": (("text", "Words"), ("name", "Maija"))}
    for language in LANGUAGES:
        page = pages().render(
            "public/error.html", language, kind=kind, number="1a2b", kept=kept, retry=retry, max=100
        )
        assert kept is None or "Words &lt;i&gt;of&lt;/i&gt; mine." in page
