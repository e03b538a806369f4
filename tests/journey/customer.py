"""A person abroad, with a browser and a mailbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message

from tests.journey.browser import Browser, File
from tests.journey.pages import Page
from tests.journey.program import code_in, link_in, until

Mailbox = Callable[[str], list[Message]]
"""The mails to an address, oldest first."""


@dataclass(frozen=True)
class Letter:
    """What is typed, step by step."""

    name: str
    subject: str
    text: str
    topic: str = "benefit_recovery"
    purpose: str = "payment_plan"
    identity: str = "1 May 1980"
    files: tuple[File, ...] = ()
    notify: str = "yes"


@dataclass
class Customer:
    browser: Browser
    mailbox: Mailbox
    address: str
    tokens: list[str] = field(default_factory=list)

    def ask_for_link(self, country: str = "PL") -> str:
        """Through eligibility, country and address; the path of the link that was mailed."""
        seen = len(self.mailbox(self.address))
        self.browser.go("/en/")
        self.browser.go("/en/eligibility")
        self.browser.submit(audience="abroad")
        self.browser.submit(country=country)
        page = self.browser.submit(address=self.address)
        assert page.path == "/en/link/sent"
        assert self.address in page.words
        mail = self.next_mail(seen)
        self.tokens.append(link_in(mail).rpartition("/")[2])
        return link_in(mail)

    def next_mail(self, after: int) -> Message:
        """The mail that follows so many others to this address."""
        return until(lambda: self.mailbox(self.address)[after:], f"mail {after + 1}")[0]

    def redeem(self, link: str) -> Page:
        self.browser.go(link)
        return self.browser.submit(to="")

    def answer_until_message(self, letter: Letter) -> Page:
        """From the topic to the page of the message."""
        self.browser.submit(topic=letter.topic)
        self.browser.submit(purpose=letter.purpose)
        self.browser.submit(who="self")
        about = {"name": letter.name, "identity": letter.identity, "letter_reference": ""}
        return self.browser.submit(**about)

    def compose(self, letter: Letter) -> Page:
        """From the topic to the page where all is checked."""
        self.answer_until_message(letter)
        browser = self.browser
        page = browser.submit(subject=letter.subject, text=letter.text)
        assert page.path.endswith("/files"), page.words
        if letter.files:
            page = browser.upload("files", *letter.files, press=("go", "upload"))
            assert all(file.name in page.words for file in letter.files), page.words
        page = browser.upload("files", press=("go", "next"))
        assert page.path.endswith("/check"), page.words
        return page

    def write(self, letter: Letter) -> str:
        """The whole way, from the address to the reference on the receipt page."""
        self.redeem(self.ask_for_link())
        self.compose(letter)
        page = self.browser.submit(notify=letter.notify)
        return reference_of(page)

    def ask_for_code(self) -> str:
        """Read an answer: address, code mail."""
        seen = len(self.mailbox(self.address))
        self.browser.go("/en/read")
        page = self.browser.submit(address=self.address)
        assert page.path == "/en/read/code"
        code = code_in(self.next_mail(seen))
        self.tokens.append(code)
        return code


def reference_of(page: Page) -> str:
    """Of the receipt page, from its address."""
    assert page.status == 200, page.words
    assert "/receipts/" in page.path, page.words
    return page.path.rpartition("/")[2]
