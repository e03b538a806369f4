"""What no template may hold."""

import re

import pytest

from tests.unit.texts_setup import TEMPLATES

SOURCES = sorted([*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.j2")])


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_template_is_short_and_hands_no_html_to_macros(source):
    text = source.read_text("utf-8")
    assert len(text.splitlines()) <= 300
    assert not re.search(r"""["'](html|[a-zA-Z]+Html)["']\s*:""", text)
    assert not re.search(r"\bstyle=|\son\w+=|<style|<script(?! type=\"module\" src=)", text)
    assert text.startswith("{#"), "says what it is for and what it needs"
    assert "GOV.UK" not in text


def test_only_catalogue_text_is_marked_as_safe():
    safe = [
        (source.name, line)
        for source in SOURCES
        for line in source.read_text("utf-8").splitlines()
        if re.search(r"\|\s*safe\b", line)
    ]
    assert [name for name, _ in safe] == ["e_service.html"], (
        "marks the catalogue's own words as Finnish"
    )
