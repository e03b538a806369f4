"""What a customer abroad does, page by page, with whichever hands."""

from __future__ import annotations

from pathlib import Path

from tests.browser.hands import Hands
from tests.browser.outbox import CODE, LINK, Outbox
from tests.browser.walk import Look, Walk

UPLOAD = "button[value=upload]"


class Customer(Walk):
    """In one language."""

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
        super().__init__(hands, f"{site}/{language}", look=look, careless=careless)
        self._outbox = outbox

    def ask_for_a_link(self, address: str) -> None:
        self.open("start", "/")
        self.onward("eligibility", "main a.govuk-button--start")
        self.slip("eligibility")
        self.hands.choose("audience", "abroad")
        self.onward("country")
        self.slip("country")
        self.hands.pick("country", "PL")
        self.onward("link")
        self.slip("link")
        self.hands.type("address", address)
        self.onward("sent")

    def open_the_link(self, address: str) -> None:
        self.open("opened", self._outbox.newest(address, LINK))
        self.onward("topic")

    def write(self, subject: str, text: str, *files: Path) -> None:
        """From the topic to the page that is checked."""
        self.slip("topic")
        self.hands.choose("topic", "benefit_recovery")
        self.onward("purpose")
        self.slip("purpose")
        self.hands.choose("purpose", "payment_plan")
        self.onward("who")
        self.slip("who")
        self.hands.choose("who", "self")
        self.onward("about")
        self.slip("about")
        self.hands.type("name", "Sample Sender")
        self.hands.type("identity", "1.5.1980")
        self.onward("message")
        self.slip("message")
        self.hands.type("subject", subject)
        self.hands.type("text", text)
        self.onward("files")
        if files:
            self.slip("files", UPLOAD)
            self.hands.attach("files", *files)
            self.onward("files: with one", UPLOAD)
        self.onward("check")

    def write_as_partner(self, subject: str, text: str) -> None:
        """A partner is asked less: no purpose, no identity."""
        self.hands.choose("topic", "debt_adjustment")
        self.onward("about")
        self.hands.type("name", "Sample Office")
        self.onward("message")
        self.hands.type("subject", subject)
        self.hands.type("text", text)
        self.onward("files")
        self.onward("check")

    def send(self) -> str:
        """The reference on the receipt."""
        self.slip("check")
        self.hands.choose("notify", "yes")
        self.onward("receipt")
        return self.page.locator("main .sm-ref").first.inner_text()

    def finish(self) -> None:
        self.onward("signed out", ".sm-session button")

    def read(self, address: str) -> None:
        """To the list of one's cases, by a code from a mail."""
        self.open("read", "/read")
        self.slip("read")
        self.hands.type("address", address)
        self.onward("code")
        self.slip("code")
        self.hands.type("code", self._outbox.newest(address, CODE))
        self.onward("inbox")

    def open_answer(self, reference: str) -> None:
        self.onward("answer", f'main a[href$="{reference}"]')
