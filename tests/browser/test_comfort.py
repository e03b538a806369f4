"""What a reader sets for himself: wider text, less motion, dark colours; nothing may be lost."""

from itertools import starmap

import pytest

PAGES = ("/", "/eligibility", "/eligibility/country", "/contact", "/genuine", "/stop")
# WCAG 1.4.12, by a sheet of the reader's own.
SPACED = """() => {
  const own = new CSSStyleSheet();
  own.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important }"
    + " * { word-spacing: .16em !important } p { margin-bottom: 2em !important }");
  document.adoptedStyleSheets = [own];
}"""
CUT_OFF = """() => [...document.querySelectorAll("body *")].filter((element) => {
  const style = getComputedStyle(element);
  const cuts = [style.overflowX, style.overflowY].some((way) => ["hidden", "clip"].includes(way));
  const hidden = element.clientWidth <= 1;
  return cuts && !hidden
    && (element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight);
}).map((element) => element.outerHTML.slice(0, 120))"""
WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
MOVING = """() => [...document.querySelectorAll("*")].filter((element) => {
  const style = getComputedStyle(element);
  const times = style.transitionDuration.split(", ");
  return style.animationName !== "none" || times.some((time) => time !== "0s");
}).map((element) => element.outerHTML.slice(0, 120))"""
EDGES = """() => {
  const ground = getComputedStyle(document.body).backgroundColor;
  const fields = "main :is(input:not([type=hidden], [type=radio]), select, textarea)";
  const boxes = [...document.querySelectorAll(fields)].map((field) => getComputedStyle(field));
  const circles = [...document.querySelectorAll("main .govuk-radios__label")]
    .map((label) => getComputedStyle(label, "::before"));
  return [...boxes, ...circles].map((style) => [style.borderTopColor, ground]);
}"""
NON_TEXT = 3.0


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_wider_text_is_not_cut_off(new_page, demo, language):
    page = new_page()
    page.set_viewport_size({"width": 390, "height": 800})
    for path in PAGES:
        page.goto(f"{demo.site}/{language}{path}")
        page.evaluate(SPACED)
        assert page.evaluate(CUT_OFF) == [], path
        wide, window = page.evaluate(WIDTHS)
        assert wide == window, path


def test_nothing_moves_for_those_who_ask_for_stillness(new_page, demo):
    page = new_page(reduced_motion="reduce")
    for path in PAGES:
        page.goto(f"{demo.site}/en{path}")
        assert page.evaluate(MOVING) == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edges_of_fields_are_seen(new_page, demo, scheme):
    """WCAG 1.4.11; the contrast of text is axe's, on every page."""
    page = new_page(color_scheme=scheme)
    for path in ("/eligibility", "/eligibility/country", "/stop"):
        page.goto(f"{demo.site}/en{path}")
        edges = page.evaluate(EDGES)
        assert edges
        assert min(starmap(contrast, edges)) >= NON_TEXT, path


def contrast(one, other):
    """Of two colours as the browser computes them (WCAG 2.2, contrast ratio)."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    channels = [int(part) / 255 for part in colour.removeprefix("rgb(").strip(")").split(", ")]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
