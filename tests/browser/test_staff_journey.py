"""From the queue to the answer that its sender reads: without JavaScript, and without a pointer."""

import time

import pyotp
import pytest

from tests.browser.audit import PHONE, WIDE, Audit
from tests.browser.clerk import TAKE, Clerk
from tests.browser.customer import Customer
from tests.browser.hands import Keyboard, Pointer

ANSWER = "You can pay 60 euros a month from January."
QUEUE = "/queues/recovery_abroad"
NOT_ON_PAPER = (
    ".govuk-service-navigation",
    ".sm-footer",
    ".sm-form",
    ".sm-side form",
    ".govuk-back-link",
)
STEP = 30


@pytest.fixture
def sender(new_page, outbox, demo):
    return Customer(Pointer(new_page(java_script_enabled=False)), outbox, demo.site, "en")


def written(sender, address):
    sender.ask_for_a_link(address)
    sender.open_the_link(address)
    sender.write("Payment plan", "Can I pay 60 euros every month?")
    return sender.send()


def answered(clerk, reference):
    clerk.open_case("case", reference)
    clerk.onward("case", TAKE)
    clerk.note("Fits the limit.")
    clerk.reply(ANSWER)
    clerk.send()


def test_without_javascript(sender, staff_page, demo):
    reference = written(sender, "answered@example.com")
    page = staff_page(java_script_enabled=False)
    clerk = Clerk(Pointer(page), demo, careless=True)
    clerk.speak("en")
    clerk.open_case("case", reference)
    clerk.open("queue", QUEUE)
    clerk.onward("case", f"a:has-text('{reference}')")
    answered(clerk, reference)
    assert page.locator(".sm-msg__body[lang=en]").count(), "the language of a message is marked"
    sender.read("answered@example.com")
    sender.open_answer(reference)
    assert ANSWER in sender.page.inner_text("main")
    clerk.open_case("case", reference)
    assert "Displayed to the sender" in page.inner_text("aside")


def test_by_keyboard_alone(sender, staff_page, demo):
    reference = written(sender, "keys.staff@example.com")
    hands = Keyboard(staff_page())
    clerk = Clerk(hands, demo, careless=True)
    clerk.speak("en")
    answered(clerk, reference)
    assert hands.unseen == []


def test_setting_up_an_account(new_page, demo):
    """From the one-time address to signing in; nothing is open until a supervisor has agreed."""
    page = new_page(locale="en")
    audit = Audit(page, "en", demo.site, (WIDE, PHONE))
    clerk = Clerk(Pointer(page), demo, look=audit.look, careless=True)
    clerk.open("choose a password", demo.invite("new@staff.example"))
    clerk.slip("choose a password")
    clerk.hands.type("password", "a sample password")
    clerk.hands.type("password_again", "a sample password")
    clerk.onward("authenticator")
    clerk.slip("authenticator")
    totp = pyotp.TOTP(page.inner_text("main .sm-ref").replace(" ", ""))
    # The code of the step before, so that the present one is left for signing in.
    clerk.hands.type("code", totp.at(time.time() - STEP))
    clerk.onward("set up")
    clerk.open("sign-in", "/")
    clerk.hands.type("email", "new@staff.example")
    clerk.hands.type("password", "a sample password")
    clerk.hands.type("code", totp.now())
    audit.language = "fi"  # of a new account
    clerk.onward("queues: none")
    clerk.open("not allowed", QUEUE)
    audit.language = "en"  # of the browser
    clerk.onward("sign-in: again", ".sm-sign-out button")
    audit.expect_none()


def test_the_case_on_paper(sender, staff_page, demo):
    reference = written(sender, "paper@example.com")
    page = staff_page()
    clerk = Clerk(Pointer(page), demo)
    clerk.open_case("case", reference)
    page.emulate_media(media="print")
    for selector in NOT_ON_PAPER:
        assert page.locator(selector).count()
        assert not any(part.is_visible() for part in page.locator(selector).all()), selector
    assert page.locator(".sm-msg").first.is_visible()
    assert reference in page.inner_text("h1")
