"""One mail as RFC 5322 octets: plain text, marked as ours and as automatic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.mail import OutgoingMail
from secure_mail.application.ports.vault import OwnMail
from secure_mail.domain.addresses import EmailAddress

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whom our mails come from: the body's short name only, never its department (rule 13)."""

    address: EmailAddress
    names: Mapping[str, str] = field(default_factory=dict)
    """Language to short name; without one the address stands alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compose:
    """Writes headers from settings and ids alone; a sign that could end a header is an error."""

    sender: Sender
    own_mail: OwnMail
    clock: Clock

    def __call__(self, mail: OutgoingMail, encoding: str = "quoted-printable") -> bytes:
        """CRLF line ends; `encoding` is for signs beyond ASCII: any relay takes quoted-printable.

        `X-Secure-Mail` is OwnMail's mark of the Message-ID without its angle brackets. Raises
        ValueError for a Message-ID or a header that is none.
        """
        message_id = f"{checked_id(mail)}@{self.sender.address.domain}"
        message = EmailMessage(SMTP if mail.to.local.isascii() else SMTPUTF8)
        message["From"] = _address(self.sender.address, self.sender.names.get(mail.language, ""))
        message["To"] = _address(mail.to)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(self.clock.now())
        message["Message-ID"] = f"<{message_id}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Secure-Mail"] = self.own_mail.mark(message_id)
        message.set_content(
            mail.text, charset="utf-8", cte="7bit" if mail.text.isascii() else encoding
        )
        return message.as_bytes()


def checked_id(mail: OutgoingMail) -> str:
    """The Message-ID's local part, safe in a header and as a file's name."""
    if not _ID.fullmatch(mail.message_id):
        raise ValueError("not a Message-ID of ours")
    return mail.message_id


def _address(address: EmailAddress, name: str = "") -> Address:
    return Address(name, username=address.local, domain=address.domain)
