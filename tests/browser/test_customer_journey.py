"""The whole way of a customer in a real browser: without JavaScript, and without a pointer."""

import pytest

from tests.browser.customer import Customer
from tests.browser.hands import Keyboard, Pointer
from tests.browser.walk import INVALID

WARNING = ".sm-session [role=status]"
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


def test_nothing_is_asked_twice(new_page, outbox, demo):
    """WCAG 3.3.7 and 3.3.8: a link needs an address only, and the address is not asked again."""
    page, asked = new_page(), {}

    def look(name):
        fields = page.locator("main :is(input:not([type=hidden]), select, textarea)").all()
        asked[name] = {field.get_attribute("name") for field in fields}

    customer = Customer(Pointer(page), outbox, demo.site, "en", look=look)
    customer.ask_for_a_link("once@example.com")
    customer.open_the_link("once@example.com")
    customer.write("Payment plan", "Can I pay 60 euros every month?")
    assert asked["link"] == {"address"}
    fields = [name for page_s in asked.values() for name in page_s]
    assert len(fields) == len(set(fields)), asked


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


def test_a_page_warns_before_it_closes_and_one_press_goes_on(new_page, outbox, demo):
    """WCAG 2.2.1: the time starts anew, and what is right so far is saved."""
    page = new_page()
    customer = Customer(Pointer(page), outbox, demo.site, "en")
    customer.ask_for_a_link("slow@example.com")
    page.clock.install()
    customer.open_the_link("slow@example.com")
    customer.hands.choose("topic", "benefit_recovery")
    page.clock.fast_forward("28:00")
    customer.onward("topic", f"{WARNING} button")
    assert page.is_checked("input[value=benefit_recovery]")
    customer.write("Payment plan", "Can I pay 60 euros every month?")
    page.goto(page.url.replace("/check", "/message"))
    customer.hands.type("subject", "")
    customer.hands.type("text", "From January on.")
    page.clock.fast_forward("28:00")
    assert "2 minutes" in page.inner_text(WARNING)
    customer.onward("message", f"{WARNING} button")
    assert page.input_value("#text") == "From January on."
    page.goto(page.url)
    assert page.input_value("#subject") == "Payment plan", "an empty one is not saved"
    assert page.input_value("#text") == "From January on."


def test_an_error_keeps_what_was_typed(new_page, outbox, demo):
    page = new_page()
    customer = Customer(Pointer(page), outbox, demo.site, "fi")
    customer.open("link", "/link?audience=partner")
    customer.hands.type("address", "nobody at example")
    customer.onward("link", status=INVALID)
    assert page.input_value("#address") == "nobody at example"
