"""The policy listener beside the real SMTP door, on one store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from secure_mail.application.intake.check_recipient import CheckRecipient
from secure_mail.application.intake.ready_for_mail import Readiness, ReadyForMail
from secure_mail.domain.refusals import Refusal
from secure_mail.interfaces.policy.door import PolicyDoor
from secure_mail.interfaces.policy.server import PolicyListener
from secure_mail.interfaces.smtp.answers import SMTP_REPLIES
from tests.fakes.vault import FakeBounceTags
from tests.smtp_rig import RULES, Helsinki, Rig

STRANGER = "somebody@nowhere.example"


def words(refusal: Refusal) -> str:
    return SMTP_REPLIES[refusal.code].text(
        host="mx.kela.fi", site="secure.kela.fi", limit=1, **refusal.facts
    )


def policy_door(
    rig: Rig, *, ready: Callable[[], Readiness] | None = None, require_tls: bool = False
) -> PolicyDoor:
    return PolicyDoor(
        ready=ready
        or ReadyForMail(
            units=rig.units,
            blobs=rig.blobs,
            clock=rig.clock,
            calendar=Helsinki(),
            backlog_limit=1000,
        ),
        check_recipient=CheckRecipient(rules=RULES, bounce_tags=FakeBounceTags()),
        rules=RULES,
        threads=rig.threads,
        words=words,
        require_tls=require_tls,
    )


@asynccontextmanager
async def listening(door: PolicyDoor, bind: str | Path, **limits: float) -> AsyncIterator[str]:
    """Give where it listens: the path, or HOST:PORT."""
    listener = PolicyListener(door, str(bind), **limits)
    await listener.start()
    try:
        yield listener.bind
    finally:
        await listener.stop()


def request(sender: str, recipient: str, **more: str) -> bytes:
    attributes = {
        "request": "smtpd_access_policy",
        "protocol_state": "RCPT",
        "protocol_name": "ESMTP",
        "client_address": "192.0.2.7",
        "helo_name": "mx.sender.example",
        "sender": sender,
        "recipient": recipient,
        "encryption_protocol": "TLSv1.3",
        **more,
    }
    lines = "".join(f"{name}={value}\n" for name, value in attributes.items())
    return lines.encode(errors="surrogateescape") + b"\n"


class Asking:
    """One connection of a relay."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, where: str) -> Asking:
        if where.startswith("/"):
            return cls(*await asyncio.open_unix_connection(where))
        host, _, port = where.rpartition(":")
        return cls(*await asyncio.open_connection(host, int(port)))

    async def ask(self, block: bytes) -> str:
        self.writer.write(block)
        return await self.answer()

    async def answer(self) -> str:
        async with asyncio.timeout(10):
            found = await self.reader.readuntil(b"\n\n")
        assert found.startswith(b"action=")
        return found.decode().removeprefix("action=").removesuffix("\n\n")

    async def ended(self) -> bool:
        """Whether the listener hung up, with nothing more to say."""
        async with asyncio.timeout(10):
            silent = await self.reader.read() == b""
        await self.close()
        return silent

    async def close(self) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()
