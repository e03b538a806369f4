"""Read an answer: the same for every address; the code opens this browser and nothing else."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.answers import CODE_LIFE, CODE_TRIES
from secure_mail.domain.links import SESSION_IDLE
from secure_mail.domain.public_words import PublicStatus
from tests.usecase.replies_world import code_of
from tests.web_world import WebWorld, field

ANSWER = "You may pay in parts."


@pytest.fixture
def world():
    with ThreadPoolExecutor(2) as threads:
        yield WebWorld(threads)


@pytest.fixture
def browser(world):
    return world.browser()


@pytest.fixture
def case(world):
    case = world.answers.file_case()
    world.answers.answer(case, ANSWER)
    world.answers.work()
    return case


def ask(browser, address="maija@example.com"):
    return browser.post("/en/read", data={"address": address})


def enter(browser, code):
    return browser.post("/en/read/code", data={"code": code})


def signed_in(world, browser):
    ask(browser)
    code = code_of(world.answers.work()[-1])
    answer = enter(browser, code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/messages")
    return answer


def test_an_answer_is_read_with_a_code(world, browser, case):
    answer = signed_in(world, browser)
    assert any("__Host-reading=" in each for each in answer.headers.get_list("set-cookie"))
    inbox = browser.get("/en/messages")
    assert f'href="/en/messages/{case.reference}"' in inbox.text
    assert "Answered, read the answer" in inbox.text
    assert world.answers.case(case).answer.value == "sent"
    shown = browser.get(f"/en/messages/{case.reference}")
    assert ANSWER in shown.text
    assert 'lang="sv"' in shown.text
    assert world.answers.case(case).answer.value == "displayed"
    assert PublicStatus.ANSWERED not in browser.get("/en/messages").text
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["x-robots-tag"] == "noindex"


def test_every_address_gets_the_same_page(world, case):
    pages = []
    for address in ("maija@example.com", "nobody@example.com"):
        browser = world.browser()
        answer = ask(browser, address)
        assert (answer.status_code, answer.headers["location"]) == (303, "/en/read/code")
        text = browser.get("/en/read/code").text
        pages.append(re.sub(r"(KOIVU|RIVER|SKED) \d\d", "WORDS", text.replace(address, "…")))
    assert pages[0] == pages[1]


def test_422_keeps_the_address(browser):
    answer = ask(browser, "maija")
    assert answer.status_code == 422
    assert 'value="maija"' in answer.text
    assert browser.get("/en/read/code").headers["location"] == "/en/read"


def test_wrong_codes_are_counted_and_the_sixth_try_is_over(world, browser, case):
    ask(browser)
    code = code_of(world.answers.work()[-1])
    assert enter(browser, "").status_code == 422
    for left in reversed(range(1, CODE_TRIES)):
        answer = enter(browser, "0000 0000")
        assert answer.status_code == 422
        assert f"Tries left: {left}." in answer.text
    assert "does not work any more" in enter(browser, "0000 0000").text
    assert enter(browser, code).status_code == 422


def test_a_code_is_bound_to_its_browser_and_its_time(world, browser, case):
    ask(browser)
    code = code_of(world.answers.work()[-1])
    stranger = enter(world.browser(), code)
    assert stranger.status_code == 422
    assert "same browser" in stranger.text
    world.answers.clock.advance(CODE_LIFE)
    assert "does not work any more" in enter(browser, code).text


def test_nothing_is_read_without_a_session_or_of_another_case(world, browser, case):
    other = world.answers.file_case(number=2, address=EmailAddress.parse("pekka@example.com"))
    for path in ("", f"/{case.reference}", "/nonsense"):
        assert browser.get(f"/en/messages{path}").headers["location"] == "/en/read"
    signed_in(world, browser)
    for path in (other.reference, "PK-0000-0000", "nonsense"):
        assert browser.get(f"/en/messages/{path}").status_code == 404


def test_a_reading_session_ends_and_cannot_write(world, browser, case):
    signed_in(world, browser)
    assert browser.get("/en/drafts/new/topic").status_code == 403
    world.answers.clock.advance(SESSION_IDLE - timedelta(seconds=1))
    assert browser.get("/en/messages").status_code == 200
    world.answers.clock.advance(SESSION_IDLE)
    assert browser.get("/en/messages").headers["location"] == "/en/read"


def test_finish_ends_the_session_and_clears_this_device(world, browser, case):
    signed_in(world, browser)
    page = browser.get("/en/messages")
    assert 'action="/en/messages/sign-out"' in page.text
    assert browser.post("/en/messages/sign-out", data={"csrf": "x"}).status_code == 403
    secret = browser.cookies["__Host-reading"]
    done = browser.post("/en/messages/sign-out", data={"csrf": field(page, "csrf")})
    assert done.headers["location"] == "/en/messages/signed-out"
    assert dict(browser.cookies) == {}
    browser.cookies.set("__Host-reading", secret, domain="securemail.example")
    assert browser.get("/en/messages").headers["location"] == "/en/read"


def test_too_many_requests_of_one_network_are_told(browser):
    for _ in range(10):
        assert ask(browser).status_code == 303
    assert ask(browser).status_code == 429
