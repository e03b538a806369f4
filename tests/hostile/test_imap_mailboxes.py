"""Two mailboxes of a real Dovecot, 500 messages, and what befalls servers: each message once."""

from __future__ import annotations

import sqlite3
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.conftest import required
from tests.hostile.served import Served
from tests.hostile.test_imap_kill import a_minute_later
from tests.imap_rig import account, letter
from tests.services import dovecot
from tests.services.dovecot import Dovecot
from tests.services.processes import free_port

FIRST, SECOND = USERS = "perintakeskus@kela.test", "velka@kela.test"
MAILBOXES = dict(zip(USERS, ("perintakeskus", "velkajarjestelyt"), strict=True))
BATCH = 50
"""Of each mailbox; five of them."""

pytestmark = pytest.mark.timeout(300)


class Senders:
    """Everybody who writes: each letter to one mailbox."""

    def __init__(self, server: Dovecot) -> None:
        self.server = server
        self.written: dict[str, list[bytes]] = {user: [] for user in USERS}

    def write(self, count: int = BATCH) -> None:
        for place, user in enumerate(USERS):
            done = len(self.written[user])
            letters = [letter(2 * number + place) for number in range(done, done + count)]
            self.written[user] += letters
            self.server.deliver(user, *letters)

    @property
    def all(self) -> list[bytes]:
        return [each for letters in self.written.values() for each in letters]


@pytest.fixture
def server() -> Iterator[Dovecot]:
    with dovecot.running(required(dovecot.binary(), "Dovecot"), *USERS) as running:
        yield running


def test_five_hundred_messages_over_two_mailboxes_come_once_each(
    served: Served, server: Dovecot
) -> None:
    senders = Senders(server)
    served.settings["IMAP_ACCOUNTS"] = " ".join(
        account(server, user, mailbox) for user, mailbox in MAILBOXES.items()
    )
    metrics = free_port()
    served.settings["METRICS_BIND"] = f"127.0.0.1:{metrics}"

    def taken(count: int) -> None:
        served.wait_for(lambda: stored(served) >= count, f"{count} are in", seconds=60)

    # Before the start; and a message at which the server ends every connection.
    server.deliver_unreadable(FIRST)
    senders.write()
    served.start()
    taken(BATCH)
    # The server goes away in the middle of its work, and comes back.
    server.restart()
    senders.write()
    taken(3 * BATCH)
    # Every UID is another, while some lie there that are in already.
    server.stop()
    senders.write()
    for user in USERS:
        server.forget_uids(user)
    server.start()
    taken(5 * BATCH)
    # The service is ended and started.
    senders.write()
    served.stop()
    served.start()
    taken(8 * BATCH)
    # All is done: it idles, and loses its server.
    served.wait_for(lambda: all(map(server.empty, USERS)), "all is put away", seconds=60)
    server.restart()
    senders.write()
    taken(10 * BATCH)
    served.wait_for(lambda: all(map(server.empty, USERS)), "all is put away", seconds=60)
    served.settled()

    assert served.opened() == Counter(senders.all)
    for user in USERS:
        assert sorted(server.held(user, "Processed")) == sorted(senders.written[user])
    boxes = Counter(message.mailbox for message in served.messages())
    assert boxes == dict.fromkeys(MAILBOXES.values(), 5 * BATCH)
    # What nobody proves is held for a person, and none is lost on the way.
    assert served.count("state = 'held'", "message") == 10 * BATCH
    served.operator.run("ledger", "verify")
    served.operator.run("health", "--role", "imap")
    # The broken one has held up nobody. It is set aside a minute after its second try.
    a_minute_later(served)
    senders.write(1)
    served.wait_for(
        lambda: served.count("kind = 'message.not-fetched'", "audit_event") > 0, "it is set aside"
    )

    told = scraped(metrics)
    assert 'secure_mail_imap_connected{account="1",mailbox="perintakeskus"} 1.0' in told
    assert 'secure_mail_imap_connected{account="2",mailbox="velkajarjestelyt"} 1.0' in told
    assert "kela.test" not in told
    served.stop()
    logs = "".join(path.read_text() for path in served.scratch.glob("serve-*.err"))
    assert "imap.set-aside" in logs
    assert "kela.test" not in logs
    assert "Traceback" not in logs


def stored(served: Served) -> int:
    """How many messages there are; asked often, so without the program's own store."""
    file = f"file:{served.data}/secure-mail.db?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM message").fetchone()[0])


def scraped(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())
