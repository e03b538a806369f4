"""The database does not answer while somebody sends: nothing is lost, nothing is promised."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.policy import SMTP
from pathlib import Path

import pytest

from tests.journey.browser import Browser
from tests.journey.customer import Customer, Letter, reference_of
from tests.journey.leaks import files, leaks
from tests.journey.partner import COURT, connected, letter, send
from tests.journey.program import Demo, locked

LETTER = Letter(name="Lukko", subject="Lukkosepänliike", text="avaimenreikäkurkistus")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path).start()
    yield running
    running.stop()


def writer(demo: Demo, name: str) -> Customer:
    person = Customer(Browser(demo.site), demo.mails, f"{name}@example.com")
    person.redeem(person.ask_for_link())
    return person


def test_a_locked_database_keeps_what_was_typed_and_defers_mail(demo: Demo) -> None:
    """A step is saved, a message is sent, a mail comes in; all while nothing can be written."""
    saving, sending = writer(demo, "step"), writer(demo, "send")
    saving.answer_until_message(LETTER)
    step = saving.browser.form("", "subject", "text")
    typed = step.filled({"subject": LETTER.subject, "text": LETTER.text})
    sending.compose(LETTER)
    check = sending.browser.form("/send", "notify")
    answered = check.filled({"notify": "yes"})
    mail = letter(COURT, "velkajarjestelyt", subject="Lukossa", text="Myöhemmin.\n")

    with connected(demo.smtp) as client, ThreadPoolExecutor(3) as hands:
        client.mail(COURT)
        client.rcpt("velkajarjestelyt@kela.fi")
        with locked(demo.data / "secure-mail.db"):
            saved = hands.submit(saving.browser.send, step, typed)
            sent = hands.submit(sending.browser.send, check, answered)
            taken = hands.submit(client.data, mail.as_bytes(policy=SMTP))
            assert saved.result().status == 503
            assert sent.result().status == 503
            code, words = taken.result()
            assert code == 451
            assert words.startswith(b"4.3.0 ")

    step = saving.browser.form("", "subject", "text")
    assert step.values["text"] == LETTER.text
    page = saving.browser.send(step, step.values)
    assert page.path.endswith("/files"), page.words

    check = sending.browser.form("/send", "notify")
    reference = reference_of(sending.browser.send(check, check.values))
    assert demo.operator.settled(reference)["queue"] == "recovery_abroad"

    (reference,) = send(demo.smtp, mail)
    assert demo.operator.settled(reference)["queue"] == "debt_adjustment"
    demo.operator.run("ledger", "verify")
    assert not leaks([LETTER.subject, LETTER.text], files(demo.data, *demo.logs))
