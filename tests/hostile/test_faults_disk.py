"""The disk is full, or takes no writes: the table's reply, and all is well again by itself.

fault                                        reply      store
-------------------------------------------  ---------  ------------------------------------
little room at MAIL                          452 4.3.1  untouched
full while a large message streams           452 4.3.1  its blob is gone
full at the commit of a small message        452 4.3.1  nothing
blobs read-only                              451 4.3.0  a small message needs none: 250
no file can be written: blobs, store, log    451 4.3.0  nothing; the process stays up
"""

from __future__ import annotations

import resource
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import required
from tests.hostile.disks import Disk, mounted
from tests.hostile.sending import MailServer, hand_over, letter
from tests.hostile.served import MAILBOX, SENDER, Served
from tests.journey.partner import connected

LARGE, SMALL = 3_000_000, 40_000


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[dict[str, Disk]]:
    """One for the data folder, one for blobs."""
    made = {
        name: required(mounted(tmp_path / name), "a disk of one's own (mount)")
        for name in ("data", "blobs")
    }
    yield made
    for disk in made.values():
        disk.unmount()


@pytest.fixture
def running(disks: dict[str, Disk], prepared: Served, tmp_path: Path) -> Iterator[Served]:
    served = prepared.copied(tmp_path)
    served.settings["BLOB_URL"] = f"file://{disks['blobs'].folder}"
    served.start()
    yield served
    served.end()


@contextmanager
def told_to_go_on(served: Served) -> Iterator[smtplib.SMTP]:
    """A session after 354."""
    with connected(served.smtp) as client:
        assert client.mail(SENDER)[0] == 250
        assert client.rcpt(MAILBOX)[0] == 250
        assert client.docmd("DATA")[0] == 354
        yield client


def finished(client: smtplib.SMTP, octets: bytes) -> str:
    client.send(octets + b".\r\n")
    code, words = client.getreply()
    return f"{code} {words.decode()}"


def recovers(served: Served, *letters: bytes, count: int = 0) -> None:
    """What was put off is sent again, by a server that has waited, and then it is there."""
    server = MailServer(served.smtp)
    server.take(*letters)
    server.done()
    served.settled()
    served.keeps_once(letters)
    assert served.blob_files() == served.named_blobs()


def test_a_full_disk(running: Served, disks: dict[str, Disk]) -> None:
    large, small, before = letter("Suuri", LARGE), letter("Pieni", SMALL), letter("Ennen")
    blobs, data = disks["blobs"], disks["data"]
    assert hand_over(running.smtp, before)[0] == 250
    running.settled()

    with told_to_go_on(running) as streaming:
        streaming.send(large[:200_000])
        blobs.full()
        assert finished(streaming, large[200_000:]).startswith("452 4.3.1 ")
        running.wait_for(lambda: running.blob_files() == running.named_blobs(), "it is gone")
        # In the same session, and the next second: there is no room, and MAIL says so.
        running.wait_for(lambda: _mail(streaming).startswith("452 4.3.1 "), "little room is seen")
        blobs.roomy()
        running.wait_for(lambda: _mail(streaming).startswith("250 "), "the room is seen")

    with told_to_go_on(running) as committing:
        data.full()
        assert finished(committing, small).startswith("452 4.3.1 ")
        assert running.count("true", "message") == 1
        data.roomy()
    recovers(running, before, large, small)


def _mail(client: smtplib.SMTP) -> str:
    client.rset()
    code, words = client.mail(SENDER)
    return f"{code} {words.decode()}"


def test_blobs_that_are_read_only(running: Served, disks: dict[str, Disk]) -> None:
    large, small = letter("Suuri", LARGE), letter("Pieni", SMALL)
    disks["blobs"].read_only()
    code, words = hand_over(running.smtp, large)
    assert (code, words[:6]) == (451, "4.3.0 ")
    assert hand_over(running.smtp, small)[0] == 250
    disks["blobs"].read_only(on=False)
    recovers(running, large, small)


def test_no_file_can_be_written(served: Served) -> None:
    """The limit of the system on the size of files stands for a broken disk: not even a log."""
    large, small = letter("Suuri", LARGE), letter("Pieni", SMALL)
    served.start()
    with told_to_go_on(served) as streaming, told_to_go_on(served) as committing:
        resource.prlimit(served.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        assert finished(streaming, large).startswith("451 4.3.0 ")
        assert finished(committing, small).startswith("451 4.3.0 ")
        assert committing.noop()[0] == 250
    assert served.count("true", "message") == 0
    resource.prlimit(
        served.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    )
    recovers(served, large, small)
