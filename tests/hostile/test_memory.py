"""Nobody fills the memory of the door: what a real process holds while it is fed without end.

fed                                       bound on growth
----------------------------------------  ---------------
a line of 200 MiB without CRLF, in DATA   24 MiB
the same as a command                     24 MiB
header fields, 200 MiB of them            24 MiB
four sessions with 60 MiB each, at once   48 MiB
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.hostile.sending import hand_over, letter
from tests.hostile.served import MAILBOX, SENDER, Served
from tests.journey.partner import connected

MIB = 1024 * 1024
PIECE = b"x" * MIB
ENDLESS = 200
LINES = (b"X-Field: " + b"y" * 69 + b"\r\n") * (MIB // 80)


@pytest.fixture(scope="module")
def running(prepared: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """After a first message, so that what is loaded once is loaded."""
    served = prepared.copied(tmp_path_factory.mktemp("fed"))
    served.start()
    assert hand_over(served.smtp, letter("Ensin", MIB))[0] == 250
    served.settled()
    yield served
    served.end()


def memory(served: Served, name: str) -> int:
    status = Path(f"/proc/{served.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


class Growth:
    """What the process took at most, beyond what it had."""

    def __init__(self, served: Served) -> None:
        self._served = served
        # Forgets the highest mark so far.
        Path(f"/proc/{served.pid}/clear_refs").write_text("5")
        self._before = memory(served, "VmRSS")

    @property
    def most(self) -> int:
        return memory(self._served, "VmHWM") - self._before


@contextmanager
def in_data(served: Served) -> Iterator[socket.socket]:
    with connected(served.smtp) as client:
        client.mail(SENDER)
        client.rcpt(MAILBOX)
        assert client.docmd("DATA")[0] == 354
        assert isinstance(client.sock, socket.socket)
        yield client.sock
        client.close()


def poured(link: socket.socket, piece: bytes, times: int) -> bytes:
    """What the other side said; it may have had enough before."""
    with suppress(OSError):
        for _ in range(times):
            link.sendall(piece)
    with suppress(OSError):
        return link.recv(1000)
    return b""


@pytest.mark.parametrize(
    ("piece", "reply"),
    [(PIECE, b"550 5.5.2 Line too long"), (LINES, b"552 5.3.4 Message size")],
    ids=["a line", "header fields"],
)
def test_data_without_end(running: Served, piece: bytes, reply: bytes) -> None:
    stored, growth = len(running.messages()), Growth(running)
    with in_data(running) as link:
        assert poured(link, piece, ENDLESS).startswith(reply)
        assert link.recv(1000) == b""
    assert growth.most < 24 * MIB
    assert hand_over(running.smtp, letter("Sitten"))[0] == 250
    assert len(running.messages()) == stored + 1


def test_a_command_without_end(running: Served) -> None:
    growth = Growth(running)
    with socket.create_connection(running.smtp) as link:
        poured(link, PIECE, ENDLESS)
    assert growth.most < 24 * MIB
    assert hand_over(running.smtp, letter("Sitten"))[0] == 250


def test_four_large_sessions_at_once(running: Served) -> None:
    """All of them too large; what is beyond the limit is read and forgotten."""
    lines = (b"y" * 78 + b"\r\n") * (MIB // 80)

    def one(number: int) -> bytes:
        with in_data(running) as link:
            link.sendall(letter(f"Suuri {number}") + lines * 59)
            return poured(link, lines + b".\r\n", 1)

    stored, growth = len(running.messages()), Growth(running)
    with ThreadPoolExecutor(4) as hands:
        replies = list(hands.map(one, range(4)))
    assert {reply[:10] for reply in replies} == {b"552 5.3.4 "}
    assert growth.most < 48 * MIB
    assert len(running.messages()) == stored
