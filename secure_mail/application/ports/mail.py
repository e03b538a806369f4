"""Mail out: at least once, with a Message-ID that a rerun repeats."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from secure_mail.domain.addresses import EmailAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """One text/plain mail. Nothing typed by a user is in it."""

    to: EmailAddress = field(repr=False)
    subject: str
    text: str = field(repr=False)
    message_id: str
    """Local part of the Message-ID: the text of a `bounces.MailName`, the same at every try."""
    language: str


class MailTemporaryError(Exception):
    """The relay did not take it now; try again later."""


class MailRefusedError(Exception):
    """The relay refused it for good (5xx)."""


class Mailer(Protocol):
    def send(self, mail: OutgoingMail) -> str:
        """Hands it to the relay and returns its reply (`250 2.0.0 …`). Blocking.

        Raises MailTemporaryError, MailRefusedError.
        """
        ...
