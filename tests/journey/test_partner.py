"""Partner organisations by SMTP over TLS: the right queue, one content, or the right refusal."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from email.policy import SMTP

import pytest

from tests.journey.browser import Browser
from tests.journey.clerk import Clerk
from tests.journey.leaks import files, leaks
from tests.journey.partner import COURT, INSTITUTION, connected, letter, send
from tests.journey.program import Demo, text_of, until

STRANGER = "somebody@stranger.example"


def test_a_court_writes_about_a_debt_adjustment(demo: Demo, clerk: Clerk) -> None:
    words = ("lumikkotarhuri", "Halavapuisto")
    text = f"Velkajärjestely vahvistettiin. {words[0]}\n"
    (reference,) = send(demo.smtp, letter(COURT, "velkajarjestelyt", subject=words[1], text=text))
    message = demo.operator.settled(reference)
    assert (message["state"], message["queue"], message["channel"]) == (
        "filed",
        "debt_adjustment",
        "smtp",
    )
    assert demo.operator.case(reference)["assurance"] == "smtp-partner"

    receipts = until(
        lambda: [mail for mail in demo.mails(COURT) if reference in text_of(mail)], "a receipt"
    )
    assert len(receipts) == 1
    assert receipts[0]["Auto-Submitted"] == "auto-generated"
    assert "http" not in text_of(receipts[0])
    page = clerk.queue("debt_adjustment")
    assert words[1] in page.words
    page = clerk.open(reference)
    assert words[0] in page.words
    assert "Sample District Court" in page.words
    assert not leaks(words, files(demo.data, *demo.logs))
    assert not leaks([COURT], files(*demo.logs))


@pytest.mark.parametrize(
    ("subject", "queue"),
    [("Recovery under Regulation (EC) No 883/2004", "eu_883_2004"), ("Puhelinaika", "partners")],
)
def test_what_the_subject_says_decides_the_queue_of_the_general_mailbox(
    demo: Demo, subject: str, queue: str
) -> None:
    mail = letter(INSTITUTION, "perintakeskus", subject=subject, text="Hei.\n")
    (reference,) = send(demo.smtp, mail)
    assert demo.operator.settled(reference)["queue"] == queue


def test_one_text_to_two_mailboxes_is_two_messages_and_one_content(demo: Demo) -> None:
    mail = letter(
        COURT, "velkajarjestelyt", "perintakeskus", subject="Kaksi laatikkoa", text="Sama.\n"
    )
    first, second = send(demo.smtp, mail)
    assert first != second
    queues = {demo.operator.settled(reference)["queue"] for reference in (first, second)}
    assert queues == {"debt_adjustment", "partners"}
    database = sqlite3.connect(f"file:{demo.data}/secure-mail.db?mode=ro", uri=True)
    with closing(database):
        contents = database.execute(
            "SELECT DISTINCT hex(content_id) FROM message WHERE reference IN (?, ?)",
            (first, second),
        ).fetchall()
    assert len(contents) == 1


def test_the_same_mail_again_is_the_same_message(demo: Demo) -> None:
    mail = letter(COURT, "perintakeskus", subject="Uudelleen", text="Sama sana.\n")
    assert send(demo.smtp, mail) == send(demo.smtp, mail)


def test_the_same_text_from_two_people_is_two_messages(demo: Demo) -> None:
    ours = letter(COURT, "perintakeskus", subject="Yhteinen", text="Yhteiset sanat.\n")
    theirs = letter(INSTITUTION, "perintakeskus", subject="Yhteinen", text="Yhteiset sanat.\n")
    assert send(demo.smtp, ours) != send(demo.smtp, theirs)


def refused(
    demo: Demo, sender: str, recipient: str, *, tls: bool = True
) -> tuple[int, tuple[str, ...]]:
    """The door's reply to RCPT, or to MAIL when it does not come so far."""
    with connected(demo.smtp, tls=tls) as client:
        client.ehlo()
        code, words = client.mail(sender)
        if code == 250:
            code, words = client.rcpt(recipient)
    return code, tuple(words.decode().split("\n"))


def test_an_ineligible_sender_is_told_the_right_way_in_three_languages(demo: Demo) -> None:
    code, lines = refused(demo, STRANGER, "perintakeskus@kela.fi")
    assert code == 550
    assert len(lines) == 4
    assert all(line.startswith("5.7.1 ") for line in lines)
    host = demo.site.partition("//")[2]
    assert f"https://{host}/" in lines[1]
    assert lines[2].startswith("5.7.1 FI: ")
    assert lines[3].startswith("5.7.1 SV: ")


@pytest.mark.parametrize(
    ("recipient", "tls", "expected"),
    [
        ("nobody@kela.fi", True, (550, "5.1.1 No such mailbox here")),
        ("perintakeskus@elsewhere.example", True, (550, "5.7.1 Relaying denied")),
        ("perintakeskus@kela.fi", False, (530, "5.7.0 Must issue a STARTTLS command first")),
    ],
)
def test_the_door_refuses_what_is_not_ours(
    demo: Demo, recipient: str, *, tls: bool, expected: tuple[int, str]
) -> None:
    code, lines = refused(demo, COURT, recipient, tls=tls)
    assert (code, lines[0]) == expected


def test_a_letter_in_the_name_of_another_is_refused_and_nothing_is_kept(demo: Demo) -> None:
    before = len(demo.operator.messages())
    mail = letter(STRANGER, "perintakeskus", subject="Kuka", text="Kuka kirjoittaa?\n")
    with connected(demo.smtp) as client:
        client.mail(COURT)
        client.rcpt("perintakeskus@kela.fi")
        code, words = client.data(mail.as_bytes(policy=SMTP))
    assert code == 550
    assert words.startswith(b"5.7.1 ")
    assert len(demo.operator.messages()) == before


def test_no_mail_answers_a_stranger(demo: Demo) -> None:
    refused(demo, STRANGER, "perintakeskus@kela.fi")
    assert not demo.mails(STRANGER)


@pytest.mark.parametrize(
    ("audience", "country", "path", "words"),
    [
        ("e-service", "", "/en/eligibility/e-service", "OmaKela"),
        ("eidas", "", "/en/eligibility/eidas", "eIDAS"),
        ("abroad", "FI", "/en/eligibility/other", "+358 20 634 4940"),
        ("abroad", "AX", "/en/eligibility/other", "+358 20 634 4940"),
        ("none", "", "/en/eligibility/other", "+358 20 634 4940"),
    ],
)
def test_whoever_has_another_way_is_shown_it(
    demo: Demo, audience: str, country: str, path: str, words: str
) -> None:
    browser = Browser(demo.site)
    browser.go("/en/eligibility")
    page = browser.submit(audience=audience)
    if country:
        page = browser.submit(country=country)
    assert page.path == path
    assert words in page.words
    assert not any("address" in form.names for form in page.forms)
