"""A client that asks a mail server a few questions, each bounded, and sends no mail."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PATIENCE = 5.0
"""Seconds for one reply."""
MAX_REPLY = 16 * 1024
NAME = "doctor.invalid"
"""What it calls itself: a name that can never exist (RFC 6761)."""


class SmtpProtocolError(Exception):
    """The server said something that is no SMTP; nothing of it is repeated."""


@dataclass(slots=True)
class SmtpConversation:
    """One connection. Every method raises OSError (a timeout too) or SmtpProtocolError."""

    connection: socket.socket
    _rest: bytes = b""

    def reply(self) -> tuple[int, list[str]]:
        """The code, and the words of each line."""
        lines: list[str] = []
        read = 0
        while True:
            line = self._line()
            read += len(line)
            code, mark = line[:3], line[3:4]
            if read > MAX_REPLY or not code.isdigit() or mark not in {" ", "-", ""}:
                raise SmtpProtocolError
            lines.append(line[4:])
            if mark != "-":
                return int(code), lines

    def ask(self, command: str) -> tuple[int, list[str]]:
        self.connection.sendall(f"{command}\r\n".encode())
        return self.reply()

    def hello(self) -> frozenset[str]:
        """The keywords that the server offers, upper case."""
        code, lines = self.ask(f"EHLO {NAME}")
        if code != 250:
            raise SmtpProtocolError
        return frozenset(line.split()[0].upper() for line in lines[1:] if line.strip())

    def start_tls(self, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
        """Raises ssl.SSLError when the handshake fails."""
        code, _ = self.ask("STARTTLS")
        if code != 220:
            raise SmtpProtocolError
        wrapped = context.wrap_socket(self.connection, server_hostname=host)
        self.connection, self._rest = wrapped, b""
        return wrapped

    def _line(self) -> str:
        while b"\n" not in self._rest:
            octets = self.connection.recv(4096)
            if not octets or len(self._rest) > MAX_REPLY:
                raise SmtpProtocolError
            self._rest += octets
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode("latin-1").rstrip("\r")


@contextmanager
def conversation(
    host: str, port: int, *, tls: ssl.SSLContext | None = None
) -> Iterator[SmtpConversation]:
    """Connected and greeted; with `tls`, under TLS from the first octet, the host's name proved."""
    plain = socket.create_connection((host, port), PATIENCE)
    connection = tls.wrap_socket(plain, server_hostname=host) if tls is not None else plain
    talking = SmtpConversation(connection)
    try:
        if talking.reply()[0] != 220:
            raise SmtpProtocolError
        yield talking
    finally:
        talking.connection.close()


def believing_anybody() -> ssl.SSLContext:
    """Shows what a server shows, without a judgement on it. Never used to send."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
