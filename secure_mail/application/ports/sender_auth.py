"""What DNS and signatures say of who sent a mail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.authentication import BodyHashes, CheckResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A mail as far as it is asked who sent it."""

    section: bytes = field(repr=False)
    """The raw header section, each line with its CRLF."""
    body: BodyHashes | None = None
    """None of a mail without a signature."""
    author: EmailAddress
    """The single From address."""
    sender: EmailAddress | None = None
    """Of MAIL FROM."""
    client: str | None = field(default=None, repr=False)
    """The client's IP address, if SPF is to be asked."""
    helo: str | None = field(default=None, repr=False)
    signers: Collection[str] = ()
    """Domains whose signatures matter most: they are looked at first."""
    recipients: Collection[str] = field(default=(), repr=False)
    """Our addresses that the mail is for, folded."""
    at: datetime


class SenderAuthentication(Protocol):
    """Blocking, for at most 20 seconds in all."""

    def __call__(self, mail: Presented) -> tuple[CheckResult, ...]:
        """What was checked, in order. Never raises: a DNS failure is a result, TEMPERROR.

        A DKIM pass has one of the reasons REPLAYS where the signature does not show that the mail
        was written to us and now.
        """
        ...
