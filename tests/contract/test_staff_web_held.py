"""Held messages and files, as pages hand them out."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from secure_mail.domain.access import Role
from secure_mail.domain.messages import MessageState, PartKind
from secure_mail.domain.routing.facts import ScanVerdict
from tests.staff_web_world import StaffWeb, led, post
from tests.usecase.casework_world import (
    ABROAD,
    BY_PARTNER,
    COURT,
    LETTER,
    MAIL,
    PARTNERS,
    TRIAGE,
)

PARTNER_LETTER = replace(LETTER, topic="partner_general", purpose="", language="en")


@pytest.fixture
def world():
    with ThreadPoolExecutor(4) as threads:
        yield StaffWeb(threads)


@pytest.fixture
def clerk(world):
    return world.member(grants=((Role.CASEWORKER, TRIAGE), (Role.CASEWORKER, ABROAD)))


@pytest.fixture
def browser(world, clerk):
    return world.browser(clerk)


def held(world):
    message = world.post(PARTNER_LETTER, declared=BY_PARTNER, address=COURT)
    world.work()
    return message


def test_the_list_tells_what_waits_and_why(world, browser):
    message = held(world)
    page = browser.get("/staff/held").text
    for words in (str(message.reference), "Sender not proved", f"/staff/held/{message.id}"):
        assert words in page
    assert "(1)" in browser.get("/staff/").text


def test_the_item_shows_the_letter_the_reason_and_the_rule(world, browser):
    message = held(world)
    page = browser.get(f"/staff/held/{message.id}").text
    for words in (LETTER.text, str(COURT), "is not registered", "eligibility-7"):
        assert words in page


def test_a_release_asks_for_a_queue_and_comes_back_to_the_list(world, browser):
    message = held(world)
    url = f"/staff/held/{message.id}"
    assert post(browser, f"{url}/release", queue="nowhere").status_code == 422
    assert led(post(browser, f"{url}/release", queue=PARTNERS)) == "/staff/held?done=released"
    world.work()
    assert world.case_of(message).queue == PARTNERS
    assert led(post(browser, f"{url}/release", queue=ABROAD)) == "/staff/held"
    assert world.case_of(message).queue == PARTNERS


def test_why_a_released_case_is_there_is_a_sentence(world, browser):
    message = held(world)
    post(browser, f"/staff/held/{message.id}/release", queue=ABROAD)
    world.work()
    page = browser.get(f"/staff/cases/{message.reference}").text
    assert "A person released it from the held messages." in page


def test_a_refusal_is_confirmed_with_what_the_sender_is_told(world, browser):
    message = held(world)
    url = f"/staff/held/{message.id}/refuse"
    asked = post(browser, url)
    assert (asked.status_code, "The sender gets an email" in asked.text) == (200, True)
    for code in ("", "tls-required"):
        assert post(browser, url, confirmed="1", code=code).status_code == 422
    done = led(post(browser, url, confirmed="1", code="not-a-partner"))
    assert "The message was refused." in browser.get(done).text
    assert world.now(message).state is MessageState.REFUSED


def test_nobody_unproved_is_told(world, browser):
    [message] = world.mail()
    world.work()
    asked = post(browser, f"/staff/held/{message.id}/refuse")
    assert "the sender is not told" in asked.text


def test_a_reader_of_triage_is_offered_no_decision(world):
    message = held(world)
    browser = world.browser(world.member(grants=((Role.READER, TRIAGE),)))
    assert "/release" not in browser.get(f"/staff/held/{message.id}").text
    assert post(browser, f"/staff/held/{message.id}/release", queue=ABROAD).status_code == 403


def test_others_do_not_see_held_messages(world):
    message = held(world)
    browser = world.browser(world.member())
    assert browser.get("/staff/held").status_code == 403
    assert browser.get(f"/staff/held/{message.id}").status_code == 403


def test_what_cannot_be_opened_says_so_and_can_still_be_decided(world, browser):
    message = world.post()
    world.swap(world.parts_of(message, PartKind.FORM)[0])
    world.work()
    page = browser.get(f"/staff/held/{message.id}").text
    assert "it could not be opened" in page
    assert "/release" in page


def test_an_original_of_a_held_mail_can_be_fetched(world, browser):
    [message] = world.mail()
    world.work()
    [raw] = world.parts_of(message, PartKind.RAW)
    url = f"/staff/held/{message.id}/files/{raw.id}"
    assert url in browser.get(f"/staff/held/{message.id}").text
    assert "nobody has checked this file" in browser.get(url).text
    answer = post(browser, url, confirmed="1")
    assert answer.content == MAIL
    assert f'filename="{message.reference}.eml"' in answer.headers["content-disposition"]


# -- files of a case ---------------------------------------------------------------------------


def filed(world, name="plan.pdf", verdict=None):
    if verdict:
        world.scanner.said = {name: verdict}
    message = world.post(files=[(name, b"%PDF plan")])
    world.work()
    [file] = world.parts_of(message, PartKind.FILE)
    return f"/staff/cases/{message.reference}/files/{file.id}"


def test_what_was_not_scanned_is_handed_out_after_a_question(world, browser):
    url = filed(world)
    asked = browser.get(url)
    assert asked.headers["content-type"].startswith("text/html")
    assert "plan.pdf" in asked.text
    assert post(browser, url).headers["content-type"].startswith("text/html")
    answer = post(browser, url, confirmed="1")
    assert answer.content == b"%PDF plan"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="plan.pdf"'
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_what_was_scanned_is_handed_out_at_once(world, browser):
    assert browser.get(filed(world, verdict=ScanVerdict.CLEAN)).content == b"%PDF plan"


def test_a_harmful_file_is_not_handed_out_whatever_is_sent(world, browser):
    url = filed(world, verdict=ScanVerdict.INFECTED)
    [message] = world.store.state.messages.values()
    url = url.replace(f"cases/{message.reference}", f"held/{message.id}")
    for answer in (browser.get(url), post(browser, url, confirmed="1")):
        assert answer.status_code == 403
        assert b"%PDF" not in answer.content
        assert 'name="confirmed"' not in answer.text


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("päätös.pdf", "filename=\"p__t_s.pdf\"; filename*=UTF-8''p%C3%A4%C3%A4t%C3%B6s.pdf"),
        ("a%20b.pdf", "filename=\"a_20b.pdf\"; filename*=UTF-8''a%2520b.pdf"),
        ('x"\r\nSet-Cookie: a.pdf', 'filename="x_ Set-Cookie_ a.pdf"'),
        ("../../etc/passwd", 'filename="passwd"'),
        ("", 'filename="file"'),
    ],
)
def test_a_name_is_only_a_name(world, browser, name, header):
    answer = post(browser, filed(world, name), confirmed="1")
    assert answer.headers["content-disposition"] == f"attachment; {header}"
    assert "set-cookie" not in answer.headers


def test_an_id_of_nothing_is_not_found(world, browser):
    url = filed(world)
    assert browser.get(url.rpartition("/")[0] + "/1").status_code == 404
    nothing = "00000000-0000-7000-8000-000000000000"
    assert browser.get(f"{url.rpartition('/')[0]}/{nothing}").status_code == 404
