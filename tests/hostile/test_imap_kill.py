"""kill -9 at each step of the IMAP door: every message of a real Dovecot is stored once.

step            what was left behind
--------------  --------------------------------------------------------------------------
before commit   a try that was counted; the message is still the mailbox's
after commit    the message; the ledger does not know, so it is fetched again: a duplicate
in the ledger   the message and its row; it lies in its old folder and is only put away
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import required
from tests.hostile.served import Served
from tests.imap_rig import account
from tests.imap_rig import letter as small
from tests.journey.program import Running, surroundings, until
from tests.services import dovecot
from tests.services.dovecot import Dovecot

USER = "perintakeskus@kela.test"
STEPS = {
    "before commit": ("fetching", 0),
    "after commit": ("fetching", 1),
    "in the ledger": ("stored", 1),
}
"""Each with the state that the ledger then shows, and how many messages more are in."""
MIB = 1024 * 1024

pytestmark = pytest.mark.timeout(240)  # four starts of the service in one test


@pytest.fixture
def mailbox(served: Served) -> Iterator[Dovecot]:
    with dovecot.running(required(dovecot.binary(), "Dovecot"), USER) as server:
        served.settings["IMAP_ACCOUNTS"] = account(server, USER)
        yield server


def large(number: int, size: int) -> bytes:
    line = f"{number} {'x' * 60}\r\n"
    return small(number, line * (size // len(line)))


def test_there_are_three_steps() -> None:
    assert len(STEPS) == 3


def test_killed_at_each_step(served: Served, mailbox: Dovecot) -> None:
    letters: list[bytes] = []
    for step, (state, more) in STEPS.items():
        before = len(served.messages())
        # One that lies in a row, and one that takes two slices and a blob.
        letters += [small(len(letters)), large(len(letters) + 1, 3 * MIB // 2)]
        mailbox.deliver(USER, *letters[-2:])
        served.begin(die_at=step)
        served.died()
        assert len(served.messages()) == before + more, step
        assert served.count(f"state = '{state}'", "fetched_message"), step
        assert len(mailbox.held(USER)) >= 1, step
    served.start()
    served.wait_for(lambda: not mailbox.held(USER), "the mailbox is empty")
    served.settled()
    assert served.opened() == Counter(letters)
    assert sorted(mailbox.held(USER, "Processed")) == sorted(letters)
    assert served.count("state = 'stored'", "fetched_message") == len(letters)
    assert served.count("tries > 2", "fetched_message") == 0
    assert served.count("true", "ledger_entry") == len(letters)
    served.stop()
    served.operator.run("ledger", "verify")
    served.swept()


def test_killed_again_and_again_at_the_same_message(served: Served, mailbox: Dovecot) -> None:
    """After three tries it is set aside, as one that brings its reader down must be."""
    bad, good = small(1), small(2)
    mailbox.deliver(USER, bad)
    for _ in range(3):
        served.begin(die_at="before commit")
        served.died()
        a_minute_later(served)
    mailbox.deliver(USER, good)
    served.start()
    served.wait_for(lambda: mailbox.held(USER, "Failed") == [bad], "it is set aside")
    served.wait_for(lambda: mailbox.held(USER, "Processed") == [good], "the next goes on")
    assert served.opened() == Counter([good])
    assert served.count("kind = 'message.not-fetched'", "audit_event") == 1
    served.stop()


def a_minute_later(served: Served) -> None:
    with served.store() as units, units.database.writing() as connection:
        connection.exec_driver_sql("UPDATE fetched_message SET touched_at = '2020-01-01 00:00:00'")
        connection.commit()


def test_a_role_apart_takes_thirty_megabytes_in_little_memory(
    served: Served, mailbox: Dovecot, tmp_path: Path
) -> None:
    """With the key file of its role alone. The peak is the kernel's own figure."""
    keys = tmp_path / "imap-keys"
    keys.mkdir(mode=0o700)
    for name in ("public.json", "imap.key"):
        shutil.copy2(Path(str(served.settings["KEY_DIR"])) / name, keys)
    environment = surroundings({**served.settings, "KEY_DIR": keys})
    words = ("serve", "--role", "imap")
    mailbox.deliver(USER, small(1))
    running = Running.start(words, environment, tmp_path, "imap")
    try:
        running.wait_for(lambda: len(mailbox.held(USER, "Processed")) == 1, "the first is in")
        before = peak(running)
        mailbox.deliver(USER, large(2, 30 * MIB))
        running.wait_for(lambda: len(mailbox.held(USER, "Processed")) == 2, "both are in")
        assert peak(running) - before < 16 * MIB
    finally:
        code = running.end()
    assert code == 0, running.err.read_text()[-2000:]
    assert len(served.messages()) == 2
    assert USER not in running.err.read_text()


def peak(running: Running) -> int:
    """Octets that the process has ever held (VmHWM)."""
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def test_health_asks_whether_the_role_turns(served: Served, mailbox: Dovecot) -> None:
    served.start()
    until(lambda: served.operator.run("health", "--role", "imap").returncode == 0, "it is well")
    served.stop()
    served.operator.run("health", "--role", "imap", code=1)
