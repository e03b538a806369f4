"""RELAY_URL to a mailer."""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.parse import unquote, urlsplit

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.mail import Mailer
from secure_mail.application.ports.safety import SafetyError
from secure_mail.application.ports.vault import BounceTags, OwnMail
from secure_mail.infrastructure.mailer.compose import Compose, Sender
from secure_mail.infrastructure.mailer.dkim_signing import DkimSigner
from secure_mail.infrastructure.mailer.maildir import MaildirMailer
from secure_mail.infrastructure.mailer.relay import Relay, RelayMailer

PORTS = {"smtp": 25, "smtps": 465}


def mailer_from_url(
    url: str,
    sender: Sender,
    own_mail: OwnMail,
    bounce_tags: BounceTags,
    clock: Clock,
    *,
    signer: DkimSigner | None = None,
    trust: ssl.SSLContext | None = None,
) -> Mailer:
    """`maildir:PATH`, `smtp://user:pass@host:25` (STARTTLS required) or `smtps://…`.

    `trust` verifies the relay (default: the system's authorities); without a `signer` the relay
    signs. Raises SafetyError for any other URL; its text never repeats the URL, which may hold a
    password.
    """
    compose = Compose(
        sender=sender, own_mail=own_mail, bounce_tags=bounce_tags, clock=clock, signer=signer
    )
    kind, _, rest = url.partition(":")
    if kind == "maildir" and rest:
        return MaildirMailer(Path(rest), compose)
    if kind not in PORTS:
        raise _unknown()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _unknown() from None
    if not host or parts.query or parts.fragment or parts.path not in {"", "/"}:
        raise _unknown()
    relay = Relay(
        host=host,
        port=port or PORTS[kind],
        implicit_tls=kind == "smtps",
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        trust=trust or ssl.create_default_context(),
    )
    return RelayMailer(relay, compose)


def _unknown() -> SafetyError:
    return SafetyError(
        "not an address mail can leave by",
        "SECURE_MAIL_RELAY_URL",
        "Use smtp://host:25, smtps://host:465 or, in the demo, maildir:PATH",
    )
