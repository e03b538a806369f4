"""A person abroad: from an address to an answered case."""

from __future__ import annotations

import re

from tests.journey.browser import Browser, File
from tests.journey.clerk import Clerk
from tests.journey.customer import Customer, Letter, reference_of
from tests.journey.leaks import files, leaks
from tests.journey.program import Demo, text_of
from tests.unit.files_made import exif, jpeg, pdf, segment

WORDS = {
    "name": "Kyllikki-Hopeakettu",
    "subject": "Pihlajanmarjahillo",
    "text": "rantakukkapelto",
    "reply": "tunturikoivikko",
    "note": "kallioimarrevihko",
    "file": "sinivuokkoketo",
    "identity": "17 August 1961",
    "filename": "kevatpuro.pdf",
}
EVENTS = {
    "filed",
    "read",
    "downloaded",
    "claimed",
    "note",
    "replied",
    "notice-mailed",
    "answer-displayed",
}
PHOTO = jpeg(segment(0xE1, exif(1)))
PAYSLIP = pdf(after=b"% " + WORDS["file"].encode() + b" payslip " * 9000 + b"\n%%EOF\n")
FILES = (
    File(WORDS["filename"], "application/pdf", PAYSLIP),
    File("photo.jpg", "image/jpeg", PHOTO),
)
ADDRESS = "kyllikki.kettu@example.com"
LETTER = Letter(
    name=WORDS["name"],
    identity=WORDS["identity"],
    subject=WORDS["subject"],
    text=f"Good morning,\n\nmy word is {WORDS['text']}.\n",
    files=FILES,
)


def test_from_an_address_to_an_answered_case(demo: Demo, clerk: Clerk) -> None:
    customer = Customer(Browser(demo.site), demo.mails, ADDRESS)

    link = customer.ask_for_link()
    reference = write(demo, customer, link)
    message = demo.operator.settled(reference)
    assert (message["state"], message["queue"]) == ("filed", "recovery_abroad")
    case = demo.operator.case(reference)
    assert (case["queue"], case["channel"], case["mailbox"]) == (
        "recovery_abroad",
        "form",
        "ulkomaanperinta",
    )
    assert case["assurance"] == "link-confirmed"
    assert case["rule"]
    assert case["trace"]
    receipt = text_of(customer.next_mail(1))
    assert reference in receipt
    assert "http" not in receipt

    answer(demo, clerk, reference)
    notice = text_of(customer.next_mail(2))
    assert reference in notice
    assert "http" not in notice

    read(customer, reference)
    shown = clerk.open(reference)
    assert re.search(r"Read \d", shown.words), shown.words
    kinds = [event["kind"] for event in demo.operator.case(reference)["events"]]
    assert set(kinds) >= EVENTS, kinds

    nothing_leaked(demo, customer)


def write(demo: Demo, customer: Customer, link: str) -> str:
    """The customer opens the link, writes, sends: the reference."""
    browser = customer.browser
    first, second = browser.go(link), browser.go(link)
    assert first.octets == second.octets
    assert "set-cookie" not in first.headers
    assert first.headers["referrer-policy"] == "no-referrer"
    assert first.headers["cache-control"] == "no-store"
    assert "kyl…@example.com" in first.words, first.words
    assert ADDRESS not in first.words
    page = browser.submit()
    assert customer.tokens[0] not in page.url

    page = customer.compose(LETTER)
    for word in ("name", "identity", "subject", "text", "filename"):
        assert WORDS[word] in page.words, word
    unanswered = browser.submit(to="/send")
    assert unanswered.status == 422
    page = browser.submit(notify="yes")
    reference = reference_of(page)
    assert reference in page.words
    assert "ulkomaanperinta@" in page.words
    assert WORDS["filename"] in page.words
    return reference


def answer(demo: Demo, clerk: Clerk, reference: str) -> None:
    """The clerk finds it in the queue, reads it, takes it, answers."""
    page = clerk.queue("recovery_abroad")
    assert reference in page.words
    assert WORDS["subject"] in page.words
    page = clerk.open(reference)
    for word in ("name", "identity", "subject", "text", "filename"):
        assert WORDS[word] in page.words, word
    assert ADDRESS in page.words
    for file, octets in ((FILES[0], PAYSLIP), (FILES[1], None)):
        asked, received = clerk.file(reference, file.name)
        assert "scan" in asked.words.lower(), asked.words
        page = clerk.browser.page
        assert page.headers["content-disposition"].startswith("attachment")
        assert page.headers["x-content-type-options"] == "nosniff"
        # A photo arrives without where it was taken.
        assert received == octets if octets else len(received) < len(PHOTO)

    clerk.take(reference)
    page = clerk.open(reference)
    clerk.browser.submit(to="/notes", note=WORDS["note"])
    page = clerk.reply(reference, f"Dear customer, {WORDS['reply']}.")
    assert WORDS["reply"] in page.words
    assert WORDS["note"] in page.words
    assert demo.operator.case(reference)["state"] == "closed"


def read(customer: Customer, reference: str) -> None:
    """The customer reads the answer, and nothing but it."""
    customer.browser = Browser(customer.browser.site)
    code = customer.ask_for_code()
    wrong = customer.browser.submit(code=f"{(int(code) + 1) % 10**8:08}")
    assert wrong.status == 422
    page = customer.browser.submit(code=code)
    assert reference in page.words
    page = customer.browser.go(f"/en/messages/{reference}")
    assert page.status == 200
    assert WORDS["reply"] in page.words
    for word in ("text", "note", "identity"):
        assert WORDS[word] not in page.words


def nothing_leaked(demo: Demo, customer: Customer) -> None:
    words, told = WORDS.values(), [*customer.tokens, ADDRESS]
    assert len(customer.tokens) == 2
    assert not leaks(words, files(demo.data, *demo.logs))
    assert not leaks(told, files(*demo.logs))
    stored = (demo.data / "secure-mail.db", demo.data / "secure-mail.db-wal", demo.data / "blobs")
    assert not leaks(told, files(*stored))
    staff = demo.facts["staff"]
    assert not leaks([staff["password"], staff["totp_secret"]], files(demo.logs[1], *stored))
