"""IMAP_ACCOUNTS read: a URL for each mailbox that is emptied. No fault repeats any of the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from secure_mail.application.ports.safety import SafetyError

PORTS = {"imaps": 993, "imap": 143}
SETTING = "SECURE_MAIL_IMAP_ACCOUNTS"
ONCE = frozenset(
    {
        *("mailbox", "authserv_id", "received_by", "password_file", "ca_file"),
        *("processed", "failed"),
    }
)
COMMAND = "token_command"
"""Given once for each word of the command: an argument list needs no quoting and no shell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAccount:
    """One folder of one user of one server, and how to come in."""

    number: int
    """Its place in the setting, from 1."""
    user: str = field(repr=False)
    host: str = field(repr=False)
    port: int
    tls: bool
    folder: str
    mailbox: str
    """Of the rules file: whose mail it is."""
    password: str | None = field(default=None, repr=False)
    password_file: Path | None = None
    token_command: tuple[str, ...] = field(default=(), repr=False)
    ca_file: Path | None = None
    """Authorities that may vouch for the server; without it, the system's."""
    authserv_id: str = ""
    received_by: str = ""
    processed: str = "Processed"
    failed: str = "Failed"

    @property
    def identity(self) -> str:
        """Whose mailbox it is: the sender scope of duplicates, which is kept as a digest only."""
        return f"{self.user}@{self.host}:{self.port}"

    @property
    def key(self) -> str:
        """Stands for the account in the database, where no user's name belongs."""
        return sha256(self.identity.encode()).hexdigest()[:32]


def parse_accounts(texts: Sequence[str]) -> tuple[ImapAccount, ...]:
    """Raises SafetyError, one line: which account, what is wrong, what to do."""
    accounts = tuple(_parsed(number, text) for number, text in enumerate(texts, 1))
    places = Counter((account.identity, account.folder) for account in accounts)
    for account in accounts:
        if places[account.identity, account.folder] > 1:
            raise fault(account.number, "the same folder is named twice", "Name it once")
    return accounts


def fault(number: int, what: str, remedy: str) -> SafetyError:
    """One line about the account of that number."""
    return SafetyError(what, f"{SETTING}, account {number}", remedy)


def _parsed(number: int, text: str) -> ImapAccount:
    form = "Write imaps://USER@HOST/INBOX?mailbox=NAME with %-encoded signs in USER and password"
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
    except ValueError:
        raise fault(number, "not an IMAP address", form) from None
    if url.scheme not in PORTS or not host or not url.username or url.fragment:
        raise fault(number, "not an IMAP address", form)
    if url.scheme == "imap" and not _loopback(host):
        raise fault(number, "IMAP off this machine without TLS", "Use imaps://")
    values, command = _parameters(number, url)
    account = ImapAccount(
        number=number,
        user=unquote(url.username),
        host=host,
        port=port or PORTS[url.scheme],
        tls=url.scheme == "imaps",
        folder=unquote(url.path.removeprefix("/")) or "INBOX",
        mailbox=values.get("mailbox", "").lower(),
        password=unquote(url.password) if url.password else None,
        password_file=Path(values["password_file"]) if "password_file" in values else None,
        token_command=command,
        ca_file=Path(values["ca_file"]) if "ca_file" in values else None,
        authserv_id=values.get("authserv_id", ""),
        received_by=values.get("received_by", "").lower(),
        processed=values.get("processed", "Processed"),
        failed=values.get("failed", "Failed"),
    )
    _check(account)
    return account


def _parameters(number: int, url: SplitResult) -> tuple[dict[str, str], tuple[str, ...]]:
    values: dict[str, str] = {}
    command: list[str] = []
    for pair in filter(None, url.query.split("&")):
        name, _, text = pair.partition("=")
        value = unquote(text)
        if name == COMMAND:
            command.append(value)
        elif name not in ONCE or name in values or not value:
            # What stands there may be the end of a password that was not encoded.
            raise fault(
                number,
                "a parameter is not known, empty or given twice",
                f"Use {', '.join(sorted(ONCE))} once each, {COMMAND} once for each word",
            )
        else:
            values[name] = value
    return values, tuple(command)


def _check(account: ImapAccount) -> None:
    number = account.number
    ways = (account.password, account.password_file, account.token_command or None)
    names = (account.user, account.folder, account.processed, account.failed)
    if any(not sign.isprintable() for name in names for sign in name):
        raise fault(number, "a name holds a control sign", "Correct it")
    if not account.mailbox:
        raise fault(number, "no mailbox is named", "Add ?mailbox=NAME, a mailbox of the rules file")
    if len([way for way in ways if way is not None]) != 1:
        raise fault(
            number,
            "exactly one way to sign in is needed",
            f"Give a password in the address, password_file or {COMMAND}",
        )
    if bool(account.authserv_id) != bool(account.received_by):
        raise fault(
            number,
            "authserv_id and received_by prove a sender together only",
            "Give both or neither",
        )
    if len({account.folder, account.processed, account.failed}) != 3:
        raise fault(
            number,
            "the folder, processed and failed must be three folders",
            "Name them apart",
        )


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
