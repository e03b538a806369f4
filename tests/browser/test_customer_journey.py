"""The whole way of a customer in a real browser: without JavaScript, and without a pointer."""

import pytest

from tests.browser.customer import Customer
from tests.browser.hands import Keyboard, Pointer

LETTER = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n%%EOF\n"


@pytest.fixture
def letter(tmp_path):
    file = tmp_path / "letter.pdf"
    file.write_bytes(LETTER)
    return file


def walk(customer, address, *files):
    customer.ask_for_a_link(address)
    customer.open_the_link(address)
    customer.write("Payment plan", "Can I pay 60 euros every month?", *files)
    reference = customer.send()
    assert reference.startswith("PK-")
    customer.finish()
    customer.read(address)
    customer.open_answer(reference)
    assert reference in customer.page.inner_text("h1")
    customer.finish()


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_without_javascript(new_page, outbox, demo, language, letter):
    page = new_page(java_script_enabled=False)
    customer = Customer(Pointer(page), outbox, demo.site, language, careless=True)
    walk(customer, f"plain.{language}@example.com", letter)


def test_by_keyboard_alone(new_page, outbox, demo, letter):
    hands = Keyboard(new_page())
    walk(Customer(hands, outbox, demo.site, "en"), "keys@example.com", letter)
    assert hands.unseen == []


@pytest.mark.parametrize("path", ["/en/", "/sv/stop", "/fi/nowhere"])
def test_the_skip_link_is_the_first_stop_and_works(new_page, demo, path):
    page = new_page()
    page.goto(demo.site + path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.govuk-skip-link')")
    box = page.locator(".govuk-skip-link").bounding_box()
    assert box["width"] > 100, "it shows itself"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = "document.querySelector('main').contains(document.activeElement)"
    assert page.evaluate(inside)
