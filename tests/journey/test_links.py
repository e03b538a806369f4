"""What a stranger can do to somebody's link, session and draft: nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.journey.browser import Browser
from tests.journey.customer import Customer, Letter, reference_of
from tests.journey.leaks import files, leaks
from tests.journey.program import Demo

LETTER = Letter(name="Suvi-Tuulikki", subject="Katajanmarjamehu", text="vaahtokarkkipilvi")


def customer(demo: Demo, name: str) -> Customer:
    return Customer(Browser(demo.site), demo.mails, f"{name}@example.com")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_redeem_from_another_site_is_refused(demo: Demo, site: str) -> None:
    victim = customer(demo, f"victim.{site}")
    browser = victim.browser
    browser.go(victim.ask_for_link())
    form = browser.form("")
    page = browser.send(form, form.filled({}), **{"Sec-Fetch-Site": site})
    assert page.status == 403
    assert "set-cookie" not in page.headers
    assert not [name for name in browser.cookies if name.endswith("session")]
    page = browser.send(form, form.filled({}), **{"Sec-Fetch-Site": "same-origin"})
    assert page.status == 200
    assert [name for name in browser.cookies if name.endswith("session")]


def test_a_scanner_that_opens_the_link_changes_nothing(demo: Demo) -> None:
    person = customer(demo, "scanned")
    link = person.ask_for_link()
    scanner = Browser(demo.site)
    assert scanner.head(link).status == 200
    for _ in range(3):
        assert scanner.go(link).status == 200
    assert not scanner.cookies
    assert person.redeem(link).status == 200


def test_a_link_that_never_was_is_a_page_without_a_button(demo: Demo) -> None:
    page = Browser(demo.site).go("/l/" + "A" * 43)
    assert page.status == 404
    assert not [form for form in page.forms if form.method == "post"]


def test_three_requests_by_a_stranger_do_not_end_a_session(demo: Demo) -> None:
    person = customer(demo, "beset")
    person.redeem(person.ask_for_link())
    person.browser.submit(topic=LETTER.topic)
    place = person.browser.page.url
    stranger = customer(demo, "beset")
    links = [stranger.ask_for_link() for _ in range(3)]
    assert len(set(links)) == 3
    assert stranger.browser.go(place).status in {403, 404}

    assert person.browser.go(place).status == 200
    person.browser.submit(purpose=LETTER.purpose)
    assert person.browser.page.path.endswith("/about")


def test_a_draft_is_unreadable_with_the_link_alone(demo: Demo) -> None:
    person = customer(demo, "drafting")
    link = person.ask_for_link()
    person.redeem(link)
    checked = person.compose(LETTER)
    assert LETTER.text in checked.words

    other = Browser(demo.site)
    other.go(link)
    page = other.submit()
    assert "unfinished message" in page.words
    for address in (checked.path, checked.path.replace("/check", "/message")):
        page = other.go(address)
        assert page.path == "/en/drafts/found", page.words
        assert LETTER.text not in page.words
        assert LETTER.name not in page.words
    # The browser that typed it goes on where it was, even with a session of its own anew.
    person.browser.cookies = {
        name: value for name, value in person.browser.cookies.items() if "draft" in name
    }
    person.browser.go(link)
    person.browser.submit()
    page = person.browser.go(checked.path)
    assert LETTER.text in page.words
    assert not leaks([LETTER.text, LETTER.subject, LETTER.name], files(demo.data, *demo.logs))
    assert not leaks([*person.tokens, person.address], files(*demo.logs))


def test_a_double_click_is_one_message(demo: Demo) -> None:
    person = customer(demo, "hasty")
    person.redeem(person.ask_for_link())
    person.compose(LETTER)
    browser = person.browser
    form = browser.form("/send", "notify")
    values = form.filled({"notify": "no"})
    with ThreadPoolExecutor(2) as hands:
        answers = list(hands.map(lambda _: browser.answer(form, values), range(2)))
    places = {answer.headers["location"].partition("?")[0] for answer in answers}
    assert len(places) == 1
    reference = reference_of(browser.go(places.pop()))
    assert reference_of(browser.send(form, values)) == reference
    rows = demo.operator.messages()
    assert [row["reference"] for row in rows].count(reference) == 1


def test_what_was_typed_survives_the_end_of_the_session(demo: Demo) -> None:
    person = customer(demo, "interrupted")
    link = person.ask_for_link()
    person.redeem(link)
    person.answer_until_message(LETTER)
    browser = person.browser
    form = browser.form("", "subject", "text")
    values = form.filled({"subject": LETTER.subject, "text": LETTER.text})
    browser.cookies = {name: value for name, value in browser.cookies.items() if "draft" in name}
    page = browser.send(form, values)
    assert page.status == 403
    kept = browser.form("", "subject", "text")
    assert kept.values["text"] == LETTER.text
    assert kept.values["subject"] == LETTER.subject

    browser.go(link)
    browser.submit()
    page = browser.send(kept, kept.values)
    assert page.path.endswith("/files"), page.words
