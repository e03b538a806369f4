"""The case page and what is done on it; nothing is overwritten, nothing written is lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from secure_mail.domain.access import Role
from secure_mail.domain.cases import CaseState, CloseReason
from secure_mail.domain.messages import PartKind
from tests.fakes.store import samples
from tests.staff_web_world import StaffWeb, led, post
from tests.usecase.casework_world import (
    ABROAD,
    LETTER,
    MAIJA,
    MAINTENANCE,
    PARTNERS,
)

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


def test_the_page_tells_the_letter_who_wrote_and_why_it_is_here(world, clerk):
    earlier = world.filed()
    case = world.filed(replace(LETTER, acts_for=True), files=[("plan.pdf", b"%PDF")])
    page = world.browser(clerk).get(url_of(case)).text.replace("<wbr>", "")
    for words in (
        LETTER.text,
        LETTER.subject,
        "Maija Esimerkki",
        "1.1.1980",
        str(MAIJA),
        "<strong>The person was not identified.</strong>",
        "The sender chose this matter on the form.",
        "authority not checked",
        "Propose a payment plan",
        "Poland",
        "plan.pdf",
        "not scanned",
        f"/staff/cases/{earlier.reference}",
        "ulkomaanperinta@kela.fi",
    ):
        assert words in page, words
    assert "mailbox in" not in page


def test_who_checks_the_rules_sees_each_comparison(world):
    boss = world.member("Sample Supervisor", grants=((Role.SUPERVISOR, ABROAD),))
    case = world.filed()
    page = world.browser(boss).get(url_of(case)).text
    assert "chosen-topic: topic in_list" in page
    assert LETTER.subject not in page[page.index("chosen-topic: topic") :]


def test_a_partners_mail_names_the_partner_and_the_checks(world):
    clerk = world.member(grants=((Role.READER, PARTNERS),))
    partner = world.partner()
    [message] = world.mail(**world.proved(partner))
    world.work()
    page = world.browser(clerk).get(f"/staff/cases/{message.reference}").text
    assert (
        "Came from District Court over a protected connection, checks passed: TLS, network" in page
    )
    assert f"{message.reference}.eml" in page
    assert "replies" not in page


def test_what_a_stranger_wrote_cannot_become_markup_or_turn_round(world, clerk):
    evil = "<script>alert(1)</script> \u202etxt.exe"
    case = world.filed(replace(LETTER, subject=evil, text=evil, name=evil))
    page = world.browser(clerk).get(url_of(case)).text
    assert "<script>alert" not in page
    assert "[U+202E]txt.exe" in page


def test_readers_are_told_once_each_with_their_last_time(world, clerk):
    case = world.filed()
    other = world.member("Another Clerk")
    for who in (clerk, other, clerk):
        world.browser(who).get(url_of(case))
    page = world.browser(other).get(url_of(case)).text
    assert page.count("<li>Sample Clerk, ") == 1
    assert page.count("<li>Another Clerk, ") == 1


def test_taking_and_handing_over(world, clerk):
    case, other = world.filed(), world.member("Another Clerk")
    browser, url = world.browser(clerk), url_of(case)
    taken = led(post(browser, f"{url}/assignee", take="1", version="1"))
    assert "You handle this case now." in browser.get(taken).text
    assert led(post(browser, f"{url}/assignee", assignee=str(other.id), version="2")) == (
        f"{url}?done=assigned"
    )
    assert world.case(case).assignee == other.id
    led(post(browser, f"{url}/assignee", assignee="", version="3"))
    assert world.case(case).assignee is None
    assert post(browser, f"{url}/assignee", assignee="x", version="4").status_code == 404


def test_a_note_is_kept_and_an_empty_one_is_not(world, clerk):
    case = world.filed()
    browser, url = world.browser(clerk), url_of(case)
    empty = post(browser, f"{url}/notes", version="1", note="  ")
    assert (empty.status_code, 'href="#note"' in empty.text) == (422, True)
    long = "x" * 20_001
    too_long = post(browser, f"{url}/notes", version="1", note=long)
    assert (too_long.status_code, long in too_long.text) == (422, True)
    saved = led(post(browser, f"{url}/notes", version="1", note="Call her\non Monday"))
    page = browser.get(saved).text
    assert "The note was saved. It is not sent." in page
    assert "Call her\non Monday" in page
    assert "Internal note by Sample Clerk – not sent" in page


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("notes", {"note": "My note"}),
        ("assignee", {"take": "1"}),
        ("state", {"state": "closed", "confirmed": "1", "close_reason": "none"}),
        ("state", {"state": "open"}),
        ("queue", {"queue": MAINTENANCE, "confirmed": "1"}),
        ("links", {"reason": "Asked by telephone", "confirmed": "1"}),
    ],
)
@pytest.mark.parametrize("version", ["1", "", "none", "9" * 30])
def test_whatever_is_stale_changes_nothing(world, clerk, path, fields, version):
    case, other = world.filed(), world.member("Another Clerk")
    world.app.add_note(other, case.reference, 1, "I called her")
    before = world.case(case)
    stale = post(world.browser(clerk), f"{url_of(case)}/{path}", version=version, **fields)
    assert stale.status_code == 409
    assert fields.get("note", "") in stale.text
    assert world.case(case) == before


def test_closing_asks_for_a_reason_and_opening_again_does_not(world, clerk):
    case = world.filed()
    browser, url = world.browser(clerk), url_of(case)
    asked = post(browser, f"{url}/state", state="closed", version="1")
    assert (asked.status_code, "has not had an answer" in asked.text) == (200, True)
    for reason in ("", "because"):
        wrong = post(
            browser, f"{url}/state", state="closed", version="1", confirmed="1", close_reason=reason
        )
        assert wrong.status_code == 422
    done = {"state": "closed", "version": "1", "confirmed": "1", "close_reason": "notours"}
    assert led(post(browser, f"{url}/state", **done)) == f"{url}?done=closed"
    assert world.case(case).close_reason is CloseReason.NOT_OURS
    assert "An answer opens it again" in browser.get(url).text
    assert led(post(browser, f"{url}/state", state="open", version="2")) == f"{url}?done=reopened"
    assert world.case(case).state is CaseState.OPEN


def test_a_case_moves_after_a_question_and_keeps_its_arrival(world, clerk):
    case = world.filed()
    browser, url = world.browser(clerk), url_of(case)
    for nowhere in ("", "nowhere", ABROAD):
        assert post(browser, f"{url}/queue", queue=nowhere, version="1").status_code == 422
    asked = post(browser, f"{url}/queue", queue=MAINTENANCE, version="1")
    assert "Move the case to the queue Child support debt?" in asked.text
    moved = post(
        browser, f"{url}/queue", queue=MAINTENANCE, version="1", confirmed="1", reason="A child"
    )
    assert led(moved) == f"/staff/queues/{ABROAD}?done=moved"
    assert world.case(case).received_at == case.received_at
    colleague = world.member(grants=((Role.CASEWORKER, MAINTENANCE),))
    assert "A child" in world.browser(colleague).get(url).text
    assert browser.get(url).status_code == 403


def test_links_end_with_a_reason(world, clerk):
    case = world.filed()
    link = samples.link(address_index=case.address_index)
    with world.units() as uow:
        uow.links.add(link)
        uow.commit()
    browser, url = world.browser(clerk), url_of(case)
    asked = post(browser, f"{url}/links", version="1")
    assert (asked.status_code, str(MAIJA) in asked.text) == (200, True)
    assert post(browser, f"{url}/links", version="1", confirmed="1").status_code == 422
    ended = post(browser, f"{url}/links", version="1", confirmed="1", reason="Asked by telephone")
    assert led(ended) == f"{url}?done=links-ended"
    assert world.store.state.links[link.id].state.value == "revoked"
    assert "Asked by telephone" in browser.get(url).text


def test_a_broken_seal_is_an_alarm_and_a_page(world, clerk):
    case = world.filed()
    [message] = world.store.state.messages.values()
    world.swap(world.parts_of(message, PartKind.VIEW)[0])
    assert world.browser(clerk).get(url_of(case)).status_code == 500
    assert world.audited()[-1] == "seal.broken"
