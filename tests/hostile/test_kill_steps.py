"""kill -9 at each step of receiving and of work: every message is stored once and filed once.

The sender is a real Postfix. The steps are those of `hooks/sitecustomize.py`.

receiving            what the sender saw   what was left behind
-------------------  --------------------  ------------------------------------------
during DATA          the connection close  a file that was never finished
before fsync         the same              the same
after fsync          the same              the same
after rename         the same              a blob that no row names
before commit        the same              the same
after commit         the same              the message; its repetition is a duplicate
after reply          250                   the message

work                   what was left behind
---------------------  ----------------------------------------------------------
claimed                a row that nobody works on
sent                   the same, and a hint that went with the broker's memory
started                the same
before commit of work  the same; what was worked out is rolled back
after commit of work   a message that is filed, and a hint that was never answered
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import required
from tests.hostile.sending import letter
from tests.hostile.served import MAILBOX, SENDER, Served
from tests.services import postfix
from tests.services.postfix import Postfix

pytestmark = pytest.mark.timeout(300)

UNNAMED = ["during DATA", "before fsync", "after fsync", "after rename", "before commit"]
"""The process leaves a file that no row names."""
RECEIVING = [*UNNAMED, "after commit", "after reply"]
WORK = ["claimed", "sent", "started", "before commit of work", "after commit of work"]


@dataclass
class Institution:
    """A partner's Postfix, which keeps a letter until it is told 250."""

    postfix: Postfix
    letters: list[bytes] = field(default_factory=list)

    def write(self, subject: str) -> None:
        """Takes a letter that is long enough to become a blob, and begins to deliver it."""
        self.letters.append(letter(subject, 300_000))
        with smtplib.SMTP("127.0.0.1", self.postfix.port) as client:
            client.sendmail(SENDER, [MAILBOX], self.letters[-1])
        self.postfix.flush()


@pytest.fixture
def institution(served: Served, tmp_path: Path) -> Iterator[Institution]:
    required(postfix.binary(), "Postfix")
    encrypting = {"smtp_tls_security_level": "encrypt"}
    with postfix.running(tmp_path, relay_to=served.smtp, extra_main=encrypting) as server:
        yield Institution(server)


def ends_well(served: Served, institution: Institution) -> None:
    served.start()
    institution.postfix.wait_until_empty()
    served.settled()
    served.keeps_once(institution.letters)
    served.stop()
    served.swept()
    served.keeps_once(institution.letters)
    served.operator.run("ledger", "verify")


def test_there_are_seven_steps_of_receiving_and_five_of_work() -> None:
    assert (len(RECEIVING), len(WORK)) == (7, 5)


def test_killed_at_each_step_of_receiving(served: Served, institution: Institution) -> None:
    """At each start there is one more letter to deliver; none is lost and none comes twice."""
    unnamed: set[Path] = set()
    stored = 0
    for step in RECEIVING:
        served.begin(die_at=step)
        institution.write(step)
        served.died()
        left, messages = served.blob_files() - served.named_blobs(), len(served.messages())
        assert step not in UNNAMED or left > unnamed, step
        assert (messages > stored) == (step == "after commit") or step == "after reply", step
        unnamed, stored = left, messages
    ends_well(served, institution)


def test_killed_at_each_step_of_work(served: Served, institution: Institution) -> None:
    for step in WORK:
        served.begin(die_at=step)
        institution.write(step)
        served.died()
    ends_well(served, institution)
