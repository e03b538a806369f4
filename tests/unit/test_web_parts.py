"""The small parts of the web door: who asks, in which language, with which cookie and form."""

from ipaddress import ip_network
from uuid import UUID

import pytest
from starlette.requests import Request
from starlette.responses import Response

from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.sealing import BrowserSecret
from secure_mail.interfaces.web import csrf
from secure_mail.interfaces.web.access_log import scrubbed
from secure_mail.interfaces.web.client import client_of, right_most
from secure_mail.interfaces.web.config import WebConfig
from secure_mail.interfaces.web.cookies import Jar, octets_text, secret_of, secret_text
from secure_mail.interfaces.web.forms import FormTooLargeError, parsed
from secure_mail.interfaces.web.language import preferred
from secure_mail.interfaces.web.public.draft_keys import DraftKey, read_keys, written
from secure_mail.interfaces.web.public.slips import suggestion
from secure_mail.interfaces.web.public.waiting import Waiting
from secure_mail.interfaces.web.reading.asking import Asking

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48"))
SECRET, OTHER = BrowserSecret(b"1" * 32), BrowserSecret(b"2" * 32)


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        (["203.0.113.9", "10.1.2.3"], "203.0.113.9"),
        (["6.6.6.6", "203.0.113.9", "10.9.9.9", "10.1.2.3"], "203.0.113.9"),
        (["6.6.6.6", "203.0.113.9"], "203.0.113.9"),
        (["", "203.0.113.9"], "203.0.113.9"),
        (["10.0.0.1", "10.0.0.2"], "10.0.0.1"),
        (["nonsense", "10.0.0.2"], "10.0.0.2"),
        (["[2001:db8:2::7]:443", "2001:db8:1::1"], "2001:db8:2::7"),
        (["203.0.113.9:55000", "::ffff:10.0.0.2"], "203.0.113.9"),
        ([], "0.0.0.0"),
    ],
)
def test_the_client_is_the_right_most_that_is_no_proxy_of_ours(chain, client):
    assert right_most(chain, PROXIES) == client


def test_without_proxies_a_forwarded_header_says_nothing():
    request = a_request({"x-forwarded-for": "6.6.6.6"}, client=("203.0.113.9", 1))
    assert client_of(request, WebConfig(base_url="https://a.example")) == "203.0.113.9"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("fi", "fi"),
        ("sv-FI,fi;q=0.8", "sv"),
        ("de,en;q=0.2,fi;q=0.8", "fi"),
        ("fi;q=0, sv;q=0.1", "sv"),
        ("*", "en"),
        ("fi;q=x", "en"),
        ("", "en"),
    ],
)
def test_the_language_that_a_browser_prefers(accepted, language):
    assert preferred(accepted) == language


def test_cookies_are_host_bound_on_https_and_plain_on_loopback_only():
    answer = Response()
    Jar.of(WebConfig(base_url="https://a.example")).put(answer, "session", "x")
    Jar.of(WebConfig(base_url="http://127.0.0.1:8080")).put(answer, "session", "x")
    bound, plain = (value for name, value in answer.headers.items() if name == "set-cookie")
    assert bound == "__Host-session=x; HttpOnly; Path=/; SameSite=lax; Secure"
    assert plain == "session=x; HttpOnly; Path=/; SameSite=lax"
    with pytest.raises(ValueError, match="https"):
        WebConfig(base_url="http://securemail.example")


def test_the_token_of_a_form_belongs_to_one_secret():
    token = csrf.token(SECRET)
    assert csrf.holds(token, None, SECRET)
    assert not csrf.holds(token, OTHER, None)
    assert not csrf.holds("", SECRET)
    assert not csrf.holds("ä�", SECRET)


def test_drafts_of_a_browser_survive_nonsense():
    keys = tuple(DraftKey(draft_id=UUID(int=number), secret=SECRET) for number in range(8))
    assert read_keys(written(keys)) == keys[:6]
    assert read_keys(f"nonsense~{written(keys[:1])}~.~x.y") == keys[:1]
    assert read_keys(None) == ()
    assert secret_of(secret_text(SECRET)) == SECRET
    assert secret_of("short") is None
    for broken in ("", "e30", "bm9uc2Vuc2U", "WyJ4Il0", "ä"):
        assert Waiting.from_cookie(broken) is None


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"secret":['])
def test_a_cookie_of_thousands_of_brackets_is_no_defect(opening):
    deep = octets_text(opening * 5000)
    assert Waiting.from_cookie(deep) is None
    assert Asking.from_cookie(deep) is None


def test_forms_are_read_as_browsers_write_them():
    form = parsed(b"text=a%0D%0Ab+%C3%A4%00&name=+x%0Ay+&name=2&odd=%FF")
    assert form.text("text") == "a\nb ä"
    assert form.line("name") == "x y"
    assert form.text("odd") == "�"
    assert form.text("absent") == ""
    assert "odd" in form
    with pytest.raises(FormTooLargeError):
        parsed(b"&".join(b"a=1" for _ in range(300)))
    assert "Words" not in repr(parsed(b"text=Words"))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/l/" + "t" * 43, "/l/…"),
        ("/l/x/anything", "/l/…"),
        ("/fi/drafts/00000000-0009-7000-be04-c31037730edf/about",
         "/fi/drafts/00000000-0009-7000-be04-c31037730edf/about"),
        ("/staff/set-up/" + "s" * 43, "/staff/set-up/…"),
        ("/fi/maija@example.com\n", "/fi/maija…example.com…"),
    ],
)  # fmt: skip
def test_no_token_and_no_address_reaches_the_access_log(path, shown):
    assert scrubbed(path) == shown


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmal.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("outlok.com", "outlook.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.com", None),
        ("example.com", None),
        ("gmx.dk", None),
    ],
)
def test_slips_of_the_keyboard(typed, meant):
    found = suggestion(EmailAddress("maija", typed))
    assert found == (EmailAddress("maija", meant) if meant else None)


def a_request(headers, client):
    return Request(
        {
            "type": "http",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": client,
        }
    )
