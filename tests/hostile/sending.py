"""A partner's mail server that does not give up: the letters, and who sends them."""

from __future__ import annotations

import smtplib
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import formatdate, make_msgid

from tests.hostile.served import MAILBOX, SENDER
from tests.journey.partner import connected


def letter(subject: str, size: int = 100) -> bytes:
    """A message of at least `size` octets that nobody else writes, with nothing to be added."""
    fields = {
        "From": SENDER,
        "To": MAILBOX,
        "Date": formatdate(),
        "Message-ID": make_msgid(domain="institution.example"),
        "Subject": subject,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    line = f"{subject} {'x' * 60}\r\n"
    return f"{head}\r\n{line * (size // len(line) + 1)}".encode()


def hand_over(address: tuple[str, int], octets: bytes) -> tuple[int, str]:
    """One try: the reply after the dot, or the first that was no 250."""
    with connected(address) as client:
        for said in (client.mail(SENDER), client.rcpt(MAILBOX)):
            if said[0] != 250:
                return said[0], said[1].decode()
        code, words = client.data(octets)
        return code, words.decode()


@dataclass
class MailServer:
    """Sends each letter again and again until it is acknowledged, as RFC 5321 asks."""

    address: tuple[str, int]
    hands: int = 1
    replies: list[str] = field(default_factory=list)
    """Everything that was said after the dot, or instead of it."""

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.hands)
        self._under_way: dict[bytes, Future[list[str]]] = {}

    def take(self, *letters: bytes) -> None:
        for octets in letters:
            self._under_way[octets] = self._pool.submit(self._delivered, octets)

    def _delivered(self, octets: bytes) -> list[str]:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                code, words = hand_over(self.address, octets)
            except (OSError, smtplib.SMTPException):
                time.sleep(0.05)
                continue
            self.replies.append(f"{code} {words}")
            if code == 250:
                return words.partition("Accepted as ")[2].split()
            time.sleep(0.05)
        raise TimeoutError(self.replies)

    def done(self) -> dict[bytes, list[str]]:
        """The references of each letter, once all are acknowledged."""
        self._pool.shutdown()
        return {octets: sent.result() for octets, sent in self._under_way.items()}
