"""Judges pages as they are shown: accessibility, width, our own rules, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python import base
from playwright.sync_api import ConsoleMessage, Page, Request

HERE = Path(__file__).parent
PAGE_RULES = (HERE / "page_rules.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (tags) => {
  const results = ["violations", "incomplete"];
  const wanted = { runOnly: { type: "tag", values: tags }, resultTypes: results };
  const found = await axe.run(document, wanted);
  const unsure = found.incomplete.filter((rule) => rule.id === "color-contrast");
  return [...found.violations, ...unsure].flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.html.replace(/\\s+/g, " ").slice(0, 110)}`
      + ` (${node.failureSummary ?? ""})`.replace(/\\s+/g, " ").slice(0, 160)));
}"""
PREFIX = {"en": "Error:", "fi": "Virhe:", "sv": "Fel:"}
# The browser itself tells of every answer that is not 2xx.
TOLD_BY_STATUS = "Failed to load resource: the server responded with a status of"


@dataclass(frozen=True)
class View:
    """A size of the window, in CSS px, and the colours that its owner asked for."""

    width: int
    scheme: str = "light"


WIDE, PHONE = View(1280), View(390)
DARK = View(1280, "dark")
SMALL = View(320, "dark")
"""Also what 400 % zoom leaves of 1280 px."""


@dataclass
class Audit:
    """Looks at pages in one language; `faults` are told at the end, all at once."""

    page: Page
    language: str
    site: str
    views: Sequence[View] = (WIDE, PHONE)
    faults: dict[str, list[str]] = field(default_factory=dict)
    """By what is wrong, the pages where it is."""
    titles: dict[str, str] = field(default_factory=dict)
    """By title, the page that has it."""

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._tell("a script", [str(error)]))
        self.page.on("request", self._request)

    def look(self, name: str) -> None:
        """`name` ends with ! when the page tells of errors; after : it tells states apart."""
        page, failed = self.page, "!" in name
        given = {"language": self.language, "prefix": PREFIX[self.language], "failed": failed}
        found = page.evaluate(PAGE_RULES, given)
        self._tell(name, found)
        state = name.partition(":")[0].removesuffix("!") + "!" * failed
        known = self.titles.setdefault(page.title(), state)
        if known != state:
            self._tell(name, [f"the title of {known}"])
        page.evaluate(axe_source())
        for view in self.views:
            page.set_viewport_size({"width": view.width, "height": 900})
            page.emulate_media(color_scheme=view.scheme)
            told = f"{name} at {view.width} {view.scheme}"
            self._tell(told, page.evaluate(RUN, TAGS))
            wide = page.evaluate(
                "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            if wide[0] != wide[1]:
                self._tell(told, [f"scrolls sideways: {wide}"])
        page.set_viewport_size({"width": WIDE.width, "height": 900})
        page.emulate_media(color_scheme="light")

    def expect_none(self) -> None:
        told = "\n".join(f"{fault}: {', '.join(on)}" for fault, on in self.faults.items())
        assert not told, f"in {self.language}:\n{told}"

    def _tell(self, name: str, found: Sequence[str]) -> None:
        for fault in found:
            self.faults.setdefault(fault, []).append(name)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and TOLD_BY_STATUS not in message.text:
            self._tell("the console", [message.text])

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.site).netloc:
            self._tell("a request to elsewhere", [request.url])


def views_for(rotation: Mapping[str, View], language: str) -> tuple[View, ...]:
    """Both sizes, and the one of the rotation that this language has."""
    return WIDE, PHONE, rotation[language]


@cache
def axe_source() -> str:
    """axe-core as its package brings it; run by the browser itself, so that the CSP stays on."""
    return next(Path(base.__file__).parent.rglob("axe*.js")).read_text("utf-8")
