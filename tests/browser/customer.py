"""What a customer abroad does, page by page, with whichever hands; `look` sees every page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.browser.hands import Hands
from tests.browser.outbox import CODE, LINK, Outbox

Look = Callable[[str], None]
FINE, INVALID = 200, 422


class Customer:
    """Careless ones press the button of every form before they fill it in."""

    def __init__(
        self,
        hands: Hands,
        outbox: Outbox,
        site: str,
        language: str,
        *,
        look: Look = lambda _name: None,
        careless: bool = False,
    ) -> None:
        self._hands = hands
        self._outbox = outbox
        self._look = look
        self._careless = careless
        self.page = hands.page
        self.home = f"{site}/{language}"

    def open(self, name: str, address: str) -> None:
        """Types an address in; a path is one of this language."""
        self.page.goto(self.home + address if address.startswith("/") else address)
        self._look(name)

    def onward(self, name: str, selector: str = "") -> None:
        """Presses the button; `name` is the page that must come."""
        answer = self._hands.press(selector) if selector else self._hands.press()
        assert answer.status == FINE, (name, answer.status, self.page.url)
        self._look(name)

    def slip(self, name: str) -> None:
        """The button too early: the same page says what is missing."""
        if self._careless:
            answer = self._hands.press()
            assert answer.status == INVALID, (name, answer.status)
            self._look(f"{name}!")

    def ask_for_a_link(self, address: str) -> None:
        self.open("start", "/")
        self.onward("eligibility", "main a.govuk-button--start")
        self.slip("eligibility")
        self._hands.choose("audience", "abroad")
        self.onward("country")
        self.slip("country")
        self._hands.pick("country", "PL")
        self.onward("link")
        self.slip("link")
        self._hands.type("address", address)
        self.onward("sent")

    def open_the_link(self, address: str) -> None:
        self.open("opened", self._outbox.newest(address, LINK))
        self.onward("topic")

    def write(self, subject: str, text: str, *files: Path) -> None:
        """From the topic to the page that is checked."""
        self.slip("topic")
        self._hands.choose("topic", "benefit_recovery")
        self.onward("purpose")
        self.slip("purpose")
        self._hands.choose("purpose", "payment_plan")
        self.onward("who")
        self.slip("who")
        self._hands.choose("who", "self")
        self.onward("about")
        self.slip("about")
        self._hands.type("name", "Sample Sender")
        self._hands.type("identity", "1.5.1980")
        self.onward("message")
        self.slip("message")
        self._hands.type("subject", subject)
        self._hands.type("text", text)
        self.onward("files")
        if files:
            self._hands.attach("files", *files)
            self.onward("files: with one", "button[value=upload]")
        self.onward("check")

    def send(self) -> str:
        """The reference on the receipt."""
        self.slip("check")
        self._hands.choose("notify", "yes")
        self.onward("receipt")
        return self.page.locator("main .sm-ref").first.inner_text()

    def finish(self) -> None:
        self.onward("signed out", ".sm-session button")

    def read(self, address: str) -> None:
        """To the list of one's cases, by a code from a mail."""
        self.open("read", "/read")
        self.slip("read")
        self._hands.type("address", address)
        self.onward("code")
        self.slip("code")
        self._hands.type("code", self._outbox.newest(address, CODE))
        self.onward("inbox")

    def open_answer(self, reference: str) -> None:
        self.onward("answer", f'main a[href$="{reference}"]')
