"""A clerk at the staff pages."""

from __future__ import annotations

from dataclasses import dataclass

import pyotp

from tests.journey.browser import Browser
from tests.journey.pages import Page
from tests.journey.program import Demo


@dataclass
class Clerk:
    browser: Browser

    @classmethod
    def signed_in(cls, demo: Demo) -> Clerk:
        staff = demo.facts["staff"]
        return cls.sign_in(demo.site, staff["email"], staff["password"], staff["totp_secret"])

    @classmethod
    def sign_in(
        cls, site: str, email: str, password: str, secret: str, *, through: str | None = None
    ) -> Clerk:
        browser = Browser(site, through=through)
        browser.go("/staff/sign-in")
        code = pyotp.TOTP(secret).now()
        page = browser.submit(email=email, password=password, code=code)
        assert page.path == "/staff/", page.words
        return cls(browser)

    def queue(self, name: str) -> Page:
        return self.browser.go(f"/staff/queues/{name}")

    def open(self, reference: str) -> Page:
        page = self.browser.go(f"/staff/cases/{reference}")
        assert page.status == 200, page.words
        return page

    def take(self, reference: str) -> Page:
        self.open(reference)
        return self.browser.submit(to="/assignee", take="1")

    def reply(self, reference: str, text: str, **fields: str) -> Page:
        """Through the confirm page; the case as it is shown afterwards."""
        self.open(reference)
        page = self.browser.submit(to="/replies", text=text, identified="letter", **fields)
        assert text in page.words, page.words
        return self.browser.submit(to="/replies", confirmed="1")

    def file(self, reference: str, name: str) -> tuple[Page, bytes]:
        """The page that asks first, and the octets that come after it."""
        self.open(reference)
        asked = self.browser.click(name)
        return asked, self.browser.submit(confirmed="1").octets
