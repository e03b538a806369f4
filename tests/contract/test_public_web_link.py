"""Asking for a link and opening it, through the real pages on fakes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.usecase.links_world import LIFE
from tests.web_world import WebWorld, redeemed

ASKED = {"audience": "abroad", "country": "PL", "address": "maija@example.com"}


@pytest.fixture
def world():
    with ThreadPoolExecutor(2) as threads:
        yield WebWorld(threads)


@pytest.fixture
def browser(world):
    return world.browser()


def test_the_start_is_in_the_language_that_the_browser_prefers(browser):
    answer = browser.get("/", headers={"accept-language": "de, sv-FI;q=0.9, fi;q=0.4"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sv/")
    assert answer.headers["vary"] == "Accept-Language"
    assert browser.get("/").headers["location"] == "/en/"
    assert browser.get("/fi").headers["location"] == "/fi/"
    assert 'lang="fi"' in browser.get("/fi/").text


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
@pytest.mark.parametrize(
    "page",
    ["", "eligibility", "eligibility/country", "eligibility/e-service", "eligibility/eidas",
     "eligibility/other", "help", "contact", "privacy", "accessibility", "genuine", "stop",
     "stop/done", "signed-out", "read", "messages/signed-out"],
)  # fmt: skip
def test_pages_for_everybody_open_in_three_languages(browser, language, page):
    answer = browser.get(f"/{language}/{page}")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    other = "fi" if language != "fi" else "sv"
    assert f'href="/{other}/{page}"' in answer.text


@pytest.mark.parametrize(
    ("audience", "leads_to"),
    [
        ("e-service", "/en/eligibility/e-service"),
        ("eidas", "/en/eligibility/eidas"),
        ("abroad", "/en/eligibility/country"),
        ("partner", "/en/link?audience=partner&country="),
        ("none", "/en/eligibility/other"),
    ],
)
def test_each_answer_leads_to_its_way(browser, audience, leads_to):
    answer = browser.post("/en/eligibility", data={"audience": audience})
    assert (answer.status_code, answer.headers["location"]) == (303, leads_to)


def test_a_country_leads_to_the_address_and_finland_to_the_other_ways(browser):
    country = "/fi/eligibility/country"
    abroad = browser.post(country, data={"country": "PL"}).headers["location"]
    assert abroad == "/fi/link?audience=abroad&country=PL"
    for finland in ("FI", "AX"):
        answer = browser.post(country, data={"country": finland})
        assert answer.headers["location"] == "/fi/eligibility/other?why=not-abroad"
    failed = browser.post(country, data={"country": "PL", "eidas_failed": "1"})
    assert failed.headers["location"] == "/fi/link?audience=eidas&country=PL&eidas_failed=1"
    assert browser.get(failed.headers["location"]).status_code == 200
    assert browser.post(country, data={"country": "XX"}).status_code == 422


def test_answers_are_judged_again_where_the_link_is_asked_for(world, browser):
    answer = browser.post("/en/link", data={**ASKED, "country": "FI"})
    assert answer.headers["location"] == "/en/eligibility/other?why=not-abroad"
    for nonsense in ({}, {"audience": "king"}):
        answer = browser.post("/en/link", data={"address": "a@b.example", **nonsense})
        assert answer.headers["location"] == "/en/eligibility"
    assert world.store.state.registrations == {}


@pytest.mark.parametrize(("typed", "said"), [("", "Enter your email"), ("maija@", "in the form")])
def test_422_keeps_values(browser, typed, said):
    answer = browser.post("/en/link", data={**ASKED, "address": typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Error:" in answer.text
    assert 'href="#address"' in answer.text
    assert f'value="{typed}"' in answer.text or not typed
    assert 'name="country" value="PL"' in answer.text


def test_a_slip_in_the_domain_is_asked_about_and_is_no_wall(world, browser):
    answer = browser.post("/en/link", data={**ASKED, "address": "maija@gmial.com"})
    assert answer.status_code == 200
    assert "maija@gmail.com" in answer.text
    assert world.store.state.registrations == {}
    confirmed = {**ASKED, "address": "maija@gmial.com", "confirmed": "1"}
    assert browser.post("/en/link", data=confirmed).headers["location"] == "/en/link/sent"


def test_the_waiting_page_shows_what_this_browser_asked_for(world, browser):
    asked = browser.post("/en/link", data=ASKED)
    assert (asked.status_code, asked.headers["location"]) == (303, "/en/link/sent")
    cookie = asked.headers["set-cookie"]
    for part in ("__Host-words=", "Max-Age=900", "HttpOnly", "Secure", "Path=/", "SameSite=lax"):
        assert part in cookie
    page = browser.get("/en/link/sent").text
    (registration,) = world.store.state.registrations.values()
    assert registration.check_words in page
    assert "maija@example.com" in page
    assert "You can ask for a new link at 11:15" in page
    assert world.browser().get("/en/link/sent").headers["location"] == "/en/eligibility"


def test_a_repeat_keeps_its_check_words_and_needs_no_answer_twice(world, browser):
    browser.post("/en/link", data=ASKED)
    world.clock.advance(timedelta(minutes=14))
    again = browser.get("/en/link")
    assert 'value="maija@example.com"' in again.text
    browser.post("/en/link", data=ASKED)
    first, second = world.store.state.registrations.values()
    assert first.check_words == second.check_words


def test_too_many_requests_of_one_network_are_told(browser):
    for _ in range(10):
        assert browser.post("/en/link", data=ASKED).status_code == 303
    answer = browser.post("/en/link", data=ASKED)
    assert answer.status_code == 429
    assert "Too many requests from your network" in answer.text


def test_get_of_a_link_changes_nothing(world, browser):
    token = world.link()
    before = world.store.state.copy()
    pages = {browser.get(f"/l/{token}").text for _ in range(3)}
    head = browser.head(f"/l/{token}")
    assert len(pages) == 1
    assert "mai…@example.com" in pages.pop()
    assert replace(world.store.state.copy(), audit=before.audit) == before
    assert "set-cookie" not in head.headers
    assert head.headers["cache-control"] == "no-store"
    assert head.headers["referrer-policy"] == "no-referrer"
    assert head.headers["x-robots-tag"] == "noindex"


def test_a_link_speaks_its_language_until_another_is_chosen(world, browser):
    token = world.link(language="sv")
    assert 'lang="sv"' in browser.get(f"/l/{token}").text
    chosen = browser.get(f"/l/{token}?lang=fi")
    assert '<html lang="fi"' in chosen.text
    answer = browser.post(f"/l/{token}?lang=fi")
    assert answer.headers["location"] == "/fi/drafts/new/topic"


def test_a_press_of_the_button_starts_a_session(world, browser):
    answer = browser.post(f"/l/{world.link()}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/fi/drafts/new/topic"
    assert "__Host-session=" in answer.headers["set-cookie"]
    assert browser.get("/fi/drafts/new/topic").status_code == 200
    assert world.drafts() == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_cross_site_redeem_is_refused(world, browser, site):
    token = world.link()
    answer = browser.post(f"/l/{token}", headers={"sec-fetch-site": site, "origin": "null"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert world.store.state.sessions == {}
    same = browser.post(f"/l/{token}", headers={"sec-fetch-site": "same-origin", "origin": "null"})
    assert same.status_code == 303


def test_expired_revoked_and_unknown_links_are_one_page(world, browser):
    revoked, expired = world.link(), world.link()
    with world.store.units() as uow:
        uow.links.revoke(world.links()[0].id, "test")
        uow.commit()
    first = browser.get(f"/l/{revoked}")
    world.clock.advance(LIFE)
    answers = [first, browser.get(f"/l/{expired}"), browser.get("/l/unknown")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert browser.post(f"/l/{expired}").status_code == 404


def test_a_used_up_link_says_so(world, browser):
    token = world.link()
    (link,) = world.links()
    with world.store.units() as uow:
        for _ in range(link.cap):
            assert uow.links.use(link.id, world.clock.now(), grace_from=None)
        uow.commit()
    for answer in (browser.get(f"/l/{token}"), browser.post(f"/l/{token}")):
        assert answer.status_code == 403
        assert "20 viestiä" in answer.text or "20 messages" in answer.text


def test_finish_ends_the_session_and_clears_this_device(world, browser):
    url = redeemed(browser, world.link())
    page = browser.get(url)
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    assert browser.post("/fi/sign-out", data={"csrf": "wrong"}).status_code == 403
    answer = browser.post("/fi/sign-out", data={"csrf": token})
    assert answer.headers["location"] == "/fi/signed-out"
    assert dict(browser.cookies) == {}
    (session,) = world.store.state.sessions.values()
    assert session.ended_at is not None
    assert browser.get(url).status_code == 403
