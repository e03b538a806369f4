"""The gate: the only way in. It seals what arrives while it arrives and answers after the commit.

receiving = gate.begin(envelope)
await receiving.write(chunk)                # as often as there are chunks
accepted = await receiving.accept(evidence)   # or receiving.abort()
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from secure_mail.application.intake.accept_message import Sealed, accept, copies_for
from secure_mail.application.intake.header_tap import HeaderTap, TappedHeaders
from secure_mail.application.intake.sealed_body import SealingBody, submitted
from secure_mail.application.intake.signed_body import SignedBody
from secure_mail.application.ports.blobs import Blobs, BlobsUnavailableError, StorageFullError
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.store import (
    CommitQueue,
    ConflictError,
    StoreDownError,
    StoreFullError,
    UnitOfWork,
)
from secure_mail.application.ports.vault import DedupeKey, Sealer
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import ContentId, Mailbox, PartId
from secure_mail.domain.messages import Accepted, Envelope, Part, PartKind
from secure_mail.domain.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What every door hands its messages to. One instance serves every connection."""

    commits: CommitQueue
    blobs: Blobs
    sealer: Sealer
    dedupe: DedupeKey
    clock: Clock
    ids: Ids
    rules: Rules
    threads: Executor
    """Bounded; runs the blob store's blocking calls: the event loop never waits for a disk."""

    def begin(self, envelope: Envelope) -> Receiving:
        """Opens one message. Nothing is stored until `accept`."""
        return Receiving(self, envelope)


class Receiving:
    """One message on its way in: content key, sealing stream, digest and header tap.

    Of the message it holds at most HELD sealed octets and the chunk in hand.
    Not for concurrent use: one caller, one call at a time (`abort` excepted).
    """

    def __init__(self, gate: Gate, envelope: Envelope) -> None:
        self._gate = gate
        self._envelope = envelope
        self._content = ContentId(gate.ids.new())
        self._part = PartId(gate.ids.new())
        self._key = gate.sealer.new_content_key()
        self._body = SealingBody(
            gate.sealer, gate.blobs, gate.threads, self._key, self._content, self._part
        )
        self._raw = hashlib.sha256()
        self._tap = HeaderTap()
        self._signed: SignedBody | None = None

    def __repr__(self) -> str:
        return f"Receiving({self._envelope.channel}, {', '.join(self._envelope.mailboxes)})"

    @property
    def size(self) -> int:
        """Octets of plaintext so far."""
        return self._body.size

    @property
    def buffered(self) -> int:
        """Sealed octets held in memory."""
        return self._body.buffered

    def headers(self) -> TappedHeaders:
        """What the door must judge; ask when all has been written."""
        tapped = self._tap.result()
        if tapped.signed:
            return replace(tapped, body=(self._signed or SignedBody()).result())
        return tapped

    async def write(self, chunk: bytes) -> None:
        """Seals the next octets. Raises Refusal (STORAGE_LOW, TEMPORARY)."""
        self._raw.update(chunk)
        body = self._tap.feed(chunk)
        if self._tap.signed:
            self._signed = self._signed or SignedBody()
            self._signed.feed(chunk[body:] if body else chunk)
        with _temporary():
            await self._body.write(chunk)

    async def accept(self, evidence: Evidence, *, scope: str | None = None) -> tuple[Accepted, ...]:
        """Makes it durable and returns, per mailbox, what may be told the sender.

        `scope`: in place of the envelope's, where only the evidence shows whose retry it may be.
        Raises Refusal (STORAGE_LOW, TEMPORARY): then nothing may be acknowledged, and a retry is
        absorbed as a duplicate if the commit happened after all.
        """
        if scope is not None:
            self._envelope = replace(self._envelope, scope=scope)
        with _temporary():
            sealed = Sealed(
                channel=self._envelope.channel,
                content=self._content,
                parts=(await self._part_row(),),
                copies=copies_for(
                    self._envelope.mailboxes,
                    self._digest,
                    evidence,
                    key=self._key,
                    content=self._content,
                    sealer=self._gate.sealer,
                    ids=self._gate.ids,
                ),
            )
            return await self._commit(sealed)

    def abort(self) -> None:
        """Forgets what was written; never raises and never waits."""
        self._body.abort()

    async def _part_row(self) -> Part:
        body = await self._body.finish()
        return Part(
            id=self._part,
            content_id=self._content,
            kind=PartKind.RAW,
            ordinal=0,
            size=body.size,
            digest=body.digest,
            inline=body.inline,
            blob=body.blob,
            label=None,
        )

    async def _commit(self, sealed: Sealed) -> tuple[Accepted, ...]:
        gate = self._gate
        prefix = gate.rules.in_force().case_prefix

        def unit(uow: UnitOfWork) -> tuple[Accepted, ...]:
            return accept(uow, sealed, ids=gate.ids, at=gate.clock.now(), prefix=prefix)

        try:
            try:
                accepted = await gate.commits.run(unit)
            except ConflictError:
                # The other unit is in: this is now its duplicate, or finds a free reference.
                accepted = await gate.commits.run(unit)
        except StoreDownError:
            # The outcome is unknown and the row may name the blob: only the sweeper may delete it.
            raise
        except Exception:
            self._forget(sealed)
            raise
        if all(one.duplicate for one in accepted):
            self._forget(sealed)
        return accepted

    def _digest(self, mailbox: Mailbox) -> bytes:
        envelope = self._envelope
        return self._gate.dedupe.digest(
            envelope.channel, mailbox, envelope.scope, self._raw.digest()
        )

    def _forget(self, sealed: Sealed) -> None:
        """Deletes a blob that no row names; the sweeper finds it when this fails."""
        for part in sealed.parts:
            if part.blob:
                submitted(self._gate.threads, self._gate.blobs.delete, part.blob)


@contextmanager
def _temporary() -> Iterator[None]:
    """A store that fails is a temporary refusal, never a permanent one."""
    try:
        yield
    except (StorageFullError, StoreFullError) as error:
        raise Refusal(RefusalCode.STORAGE_LOW) from error
    except (BlobsUnavailableError, StoreDownError) as error:
        raise Refusal(RefusalCode.TEMPORARY) from error
