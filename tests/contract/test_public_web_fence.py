"""What every request passes: hosts, headers, cross-site forms, errors, probes, static files."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_network

import pytest

from secure_mail.interfaces.web.frame import Frame
from secure_mail.interfaces.web.probes import Probes
from secure_mail.interfaces.web.site import create_site
from tests.web_world import WebWorld

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.fixture
def static(tmp_path):
    folder = tmp_path / "static"
    (folder / "build").mkdir(parents=True)
    (folder / "build" / "site-1.css").write_text("body{}")
    (folder / "build" / "site-1.css.gz").write_bytes(b"packed")
    (folder / "build" / "manifest.json").write_text("{}")
    (folder / "favicon.svg").write_text("<svg/>")
    (tmp_path / "secret.css").write_text("outside")
    return folder


@pytest.fixture
def world(static):
    with ThreadPoolExecutor(2) as threads:
        yield WebWorld(threads, static=static, trusted_proxies=(ip_network("10.0.0.0/8"),))


@pytest.fixture
def browser(world):
    return world.browser()


@pytest.mark.parametrize(
    "path", ["/", "/en/", "/nothing", "/en/nothing", "/l/x", "/fi/messages", "/staff/", "/en/link"]
)
def test_headers_on_every_answer(browser, path):
    answer = browser.get(path)
    expected = {
        "content-security-policy": CSP,
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer" if path == "/l/x" else "same-origin",
    }
    assert {name: answer.headers.get(name) for name in expected} == expected
    assert answer.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize(
    "host", ["evil.example", "securemail.example.evil.example", "", "[::1]", "[::1", "a/b?c"]
)
@pytest.mark.parametrize("path", ["/en/", "/l/token", "/static/favicon.svg", "/fi/read"])
def test_a_host_header_attack_is_421(browser, host, path):
    answer = browser.get(path, headers={"host": host})
    assert answer.status_code == 421
    assert not host or host not in answer.text
    assert answer.headers["content-security-policy"] == CSP


@pytest.mark.parametrize("host", ["securemail.example", "SECUREMAIL.EXAMPLE:443"])
def test_our_host_is_answered_and_never_repeated(browser, host):
    answer = browser.get("/", headers={"host": host, "x-forwarded-host": "evil.example"})
    assert answer.headers["location"] == "/en/"
    assert browser.get("/fi", headers={"host": host}).headers["location"] == "/fi/"


def test_two_hosts_are_none(browser):
    answer = browser.get("/en/", headers=[("host", "securemail.example"), ("host", "b.example")])
    assert answer.status_code == 421


@pytest.mark.parametrize("path", ["/fi/link", "/fi/stop", "/fi/read", "/fi/sign-out", "/l/x"])
def test_a_cross_site_form_is_refused_everywhere(world, browser, path):
    answer = browser.post(path, headers={"sec-fetch-site": "cross-site"}, data={"text": "theirs"})
    assert answer.status_code == 403
    assert "theirs" not in answer.text
    assert world.store.state.registrations == {}
    assert browser.get("/fi/", headers={"sec-fetch-site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(("path", "title"), [("/fi/nothing", "Sivua ei"), ("/sv/x", "Sidan")])
def test_404_is_in_the_language_of_the_path(browser, path, title):
    answer = browser.get(path)
    assert answer.status_code == 404
    assert title in answer.text


def test_405_says_what_is_allowed(browser):
    answer = browser.post("/fi/help")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert '<html lang="fi"' in answer.text


def test_pages_for_everybody_may_be_indexed_and_no_others(browser):
    for path in ("/en/", "/fi/help", "/sv/eligibility/country"):
        assert "x-robots-tag" not in browser.get(path).headers
    for path in ("/l/x", "/fi/drafts/new/topic", "/fi/messages", "/en/link/sent"):
        assert browser.get(path).headers["x-robots-tag"] == "noindex"


def test_service_notices_are_on_every_page_and_their_failure_hides_none(world, browser):
    with world.store.units() as uow:
        said = dict.fromkeys(("en", "fi", "sv"), "Maintenance on Sunday")
        uow.notices.add(world.clock.now(), world.clock.now() + timedelta(hours=1), said)
        uow.commit()
    assert "Maintenance on Sunday" in browser.get("/en/help").text
    world.store.down = True
    answer = browser.get("/en/help")
    assert answer.status_code == 200
    assert "Maintenance" not in answer.text


def test_alive_and_ready(world, browser):
    anywhere = {"host": "10.0.0.9"}
    assert browser.get("/healthz", headers=anywhere).status_code == 200
    assert browser.get("/readyz", headers=anywhere).status_code == 200
    world.store.down = True
    assert browser.get("/healthz").status_code == 200
    assert browser.get("/readyz").status_code == 503


def test_security_txt(browser):
    text = browser.get("/.well-known/security.txt").text
    assert "Contact: https://securemail.example/en/contact" in text
    assert "Expires: 2027-03-02T09:00:00Z" in text


def test_static_files_are_cached_packed_and_of_their_folder_only(browser):
    built = browser.get("/static/build/site-1.css", headers={"accept-encoding": "identity"})
    assert built.text == "body{}"
    assert built.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert built.headers["content-type"].startswith("text/css")
    assert "no-store" not in browser.get("/static/favicon.svg").headers["cache-control"]
    for path in ("../secret.css", "%2e%2e/secret.css", "build/manifest.json", "build/", "nothing"):
        assert browser.get(f"/static/{path}").status_code == 404
    with browser.stream(
        "GET", "/static/build/site-1.css", headers={"accept-encoding": "gzip"}
    ) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        assert b"".join(packed.iter_raw()) == b"packed"


def test_a_role_alone_serves_its_own_pages_only(world):
    probes = Probes(web=world.web, pool=world.pool, clock=world.clock, check=lambda: None)
    frame = Frame(
        pages=world.frame.pages,
        texts=world.frame.texts,
        notices=lambda _language: (),
        pool=world.pool,
        web=world.web,
    )
    alone = world.browser(create_site(frame, probes))
    for path in ("/en/", "/fi/read", "/staff/", "/demo/outbox"):
        assert alone.get(path).status_code == 404
    assert alone.get("/healthz").status_code == 200


def test_limits_count_the_client_behind_our_proxy(world, browser):
    site = world.browser()
    site._transport.client = ("10.0.0.2", 1)
    asked = {"audience": "abroad", "country": "PL", "address": "maija@example.com"}
    for _ in range(10):
        site.post("/en/link", data=asked, headers={"x-forwarded-for": "203.0.113.9"})
    blocked = site.post("/en/link", data=asked, headers={"x-forwarded-for": "6.6.6.6, 203.0.113.9"})
    other = site.post("/en/link", data=asked, headers={"x-forwarded-for": "198.51.100.7"})
    assert (blocked.status_code, other.status_code) == (429, 303)
