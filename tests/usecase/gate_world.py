"""A gate among fakes, and letters to send through it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from secure_mail.application.intake.gate import Gate
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.messages import INLINE_LIMIT, Accepted, Channel, Envelope, Message
from secure_mail.domain.sealing import INTAKE
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.chance import FixedClock, SeededIds
from tests.fakes.rules import reference_rules
from tests.fakes.store import FakeStore
from tests.fakes.vault import FakeDedupeKey, FakeOpener, FakePartOpener, FakeSealer

T = TypeVar("T")

LETTER = b"From: a@b.example\r\n\r\nThe words of the letter.\r\n"
LARGE = LETTER + b"0123456789abcde\n" * (INLINE_LIMIT // 8)
ENVELOPE = Envelope(
    channel=Channel.SMTP,
    mailboxes=(Mailbox("maintenance"),),
    sender=EmailAddress("a", "b.example"),
    scope="a@b.example 192.0.2.0/24",
)
EVIDENCE = Evidence(envelope_sender="a@b.example", tls=True)


@dataclass
class World:
    threads: ThreadPoolExecutor
    clock: FixedClock = field(default_factory=FixedClock)
    ids: SeededIds = field(default_factory=SeededIds)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)

    def __post_init__(self) -> None:
        self.store = FakeStore(ids=SeededIds(seed=7), clock=self.clock)
        self.gate = Gate(
            commits=self.store.commits,
            blobs=self.blobs,
            sealer=FakeSealer(),
            dedupe=FakeDedupeKey(),
            clock=self.clock,
            ids=self.ids,
            rules=reference_rules(),
            threads=self.threads,
        )

    def send(self, raw: bytes = LETTER, envelope: Envelope = ENVELOPE) -> tuple[Accepted, ...]:
        return run(sent(self.gate, raw, envelope))

    def settle(self) -> None:
        """Waits for what the gate left to its threads."""
        self.threads.submit(lambda: None).result()

    @property
    def messages(self) -> list[Message]:
        return list(self.store.state.messages.values())

    def opened(self, message: Message) -> bytes:
        (part,) = [p for p in self.store.state.parts.values() if p.content_id == message.content_id]
        key = FakeOpener(INTAKE).open_key(message.sealed_key, message.content_id)
        sealed = self.blobs.read(part.blob) if part.blob else part.inline
        assert part.digest == hashlib.sha256(sealed).digest()
        return FakePartOpener().open_part(key, part.content_id, part.id, sealed, part.digest)


def run(story: Coroutine[None, None, T]) -> T:
    return asyncio.run(story)


async def sent(gate: Gate, raw: bytes, envelope: Envelope = ENVELOPE) -> tuple[Accepted, ...]:
    receiving = gate.begin(envelope)
    for start in range(0, len(raw), 10_000):
        await receiving.write(raw[start : start + 10_000])
    return await receiving.accept(EVIDENCE)
