"""The database does not answer while somebody sends: nothing is lost, nothing is promised."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.browser import Browser
from tests.journey.customer import Customer, Letter, reference_of
from tests.journey.partner import COURT, connected, letter, send
from tests.journey.program import Demo, locked

LETTER = Letter(name="Lukko", subject="Lukkosepänliike", text="avaimenreikäkurkistus")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path).start()
    yield running
    running.stop()


def test_a_locked_database_keeps_what_was_typed_and_defers_mail(demo: Demo) -> None:
    person = Customer(Browser(demo.site), demo.mails, "lukko@example.com")
    browser = person.browser
    person.redeem(person.ask_for_link())
    browser.submit(topic=LETTER.topic)
    browser.submit(purpose=LETTER.purpose)
    browser.submit(who="self")
    browser.submit(name=LETTER.name, identity=LETTER.identity, letter_reference="")
    mail = letter(COURT, "velkajarjestelyt", subject="Lukossa", text="Myöhemmin.\n")
    written = browser.form("", "subject", "text")
    with connected(demo.smtp) as client:
        client.mail(COURT)
        client.rcpt("velkajarjestelyt@kela.fi")
        with locked(demo.data / "secure-mail.db"):
            page = browser.send(
                written, written.filled({"subject": LETTER.subject, "text": LETTER.text})
            )
            assert page.status == 503
            again = browser.form("", "subject", "text")
            assert again.values["text"] == LETTER.text
            code, words = client.data(mail.as_bytes().replace(b"\n", b"\r\n"))
            assert code == 451
            assert words.startswith(b"4.3.0 ")
    page = browser.send(again, again.values)
    assert page.path.endswith("/files"), page.words

    browser.upload("files", press=("go", "next"))
    checked = browser.form("/send", "notify")
    values = checked.filled({"notify": "yes"})
    with locked(demo.data / "secure-mail.db"):
        page = browser.send(checked, values)
        assert page.status == 503
        again = browser.form("/send", "notify")
    reference = reference_of(browser.send(again, again.values))
    assert demo.operator.settled(reference)["queue"] == "recovery_abroad"

    (reference,) = send(demo.smtp, mail)
    assert demo.operator.settled(reference)["queue"] == "debt_adjustment"
    demo.operator.run("ledger", "verify")
