"""A clerk at the staff pages."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

import pyotp

from tests.journey.browser import Browser
from tests.journey.pages import Page
from tests.journey.program import Demo

PASSWORD = "a long enough sentence 7"
SECRET = re.compile(r"(?:\b[A-Z2-7]{4} ?){8}\b")


@dataclass
class Clerk:
    browser: Browser

    @classmethod
    def signed_in(cls, demo: Demo) -> Clerk:
        staff = demo.facts["staff"]
        return cls.sign_in(demo.site, staff["email"], staff["password"], staff["totp_secret"])

    @classmethod
    def sign_in(cls, site: str, email: str, password: str, secret: str) -> Clerk:
        return cls.at(Browser(site), email, password, pyotp.TOTP(secret).now())

    @classmethod
    def at(cls, browser: Browser, email: str, password: str, code: str) -> Clerk:
        """Signs in at this browser."""
        browser.go("/staff/sign-in")
        page = browser.submit(email=email, password=password, code=code)
        assert page.path == "/staff/", page.words
        return cls(browser)

    @classmethod
    def set_up(cls, browser: Browser, address: str, email: str) -> Clerk:
        """Behind a one-time address: password, authenticator, and then the sign-in."""
        browser.go(address)
        page = browser.submit(password=PASSWORD, password_again=PASSWORD)
        shown = SECRET.search(page.words)
        assert shown, page.words
        totp = pyotp.TOTP(shown[0].replace(" ", ""))
        now = int(time.time())
        # The code of the step before is used up here, so that the present one is left.
        browser.submit(code=totp.at(now - totp.interval))
        return cls.at(browser, email, PASSWORD, totp.at(now))

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
