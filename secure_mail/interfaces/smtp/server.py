"""The listener of the SMTP door: starts, tells where it listens, and stops without losing mail."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from secure_mail.application.intake.check_recipient import CheckRecipient
from secure_mail.application.intake.gate import Gate
from secure_mail.application.intake.judge_arrival import JudgeArrival
from secure_mail.application.intake.ready_for_mail import ReadyForMail
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.safety import SafetyError
from secure_mail.interfaces.smtp.connections import Connections
from secure_mail.interfaces.smtp.door import MailDoor
from secure_mail.interfaces.smtp.limits import SmtpConfig
from secure_mail.interfaces.smtp.protocol import SmtpSession

BACKLOG = 256


class SmtpDoor:
    """One SMTP listener in the running event loop (asyncio's own or uvloop)."""

    def __init__(
        self,
        config: SmtpConfig,
        *,
        gate: Gate,
        ready: ReadyForMail,
        check_recipient: CheckRecipient,
        judge_arrival: JudgeArrival,
        rules: Rules,
        threads: Executor,
    ) -> None:
        self._config = config
        self._connections = Connections(config)
        self._tls = _tls_of(config)
        self._server: asyncio.Server | None = None
        self._door = MailDoor(
            config,
            gate=gate,
            ready=ready,
            check_recipient=check_recipient,
            judge_arrival=judge_arrival,
            rules=rules,
            threads=threads,
        )

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on; asked after `start`."""
        if self._server is None:
            raise RuntimeError("the SMTP door has not been started")
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    async def start(self) -> None:
        """Raises OSError when the address is taken."""
        loop = asyncio.get_running_loop()
        host, _, port = self._config.bind.rpartition(":")
        session = partial(SmtpSession, self._door, self._connections, self._tls, loop)
        self._server = await loop.create_server(
            session, host.strip("[]"), int(port), backlog=BACKLOG
        )

    async def stop(self, grace: float) -> None:
        """Listens no more; 421 to who is idle, the others finish within `grace` seconds."""
        if self._server:
            self._server.close()
        await self._connections.drained(grace)


def _tls_of(config: SmtpConfig) -> Callable[[], ssl.SSLContext] | None:
    """What gives each handshake its context. Raises SafetyError."""
    if config.tls_certificate is None:
        if config.require_tls:
            raise SafetyError(
                "The SMTP door requires TLS but has no certificate",
                "SMTP_TLS_CERT",
                "Name a certificate and its key, or set SMTP_REQUIRE_TLS=false",
            )
        return None
    try:
        context = tls_context(config.tls_certificate, config.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise SafetyError(
            "The SMTP door's certificate cannot be loaded",
            str(config.tls_certificate),
            "Check that SMTP_TLS_CERT and SMTP_TLS_KEY are a readable PEM pair",
        ) from error
    return lambda: context


def tls_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """TLS 1.2 and newer, no renegotiation."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.load_cert_chain(certificate, key)
    return context
