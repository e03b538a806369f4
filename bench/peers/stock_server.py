"""The process of `stock`: aiosmtpd's own SMTP class in uvloop, in front of our gate."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl

import structlog
import uvloop
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received

from secure_mail.application.intake.gate import Gate
from secure_mail.bootstrap.parts import Parts
from secure_mail.bootstrap.public import mail_app
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.messages import Channel, Envelope
from secure_mail.infrastructure.db import commit_queue
from secure_mail.run.logs import configure_logs
from secure_mail.settings import Role, Settings, read_settings

BACKLOG = 256
log = structlog.get_logger("stock")


class Storing:
    """The library's handler: each letter through the gate, then 250."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def handle_DATA(self, _server: SMTP, session: Session, received: Received) -> str:  # noqa: N802  the library's name
        """Named by the library."""
        client = str((session.peer or ("", 0))[0])
        receiving = self._gate.begin(
            Envelope(
                channel=Channel.SMTP,
                mailboxes=tuple(
                    Mailbox(address.partition("@")[0]) for address in received.rcpt_tos
                ),
                sender=None,
                scope=f"{received.mail_from} {client}",
            )
        )
        await receiving.write(received.original_content or b"")
        evidence = Evidence(
            envelope_sender=received.mail_from,
            header_from=receiving.headers().from_addresses,
            helo=session.host_name,
            peer=client,
        )
        (accepted,) = await receiving.accept(evidence)
        log.info("smtp.accepted", message_id=str(accepted.message_id))
        return f"250 2.0.0 Accepted as {accepted.reference}"


def main() -> None:
    """Serves until SIGTERM."""
    # A commit for each message: what the group commit of ours is measured against.
    commit_queue.GROUP = 1
    settings = read_settings(os.environ)
    configure_logs(settings.log_format)
    uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    roles: tuple[Role, ...] = ("smtp",)
    parts = Parts(settings, roles)
    handler = Storing(mail_app(parts).gate)
    tls = _tls(settings)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    host, _, port = settings.smtp_bind.rpartition(":")
    server = await loop.create_server(
        lambda: SMTP(
            handler,
            hostname="mx.kela.fi",
            data_size_limit=settings.smtp_max_size,
            enable_SMTPUTF8=True,
            tls_context=tls,
            loop=loop,
        ),
        host,
        int(port),
        backlog=BACKLOG,
    )
    log.info("process.ready")
    await stop.wait()
    server.close()
    parts.close()


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.smtp_tls_cert is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(settings.smtp_tls_cert, settings.smtp_tls_key)
    return context


if __name__ == "__main__":
    main()
