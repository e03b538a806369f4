"""What a browser makes of an answer: words, links, and forms that refuse what they do not offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

SILENT = {"script", "style", "title"}


@dataclass
class Form:
    """One form: where it goes, and what it would send untouched."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    choices: dict[str, set[str]] = field(default_factory=dict)
    """Of radios, ticks and selects: the values there are."""
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(
        self, fields: Mapping[str, str], press: tuple[str, str] | None = None
    ) -> dict[str, str]:
        """What is sent once it is filled in so; a value that cannot be chosen is a fault."""
        for name, value in fields.items():
            offered = self.choices.get(name)
            assert offered is None or value in offered, f"{name}={value} of {sorted(offered or ())}"
        if press is not None:
            assert press in self.buttons, f"no button {press} of {self.buttons}"
        return {**self.values, **fields, **dict([press] if press else [])}


@dataclass
class Page:
    """An answer."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    octets: bytes = field(default=b"", repr=False)
    words: str = field(default="", repr=False)
    links: list[tuple[str, str]] = field(default_factory=list, repr=False)
    forms: list[Form] = field(default_factory=list, repr=False)

    @property
    def path(self) -> str:
        return "/" + self.url.split("/", 3)[3].partition("?")[0]


def read_page(url: str, status: int, headers: Mapping[str, str], octets: bytes) -> Page:
    page = Page(url, status, headers, octets)
    if headers.get("content-type", "").startswith("text/html"):
        reader = _Reader(page)
        reader.feed(octets.decode())
        reader.close()
        page.words = " ".join("".join(reader.text).split())
    return page


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.text: list[str] = []
        self._page = page
        self._form: Form | None = None
        self._silent = False
        self._link: tuple[str, list[str]] | None = None
        self._area: tuple[str, list[str]] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._silent = self._silent or tag in SILENT
        if tag == "form":
            method = given.get("method", "get").lower()
            self._form = Form(given.get("action", ""), method)
            self._page.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self._link = given["href"], []
        elif self._form is not None:
            self._field(tag, given, self._form)

    def _field(self, tag: str, given: dict[str, str], form: Form) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "option" and self._select:  # those of a datalist are proposals only
            self._option(given, form)
        elif not name:
            return
        elif tag == "button" or (tag == "input" and kind == "submit"):
            form.buttons.append((name, given.get("value", "")))
        elif tag in {"input", "select", "textarea"}:
            form.names.add(name)
            if tag == "select":
                self._select, form.choices[name] = name, set()
            elif tag == "textarea":
                self._area = name, []
            else:
                _input(name, kind, given, form)

    def _option(self, given: dict[str, str], form: Form) -> None:
        value = given.get("value", "")
        form.choices[self._select].add(value)
        if "selected" in given or self._select not in form.values:
            form.values[self._select] = value

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = False
        if tag == "select":
            self._select = ""
        if tag == "form":
            self._form = None
        elif tag == "a" and self._link is not None:
            href, words = self._link
            self._page.links.append((" ".join("".join(words).split()), href))
            self._link = None
        elif tag == "textarea" and self._area is not None and self._form is not None:
            name, words = self._area
            # HTML drops one line feed right after the tag.
            self._form.values[name] = "".join(words).removeprefix("\n")
            self._area = None
        if tag in {"p", "li", "h1", "h2", "h3", "dt", "dd", "td", "th", "div"}:
            self.text.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)
        if self._link is not None:
            self._link[1].append(data)
        if self._area is not None:
            self._area[1].append(data)


def _input(name: str, kind: str, given: dict[str, str], form: Form) -> None:
    if kind in {"radio", "checkbox"}:
        value = given.get("value", "on")
        form.choices.setdefault(name, set()).add(value)
        if "checked" in given:
            form.values[name] = value
    elif kind != "file":
        form.values[name] = given.get("value", "")
