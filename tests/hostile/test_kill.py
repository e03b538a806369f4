"""The power fails after the door has said yes: what was acknowledged is there, exactly once."""

from __future__ import annotations

import random
import signal
import smtplib
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.sending import MailServer, hand_over, letter
from tests.hostile.served import MAILBOX, SENDER, Served
from tests.journey.browser import Browser
from tests.journey.customer import Customer, Letter, reference_of
from tests.journey.partner import connected
from tests.journey.program import Demo

BURST = 30
KILLS = 3


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path).start()
    yield running
    running.stop()


def test_killed_after_the_250_of_smtp(served: Served) -> None:
    octets = letter("Sähkökatko")
    served.start()
    with connected(served.smtp) as client:
        client.mail(SENDER)
        client.rcpt(MAILBOX)
        said = client.data(octets)
        assert said[0] == 250
        served.kill()
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()
    served.start()
    # The partner's server did not see the 250, and sends it again.
    assert hand_over(served.smtp, octets) == (250, said[1].decode())
    served.settled()
    served.keeps_once([octets])


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
    rows = Counter(row["reference"] for row in demo.operator.all_settled())
    cases = demo.operator.listing("cases", "list", "--queue", "recovery_abroad")
    found = Counter(case["reference"] for case in cases)
    assert (rows[reference], found[reference]) == (1, 1)
    demo.operator.run("ledger", "verify")
    # The browser shows the old page, and its button is pressed again.
    assert reference_of(browser.send(form, values)) == reference


def test_killed_again_and_again_while_thirty_messages_come_in(served: Served) -> None:
    """Senders do as mail servers do: what was not acknowledged is sent again."""
    chance = random.Random(20)
    letters = [letter(f"Sarja {number}") for number in range(BURST)]
    served.start()
    server = MailServer(served.smtp, hands=5)
    server.take(*letters)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.01, 0.15))
        served.kill()
        served.start()
    references = [reference for found in server.done().values() for reference in found]
    assert len(set(references)) == len(references) == BURST
    served.settled()
    served.keeps_once(letters)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_ended_by_a_signal_and_started_again(served: Served, sign: signal.Signals) -> None:
    before, after = letter("Tauko"), letter("Jatkoa")
    served.start()
    assert hand_over(served.smtp, before)[0] == 250
    served.stop(sign)
    served.start()
    assert hand_over(served.smtp, after)[0] == 250
    served.settled()
    served.keeps_once([before, after])


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
