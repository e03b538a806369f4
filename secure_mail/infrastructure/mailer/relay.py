"""Mail out by SMTP: over verified TLS, or not at all."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn

import aiosmtplib

from secure_mail.application.ports.mail import (
    MailRefusedError,
    MailTemporaryError,
    OutgoingMail,
)
from secure_mail.infrastructure.mailer.compose import Compose

TIMEOUT = 30.0
"""Seconds for one command."""
PATIENCE = 120.0
"""Seconds for the whole mail: shorter than the job's lease."""
SILENCE = timedelta(seconds=30)
"""A relay that did not answer is left alone so long: while mails wait for it, one by one, the same
threads could not process messages.
"""

_REPLY = re.compile(r"\d\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where mail leaves; `implicit_tls` is TLS from the first octet, else STARTTLS is required."""

    host: str
    port: int
    implicit_tls: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    trust: ssl.SSLContext
    """Verifies the relay's certificate and name."""


@dataclass(slots=True)
class RelayMailer:
    """One connection per mail. The relay's words never leave it: they may repeat the address."""

    relay: Relay
    compose: Compose
    timeout: float = TIMEOUT
    _silent_until: datetime | None = None

    def send(self, mail: OutgoingMail) -> str:
        """The relay's reply code and enhanced code, as `250 2.0.0`. Blocking.

        MailRefusedError for a 5xx to this recipient or this mail; everything else, a relay without
        STARTTLS or with a bad certificate too, is MailTemporaryError: it is not the mail's fault.
        """
        octets, sender = self.compose(mail), self.compose.envelope_sender(mail)
        if self._silent_until is not None and self.compose.clock.now() < self._silent_until:
            raise MailTemporaryError("TimeoutError")
        try:
            return asyncio.run(self._send(mail, octets, sender))
        except aiosmtplib.SMTPRecipientsRefused as error:
            _refused(error.recipients[0].code)
        except aiosmtplib.SMTPDataError as error:
            _refused(error.code)
        except aiosmtplib.SMTPNotSupported:
            if not mail.to.local.isascii():
                raise MailRefusedError("SMTPUTF8") from None
            raise MailTemporaryError("SMTPNotSupported") from None
        except TimeoutError as error:
            self._silent_until = self.compose.clock.now() + SILENCE
            raise MailTemporaryError(type(error).__name__) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailTemporaryError(type(error).__name__) from None

    async def _send(self, mail: OutgoingMail, octets: bytes, sender: str) -> str:
        relay = self.relay
        with ExitStack() as ended:
            async with (
                asyncio.timeout(PATIENCE),
                aiosmtplib.SMTP(
                    hostname=relay.host,
                    port=relay.port,
                    username=relay.username,
                    password=relay.password,
                    use_tls=relay.implicit_tls,
                    start_tls=None if relay.implicit_tls else True,
                    tls_context=relay.trust,
                    timeout=self.timeout,
                ) as client,
            ):
                if isinstance(client.transport, asyncio.WriteTransport):
                    # After QUIT nobody waits for the goodbye of TLS; the socket would stay open.
                    ended.callback(client.transport.abort)
                _, words = await client.sendmail(
                    sender,
                    [str(mail.to)],
                    octets,
                    mail_options=[] if mail.to.local.isascii() else ["SMTPUTF8", "BODY=8BITMIME"],
                )
        enhanced = _REPLY.match(words)
        return f"250 {enhanced[0]}" if enhanced else "250"


def _refused(code: int) -> NoReturn:
    """From None: the library's error names the recipient."""
    if code >= 500:
        raise MailRefusedError(str(code)) from None
    raise MailTemporaryError(str(code)) from None
