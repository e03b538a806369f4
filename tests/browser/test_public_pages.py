"""Pages that need no session: what stands on them, the ways of everybody else, every error."""

import gzip

import pytest

from tests.browser.audit import DARK, SMALL, Audit, View, views_for
from tests.browser.customer import Customer
from tests.browser.hands import Pointer
from tests.browser.outbox import LINK, STOP_CODE

LANGUAGES = ("en", "fi", "sv")
ROTATION = {"en": View(320), "fi": DARK, "sv": SMALL}
INFORMATION = ("help", "contact", "genuine", "privacy", "accessibility", "stop", "read")
OUTCOMES = ("e-service", "eidas", "other", "other?why=not-abroad", "country?eidas_failed=1")
START, PAGES = "/", [f"/{name}" for name in INFORMATION]
WEIGHED = [START, *PAGES, "/eligibility", "/eligibility/country", "/link?audience=partner"]
LIMIT, REQUESTS = 30 * 1024, 5
SEND = """(path) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = location.pathname.slice(0, 3) + path;
  document.body.append(form);
  form.submit();
}"""
OTHER_SITE = '<form method="post" action="{action}"><button>Win a prize</button></form>'


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture
def audit(language, new_page, demo):
    page = new_page(locale=language)
    return Audit(page, language, demo.site, views_for(ROTATION, language))


@pytest.fixture
def customer(audit, outbox, demo, language):
    return Customer(
        Pointer(audit.page), outbox, demo.site, language, look=audit.look, careless=True
    )


def test_information(customer, audit):
    for path in PAGES:
        customer.open(path, path)
    audit.expect_none()


def test_the_ways_of_everybody_else(customer, audit):
    for outcome in OUTCOMES:
        customer.open(outcome, f"/eligibility/{outcome}")
    customer.open("partner", "/link?audience=partner")
    customer.slip("partner")
    audit.page.fill("#address", "somebody@gmial.com")
    customer.onward("did you mean")
    audit.expect_none()


def test_stopping_our_messages(customer, audit, language, outbox, new_page, demo):
    address = f"stopping.{language}@example.com"
    Customer(Pointer(new_page()), outbox, demo.site, "en").ask_for_a_link(address)
    customer.open("stop", "/stop")
    customer.slip("stop")
    audit.page.fill("#address", address)
    audit.page.fill("#stop_code", outbox.newest(address, STOP_CODE))
    customer.onward("what should stop")
    customer.slip("what should stop")
    audit.page.check("input[value=revoke]")
    customer.onward("stopped")
    audit.expect_none()


def test_pages_that_are_not_there(customer, audit, demo):
    customer.open("no page", "/nowhere")
    customer.open("no session", "/drafts/new/topic")
    customer.open("dead link", f"{demo.site}/l/{'x' * 43}")
    audit.expect_none()


def test_forms_that_are_refused(customer, audit, demo, language):
    """One that we do not take, and one of ours that another site sent in a person's name."""
    customer.open("help", "/help")
    _post(audit.page, "/help")
    audit.look("no such form")
    audit.page.goto("about:blank")
    audit.page.set_content(OTHER_SITE.format(action=f"{demo.site}/{language}/stop"))
    _pressed(audit.page, "button")
    audit.look("a form of another site")
    audit.expect_none()


def test_the_demo_s_outbox(audit, language, outbox, new_page, demo):
    address = f"outbox.{language}@example.com"
    Customer(Pointer(new_page()), outbox, demo.site, language).ask_for_a_link(address)
    outbox.newest(address, LINK)
    audit.page.goto(f"{demo.site}/demo/outbox")
    audit.look("outbox")
    audit.page.locator("main a").first.click()
    audit.page.wait_for_url("**/outbox/*")
    audit.look("mail")
    audit.expect_none()


@pytest.mark.parametrize("path", WEIGHED)
def test_a_page_is_light(new_page, demo, path):
    """On a first visit, compressed as a proxy in front of us does it."""
    page, sizes = new_page(), []
    page.on("response", lambda answer: sizes.append(len(_sent(answer))))
    page.goto(f"{demo.site}/en{path}", wait_until="networkidle")
    assert len(sizes) <= REQUESTS
    assert sum(sizes) <= LIMIT


def _sent(answer):
    return gzip.compress(answer.body())


def _post(page, path):
    """A form that no page of ours has."""
    with page.expect_navigation():
        page.evaluate(SEND, path)


def _pressed(page, selector):
    with page.expect_navigation():
        page.click(selector)
