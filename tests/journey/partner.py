"""A partner organisation's mail server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP

COURT = "registry@court.example"
INSTITUTION = "desk@institution.example"


def letter(sender: str, *mailboxes: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(f"{mailbox}@kela.fi" for mailbox in mailboxes)
    message["Subject"] = subject
    message.set_content(text)
    return message


@contextmanager
def connected(address: tuple[str, int], *, tls: bool = True) -> Iterator[smtplib.SMTP]:
    """A session with the door, after STARTTLS. Its certificate is the demo's own: not judged."""
    with smtplib.SMTP(*address, timeout=30) as client:
        if tls:
            client.starttls(context=unverified())
            client.ehlo()
        yield client


def unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def send(address: tuple[str, int], message: EmailMessage) -> list[str]:
    """The references that the door's 250 names, one for each mailbox."""
    with connected(address) as client:
        return hand_over(client, message)


def hand_over(client: smtplib.SMTP, message: EmailMessage) -> list[str]:
    """Like `send`, in a session that is open already."""
    client.mail(message["From"])
    for recipient in message["To"].split(", "):
        code, words = client.rcpt(recipient)
        assert code == 250, words
    code, words = client.data(message.as_bytes(policy=SMTP))
    assert code == 250, words
    return words.decode().partition("Accepted as ")[2].split()
