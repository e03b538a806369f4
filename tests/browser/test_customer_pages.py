"""A customer's pages, each as it is and as it tells of an error, in three languages."""

import pytest

from tests.browser.audit import DARK, SMALL, Audit, View, views_for
from tests.browser.customer import UPLOAD, Customer
from tests.browser.hands import Pointer
from tests.browser.walk import INVALID

LANGUAGES = ("en", "fi", "sv")
ROTATION = {"en": SMALL, "fi": View(320), "sv": DARK}


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture
def audit(language, new_page, demo):
    return Audit(new_page(), language, demo.site, views_for(ROTATION, language))


@pytest.fixture
def customer(audit, outbox, demo, language):
    hands = Pointer(audit.page)
    return Customer(hands, outbox, demo.site, language, look=audit.look, careless=True)


def test_the_way_to_a_link(customer, audit, language):
    customer.ask_for_a_link(f"way.{language}@example.com")
    audit.expect_none()


def test_writing_over_a_link(customer, audit, language, outbox, new_page, demo, tmp_path):
    address = f"writing.{language}@example.com"
    Customer(Pointer(new_page()), outbox, demo.site, language).ask_for_a_link(address)
    letter = tmp_path / "letter.txt"
    letter.write_text("A sample letter.")
    program = tmp_path / "a-program-with-a-long-name-that-nobody-would-want-to-be-sent.exe"
    program.write_bytes(b"MZ")
    customer.open_the_link(address)
    customer.write("Payment plan", "Can I pay 60 euros every month?", letter)
    customer.open("", customer.page.url.replace("/check", "/files"))
    customer.hands.attach("files", program)
    customer.onward("files: of a wrong kind!", UPLOAD, INVALID)
    customer.onward("")
    customer.send()
    customer.finish()
    audit.expect_none()


def test_reading(customer, audit, language, outbox, new_page, demo):
    address = f"reading.{language}@example.com"
    writer = Customer(Pointer(new_page()), outbox, demo.site, language)
    writer.ask_for_a_link(address)
    writer.open_the_link(address)
    writer.write("Payment plan", "Can I pay 60 euros every month?")
    reference = writer.send()
    customer.read(address)
    customer.open_answer(reference)
    customer.finish()
    audit.expect_none()
