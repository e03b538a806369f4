"""A partner nobody has registered: held until a person decides, once, and either way told."""

from __future__ import annotations

from tests.journey.browser import Browser
from tests.journey.clerk import Clerk
from tests.journey.customer import Customer, reference_of
from tests.journey.leaks import files, leaks
from tests.journey.program import Demo, link_in, text_of

SUBJECT, TEXT = "Vaahteranlehtikaari", "kuusenkerkkasiirappi"


def held_message(demo: Demo, address: str) -> tuple[Customer, str]:
    """Asked for as a partner, written, held: the writer and the reference."""
    partner = Customer(Browser(demo.site), demo.mails, address)
    browser = partner.browser
    browser.go("/en/eligibility")
    browser.submit(audience="partner")
    browser.submit(address=address)
    link = link_in(partner.next_mail(0))
    partner.redeem(link)
    browser.submit(topic="partner_general")
    browser.submit(name="An office", letter_reference="")
    browser.submit(subject=SUBJECT, text=TEXT)
    browser.upload("files", press=("go", "next"))
    reference = reference_of(browser.submit(notify="yes"))
    row = demo.operator.settled(reference)
    assert (row["state"], row["reason"]) == ("held", "not-proved")
    told = text_of(partner.next_mail(1))
    assert reference in told
    assert "first checks" in " ".join(told.split())
    partner.tokens.append(link.rpartition("/")[2])
    return partner, reference


def test_what_a_clerk_releases_is_filed_once(demo: Demo, clerk: Clerk) -> None:
    partner, reference = held_message(demo, "office@office.example")
    browser = clerk.browser
    browser.go("/staff/held")
    page = browser.click(reference)
    assert TEXT in page.words
    form = browser.form("/release", "queue")
    values = form.filled({"queue": "partners"})
    browser.send(form, values)
    browser.send(form, values)

    row = demo.operator.settled(reference)
    assert (row["state"], row["queue"]) == ("filed", "partners")
    cases = demo.operator.listing("cases", "list", "--queue", "partners")
    assert [case["reference"] for case in cases].count(reference) == 1
    assert SUBJECT in clerk.queue("partners").words
    assert TEXT in clerk.open(reference).words
    demo.operator.run("ledger", "verify")
    assert not leaks([SUBJECT, TEXT], files(demo.data, *demo.logs))
    assert not leaks([*partner.tokens, partner.address], files(*demo.logs))


def test_what_a_clerk_refuses_is_told_to_its_sender(demo: Demo, clerk: Clerk) -> None:
    partner, reference = held_message(demo, "bureau@bureau.example")
    browser = clerk.browser
    browser.go("/staff/held")
    browser.click(reference)
    browser.submit(to="/refuse")
    browser.submit(to="/refuse", code="not-a-partner")

    row = demo.operator.settled(reference)
    assert row["state"] == "refused"
    told = text_of(partner.next_mail(2))
    assert "http" not in told
    assert reference not in browser.go("/staff/held").words
    demo.operator.run("ledger", "verify")
    assert not leaks([SUBJECT, TEXT], files(demo.data, *demo.logs))
