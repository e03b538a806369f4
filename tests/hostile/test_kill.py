"""The power fails after the door has said yes: what was acknowledged is there, exactly once."""

from __future__ import annotations

import random
import signal
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.browser import Browser
from tests.journey.customer import Customer, Letter, reference_of
from tests.journey.partner import COURT, INSTITUTION, connected, hand_over, letter, send
from tests.journey.program import Demo

BURST = 30
SENDERS = 5
KILLS = 3


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path).start()
    yield running
    running.stop()


def filed_once(demo: Demo, queue: str, *references: str) -> None:
    """Each of these is one message and one case, in that queue; and the ledger adds up."""
    rows = Counter(row["reference"] for row in demo.operator.all_settled())
    cases = demo.operator.listing("cases", "list", "--queue", queue)
    found = Counter(case["reference"] for case in cases)
    for reference in references:
        assert rows[reference] == 1, reference
        assert found[reference] == 1, reference
    demo.operator.run("ledger", "verify")


def test_killed_after_the_250_of_smtp(demo: Demo) -> None:
    with connected(demo.smtp) as client:
        mail = letter(COURT, "velkajarjestelyt", subject="Sähkökatko", text="Katkesi.\n")
        (reference,) = hand_over(client, mail)
        demo.kill()
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()
    demo.start()
    filed_once(demo, "debt_adjustment", reference)
    # The partner's server did not see the 250, and sends it again.
    assert send(demo.smtp, mail) == [reference]


def test_killed_after_the_303_of_the_form(demo: Demo) -> None:
    customer = Customer(Browser(demo.site), demo.mails, "pimea@example.com")
    customer.redeem(customer.ask_for_link())
    customer.compose(Letter(name="Pimeä", subject="Katko", text="Valot sammuivat."))
    browser = customer.browser
    form = browser.form("/send", "notify")
    values = form.filled({"notify": "yes"})
    answer = browser.answer(form, values)
    assert answer.status == 303
    demo.kill()

    demo.start()
    page = browser.go(answer.headers["location"])
    reference = reference_of(page)
    assert reference in page.words
    filed_once(demo, "recovery_abroad", reference)
    # The browser shows the old page, and its button is pressed again.
    assert reference_of(browser.send(form, values)) == reference


def test_killed_again_and_again_while_thirty_messages_come_in(demo: Demo) -> None:
    """Senders do as mail servers do: what was not acknowledged is sent again."""
    chance = random.Random(20)
    acknowledged: dict[int, set[str]] = {number: set() for number in range(BURST)}
    running = threading.Event()
    running.set()

    def mail_server(mine: range) -> None:
        for number in mine:
            sender = (COURT, INSTITUTION)[number % 2]
            mail = letter(sender, "perintakeskus", subject=f"Sarja {number}", text="Sarjasta.\n")
            while not acknowledged[number]:
                running.wait(60)
                try:
                    acknowledged[number].update(send(demo.smtp, mail))
                except (OSError, smtplib.SMTPException):
                    time.sleep(0.05)

    senders = [
        threading.Thread(target=mail_server, args=(range(first, BURST, SENDERS),))
        for first in range(SENDERS)
    ]
    for sender in senders:
        sender.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.01, 0.15))
        running.clear()
        demo.kill()
        demo.start()
        running.set()
    for sender in senders:
        sender.join(60)

    references = [reference for found in acknowledged.values() for reference in found]
    assert len(set(references)) == len(references) == BURST
    filed_once(demo, "partners", *references)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_ended_by_a_signal_and_started_again(demo: Demo, sign: signal.Signals) -> None:
    mail = letter(COURT, "velkajarjestelyt", subject="Tauko", text="Tauon jälkeen.\n")
    (before,) = send(demo.smtp, mail)
    assert demo.stop(sign) == 0
    samples = len(demo.operator.messages())
    demo.start()
    (after,) = send(demo.smtp, letter(COURT, "velkajarjestelyt", subject="Jatkoa", text="Hei.\n"))
    filed_once(demo, "debt_adjustment", before, after)
    assert len(demo.operator.messages()) == samples + 1


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_ended_while_the_samples_come_in(tmp_path: Path, sign: signal.Signals) -> None:
    demo = Demo(tmp_path)
    ready = demo.begin()
    assert demo.running
    demo.running.wait_for(lambda: b"http.request" in demo.logs[1].read_bytes(), "the first page")
    code = demo.stop(sign)
    assert not ready.exists()
    if sign is signal.SIGINT:
        assert code == 0
        assert b"Traceback" not in demo.logs[1].read_bytes()
    demo.start()
    try:
        demo.operator.all_settled()
        demo.operator.run("ledger", "verify")
    finally:
        assert demo.stop() == 0
