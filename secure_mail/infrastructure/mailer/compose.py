"""One mail as RFC 5322 octets: plain text, marked as ours and as automatic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.mail import OutgoingMail
from secure_mail.application.ports.vault import BounceTags, OwnMail
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.bounces import MailName, bounce_address
from secure_mail.infrastructure.mailer.dkim_signing import DkimSigner


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
    bounce_tags: BounceTags
    clock: Clock
    signer: DkimSigner | None = None

    def envelope_sender(self, mail: OutgoingMail) -> str:
        """Where the mail comes back to. Raises ValueError for a Message-ID that is none."""
        tag = self.bounce_tags.tag(mail_name(mail))
        return str(bounce_address(tag, self.sender.address.domain))

    def __call__(self, mail: OutgoingMail, encoding: str = "quoted-printable") -> bytes:
        """CRLF line ends; `encoding` is for signs beyond ASCII: any relay takes quoted-printable.

        `X-Secure-Mail` is OwnMail's mark of the Message-ID without its angle brackets. Raises
        ValueError for a Message-ID or a header that is none.
        """
        message_id = f"{mail_name(mail)}@{self.sender.address.domain}"
        message = EmailMessage(SMTP if mail.to.local.isascii() else SMTPUTF8)
        message["From"] = _address(self.sender.address, self.sender.names.get(mail.language, ""))
        message["To"] = _address(mail.to)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(self.clock.now())
        message["Message-ID"] = f"<{message_id}>"
        message["Auto-Submitted"] = "auto-generated"
        # Exchange answers RFC 3834's header with an out-of-office reply all the same.
        message["X-Auto-Response-Suppress"] = "All"
        message["X-Secure-Mail"] = self.own_mail.mark(message_id)
        message.set_content(
            mail.text, charset="utf-8", cte="7bit" if mail.text.isascii() else encoding
        )
        octets = message.as_bytes()
        return octets if self.signer is None else self.signer(octets)


def mail_name(mail: OutgoingMail) -> MailName:
    """The Message-ID's local part: safe in a header and as a file's name. Raises ValueError."""
    return MailName.parse(mail.message_id)


def _address(address: EmailAddress, name: str = "") -> Address:
    return Address(name, username=address.local, domain=address.domain)
