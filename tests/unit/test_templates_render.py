"""Every page in every language: strict, escaped, one heading, no default words of the library."""

import re
from html.parser import HTMLParser

import pytest

from secure_mail.application.ports.texts import LANGUAGES
from tests.unit.template_contexts import CONTEXTS
from tests.unit.template_contexts.public import HOSTILE
from tests.unit.texts_setup import TEMPLATES, pages

NOT_PAGES = {"base.html", "public.html", "staff.html", "public/compose/frame.html"}
CASES = [
    pytest.param(name, context, language, id=f"{name}-{number}-{language}")
    for name, contexts in CONTEXTS.items()
    for number, context in enumerate(contexts)
    for language in LANGUAGES
]
IN_A_SESSION = [case for case in CASES if case.values[1].get("csrf")]
NOT_ENGLISH = [case for case in CASES if case.values[2] != "en"]
ENGLISH_DEFAULTS = (
    ">Menu<",
    "Error:",
    "Warning<",
    ">Previous",
    ">Next",
    "Important<",
    "Service information",
    "There is a problem",
    "You can enter up to",
    ">Back<",
    "Success<",
    "Pagination",
    "Skip to main content",
    "characters remaining",
    "Show password",
)


class Outline(HTMLParser):
    """Ids, targets, headings and attributes of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.ids, self.headings, self.attributes, self.targets = [], [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        self.attributes.extend(name for name, _ in attrs)
        if "id" in values:
            self.ids.append(values["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name in ("for", "aria-labelledby", "aria-describedby"):
            self.targets.extend((values.get(name) or "").split())
        if tag == "a" and (values.get("href") or "").startswith("#"):
            self.targets.append(values["href"][1:])


def test_every_page_has_sample_contexts():
    web = TEMPLATES / "web"
    found = {str(file.relative_to(web)) for file in web.rglob("*.html")} - NOT_PAGES
    assert found == CONTEXTS.keys()


@pytest.mark.parametrize(("name", "context", "language"), CASES)
def test_a_page_is_whole(name, context, language):
    html = pages().render(name, language, **context)
    page = Outline(html)
    assert html.startswith("<!doctype html>")
    assert f'<html lang="{language}"' in html
    assert HOSTILE not in html, "escaped"
    assert "<script>" not in html, "escaped, and no inline script"
    assert not [a for a in page.attributes if a == "style" or a.startswith("on")]
    assert "javascript:" not in html
    assert page.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
    assert len(page.ids) == len(set(page.ids))
    assert set(page.targets) <= set(page.ids), "labels, hints and error links lead somewhere"
    assert language == "en" or "None" not in html, "English has the word"
    assert "Undefined" not in html


@pytest.mark.parametrize(("name", "context", "language"), IN_A_SESSION)
def test_a_form_that_changes_something_carries_its_token(name, context, language):
    html = pages().render(name, language, **context)
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", html, re.DOTALL):
        first = re.search(r"<input[^>]*>", form)
        assert first, "a form without fields carries a token"
        assert 'name="csrf"' in first.group() or "/send" in form, "and it stands before any file"


@pytest.mark.parametrize(("name", "context", "language"), NOT_ENGLISH)
def test_no_english_default_of_the_library_shows(name, context, language):
    html = pages().render(name, language, **context)
    assert [word for word in ENGLISH_DEFAULTS if word in html] == []


def test_titles_tell_of_errors_and_differ():
    for language, word in (("en", "Error:"), ("fi", "Virhe:"), ("sv", "Fel:")):
        html = pages().render("reading/read.html", language, errors={"address": "x"}, values={})
        assert f"<title>{word} " in html
    titles = {
        name: re.search("<title>(.*?)</title>", pages().render(name, "en", **contexts[0]))
        for name, contexts in CONTEXTS.items()
        if not name.startswith("staff/")
    }
    texts = [match.group(1) for match in titles.values() if match]
    assert len(texts) == len(titles)


def test_the_language_switch_keeps_the_place():
    html = pages().render("reading/read.html", "fi", path="/read")
    assert 'href="/en/read"' in html
    assert 'href="/sv/read"' in html
    assert 'href="/fi/read"' not in html


def test_an_ended_session_keeps_the_text_in_its_field():
    context = CONTEXTS["public/compose/message.html"][1]
    html = pages().render(
        "public/compose/message.html", "en", **{**context, "values": {"text": "kept words"}}
    )
    assert re.search(r"<textarea[^>]*>kept words</textarea>", html)
    assert "Your message has not been sent." in html


def test_names_of_the_e_service_are_marked_as_finnish_in_english():
    assert '<strong lang="fi">Viestit</strong>' in pages().render("public/e_service.html", "en")
    assert "<strong>Viestit</strong>" in pages().render("public/e_service.html", "fi")
