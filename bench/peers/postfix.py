"""Postfix as a contestant: a throwaway instance that queues with fsync and delivers nothing.

Every message goes to its hold queue: what it does of itself before it says 250, and no more.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tests.services import postfix as server

UNMEASURED = {
    # Held: written, fsynced and acknowledged, but nothing looks at it again.
    "smtpd_client_restrictions": "check_client_access static:HOLD",
    "mynetworks": "127.0.0.0/8",
    "smtpd_relay_restrictions": "permit_mynetworks, reject",
    "smtpd_recipient_restrictions": "permit_mynetworks, reject",
    # A delay meant to let delivery keep up; there is none.
    "in_flow_delay": "0",
    "message_size_limit": "0",
}
"""What would slow it down, and is no part of what is compared, is off."""


def installed() -> bool:
    """Whether it is there and may be started: its master must be root."""
    return server.binary() is not None


@dataclass
class PostfixHold:
    """One instance in a folder of its own."""

    scratch: Path
    certificate: Path
    key: Path
    name: str = "postfix"
    _instance: server.Postfix | None = field(default=None)

    def start(self) -> None:
        self.scratch.mkdir(parents=True, exist_ok=True)
        tls = {
            "smtpd_tls_security_level": "may",
            "smtpd_tls_cert_file": str(self.certificate),
            "smtpd_tls_key_file": str(self.key),
        }
        self._instance = server.prepare(self.scratch, {**server.MAIN, **UNMEASURED, **tls})
        self._instance.start()

    @property
    def _running(self) -> server.Postfix:
        if self._instance is None:
            raise RuntimeError("Postfix has not been started")
        return self._instance

    @property
    def port(self) -> int:
        return self._running.port

    @property
    def pids(self) -> list[int]:
        if self._running.pid is None:
            raise RuntimeError("Postfix has ended")
        return [self._running.pid]

    def stop(self) -> None:
        if self._instance is not None:
            self._instance.stop()

    @property
    def _hold(self) -> Path:
        return self._running.folder / "spool" / "hold"

    def stored(self) -> Counter[str]:
        """Digests of the letters queued since it was last asked; the queue is emptied."""
        found: Counter[str] = Counter()
        for path in self._hold.iterdir():
            found[sha256(content(path.read_bytes())).hexdigest()] += 1
            path.unlink()
        return found


def content(queue_file: bytes) -> bytes:
    """The letter in a queue file, without the Received field that Postfix put in front.

    A file is records: a letter for the type, a length in sevens of bits, and the octets. `N` is a
    line, `L` a piece of one, between `M` and `X`.
    """
    lines: list[bytes] = []
    inside, at = False, 0
    while at < len(queue_file):
        kind, at = queue_file[at : at + 1], at + 1
        length = shift = 0
        while True:
            octet, at = queue_file[at], at + 1
            length |= (octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                break
        data, at = queue_file[at : at + length], at + length
        if kind == b"M":
            inside = True
        elif kind == b"X":
            break
        elif inside and kind in {b"N", b"L"}:
            lines.append(data + (b"\r\n" if kind == b"N" else b""))
    return RECEIVED.sub(b"", b"".join(lines), count=1)


RECEIVED = re.compile(rb"\AReceived: .*?\r\n(?![ \t])", re.DOTALL)
