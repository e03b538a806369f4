"""Writing a message step by step: nothing typed is lost, nobody else can read it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from secure_mail.domain.links import SESSION_IDLE
from tests.usecase.links_world import LIFE, PARTNER, EmailAddress
from tests.web_world import (
    IDENTITY,
    NAME,
    SUBJECT,
    TEXT,
    WebWorld,
    check_form,
    composed,
    field,
    onward,
    redeemed,
    send,
    step,
)


@pytest.fixture
def world():
    with ThreadPoolExecutor(2) as threads:
        yield WebWorld(threads)


@pytest.fixture
def browser(world):
    return world.browser()


def at_message(browser, token):
    """The address of the message's page of a draft that has everything before it."""
    url = onward(browser, redeemed(browser, token), topic="benefit_recovery")
    url = onward(browser, url, purpose="question")
    url = onward(browser, url, who="self")
    return onward(browser, url, name=NAME, identity=IDENTITY, letter_reference="")


def test_the_steps_lead_to_the_check(world, browser):
    url = composed(browser, world.link())
    check = browser.get(f"{url}/check")
    for said in (NAME, IDENTITY, SUBJECT, "50 euros", "mai…@example.com"):
        assert said in check.text
    assert check.headers["cache-control"] == "no-store"
    assert check.headers["x-robots-tag"] == "noindex"
    assert len(world.drafts()) == 1


def test_what_is_stored_cannot_be_read(world, browser):
    composed(browser, world.link())
    stored = repr(world.store.state).encode() + b"".join(
        draft.composition or b"" for draft in world.drafts()
    )
    for secret in (NAME, IDENTITY, SUBJECT, "50 euros"):
        assert secret.encode() not in stored


@pytest.mark.parametrize(
    ("page", "typed", "errors"),
    [
        ("new/topic", {}, ["#topic"]),
        ("new/topic", {"topic": "no such topic"}, ["#topic"]),
    ],
)
def test_a_step_without_an_answer_is_the_same_page(world, browser, page, typed, errors):
    redeemed(browser, world.link())
    answer = step(browser, f"/fi/drafts/{page}", **typed)
    assert answer.status_code == 422
    for error in errors:
        assert f'href="{error}"' in answer.text
    assert world.drafts() == []


def test_422_keeps_values_of_the_message(world, browser):
    url = at_message(browser, world.link())
    answer = step(browser, url, subject="Payment of 131052-308T", text=TEXT)
    assert answer.status_code == 422
    assert "henkilötunnus" in answer.text
    assert "Payment of 131052-308T" in answer.text
    assert TEXT.splitlines()[1] in answer.text
    fixed = browser.post(
        url,
        data={"csrf": field(answer, "csrf"), "subject": "Payment of 131052-308T", "text": TEXT,
              "fix": "1"},
    )  # fmt: skip
    assert fixed.status_code == 303
    assert "131052-308T" not in browser.get(url).text
    assert 'value="Payment of"' in browser.get(url).text


@pytest.mark.parametrize(
    ("subject", "text", "said"),
    [
        ("", TEXT, 'href="#subject"'),
        ("x" * 121, TEXT, 'href="#subject"'),
        ("To FI21 1234 5600 0007 85", TEXT, 'href="#subject"'),
        (SUBJECT, "", 'href="#text"'),
        (SUBJECT, "x" * 20_001, 'href="#text"'),
    ],
)
def test_what_is_wrong_with_a_message_is_said_beside_it(world, browser, subject, text, said):
    answer = step(browser, at_message(browser, world.link()), subject=subject, text=text)
    assert answer.status_code == 422
    assert said in answer.text


def test_another_persons_matter_asks_for_that_persons_data(world, browser):
    url = onward(browser, redeemed(browser, world.link()), topic="benefit_recovery")
    url = onward(browser, url, purpose="question")
    other = onward(browser, url, who="other")
    assert other.endswith("/about?for=other")
    assert "Kenen velasta" in browser.get(other).text
    assert step(browser, other, name="", identity="").status_code == 422
    onward(browser, other, name=NAME, identity=IDENTITY)
    # Another answer to "whose" is another person: nothing is carried over.
    own = onward(browser, other.partition("?")[0], who="self")
    assert NAME not in browser.get(own).text


def test_a_partner_is_asked_for_less_and_sees_other_topics(world, browser):
    world.register_partner()
    address = EmailAddress.parse("clerk@institution.example")
    url = redeemed(browser, world.link(address=address, declaration=PARTNER))
    assert "eu_883_2004" in browser.get(url).text
    url = onward(browser, url, topic="eu_883_2004")
    while not url.endswith("/about"):
        url = onward(browser, url, purpose="request")
    assert 'name="identity"' not in browser.get(url).text
    url = onward(browser, url, name="A clerk", letter_reference="7")
    url = onward(browser, url, subject=SUBJECT, text=TEXT)
    assert send(browser, url.removesuffix("/files")).status_code == 303


def test_changing_an_answer_comes_back_to_the_check(world, browser):
    url = composed(browser, world.link())
    change = onward(browser, f"{url}/message?change=1", subject="Another", text=TEXT)
    assert change == f"{url}/check"
    who = onward(browser, f"{url}/about?change=1", who="self")
    assert who == f"{url}/about?for=self&change=1"
    assert onward(browser, who, name="Other Name", identity=IDENTITY) == f"{url}/check"
    assert "Other Name" in browser.get(f"{url}/check").text


