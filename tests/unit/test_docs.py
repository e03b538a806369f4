"""What the documentation names exists: files, headings, commands, settings, tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from secure_mail.settings import LATER_SETTINGS, PREFIX, Settings
from tests.unit.test_house import tracked

ROOT = Path(__file__).resolve().parents[2]
TOP = [
    ROOT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING", "SECURITY", "UPGRADING")
]
PAGES = TOP + sorted((ROOT / "docs").rglob("*.md"))
MADE = {"docs/images/start.png", "docs/images/case.png"}
"""Pictures of the running product, taken at a release."""

LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(
    r"(?<![\w/.-])(?<!-u )(?:\.venv/bin/|/opt/secure-mail/bin/)?secure-mail((?: [a-z][a-z-]+)+)"
)
# Brackets keep this file from naming what it looks for.
WORKPLACE = re.compile(r"\b(sub-?agen[t]s?|A[I]|LL[M]s?|chat ?bo[t]s?)\b|/tm[p]/\w")


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page):
    lost = []
    for path, heading in LINK.findall(FENCE.sub("", page.read_text())):
        target = (page.parent / path).resolve() if path else page
        if not target.exists() and named(target) not in MADE:
            lost.append(path)
        elif heading and heading not in anchors(target):
            lost.append(f"{path}#{heading}")
    assert not lost


def anchors(page: Path) -> set[str]:
    """As forges make them: lower case, no punctuation, blanks to hyphens."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_every_page_is_found_from_the_index():
    linked = {
        (page.parent / path).resolve()
        for page in PAGES
        for path, _ in LINK.findall(page.read_text())
        if path
    }
    reference = ROOT / "docs" / "reference"
    hidden = [
        named(page)
        for page in PAGES
        if page not in TOP and page not in linked and reference not in page.parents
    ]
    assert hidden in ([], ["docs/README.md"])


def test_every_command_exists():
    groups = commands()
    unknown = set()
    for page in PAGES:
        for words in COMMAND.findall(page.read_text()):
            first, *rest = words.split()
            if first not in groups:
                unknown.add(f"{named(page)}: {first}")
            elif groups[first] and rest and rest[0] not in groups[first]:
                unknown.add(f"{named(page)}: {first} {rest[0]}")
    assert not unknown


def commands() -> dict[str, set[str]]:
    """Each command of the program, with its subcommands."""
    typer = pytest.importorskip("typer")
    cli = pytest.importorskip("secure_mail.run.cli")
    tree = typer.main.get_command(cli.build())
    return {name: set(getattr(one, "commands", {})) for name, one in tree.commands.items()}


def test_every_setting_exists():
    known = {name.upper() for name in Settings.model_fields} | set(LATER_SETTINGS)
    unknown = {
        f"{named(page)}: {name}"
        for page in PAGES
        for name in re.findall(rf"{PREFIX}([A-Z_]+)", page.read_text())
        if name.removesuffix("_FILE") not in known
    }
    assert not unknown


def test_every_test_that_a_page_leans_on_exists():
    """The threat model is worth what its tests are."""
    sources = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    existing = set(re.findall(r"def (test_\w+)", sources))
    leant_on = {
        f"{named(page)}: {name}"
        for page in PAGES
        for name in re.findall(r"`(test_\w+)`", page.read_text())
        if name not in existing
    }
    assert not leant_on


def test_every_decision_has_the_same_form():
    files = sorted((ROOT / "docs" / "adr").glob("0*.md"))
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    index = (ROOT / "docs" / "adr" / "README.md").read_text()
    for path in files:
        text = path.read_text()
        assert text.startswith(f"# {int(path.name[:4])}. "), path.name
        assert re.search(r"^Status: (accepted|replaced by \[\d{4}\])", text, re.MULTILINE), (
            path.name
        )
        assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
        ], path.name
        assert f"]({path.name})" in index, path.name


def test_the_project_speaks_of_itself_alone():
    pages = [path for path in tracked() if path.suffix == ".md"]
    found = [
        f"{named(path)}: {hit[0]}" for path in pages if (hit := WORKPLACE.search(path.read_text()))
    ]
    assert not found
