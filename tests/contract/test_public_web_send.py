"""Send and receipt: one message whatever a browser does, and a word when we do not know."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from secure_mail.application.ports.store import StoreDownError
from secure_mail.domain.compose import Composition
from secure_mail.domain.links import SESSION_IDLE
from secure_mail.domain.messages import PartKind
from tests.fakes.vault import FakePartOpener
from tests.web_world import (
    SUBJECT,
    TEXT,
    WebWorld,
    check_form,
    composed,
    field,
    redeemed,
    send,
    step,
    written,
)


@pytest.fixture
def world():
    with ThreadPoolExecutor(2) as threads:
        yield WebWorld(threads)


@pytest.fixture
def browser(world):
    return world.browser()


class FaintCommits:
    """Commits, and then does not know whether it did."""

    def __init__(self, commits, *, before):
        self._commits, self._before, self.broken = commits, before, True

    async def run(self, unit):
        if self.broken and self._before:
            raise StoreDownError("no answer")
        result = await self._commits.run(unit)
        if self.broken:
            raise StoreDownError("no answer to the commit")
        return result


def sent_composition(world):
    (message,) = world.messages()
    key = world.opener().open_key(message.sealed_key, message.content_id)
    part = next(p for p in world.store.state.parts.values() if p.kind is PartKind.FORM)
    opened = FakePartOpener().open_part(key, message.content_id, part.id, part.inline, part.digest)
    return Composition.from_json(opened)


def test_a_message_is_sent_and_its_receipt_shown(world, browser):
    answer = send(browser, composed(browser, world.link()), notify="no")
    assert answer.status_code == 303
    receipt = browser.get(answer.headers["location"])
    (message,) = world.messages()
    assert str(message.reference) in receipt.text
    for said in ("ulkomaanperinta@kela.fi", SUBJECT, "2.3.2026 klo 11.00"):
        assert said in receipt.text
    assert TEXT.splitlines()[0] not in receipt.text
    typed = sent_composition(world)
    assert (typed.text, typed.notify, typed.language) == (TEXT, False, "fi")


def test_the_receipt_is_of_its_session_only(world, browser):
    token = world.link()
    location = send(browser, composed(browser, token)).headers["location"]
    stranger = world.browser()
    redeemed(stranger, token)
    assert stranger.get(location).status_code == 404
    assert world.browser().get(location).status_code == 403


def test_a_double_send_is_one_message(world, browser):
    url = composed(browser, world.link())
    form = check_form(browser.get(f"{url}/check"))
    first = browser.post(f"{url}/send", data=form)
    second = browser.post(f"{url}/send", data=form)
    assert second.headers["location"] == first.headers["location"] + "?again=1"
    assert "lähetetty" in browser.get(second.headers["location"]).text
    assert len(world.messages()) == 1
    assert browser.get(f"{url}/send").headers["location"] == f"{url}/check"
    back = browser.get(f"{url}/check")
    assert back.headers["location"] == second.headers["location"]


def test_two_messages_of_a_session_keep_their_own_receipts(world, browser):
    first_url = composed(browser, world.link())
    form = check_form(browser.get(f"{first_url}/check"))
    first = browser.post(f"{first_url}/send", data=form).headers["location"]
    page = browser.get(first)
    more = browser.post("/fi/drafts", data={"csrf": field(page, "csrf"), "new": "1"})
    assert more.headers["location"] == "/fi/drafts/new/topic"
    second = send(browser, written(browser)).headers["location"]
    assert first != second
    again = browser.post(f"{first_url}/send", data=form)
    assert again.headers["location"] == f"{first}?again=1"
    assert len(world.messages()) == 2


def test_notify_must_be_chosen(world, browser):
    url = composed(browser, world.link())
    answer = send(browser, url, notify="")
    assert answer.status_code == 422
    assert 'href="#notify"' in answer.text
    assert world.messages() == []


def test_what_another_window_changed_is_checked_again_before_it_is_sent(world, browser):
    url = composed(browser, world.link())
    form = check_form(browser.get(f"{url}/check"))
    step(browser, f"{url}/message", subject=SUBJECT, text="Another text altogether.")
    answer = browser.post(f"{url}/send", data=form)
    assert answer.status_code == 409
    assert "Another text altogether." in answer.text
    assert world.messages() == []
    assert browser.post(f"{url}/send", data=check_form(answer)).status_code == 303


def test_a_commit_of_unknown_outcome_is_told_and_sent_again_once(world, browser):
    faint = FaintCommits(world.store.commits, before=False)
    site = world.served(send_draft=replace(world.public.send_draft, commits=faint))
    browser = world.browser(site)
    url = composed(browser, world.link())
    form = check_form(browser.get(f"{url}/check"))
    unsure = browser.post(f"{url}/send", data=form)
    assert unsure.status_code == 503
    assert "Emme tiedä, saapuiko viestisi" in unsure.text
    assert f'action="{url}/send"' in unsure.text
    assert f'name="nonce" value="{form["nonce"]}"' in unsure.text
    faint.broken = False
    again = browser.post(f"{url}/send", data={**form, "csrf": field(unsure, "csrf")})
    assert again.status_code == 303
    assert browser.get(again.headers["location"]).status_code == 200
    assert len(world.messages()) == 1


def test_a_send_that_did_not_happen_is_sent_by_the_next_press(world, browser):
    faint = FaintCommits(world.store.commits, before=True)
    browser = world.browser(
        world.served(send_draft=replace(world.public.send_draft, commits=faint))
    )
    url = composed(browser, world.link())
    form = check_form(browser.get(f"{url}/check"))
    assert browser.post(f"{url}/send", data=form).status_code == 503
    assert world.messages() == []
    faint.broken = False
    assert browser.post(f"{url}/send", data=form).status_code == 303
    assert len(world.messages()) == 1


def test_the_database_down_page_keeps_the_text(world, browser):
    url = composed(browser, world.link())
    page = browser.get(f"{url}/message")
    form = {"csrf": field(page, "csrf"), "subject": SUBJECT, "text": "Words <b>not</b> lost."}
    world.store.down = True
    answer = browser.post(f"{url}/message", data=form)
    assert answer.status_code == 503
    assert "Words &lt;b&gt;not&lt;/b&gt; lost." in answer.text
    assert f'action="{url}/message"' in answer.text
    assert f'name="subject" value="{SUBJECT}"' in answer.text
    assert browser.get("/fi/drafts/new/topic").status_code == 503
    world.store.down = False
    again = {**form, "csrf": field(answer, "csrf")}
    assert browser.post(f"{url}/message", data=again).status_code == 303


def test_a_bug_keeps_the_text_and_tells_a_number_but_no_content(world, browser, capsys):
    def broken(*_args, **_kwargs):
        raise RuntimeError("Words of the exception")

    url = composed(browser, world.link())
    page = browser.get(f"{url}/message")
    other = world.browser(world.served(read_draft=broken))
    other.cookies.update(browser.cookies)
    form = {"csrf": field(page, "csrf"), "subject": SUBJECT, "text": "Words of mine."}
    answer = other.post(f"{url}/message", data=form)
    assert answer.status_code == 500
    assert "Words of mine." in answer.text
    logged = capsys.readouterr().out
    number = logged.split("number=")[1].split()[0]
    assert number in answer.text
    assert "RuntimeError" in logged
    for secret in ("Words of the exception", "Words of mine", SUBJECT):
        assert secret not in logged


def test_a_session_that_ended_is_no_lost_message(world, browser):
    token = world.link()
    url = composed(browser, token)
    form = check_form(browser.get(f"{url}/check"))
    world.clock.advance(SESSION_IDLE + timedelta(seconds=1))
    ended = browser.post(f"{url}/send", data=form)
    assert ended.status_code == 403
    assert world.messages() == []
    assert redeemed(browser, token).startswith(url)
    again = {**form, "csrf": field(ended, "csrf"), "nonce": field(ended, "nonce")}
    assert browser.post(f"{url}/send", data=again).status_code == 303
    assert len(world.messages()) == 1


@pytest.mark.parametrize("path", ["", "/PK-7K4Q-9M3X"])
def test_a_write_only_session_never_reaches_messages(world, browser, path):
    location = send(browser, composed(browser, world.link())).headers["location"]
    reference = location.rpartition("/")[2]
    for wanted in (path, f"/{reference}"):
        answer = browser.get(f"/fi/messages{wanted}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/fi/read")
    # Not even when its secret is offered under the reading session's name.
    browser.cookies.set("__Host-reading", browser.cookies["__Host-session"])
    assert browser.get(f"/fi/messages{path}").headers["location"] == "/fi/read"
