"""Answering on the case page: looked at before it goes, stopped when stale, seen when read."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from secure_mail.domain.cases import AnswerState, CaseState
from tests.staff_web_world import StaffWeb, led, post
from tests.usecase.casework_world import (
    LETTER,
    MAIJA,
    TRIAGE,
)
from tests.web_world import field

ANSWER = {"text": "You can pay monthly.", "language": "fi", "identified": "letter", "after": "wait"}


@pytest.fixture
def world():
    with ThreadPoolExecutor(4) as threads:
        yield StaffWeb(threads)


@pytest.fixture
def clerk(world):
    return world.member()


def url_of(case):
    return f"/staff/cases/{case.reference}"


def test_an_answer_goes_out_only_after_it_was_looked_at(world, clerk):
    case = world.filed()
    browser, url = world.browser(clerk), url_of(case)
    asked = post(browser, f"{url}/replies", version="1", **ANSWER)
    assert asked.status_code == 200
    for words in (
        str(MAIJA),
        ANSWER["text"],
        "Finnish",
        "Letter reference and identity code agree",
    ):
        assert words in asked.text
    assert 'name="sure"' not in asked.text
    assert world.store.state.replies == {}
    carried = {name: field(asked, name) for name in (*ANSWER, "version")}
    changed = post(browser, f"{url}/replies", edit="1", confirmed="1", **carried)
    assert f">{ANSWER['text']}</textarea>" in changed.text
    sent = led(post(browser, f"{url}/replies", confirmed="1", **carried))
    assert "The answer was sent." in browser.get(sent).text
    assert world.case(case).state is CaseState.WAITING
    again = led(post(browser, f"{url}/replies", confirmed="1", **carried))
    assert (again, len(world.store.state.replies)) == (sent, 1)
    page = browser.get(url).text
    assert "Answer not read" in page
    assert "Sent, not displayed yet" in page


@pytest.mark.parametrize(("missing", "target"), [("text", "text"), ("identified", "identified")])
def test_an_answer_that_lacks_something_keeps_the_rest(world, clerk, missing, target):
    case = world.filed()
    browser, url = world.browser(clerk), url_of(case)
    answer = post(browser, f"{url}/replies", version="1", **{**ANSWER, missing: ""})
    assert (answer.status_code, f'href="#{target}"' in answer.text) == (422, True)
    kept = ANSWER["text"] if missing != "text" else 'value="letter" checked'
    assert kept in answer.text


@pytest.mark.parametrize(
    ("path", "fields"), [("replies", ANSWER), ("notes", {"note": ANSWER["text"]})]
)
def test_what_was_written_is_shown_when_the_case_has_left_the_queue(world, clerk, path, fields):
    case = world.filed()
    browser, written = world.browser(clerk), ANSWER["text"]
    world.store.state.cases[case.id] = replace(case, queue=TRIAGE)
    answer = post(browser, f"{url_of(case)}/{path}", version="1", **fields)
    assert (answer.status_code, f">{written}</textarea>" in answer.text) == (403, True)
    assert "</textarea>" not in browser.get(url_of(case)).text


def test_delicate_words_need_a_tick(world, clerk):
    case = world.filed()
    browser, url = world.browser(clerk), url_of(case)
    delicate = {**ANSWER, "text": "You owe 100 €.", "version": "1"}
    assert 'name="sure"' in post(browser, f"{url}/replies", **delicate).text
    unsure = post(browser, f"{url}/replies", confirmed="1", **delicate)
    assert (unsure.status_code, 'href="#sure"' in unsure.text) == (422, True)
    assert world.store.state.replies == {}
    led(post(browser, f"{url}/replies", confirmed="1", sure="1", **delicate))
    assert len(world.store.state.replies) == 1


def test_a_stale_answer_is_stopped_and_its_text_kept(world, clerk):
    case, other = world.filed(), world.member("Another Clerk")
    world.app.add_note(other, case.reference, 1, "I called her")
    browser, url = world.browser(clerk), url_of(case)
    for confirmed in ("", "1"):
        stale = post(browser, f"{url}/replies", version="1", confirmed=confirmed, **ANSWER)
        assert stale.status_code == 409
        assert ANSWER["text"] in stale.text
        assert "Another Clerk wrote an internal note" in stale.text
        assert "I called her" in stale.text
    assert world.store.state.replies == {}
    back = post(browser, f"{url}/draft", what="reply", kept=ANSWER["text"])
    assert f">{ANSWER['text']}</textarea>" in back.text
    assert field(back, "version") == "2"


def test_the_clerk_sees_that_nobody_tells_the_sender(world, clerk):
    case = world.filed(replace(LETTER, notify=False))
    browser, url = world.browser(clerk), url_of(case)
    assert "The sender does not want a notice" in browser.get(url).text
    led(post(browser, f"{url}/replies", version="1", confirmed="1", **ANSWER))
    page = browser.get(url).text
    assert world.case(case).answer is AnswerState.NOT_DISPLAYED
    assert "The sender gets no notice. Tell by letter or telephone." in page


def test_the_clerk_sees_when_an_answer_was_displayed(world, clerk):
    case = world.filed()
    browser, url = world.browser(clerk), url_of(case)
    led(post(browser, f"{url}/replies", version="1", confirmed="1", **ANSWER))
    state = world.store.state
    [reply] = state.replies.values()
    state.replies[reply.id] = replace(reply, displayed_at=world.clock.now())
    state.cases[case.id] = replace(world.case(case), answer=AnswerState.DISPLAYED)
    page = browser.get(url).text
    assert "Read 2 March 2026 at" in page
    assert "Displayed to the sender" in page


def test_a_case_without_an_address_offers_no_answer(world, clerk):
    case = world.filed()
    [summary] = world.store.state.summaries.values()
    sealed = world.sealer.seal_value(
        b'{"address": "", "subject": "A", "name": ""}', summary.holder, "summary", case.id
    )
    world.store.state.summaries[case.id] = replace(summary, sealed=sealed)
    browser = world.browser(clerk)
    assert f"{url_of(case)}/replies" not in browser.get(url_of(case)).text
    answer = post(browser, f"{url_of(case)}/replies", version="1", confirmed="1", **ANSWER)
    assert (answer.status_code, ANSWER["text"] in answer.text) == (403, True)
