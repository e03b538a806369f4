"""The queue page: counts, filters in the address, pages, search, taking the next."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape
from re import findall

import pytest

from secure_mail.domain.access import Role
from secure_mail.domain.cases import CaseState
from secure_mail.interfaces.web.staff.dues import Dues
from secure_mail.interfaces.web.staff.filters import ROWS
from tests.staff_web_world import StaffWeb, led, post
from tests.usecase.casework_world import (
    ABROAD,
    COURT,
    LETTER,
    MAIJA,
    MAINTENANCE,
    TRIAGE,
)

QUEUE = f"/staff/queues/{ABROAD}"


@pytest.fixture
def world():
    with ThreadPoolExecutor(4) as threads:
        yield StaffWeb(threads)


@pytest.fixture
def clerk(world):
    return world.member()


def listed(page):
    """References of the rows, in their order."""
    assert page.status_code == 200, page.text
    return findall(r'class="govuk-link sm-ref" href="/staff/cases/([A-Z0-9-]+)"', page.text)


def refs(*cases):
    return [str(case.reference) for case in cases]


def next_of(page):
    found = findall(r'rel="next"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*rel="next"', page.text)
    return QUEUE + unescape("".join(found[0])) if found else None


def test_home_counts_the_queues_that_one_may_read(world, clerk):
    world.filed()
    world.filed(replace(LETTER, topic="child_support"))
    page = world.browser(clerk).get("/staff/")
    assert f'href="{QUEUE}"' in page.text
    assert MAINTENANCE not in page.text
    nobody = world.browser(world.member(grants=())).get("/staff/")
    assert "no confirmed access" in nobody.text


def test_a_row_tells_what_a_clerk_needs(world, clerk):
    case = world.filed(replace(LETTER, acts_for=True), files=[("a.pdf", b"%PDF")])
    world.store.state.cases[case.id] = replace(
        world.case(case), assignee=clerk.id, state=CaseState.OPEN
    )
    page = world.browser(clerk).get(QUEUE)
    assert listed(page) == refs(case)
    for words in (
        str(MAIJA),
        LETTER.subject,
        "A benefit that I have to pay back",
        "1 file",
        "In progress",
        "Sample Clerk",
        "Acts for another",
        "Open cases: 1, late: 0",
    ):
        assert words in page.text.replace("<wbr>", "")


def test_filters_stand_in_the_address_and_can_be_taken_away(world, clerk):
    first, second = world.filed(), world.filed(replace(LETTER, language="en"))
    state = world.store.state
    state.cases[second.id] = replace(second, assignee=clerk.id, state=CaseState.OPEN)
    browser = world.browser(clerk)
    for query, wanted in (
        ("", [first, second]),
        ("?state=open", [second]),
        ("?language=fi", [first]),
        ("?assignee=me", [second]),
        ("?assignee=none", [first]),
        (f"?assignee={clerk.id}", [second]),
        ("?topic=student_loan", []),
        ("?topic=benefit_recovery", [first, second]),
        ("?state=closed", []),
        ("?answer=unread", []),
        ("?state=nonsense&language=xx&due=never&assignee=1&after=1", [first, second]),
    ):
        assert listed(browser.get(QUEUE + query)) == refs(*wanted), query
    page = browser.get(f"{QUEUE}?state=open&language=en")
    assert 'href="?language=en"' in page.text
    assert 'href="?state=open"' in page.text
    assert "State: In progress" in page.text


def test_late_and_today_are_of_cases_that_wait_for_us(world, clerk):
    late = world.filed()
    waiting = world.filed()
    world.store.state.cases[waiting.id] = replace(waiting, state=CaseState.WAITING)
    world.clock.instant = late.due_at
    world.later(hours=-5 * 24)
    today = world.filed()
    world.store.state.cases[today.id] = replace(today, due_at=world.calendar.due(late.due_at, 1))
    world.clock.instant = late.due_at
    world.later(hours=12)
    browser = world.browser(clerk)
    page = browser.get(f"{QUEUE}?due=late")
    assert listed(page) == refs(late)
    assert "Late by 1 day" in page.text
    assert listed(browser.get(f"{QUEUE}?due=today")) == refs(today)
    dues = Dues(world.calendar, world.clock.now())
    now = replace(today, due_at=world.calendar.due(late.due_at, 1))
    assert dues.of(now)["due"] == "today"
    assert dues.of(replace(now, state=CaseState.WAITING))["due"] is None


def test_pages_follow_one_another_without_gap_or_repeat(world, clerk):
    cases = [world.filed() for _ in range(ROWS + 3)]
    browser = world.browser(clerk)
    seen, url, pages = [], f"{QUEUE}?state=new", 0
    while url:
        page = browser.get(url)
        seen += listed(page)
        url, pages = next_of(page), pages + 1
    assert (sorted(seen), pages) == (sorted(refs(*cases)), 2)


def test_a_reference_leads_to_its_case_and_an_address_to_its_cases(world, clerk):
    case = world.filed()
    other = world.filed(address=COURT)
    browser = world.browser(clerk)
    typed = str(case.reference).lower().replace("-", " ")
    assert led(post(browser, f"{QUEUE}/search", q=typed)) == f"/staff/cases/{case.reference}"
    assert listed(post(browser, f"{QUEUE}/search", q=str(COURT))) == refs(other)
    assert listed(post(browser, f"{QUEUE}/search", q="Maija")) == []
    assert browser.get(f"{QUEUE}/search").status_code in (404, 405)


def test_the_next_is_taken_until_there_is_none(world, clerk):
    case = world.filed()
    browser = world.browser(clerk)
    assert led(post(browser, f"{QUEUE}/next")) == f"/staff/cases/{case.reference}?done=taken"
    assert world.case(case).assignee == clerk.id
    nothing = led(post(browser, f"{QUEUE}/next"))
    assert "There is nothing to take" in browser.get(nothing).text


def test_a_reader_is_offered_nothing_to_do(world):
    world.filed()
    browser = world.browser(world.member(grants=((Role.READER, ABROAD),)))
    assert f"{QUEUE}/next" not in browser.get(QUEUE).text
    assert post(browser, f"{QUEUE}/next").status_code == 403


def test_a_queue_of_others_names_whom_to_ask(world, clerk):
    world.member("Sample Supervisor", grants=((Role.SUPERVISOR, TRIAGE),))
    world.member("Sample Colleague", grants=((Role.CASEWORKER, TRIAGE),))
    browser = world.browser(clerk)
    answer = browser.get(f"/staff/queues/{TRIAGE}")
    assert answer.status_code == 403
    assert "Sample Supervisor" in answer.text
    assert "Sample Colleague" not in answer.text
    nobody = browser.get(f"/staff/queues/{MAINTENANCE}")
    assert "a supervisor of the queue" in nobody.text


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_titles_are_the_readers_language(world, clerk, language):
    world.filed()
    page = world.browser(clerk, language).get(QUEUE)
    title = world.rules.in_force().queue(ABROAD).title[language]
    assert f"<title>{title}" in page.text