def test_a_step_cannot_be_skipped(world, browser):
    url = onward(browser, redeemed(browser, world.link()), topic="benefit_recovery")
    base = url.rpartition("/")[0]
    for later in ("message", "files", "check"):
        answer = browser.get(f"{base}/{later}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{base}/purpose")


def test_a_form_of_another_session_is_refused_and_its_text_kept(world, browser):
    url = at_message(browser, world.link())
    answer = browser.post(url, data={"csrf": "forged", "subject": SUBJECT, "text": TEXT})
    assert answer.status_code == 403
    assert "I can pay 50 euros" in answer.text
    assert SUBJECT not in browser.get(url).text


def test_a_session_ended_post_keeps_the_text(world, browser):
    url = at_message(browser, world.link())
    form = {"csrf": field(browser.get(url), "csrf"), "subject": SUBJECT, "text": TEXT}
    world.clock.advance(SESSION_IDLE)
    answer = browser.post(url, data=form)
    assert answer.status_code == 403
    assert "I can pay 50 euros a month." in answer.text
    assert f'value="{SUBJECT}"' in answer.text
    assert "Viestiäsi ei ole lähetetty" in answer.text
    assert browser.get(url).status_code == 403


@pytest.mark.parametrize(
    ("page", "typed", "kept"),
    [
        ("topic", {"topic": "student_loan"}, 'value="student_loan" checked'),
        ("purpose", {"purpose": "documents"}, 'value="documents" checked'),
        ("about", {"who": "other"}, 'value="other" checked'),
        ("about?for=other", {"name": NAME, "identity": IDENTITY}, NAME),
        ("send", {"notify": "no", "nonce": "5-0"}, 'value="no" checked'),
    ],
)
def test_every_step_keeps_its_answer_after_the_session(world, browser, page, typed, kept):
    url = composed(browser, world.link())
    world.clock.advance(SESSION_IDLE)
    answer = browser.post(f"{url}/{page}", data={"csrf": "", **typed})
    assert answer.status_code == 403
    assert kept in answer.text


def test_the_same_link_in_this_browser_goes_on_at_once(world, browser):
    token = world.link()
    url = at_message(browser, token)
    old = {"csrf": field(browser.get(url), "csrf"), "subject": SUBJECT, "text": TEXT}
    world.clock.advance(SESSION_IDLE)
    kept = browser.post(url, data=old)
    assert redeemed(browser, token) == url
    # The page that was left open in the other window is good again as well.
    again = {"csrf": field(kept, "csrf"), "subject": SUBJECT, "text": TEXT}
    assert browser.post(url, data=again).headers["location"] == url.replace("message", "files")
    world.clock.advance(SESSION_IDLE)
    assert redeemed(browser, token).endswith("/files")


def test_a_draft_is_unreadable_with_the_link_alone(world, browser):
    token = world.link()
    url = composed(browser, token)
    stranger = world.browser()
    assert "keskeneräinen" in stranger.get(f"/l/{token}").text
    assert redeemed(stranger, token) == "/fi/drafts/found"
    found = stranger.get("/fi/drafts/found")
    assert found.status_code == 200
    for page in ("topic", "message", "files", "check"):
        answer = stranger.get(f"{url}/{page}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/fi/drafts/found")
    assert SUBJECT not in found.text
    # It may write another one.
    new = stranger.post("/fi/drafts", data={"csrf": field(found, "csrf"), "new": "1"})
    assert new.headers["location"] == "/fi/drafts/new/topic"


def test_a_new_link_takes_what_was_typed_under_the_old_one(world, browser):
    url = at_message(browser, world.link())
    world.clock.advance(LIFE)
    old = {"csrf": "", "subject": SUBJECT, "text": TEXT}
    kept = browser.post(url, data=old)
    assert "I can pay 50 euros" in kept.text
    redeemed(browser, world.link())
    answer = browser.post(url, data={**old, "csrf": field(kept, "csrf")})
    assert answer.status_code == 303
    topic = browser.get(answer.headers["location"]).headers["location"]
    assert topic.endswith("/topic")
    url = onward(browser, topic, topic="student_loan")
    url = onward(browser, url, purpose="question")
    url = onward(browser, url, who="self")
    url = onward(browser, url, name=NAME, identity=IDENTITY)
    assert "I can pay 50 euros" in browser.get(url).text


def test_only_three_messages_are_unfinished_at_once(world, browser):
    token = world.link()
    for _ in range(3):
        composed(browser, token)
        browser.cookies.clear()
    url = redeemed(browser, token)
    assert url == "/fi/drafts/found"
    answer = step(browser, "/fi/drafts/new/topic", topic="benefit_recovery")
    assert answer.status_code == 422
    assert 'href="#topic"' in answer.text


def test_a_form_served_in_the_links_life_is_sent_in_its_grace(world, browser):
    token = world.link()
    world.clock.advance(LIFE - timedelta(minutes=5))
    url = composed(browser, token)
    form = check_form(browser.get(f"{url}/check"))
    world.clock.advance(timedelta(minutes=20))
    assert browser.get(f"{url}/message").status_code == 403
    answer = browser.post(f"{url}/send", data=form)
    assert answer.status_code == 303
    (message,) = world.messages()
    assert message.grace
    assert browser.get(answer.headers["location"]).status_code == 200
