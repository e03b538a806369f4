"""Two ways to work a page: as a pointer does, and as somebody does who has only a keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from playwright.sync_api import Page, Response

PRIMARY = "main form .govuk-button:not(.govuk-button--secondary, .govuk-button--warning)"
RULES = Path(__file__).with_name("focus_rules.js").read_text("utf-8")


class Hands(Protocol):
    """Names are those of form fields; a press ends on the next page and gives its answer."""

    page: Page

    def type(self, name: str, text: str) -> None: ...

    def choose(self, name: str, value: str) -> None: ...

    def pick(self, name: str, value: str) -> None: ...

    def attach(self, name: str, *files: Path) -> None: ...

    def press(self, selector: str = PRIMARY) -> Response: ...


class Pointer:
    """A mouse or a finger."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def type(self, name: str, text: str) -> None:
        self.page.fill(f"#{name}", text)

    def choose(self, name: str, value: str) -> None:
        self.page.check(f'input[name="{name}"][value="{value}"]')

    def pick(self, name: str, value: str) -> None:
        self.page.select_option(f"#{name}", value)

    def attach(self, name: str, *files: Path) -> None:
        self.page.set_input_files(f"#{name}", list(files))

    def press(self, selector: str = PRIMARY) -> Response:
        with self.page.expect_navigation() as shown:
            self.page.locator(selector).first.click()
        answer = shown.value
        assert answer is not None
        return answer


class Keyboard:
    """Tab, arrows, Space, Enter and letters; every stop on the way must be seen to have focus."""

    STOPS = 120

    def __init__(self, page: Page) -> None:
        self.page = page
        # From the first page on, or the first window of files would open before it is held back.
        page.on("filechooser", lambda _chooser: None)
        self.unseen: list[str] = []
        """Stops whose look did not change with the focus."""

    def type(self, name: str, text: str) -> None:
        self._reach(f"#{name}")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def choose(self, name: str, value: str) -> None:
        """Arrows move the choice within a group; Space takes the first."""
        self._reach(f'input[name="{name}"]')
        self.page.keyboard.press("Space")
        wanted = f'input[name="{name}"][value="{value}"]'
        for _ in range(self.page.locator(f'input[name="{name}"]').count()):
            if self.page.is_checked(wanted):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{name} does not get to {value} by arrows")

    def pick(self, name: str, value: str) -> None:
        """The first letters of an option lead to it."""
        self._reach(f"#{name}")
        label = self.page.locator(f'#{name} option[value="{value}"]').inner_text()
        self.page.keyboard.type(label)
        assert self.page.input_value(f"#{name}") == value

    def attach(self, name: str, *files: Path) -> None:
        self._reach(f"#{name}")
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Enter")
        chooser.value.set_files(list(files))

    def press(self, selector: str = PRIMARY) -> Response:
        """Enter for a link, Space for a button."""
        self._reach(selector)
        link = self.page.evaluate("document.activeElement.matches('a')")
        with self.page.expect_navigation() as shown:
            self.page.keyboard.press("Enter" if link else "Space")
        answer = shown.value
        assert answer is not None
        return answer

    def _reach(self, selector: str) -> None:
        for _ in range(self.STOPS):
            seen = self.page.evaluate(RULES, selector)
            if seen["unseen"]:
                self.unseen.append(f"{self.page.url}: {seen['unseen']}")
            if seen["there"]:
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab on {self.page.url}")
