"""Setting up, signing in and out; what ends a session, and what becomes of what was written."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from secure_mail.application.ports.store import StoreDownError
from secure_mail.domain.access import Role
from secure_mail.domain.links import SESSION_IDLE
from secure_mail.interfaces.web.staff.entrance import FAILURES
from tests.staff_web_world import PASSWORD, StaffWeb, led, post, token
from tests.usecase.casework_world import ABROAD
from tests.web_world import field

COOKIE = "__Host-staff"


@pytest.fixture
def world():
    with ThreadPoolExecutor(2) as threads:
        yield StaffWeb(threads)


@pytest.fixture
def clerk(world):
    return world.member()


def signing_in(world, browser, clerk, secret, **changes):
    typed = {"email": clerk.email, "password": PASSWORD, "code": world.code(secret)}
    return browser.post("/staff/sign-in", data={**typed, **changes})


def test_a_one_time_address_leads_to_an_account(world):
    invitation = world.accounts.init("clerk@kela.example", "Sample Clerk", [ABROAD])
    browser, url = world.visitor(), f"/staff/set-up/{invitation.token}"
    assert "Sample Clerk" in browser.get(url).text
    short = browser.post(url, data={"password": "short", "password_again": "short"})
    assert short.status_code == 422
    unlike = browser.post(url, data={"password": PASSWORD, "password_again": "other"})
    assert (unlike.status_code, "password_again" in unlike.text) == (422, True)
    both = {"password": PASSWORD, "password_again": PASSWORD}
    assert led(browser.post(url, data=both)) == f"{url}/code"
    page = browser.get(f"{url}/code")
    assert f'src="{url}/qr.svg"' in page.text
    picture = browser.get(f"{url}/qr.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert browser.post(f"{url}/code", data={"code": "1"}).status_code == 422
    code = world.code("SECRET1")
    assert browser.post(f"{url}/code", data={"code": code}).status_code == 200
    for dead in (browser.get(url), browser.get(f"{url}/qr.svg"), browser.post(url, data=both)):
        assert dead.status_code == 404
    typed = {"email": "clerk@kela.example", "password": PASSWORD, "code": world.code("SECRET1")}
    assert led(browser.post("/staff/sign-in", data=typed)) == "/staff/"
    assert browser.get("/staff/").status_code == 200


def test_nothing_tells_what_was_wrong(world, clerk):
    secret = world.account(clerk)
    wrong = (
        {"email": "nobody@kela.example"},
        {"password": "wrong"},
        {"code": "000000"},
        {"code": ""},
        {"password": ""},
    )
    answers = [signing_in(world, world.visitor(), clerk, secret, **each) for each in wrong]
    assert {answer.status_code for answer in answers} == {422}
    same = {answer.text.replace("nobody@kela.example", clerk.email) for answer in answers}
    assert len(same) == 1
    assert PASSWORD not in same.pop()
    assert all(COOKIE not in answer.headers.get("set-cookie", "") for answer in answers)


def test_wrong_passwords_make_a_place_wait_and_not_the_account(world, clerk):
    secret, stranger = world.account(clerk), world.visitor()
    answers = [
        signing_in(world, stranger, clerk, secret, password="wrong") for _ in range(FAILURES + 1)
    ]
    assert {(one.status_code, one.text) for one in answers} == {(422, answers[0].text)}
    asked = world.passwords.asked
    upper = {"email": clerk.email.upper()}
    for changes in ({}, upper):
        right = signing_in(world, stranger, clerk, secret, **changes)
        assert (right.status_code, COOKIE in right.headers.get("set-cookie", "")) == (422, False)
    assert world.passwords.asked == asked == FAILURES
    other = world.member("Another Clerk")
    assert led(signing_in(world, stranger, other, world.account(other))) == "/staff/"
    elsewhere = world.visitor(client=("203.0.113.9", 1))
    assert led(signing_in(world, elsewhere, clerk, secret)) == "/staff/"


def test_the_cookie_is_for_this_host_and_for_http_alone(world, clerk):
    answer = signing_in(world, world.visitor(), clerk, world.account(clerk))
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("__host-staff=")
    for word in ("secure", "httponly", "path=/", "samesite=lax"):
        assert word in cookie
    assert "max-age" not in cookie


def test_a_new_session_ends_the_browsers_earlier_one(world, clerk):
    browser = world.browser(clerk)
    earlier = browser.cookies[COOKIE]
    signing_in(world, browser, clerk, "SECRET1")
    browser.cookies.set(COOKIE, earlier, domain="securemail.example")
    other = world.visitor()
    other.cookies.set(COOKIE, earlier, domain="securemail.example")
    assert led(other.get("/staff/")) == "/staff/sign-in"


def test_signing_out_ends_the_session_and_clears_the_cookie(world, clerk):
    browser = world.browser(clerk)
    kept = browser.cookies[COOKIE]
    answer = post(browser, "/staff/sign-out")
    assert led(answer) == "/staff/sign-in"
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    browser.cookies.set(COOKIE, kept, domain="securemail.example")
    assert led(browser.get("/staff/")) == "/staff/sign-in"


@pytest.mark.parametrize(
    "path",
    [
        "/staff/queues/recovery_abroad?state=new",
        "/staff/held",
        "/staff/members",
        "/staff/account",
        "/staff/cases/PK-7K4Q-9M3X",
    ],
)
def test_without_a_session_every_page_asks_to_sign_in_and_goes_on_from_there(world, clerk, path):
    browser = world.visitor()
    asked = led(browser.get(path))
    assert asked.startswith("/staff/sign-in?next=")
    page = browser.get(asked)
    assert field(page, "next") == path
    answer = signing_in(world, browser, clerk, world.account(clerk), next=field(page, "next"))
    assert led(answer) == path


@pytest.mark.parametrize(
    "next_", ["https://evil.example/", "//evil.example", "/staff/\\evil", "/en/", "/staff/../x\n"]
)
def test_signing_in_leads_to_our_own_pages_only(world, clerk, next_):
    answer = signing_in(world, world.visitor(), clerk, world.account(clerk), next=next_)
    assert led(answer) == "/staff/"


def test_an_idle_session_ends_and_an_unsent_answer_comes_back_after_signing_in(world, clerk):
    case = world.filed()
    browser = world.browser(clerk)
    fields = {"csrf": token(browser), "version": "1", "identified": "not", "text": "My long answer"}
    world.clock.advance(SESSION_IDLE)
    ended = browser.post(f"/staff/cases/{case.reference}/replies", data=fields)
    assert ended.status_code == 403
    assert "My long answer" in ended.text
    carried = {name: field(ended, name) for name in ("next", "what")}
    wrong = signing_in(world, browser, clerk, "SECRET1", code="0", kept="My long answer", **carried)
    assert (wrong.status_code, "My long answer" in wrong.text) == (422, True)
    back = signing_in(world, browser, clerk, "SECRET1", kept="My long answer", **carried)
    assert back.status_code == 200
    assert ">My long answer</textarea>" in back.text
    assert field(back, "csrf") == token(browser)
    assert world.store.state.replies == {}


def test_a_disabled_members_next_click_asks_to_sign_in(world, clerk):
    browser = world.browser(clerk)
    world.accounts.disable(clerk.email)
    assert led(browser.get("/staff/")) == "/staff/sign-in"


def test_another_sites_form_is_refused(world, clerk):
    browser = world.browser(clerk)
    for site in ("cross-site", "same-site"):
        headers = {"sec-fetch-site": site}
        form = {"csrf": token(browser), "language": "sv"}
        answer = browser.post("/staff/account", data=form, headers=headers)
        assert answer.status_code == 403
    assert world.store.state.staff[clerk.id].language == "en"


@pytest.mark.parametrize("wrong", ["", "made-up"])
def test_a_form_of_another_session_is_refused_and_its_text_kept(world, clerk, wrong):
    case, browser = world.filed(), world.browser(clerk)
    fields = {"csrf": wrong, "version": "1", "note": "My note"}
    answer = browser.post(f"/staff/cases/{case.reference}/notes", data=fields)
    assert (answer.status_code, "My note" in answer.text) == (403, True)
    assert clerk.name in answer.text
    assert browser.post("/staff/sign-out", data={"csrf": wrong}).status_code == 403
    assert world.events(case) == ["filed"]


def test_the_database_away_is_a_page_that_keeps_the_text(world, clerk):
    case, browser = world.filed(), world.browser(clerk)
    fields = {"csrf": token(browser), "version": "1", "text": "My answer", "identified": "not"}
    world.store.down = True
    answer = browser.post(f"/staff/cases/{case.reference}/replies", data=fields)
    assert (answer.status_code, "My answer" in answer.text) == (503, True)


def test_a_defect_is_a_page_with_a_number_and_the_text(world, clerk):
    def broken(*_):
        raise ZeroDivisionError("secret words")

    site = world.served(add_note=broken)
    case, browser = world.filed(), world.browser(clerk, site=site)
    answer = post(browser, f"/staff/cases/{case.reference}/notes", version="1", note="My note")
    assert (answer.status_code, "My note" in answer.text) == (500, True)
    assert "secret words" not in answer.text


def test_the_store_down_while_the_owner_is_looked_for_is_still_a_no(world):
    def down(*_):
        raise StoreDownError("down")

    stranger = world.member(grants=())
    site = world.served(list_colleagues=down)
    answer = world.browser(stranger, site=site).get(f"/staff/queues/{ABROAD}")
    assert answer.status_code == 403


def test_pages_speak_the_members_language_and_a_change_counts_at_once(world, clerk):
    browser = world.browser(clerk, "fi")
    assert '<html lang="fi"' in browser.get("/staff/", headers={"accept-language": "sv"}).text
    assert led(post(browser, "/staff/account", language="sv")) == "/staff/account?done=saved"
    assert '<html lang="sv"' in browser.get("/staff/account?done=saved").text
    post(browser, "/staff/account", language="xx")
    assert '<html lang="sv"' in browser.get("/staff/").text


@pytest.mark.parametrize("path", ["/staff/", "/staff/sign-in", "/staff/nothing"])
def test_every_answer_carries_the_headers(world, clerk, path):
    answer = world.browser(clerk).get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_set_up_address_is_told_to_no_other_page(world):
    invitation = world.accounts.add("new@kela.example", "New", Role.READER, [ABROAD])
    url, browser = f"/staff/set-up/{invitation.token}", world.visitor()
    both = {"password": PASSWORD, "password_again": PASSWORD}
    for answer in (
        browser.get(url),
        browser.post(url, data=both),
        browser.get(f"{url}/code"),
        browser.get(f"{url}/qr.svg"),
        browser.get("/staff/set-up/made-up"),
    ):
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert browser.get("/staff/sign-in").headers["referrer-policy"] == "same-origin"


def test_what_is_not_there_is_a_page(world, clerk):
    browser = world.browser(clerk)
    for path in ("/staff/nothing", "/staff/cases/xx", "/staff/cases/PK-7K4Q-9M3X",
                 "/staff/queues/nowhere", "/staff/held/1"):  # fmt: skip
        assert browser.get(path).status_code == 404, path
    assert browser.post("/staff/", data={"csrf": token(browser)}).status_code == 405


def test_members_are_looked_after_by_supervisors(world, clerk):
    boss = world.member("Sample Supervisor", grants=((Role.SUPERVISOR, ABROAD),))
    browser = world.browser(boss)
    world.accounts.grant(clerk.email, Role.SUPERVISOR, [ABROAD])
    world.accounts.grant(boss.email, Role.READER, [ABROAD])
    world.accounts.reset(clerk.email)
    page = browser.get("/staff/members")
    for word in (clerk.email, "Sample Supervisor", "Another supervisor must confirm"):
        assert word in page.text
    mine, theirs = sorted(
        (one for one in world.store.state.grants.values() if one.state.value == "pending"),
        key=lambda one: one.staff_id != boss.id,
    )
    confirm = f"/staff/members/grants/{theirs.id}/confirm"
    assert led(post(browser, confirm)) == "/staff/members?done=confirmed"
    own = post(browser, f"/staff/members/grants/{mine.id}/confirm")
    assert own.status_code == 403
    end = f"/staff/members/grants/{mine.id}/end"
    assert led(post(browser, end)) == "/staff/members?done=declined"
    reset = f"/staff/members/{clerk.id}/confirm-reset"
    assert led(post(browser, reset)) == "/staff/members?done=confirmed"
    assert world.store.state.staff[clerk.id].setup_confirmed
    assert world.browser(world.member()).get("/staff/members").status_code == 403


def test_a_session_in_use_lasts(world, clerk):
    browser = world.browser(clerk)
    for _ in range(5):
        world.clock.advance(SESSION_IDLE - timedelta(minutes=1))
        assert browser.get("/staff/").status_code == 200
