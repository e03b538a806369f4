"""What is examined: the settings of a deployment, and what more than one group needs of it."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from secure_mail.application.ports.store import StoreDownError
from secure_mail.bootstrap.data import data_path
from secure_mail.bootstrap.parts import Parts
from secure_mail.domain.routing.rulebook import RuleBook
from secure_mail.infrastructure.db.engine import StatementError
from secure_mail.infrastructure.rules.loader import load
from secure_mail.infrastructure.sender_auth.lookups import DnsFailureError
from secure_mail.infrastructure.sender_auth.records import Records
from secure_mail.settings import Role, Settings

SMTP_PORT, HTTPS_PORT = 25, 443


@dataclass(frozen=True, kw_only=True)
class Patient:
    """Opens what it is asked for; `close` afterwards."""

    settings: Settings
    roles: tuple[Role, ...]
    now: datetime
    mx_port: int = field(default=SMTP_PORT)
    """Where mail servers of the domain are asked."""
    https_port: int = field(default=HTTPS_PORT)

    @cached_property
    def parts(self) -> Parts:
        """Without keys."""
        return Parts(self.settings, ())

    @cached_property
    def book(self) -> RuleBook:
        """The rules in force; where there is no database to tell, those of the file."""
        path = self.settings.rules or data_path("routing_rules.yaml")
        file = self.sqlite_file
        if file is None or file.exists():
            with suppress(StoreDownError, StatementError):
                return self.parts.book
        return load(path.read_bytes(), str(path)).book

    @property
    def sqlite_file(self) -> Path | None:
        """The database, when it is one file: opening it would make it."""
        scheme, _, path = self.settings.database_url.get_secret_value().partition(":///")
        return Path(path) if scheme == "sqlite" else None

    @cached_property
    def records(self) -> Records:
        return Records(self.settings.dns_servers)

    def address_of(self, host: str) -> str:
        """Raises DnsFailureError, also when the name has none."""
        for address in self.records.addresses(host):
            return address
        raise DnsFailureError

    @property
    def host(self) -> str:
        """How our mail doors call themselves, and what their certificate must show."""
        return urlsplit(self.settings.base_url).hostname or "localhost"

    def close(self) -> None:
        with closing(self.parts):
            pass
