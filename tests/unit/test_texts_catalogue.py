"""Every line in three languages, with the same values; every id that a template names exists."""

import re
from string import Formatter

import pytest
import yaml

from secure_mail.application.ports.texts import LANGUAGES
from secure_mail.infrastructure.texts import Catalogue, CatalogueError
from tests.unit.texts_setup import BASE_URL, ORGANISATION, ROOT, TEMPLATES, catalogue

LINES = {
    language: yaml.safe_load((TEMPLATES / "texts" / f"{language}.yaml").read_text("utf-8"))
    for language in LANGUAGES
}
NAMED = re.compile(r"""\btm?\(\s*"([^"]+)"(\s*~)?""")
KEY_LIKE = re.compile(r"""["']([a-z0-9-]+(?:\.[a-z0-9-]+)+)["']""")
SOURCES = [
    *TEMPLATES.rglob("*.html"),
    *TEMPLATES.rglob("*.j2"),
    ROOT / "secure_mail" / "infrastructure" / "texts" / "pages.py",
]
OWN_FAMILIES = (
    "ui",
    "nav",
    "foot",
    "help",
    "privacy",
    "acc",
    "genuine",
    "queue",
    "setup",
    "members",
    "held",
)
"""Families that only templates speak: nothing may lie unused in them."""


def values_of(text):
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name})


def test_the_three_languages_have_the_same_ids():
    assert LINES["fi"].keys() == LINES["en"].keys()
    assert LINES["sv"].keys() == LINES["en"].keys()


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_the_three_languages_have_the_same_values(language):
    own = lambda text: [name for name in values_of(text) if not name.startswith("org_")]  # noqa: E731
    unlike = [key for key, text in LINES["en"].items() if own(text) != own(LINES[language][key])]
    assert unlike == []


def test_no_line_is_empty_or_left_in_english():
    same = {
        key
        for key, text in LINES["en"].items()
        if text in (LINES["fi"][key], LINES["sv"][key]) and len(text.split()) > 2
    }
    assert same <= {"mail.foot.sign", "acc.feedback.how"}
    assert all(text.strip() for lines in LINES.values() for text in lines.values())


def test_every_id_that_a_template_names_exists():
    missing = [
        (source.name, key)
        for source in SOURCES
        for key, goes_on in NAMED.findall(source.read_text("utf-8"))
        if not (any(k.startswith(key) for k in LINES["en"]) if goes_on else key in LINES["en"])
    ]
    assert missing == []


def test_nothing_lies_unused_in_families_of_templates():
    text = "\n".join(source.read_text("utf-8") for source in SOURCES)
    named = {key for key, goes_on in NAMED.findall(text) if not goes_on}
    begun = tuple(key for key, goes_on in NAMED.findall(text) if goes_on)
    unused = [
        key
        for key in LINES["en"]
        if key.partition(".")[0] in OWN_FAMILIES and key not in named and not key.startswith(begun)
    ]
    assert unused == []


def test_every_id_that_the_program_names_exists():
    families = {key.partition(".")[0] for key in LINES["en"]} & {"e", "done", "refuse", "actor"}
    missing = [
        (source.name, key)
        for source in (ROOT / "secure_mail").rglob("*.py")
        for key in KEY_LIKE.findall(source.read_text("utf-8"))
        if key.partition(".")[0] in families and key not in LINES["en"]
    ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_can_be_spoken(language):
    for key, text in LINES[language].items():
        values = {name: "x" for name in values_of(text) if not name.startswith("org_")}
        assert "{" not in catalogue().line(key, language, **values).replace("%{count}", ""), key


def test_an_unknown_id_and_a_missing_value_are_errors():
    with pytest.raises(KeyError):
        catalogue().line("no.such.line", "en")
    with pytest.raises(KeyError):
        catalogue().line("start.answer", "en")


def test_markup_is_ours_alone():
    said = catalogue().markup("msg.from", "en", masked="<b>**x**</b>")
    assert said == "You write as <strong>&lt;b&gt;**x**&lt;/b&gt;</strong>"


@pytest.mark.parametrize(
    "content", ["a: one\na: two\n", "a: 1\n", "- a\n", "a: [\n", "a: {b: c}\n"]
)
def test_a_catalogue_that_is_no_flat_map_of_texts_is_refused(tmp_path, content):
    for language in LANGUAGES:
        (tmp_path / f"{language}.yaml").write_text(content)
    with pytest.raises(CatalogueError, match=r"en\.yaml"):
        Catalogue.load(tmp_path, ORGANISATION, BASE_URL)
