"""The pages of staff, each as it is and as it tells of an error, in three languages."""

import pytest

from tests.browser.audit import DARK, SMALL, Audit, View, views_for
from tests.browser.clerk import LINKS, MOVE, REPLY, STATE, WARNING, Clerk
from tests.browser.customer import Customer
from tests.browser.hands import Pointer

LANGUAGES = ("en", "fi", "sv")
ROTATION = {"en": DARK, "fi": SMALL, "sv": View(320)}
QUEUE = "/queues/recovery_abroad"
# A code of the series that is given to nobody, so that a second look is asked for.
DELICATE = "Your code is 010180-912A. You can pay 60 euros a month."


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture
def audit(language, staff_page, demo):
    return Audit(staff_page(locale=language), language, demo.site, views_for(ROTATION, language))


@pytest.fixture
def clerk(audit, demo, language):
    Clerk(Pointer(audit.page), demo).speak(language)
    return Clerk(Pointer(audit.page), demo, look=audit.look, careless=True)


@pytest.fixture
def written(new_page, outbox, demo, language, tmp_path):
    """Writes a message with a file; gives its reference."""

    def write(name):
        letter = tmp_path / "payslip.pdf"
        letter.write_bytes(b"%PDF-1.4\n%%EOF\n")
        address = f"{name}.{language}@example.com"
        customer = Customer(Pointer(new_page()), outbox, demo.site, language)
        customer.ask_for_a_link(address)
        customer.open_the_link(address)
        customer.write("Payment plan", "Can I pay 60 euros every month?", letter)
        return customer.send()

    return write


def test_signing_in(new_page, demo, language):
    page = new_page(locale=language)
    audit = Audit(page, language, demo.site, views_for(ROTATION, language))
    clerk = Clerk(Pointer(page), demo, look=audit.look, careless=True)
    clerk.open("sign-in", "/")
    clerk.slip("sign-in")
    audit.expect_none()


def test_lists(clerk, audit, written):
    written("list")
    clerk.open("queues", "/")
    clerk.open("queue", QUEUE)
    clerk.open("queue: filtered", f"{QUEUE}?state=closed&language=sv")
    clerk.hands.type("q", "nobody@example.com")
    clerk.onward("queue: nothing found", "form[role=search] button")
    clerk.open("members", "/members")
    clerk.open("partners", "/partners")
    clerk.onward("partner: passport", "tbody a")
    clerk.open("account", "/account")
    clerk.open("no page", "/nowhere")
    audit.expect_none()


def test_a_case(clerk, audit, written):
    reference = written("case")
    clerk.open_case("case", reference)
    clerk.take()
    clerk.note("Fits the limit.")
    clerk.reply(DELICATE)
    clerk.onward("", "button[name=edit]")
    assert audit.page.input_value("#text") == DELICATE
    clerk.onward("", REPLY)
    clerk.send()
    clerk.onward("file that nobody scanned", ".sm-files a")
    audit.expect_none()


def test_what_is_confirmed_first(clerk, audit, written):
    reference = written("confirm")
    clerk.open_case("", reference)
    clerk.onward("close", STATE)
    clerk.slip("close")
    clerk.open_case("", reference)
    clerk.onward("end links", LINKS)
    clerk.slip("end links", WARNING)
    clerk.open_case("", reference)
    clerk.onward("move", MOVE)
    clerk.onward("queue: moved")
    audit.expect_none()


def test_a_reply_that_somebody_overtook(clerk, audit, written, staff_page, demo):
    reference = written("stale")
    clerk.open_case("", reference)
    other = Clerk(Pointer(staff_page()), demo)
    other.open_case("case", reference)
    other.take()
    clerk.hands.choose("identified", "not")
    clerk.hands.type("text", "General advice.")
    clerk.onward("overtaken", REPLY, 409)
    assert audit.page.input_value("#kept") == "General advice."
    clerk.onward("case: kept")
    assert audit.page.input_value("#text") == "General advice."
    audit.expect_none()


def test_held_messages(clerk, audit, new_page, outbox, demo, language):
    address = f"office.{language}@unknown.example"
    partner = Customer(Pointer(new_page()), outbox, demo.site, language)
    partner.open("link", "/link?audience=partner")
    partner.hands.type("address", address)
    partner.onward("sent")
    partner.open_the_link(address)
    partner.write_as_partner("Debt adjustment", "A sample request.")
    reference = partner.send()
    clerk.open_held(reference)
    clerk.onward("refuse", "form[action$='/refuse'] button")
    clerk.slip("refuse", WARNING)
    audit.expect_none()
