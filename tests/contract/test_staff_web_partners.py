"""Partners and their passports on staff pages, and what was found out about a sender."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from secure_mail.domain.access import Role
from secure_mail.domain.authentication import CheckResult, Method, Reason, Result
from secure_mail.domain.partners import Certificate, Check, PartnerState
from secure_mail.domain.passports import counted
from tests.staff_web_world import StaffWeb
from tests.usecase.casework_world import ABROAD, MAIL, PARTNERS, TRIAGE

BOSS = ((Role.SUPERVISOR, ABROAD),)


@pytest.fixture
def world():
    with ThreadPoolExecutor(4) as threads:
        yield StaffWeb(threads)


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def certificate(ends):
    return Certificate(fingerprint="0123456789abcdef" * 4, pem="pem", not_after=ends)


@pytest.fixture
def court(world):
    now = world.clock.now()
    partner = world.partner(
        require=(Check.DMARC, Check.SMIME),
        addresses=("clerk@court.example",),
        certificates=(certificate(now + timedelta(days=30)),),
        until=date(2026, 12, 31),
        hourly=60,
    )
    today = world.calendar.today(now)
    with world.units() as uow:
        for held, missed, days in (
            ({Check.TLS, Check.DMARC, Check.SMIME}, set(), 1),
            ({Check.TLS}, {Check.DMARC, Check.SMIME}, 0),
            ({Check.TLS}, set(), 40),
        ):
            at = now - timedelta(days=days)
            uow.passports.note(
                counted(
                    partner.id, held=held, missed=missed, at=at, day=today - timedelta(days=days)
                )
            )
        uow.commit()
    return partner


def test_the_list_tells_state_checks_and_what_runs_out(world, court):
    world.partner(name="A stranger now", domains=("a.example",), state=PartnerState.SUSPENDED)
    browser = world.browser(world.member(grants=BOSS))
    page = text_of(browser.get("/staff/partners"))
    for words in (
        "District Court In force TLS, DMARC, S/MIME 1 March 2026 11:00",
        "The certificate 0123456789abcdef ends on 1 April 2026. Ask the partner for the new one.",
        "A stranger now Suspended",
    ):
        assert words in page
    assert "clerk@court.example" not in page


def test_a_partner_has_a_passport(world, court):
    browser = world.browser(world.member(grants=BOSS))
    page = text_of(browser.get(f"/staff/partners/{court.id}"))
    for words in (
        "In force District Court",
        "Warning The certificate 0123456789abcdef ends on 1 April 2026.",
        "Only these addresses clerk@court.example",
        "Messages in an hour at most 60",
        "Agreement until 31 December 2026",
        "TLS yes 2 0 2 March 2026 11:00 –",
        "S/MIME yes 1 1 1 March 2026 11:00 2 March 2026 11:00",
        "2 March 2026 TLS: 1 passed, 0 missed DMARC: 0 passed, 1 missed S/MIME: 0 passed, 1 missed",
        "Certificate 0123456789abcdef 1 April 2026 30",
        "Agreement 31 December 2026 304",
    ):
        assert words in page
    assert "21 January 2026" not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fi", "Varmenne 0123456789abcdef päättyy 1.4.2026. Pyydä kumppanilta uusi."),
        ("sv", "Certifikatet 0123456789abcdef löper ut 1 april 2026. Be partnern om ett nytt."),
    ],
)
def test_the_warning_is_in_the_members_language(world, court, language, words):
    browser = world.browser(world.member(grants=BOSS), language)
    assert words in text_of(browser.get(f"/staff/partners/{court.id}"))


def test_what_ended_is_said_so(world, court):
    browser = world.browser(world.member(grants=BOSS))
    world.later(days=31)
    browser = world.browser(world.member(grants=BOSS))
    page = text_of(browser.get(f"/staff/partners/{court.id}"))
    assert "ended on 1 April 2026. It proves nothing any more." in page
    assert "Certificate 0123456789abcdef 1 April 2026 ended" in page
    world.later(days=300)
    browser = world.browser(world.member(grants=BOSS))
    page = text_of(browser.get(f"/staff/partners/{court.id}"))
    assert "Agreement ended District Court" in page
    assert "The agreement ended on 31 December 2026. The partner is a stranger now." in page
    assert "No mail in the last 30 days." in page


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.SUPERVISOR, True),
        (Role.PARTNER_MANAGER, True),
        (Role.AUDITOR, True),
        (Role.OPERATOR, True),
        (Role.CASEWORKER, False),
        (Role.READER, False),
    ],
)
def test_the_registry_is_for_those_who_look_after_it(world, court, role, sees):
    browser = world.browser(world.member(grants=((role, ABROAD),)))
    status = 200 if sees else 403
    assert browser.get("/staff/partners").status_code == status
    assert browser.get(f"/staff/partners/{court.id}").status_code == status
    assert ('href="/staff/partners"' in browser.get("/staff/account").text) is sees


def test_a_partner_that_is_not_there(world):
    browser = world.browser(world.member(grants=BOSS))
    nobody = "00000000-0000-7000-8000-000000000000"
    assert browser.get(f"/staff/partners/{nobody}").status_code == 404
    assert browser.get("/staff/partners/x").status_code == 404


# -- what was found out about a sender -------------------------------------------------------------

RESULTS = (
    CheckResult(method=Method.DKIM, result=Result.FAIL, reason=Reason.BODY_CHANGED),
    CheckResult(method=Method.SPF, result=Result.PASS),
    CheckResult(method=Method.DMARC, result=Result.NONE, reason="of-a-later-version"),
)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "TLS: passed DMARC: required, but missing DKIM: failed. The text was changed after",
        ),
        (
            "fi",
            "TLS: onnistui DMARC: vaaditaan, mutta puuttuu DKIM: epäonnistui. Tekstiä on",
        ),
        ("sv", "TLS: lyckades DMARC: krävs men saknas DKIM: misslyckades. Texten har ändrats"),
    ],
)
def test_the_held_page_says_what_was_checked_and_why_it_failed(world, language, said):
    partner = world.partner(require=(Check.DMARC,))
    [message] = world.mail(MAIL, partner=str(partner.id), checks=("tls",), results=RESULTS)
    world.work()
    browser = world.browser(world.member(grants=((Role.READER, TRIAGE),)), language)
    page = text_of(browser.get(f"/staff/held/{message.id}"))
    assert said in page
    assert "of-a-later-version" not in page


def test_the_case_says_it_too(world):
    partner = world.partner(require=(Check.CLIENT_CERTIFICATE,))
    [message] = world.mail(
        partner=str(partner.id), checks=("client_certificate", "tls"), results=RESULTS[1:2]
    )
    world.work()
    browser = world.browser(world.member(grants=((Role.READER, PARTNERS),)), "fi")
    page = text_of(browser.get(f"/staff/cases/{message.reference}"))
    assert "Hyväksytyt tarkistukset: TLS, asiakasvarmenne." in page
    assert "TLS: onnistui Asiakasvarmenne: onnistui SPF: onnistui" in page
