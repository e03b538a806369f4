"""Somebody at a browser: opens addresses, presses buttons; `look` sees every page with a name."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.hands import PRIMARY, Hands

Look = Callable[[str], None]
FINE, INVALID = 200, 422


class Walk:
    """Careless ones press the button of every form before they fill it in."""

    def __init__(
        self,
        hands: Hands,
        home: str,
        *,
        look: Look = lambda _name: None,
        careless: bool = False,
    ) -> None:
        self.hands = hands
        self.page = hands.page
        self._home = home
        self._watch = look
        self._careless = careless

    def open(self, name: str, address: str) -> None:
        """Types an address in, whole or a path below home."""
        self.page.goto(self._home + address if address.startswith("/") else address)
        self.look(name)

    def onward(self, name: str, selector: str = PRIMARY, status: int = FINE) -> None:
        """Presses a button or link; `name` is the page that must come."""
        answer = self.hands.press(selector)
        assert answer.status == status, (name, answer.status, self.page.url)
        self.look(name)

    def slip(self, name: str, selector: str = PRIMARY) -> None:
        """Too early: the same page says what is missing."""
        if self._careless:
            self.onward(f"{name}!", selector, INVALID)

    def look(self, name: str) -> None:
        """A page without a name was looked at before."""
        if name:
            self._watch(name)
