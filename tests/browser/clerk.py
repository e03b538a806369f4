"""What a member of staff does, page by page, with whichever hands."""

from __future__ import annotations

import time

from tests.browser.hands import Hands
from tests.browser.program import Demo
from tests.browser.walk import FINE, Look, Walk

PATIENCE = 20.0
TAKE = "form:has(input[name=take]) button"
MOVE = "form:has(#queue) button"
STATE = "form[action$='/state'] button"
LINKS = "form[action$='/links'] button"
WARNING = "main form .govuk-button--warning"
REPLY = ".sm-form--reply button"
NOTE = ".sm-form--note button"


class Clerk(Walk):
    """The demo's supervisor, whose pages are in the language that the account page sets."""

    def __init__(
        self,
        hands: Hands,
        demo: Demo,
        *,
        look: Look = lambda _name: None,
        careless: bool = False,
    ) -> None:
        super().__init__(hands, f"{demo.site}/staff", look=look, careless=careless)
        self._demo = demo

    def sign_in(self) -> None:
        """Once in half a minute: a code counts once."""
        self.open("sign-in", "/")
        self.slip("sign-in")
        self.hands.type("email", self._demo.email)
        self.hands.type("password", self._demo.password)
        self.hands.type("code", self._demo.code())
        self.onward("queues")

    def speak(self, language: str) -> None:
        """Chooses the language of the pages."""
        self.page.goto(f"{self._home}/account")
        self.hands.choose("language", language)
        self.onward("account: saved")

    def open_case(self, name: str, reference: str) -> None:
        """Waits until the worker has filed it."""
        until = time.monotonic() + PATIENCE
        address = f"{self._home}/cases/{reference}"
        while True:
            answer = self.page.goto(address)
            if answer and answer.status == FINE:
                self.look(name)
                return
            assert time.monotonic() < until, f"{reference} is not there"
            time.sleep(0.1)

    def open_held(self, reference: str) -> None:
        """From the list of what is held, once the worker has put it there."""
        until = time.monotonic() + PATIENCE
        row = f"tr:has-text('{reference}') a"
        self.open("held", "/held")
        while not self.page.locator(row).count():
            assert time.monotonic() < until, f"{reference} is not held"
            time.sleep(0.1)
            self.page.reload()
        self.onward("held message", row)

    def take(self) -> None:
        self.onward("case: taken", TAKE)

    def reply(self, text: str) -> None:
        """To the page that shows what goes to whom."""
        self.slip("case", REPLY)
        self.hands.choose("identified", "letter")
        self.hands.type("text", text)
        self.onward("reply to confirm", REPLY)

    def send(self) -> None:
        if self.page.locator("#sure").count():
            self.slip("reply to confirm")
            self.hands.choose("sure", "1")
        self.onward("case: answered")

    def note(self, text: str) -> None:
        self.slip("case: no note", NOTE)
        self.hands.type("note", text)
        self.onward("case: noted", NOTE)
