"""The built style sheets and modules: small, clean for the content security policy, readable."""

import gzip
import json
import re

import pytest

from secure_mail.infrastructure.texts.assets import Assets
from tests.unit.template_contexts import CONTEXTS
from tests.unit.texts_setup import ROOT, pages

BUILD = ROOT / "secure_mail" / "static" / "build"
FRONTEND = ROOT / "frontend"
BUDGET = 30 * 1024
"""Octets of a public page on the wire: page, style sheet, module."""


@pytest.fixture(scope="module")
def names():
    manifest = BUILD / "manifest.json"
    if not manifest.exists():
        pytest.skip("style sheets not built: python frontend/build.py")
    return json.loads(manifest.read_text())


def test_each_file_has_a_name_of_its_content_and_a_packed_copy(names):
    assert names.keys() == {"site.css", "site.mjs", "staff.css", "staff.mjs"}
    for name in names.values():
        packed = (BUILD / f"{name}.gz").read_bytes()
        assert gzip.decompress(packed) == (BUILD / name).read_bytes()


def test_a_public_page_is_light(names):
    shared = sum(
        len((BUILD / f"{names[name]}.gz").read_bytes()) for name in ("site.css", "site.mjs")
    )
    for name, contexts in CONTEXTS.items():
        if name.startswith(("public/", "reading/")):
            html = pages().render(name, "fi", **contexts[0]).encode()
            assert shared + len(gzip.compress(html)) <= BUDGET, name


def test_sheets_fetch_nothing_and_carry_no_brand_of_others(names):
    for sheet in ("site.css", "staff.css"):
        css = (BUILD / names[sheet]).read_text()
        assert "url(" not in css
        assert "data:" not in css
        assert "@font-face" not in css
        assert "GDS" not in css


def test_addresses_come_from_the_manifest_and_may_be_absent(names, tmp_path):
    assert (
        Assets(ROOT / "secure_mail" / "static").address("site.css")
        == f"/static/build/{names['site.css']}"
    )
    assert Assets(tmp_path).address("site.css") is None


def test_no_address_of_a_registry_is_written_down():
    lock = (FRONTEND / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert "registry" not in lock
    assert "omit-lockfile-registry-resolved=true" in (FRONTEND / ".npmrc").read_text()


def test_sources_are_short():
    for file in [*FRONTEND.glob("*.*"), *FRONTEND.glob("parts/*")]:
        if file.suffix in {".scss", ".mjs", ".py"}:
            assert len(file.read_text().splitlines()) <= 300, file


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(css, dark):
    """Custom properties of :root, with the dark ones laid over the light ones."""
    blocks = re.findall(r":root\{(--govuk-[a-z-]+-colour: #[^}]*)\}", css)
    found = {}
    for block in blocks if dark else blocks[:1]:
        for name, value in re.findall(r"--govuk-([a-z-]+):\s*(#[0-9a-f]{3,6})", block):
            found[name] = value if len(value) == 7 else "#" + "".join(c * 2 for c in value[1:])
    return found


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("sheet", ["site.css", "staff.css"])
def test_text_and_edges_stand_out(names, sheet, dark):
    own = colours((BUILD / names[sheet]).read_text(), dark)
    grounds = [own[f"{g}-background-colour"] for g in ("body", "template", "surface")]
    for ground in grounds:
        for text in ("text", "secondary-text", "link", "link-hover", "link-visited", "error"):
            assert contrast(own[f"{text}-colour"], ground) >= 4.5, (text, ground)
        for edge in ("input-border", "brand", "success"):
            assert contrast(own[f"{edge}-colour"], ground) >= 3, (edge, ground)


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("#ffffff", "#12395b"),
        ("#0b0c0c", "#fff7dc"),
        ("#3f4448", "#fff7dc"),
        ("#0a558c", "#fff7dc"),
        ("#b3261e", "#fff7dc"),
        ("#0b0c0c", "#ffd23f"),
        ("#f1f4f6", "#33404a"),
        ("#f1f4f6", "#0e1114"),
        ("#0b0c0c", "#7ed6a0"),
    ],
)
def test_pairs_that_are_written_by_hand_stand_out(text, ground):
    assert contrast(text, ground) >= 4.5
