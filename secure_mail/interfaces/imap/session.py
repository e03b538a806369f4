"""One connection to an IMAP server, in the words of the door; only here imapclient is known.

A session belongs to one thread. What a server writes never leaves this module: its texts may
repeat a user or a subject.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event
from time import monotonic

from imapclient import DELETED, SEEN, IMAPClient, SocketTimeout
from imapclient.exceptions import (
    IMAPClientAbortError,
    IMAPClientError,
    LoginError,
    ProtocolError,
)

from secure_mail.application.intake.header_tap import SECTION_LIMIT
from secure_mail.interfaces.imap.accounts import ImapAccount
from secure_mail.interfaces.imap.credentials import password_of, token_of

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
GOODBYE_SECONDS = 2.0
SLICE = 1024 * 1024
"""Octets asked for at once: what a message of any size takes in memory."""
SEARCHED = 50_000
"""Messages asked for in one search: its answer is one line, and imaplib reads a million octets."""
IDLE_SLICE = 1.0
"""Seconds between two looks at whether we are to stop."""
POLL_SECONDS = 30.0
"""Between two searches of a server that cannot IDLE."""


class LostError(Exception):
    """The connection is of no more use."""


class RefusedError(Exception):
    """The server said NO or BAD to one command; the connection goes on."""


class SignInError(Exception):
    """The server does not take what we sign in with."""


@dataclass(frozen=True, slots=True)
class Selected:
    uidvalidity: int
    exists: int
    uidnext: int | None
    """What the next message will be called; not every server tells."""


class Session:
    """Signed in, until it is left."""

    def __init__(self, client: IMAPClient) -> None:
        self._client = client

    def select(self, folder: str) -> Selected:
        """Opens the folder anew: a change of UIDVALIDITY and every new message are seen here."""
        with _told():
            answer = self._client.select_folder(folder)
        validity, exists = answer.get(b"UIDVALIDITY"), answer.get(b"EXISTS")
        if not isinstance(validity, int) or not isinstance(exists, int):
            raise LostError("no UIDVALIDITY")
        uidnext = answer.get(b"UIDNEXT")
        return Selected(validity, exists, uidnext if isinstance(uidnext, int) else None)

    def uids(self, selected: Selected) -> set[int]:
        """Of every message in the folder, whatever its flags: people open mailboxes."""
        found: set[int] = set()
        with _told():
            for first in range(1, selected.exists + 1, SEARCHED):
                last = min(first + SEARCHED - 1, selected.exists)
                found.update(self._client.search([f"{first}:{last}"]))
        return found

    def size(self, uid: int) -> int | None:
        """Octets of the message, as the server says; None when it is gone."""
        found = self._fetched(uid, "RFC822.SIZE")
        size = found.get(b"RFC822.SIZE") if found else None
        return size if isinstance(size, int) else None

    def slices(self, uid: int, size: int) -> Iterator[bytes]:
        """The message as it lies there, never marked as read.

        Sizes are wrong on some servers: the end is where nothing more comes, not where `size` says.
        Raises LostError when the message goes away meanwhile.
        """
        offset = 0
        while True:
            piece = self._slice(uid, offset)
            if piece:
                yield piece
            offset += len(piece)
            if not piece or offset == size:
                return

    def header(self, uid: int) -> bytes:
        """The begin of the message, as far as its header section may reach."""
        return self._octets(uid, "BODY.PEEK[HEADER]", 0, SECTION_LIMIT)

    def _slice(self, uid: int, offset: int) -> bytes:
        return self._octets(uid, "BODY.PEEK[]", offset, SLICE)

    def _octets(self, uid: int, what: str, offset: int, most: int) -> bytes:
        found = self._fetched(uid, f"{what}<{offset}.{most}>")
        if found is None:
            raise LostError("the message went away")
        for name, octets in found.items():
            if name.startswith(b"BODY["):
                piece = octets if isinstance(octets, bytes) else b""
                if len(piece) > most:
                    raise LostError("more than was asked for")
                return piece
        raise RefusedError("no body")

    def _fetched(self, uid: int, what: str) -> Mapping[bytes, object] | None:
        with _told():
            return self._client.fetch([uid], [what]).get(uid)

    def flags(self, uid: int) -> frozenset[bytes] | None:
        """None when the message is gone."""
        found = self._fetched(uid, "FLAGS")
        flags = found.get(b"FLAGS") if found else None
        return frozenset(flags) if isinstance(flags, tuple) else None

    def mark_seen(self, uid: int) -> None:
        with _told():
            self._client.add_flags([uid], [SEEN], silent=True)

    def ensure(self, folder: str) -> None:
        """Makes the folder if there is none."""
        with _told():
            if not self._client.folder_exists(folder):
                self._client.create_folder(folder)

    def move(self, uid: int, folder: str) -> bool:
        """Out of the open folder into another one; whether it is gone from here.

        Without MOVE (RFC 6851) a copy is made and this one marked as deleted; it is expunged by
        its UID (RFC 4315) or, where a server cannot, left marked: a plain EXPUNGE would take along
        what others have marked. One that is marked already has been copied, or is somebody's wish.
        """
        with _told():
            if self._client.has_capability("MOVE"):
                self._client.move([uid], folder)
                return True
        flags = self.flags(uid)
        if flags is None or DELETED in flags:
            return flags is None
        with _told():
            self._client.copy([uid], folder)
        return self.remove(uid)

    def remove(self, uid: int) -> bool:
        """Marks one message of the open folder as deleted, and expunges that one alone, if the
        server can; whether it is gone.
        """
        with _told():
            self._client.add_flags([uid], [DELETED], silent=True)
            can = self._client.has_capability("UIDPLUS")
            if can:
                self._client.uid_expunge([uid])
        return can

    def can(self, capability: str) -> bool:
        with _told():
            return self._client.has_capability(capability)

    def append(self, folder: str, message: bytes) -> None:
        """Puts a message into a folder, as read."""
        with _told():
            self._client.append(folder, message, [SEEN])

    def find(self, message_id: str) -> list[int]:
        """UIDs, in the open folder, of messages with that Message-ID."""
        with _told():
            return sorted(self._client.search(["HEADER", "Message-ID", message_id]))

    def wait(self, stopping: Event, seconds: float) -> None:
        """Returns when something may have come, when the time is over, or when we are to stop.

        imapclient's `idle_check` answers with nothing at once when the server is gone: an early
        empty answer is a dead connection, and so is BYE. Raises LostError.
        """
        with _told():
            if not self._client.has_capability("IDLE"):
                stopping.wait(min(seconds, POLL_SECONDS))
                return
            until = monotonic() + seconds
            self._client.idle()
            while not stopping.is_set() and monotonic() < until:
                began = monotonic()
                told = self._client.idle_check(timeout=IDLE_SLICE)
                if not told and monotonic() - began < IDLE_SLICE * 0.9:
                    raise LostError("IDLE ended")
                if any(line[:1] == (b"BYE",) for line in told):
                    raise LostError("BYE")
                if any(b"EXISTS" in line or b"EXPUNGE" in line for line in told):
                    break
            self._client.idle_done()


@contextmanager
def opened(account: ImapAccount, environment: Mapping[str, str]) -> Iterator[Session]:
    """Connects over verified TLS and signs in; says goodbye at the end.

    Raises LostError, SignInError, NoCredentialError.
    """
    with _told():
        client = IMAPClient(
            account.host,
            account.port,
            ssl=account.tls,
            ssl_context=_trust(account) if account.tls else None,
            timeout=SocketTimeout(CONNECT_SECONDS, READ_SECONDS),
        )
    try:
        _sign_in(client, account, environment)
        yield Session(client)
        with suppress(OSError, IMAPClientError):
            client.socket().settimeout(GOODBYE_SECONDS)
            client.logout()
    finally:
        with suppress(OSError, IMAPClientError):
            client.shutdown()


def _trust(account: ImapAccount) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=account.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _sign_in(client: IMAPClient, account: ImapAccount, environment: Mapping[str, str]) -> None:
    if account.token_command:
        try:
            _with_token(client, account, environment)
        except SignInError:
            # It may have ended between the command and the server: asked for once more.
            _with_token(client, account, environment)
        return
    password = password_of(account)
    with _told():
        if client.has_capability("AUTH=PLAIN"):
            client.plain_login(account.user, password)
        else:
            client.login(f'"{_quoted(account.user)}"', password)


def _with_token(client: IMAPClient, account: ImapAccount, environment: Mapping[str, str]) -> None:
    token = token_of(account, environment)
    with _told():
        client.oauth2_login(account.user, token)


def _quoted(text: str) -> str:
    """The library quotes the password of LOGIN, and leaves the user as it is."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


@contextmanager
def _told() -> Iterator[None]:
    """The library's errors as ours, without the server's words."""
    try:
        yield
    except LoginError:
        raise SignInError from None
    except (IMAPClientAbortError, ProtocolError, OSError) as error:
        raise LostError(type(error).__name__) from None
    except IMAPClientError as error:
        raise RefusedError(type(error).__name__) from None
    except (ValueError, KeyError, IndexError, AssertionError) as error:
        # An answer that the library cannot read: what comes after it cannot be trusted either.
        raise LostError(type(error).__name__) from None
