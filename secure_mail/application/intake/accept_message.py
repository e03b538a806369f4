"""The one unit that takes a message in, whichever door it came through.

Everything is sealed before the unit begins, so the store's writer thread only writes rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Ids
from secure_mail.application.ports.store import UnitOfWork
from secure_mail.application.ports.vault import Sealer
from secure_mail.application.sealed_evidence import seal_evidence
from secure_mail.domain.events import AuditKind
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import ContentId, LinkId, Mailbox, MessageId, Reference
from secure_mail.domain.messages import Accepted, Channel, Message, MessageState, Part
from secure_mail.domain.sealing import INTAKE, ContentKey, SealedBytes, SealedKey
from secure_mail.domain.work import JobKind

DUPLICATES_KNOWN = timedelta(days=7)
"""How long the same octets from the same sender to the same mailbox are one message (intake.md)."""
REFERENCE_SYMBOLS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What one mailbox gets: an id, the content key sealed for it, the evidence, its digest."""

    id: MessageId
    mailbox: Mailbox
    sealed_key: SealedKey
    evidence: SealedBytes = field(repr=False)
    digest: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What came out of the gate: nothing in it can be read by a door or by the store."""

    channel: Channel
    content: ContentId
    parts: tuple[Part, ...]
    copies: tuple[Copy, ...]
    link_id: LinkId | None = None
    grace: bool = False


def copies_for(
    mailboxes: Sequence[Mailbox],
    digest: Callable[[Mailbox], bytes],
    evidence: Evidence,
    *,
    key: ContentKey,
    content: ContentId,
    sealer: Sealer,
    ids: Ids,
) -> tuple[Copy, ...]:
    """One copy per mailbox, each with its own sealing of the key to the intake."""
    copies = []
    for mailbox in mailboxes:
        message = MessageId(ids.new())
        copies.append(
            Copy(
                id=message,
                mailbox=mailbox,
                sealed_key=sealer.seal_key(key, INTAKE, content),
                evidence=seal_evidence(sealer, key, content, message, evidence),
                digest=digest(mailbox),
            )
        )
    return tuple(copies)


def accept(
    uow: UnitOfWork, sealed: Sealed, *, ids: Ids, at: datetime, prefix: str
) -> tuple[Accepted, ...]:
    """Message, reference, audit and work per mailbox, and the content once; or the duplicate.

    Does not commit: the commit queue does, and appends the ledger's numbers. `prefix` begins the
    references. Raises ConflictError when another unit took a digest or a reference meanwhile.
    """
    known = {copy.id: uow.messages.duplicate(copy.digest, at) for copy in sealed.copies}
    if None in known.values():
        uow.contents.add(sealed.content, sealed.parts)
    return tuple(
        _again(message) if message else _first(uow, sealed, copy, ids=ids, at=at, prefix=prefix)
        for copy in sealed.copies
        for message in (known[copy.id],)
    )


def _again(message: Message) -> Accepted:
    return Accepted(
        message_id=message.id,
        reference=message.reference,
        mailbox=message.mailbox,
        received_at=message.received_at,
        duplicate=True,
    )


def _first(
    uow: UnitOfWork, sealed: Sealed, copy: Copy, *, ids: Ids, at: datetime, prefix: str
) -> Accepted:
    message = Message(
        id=copy.id,
        content_id=sealed.content,
        channel=sealed.channel,
        mailbox=copy.mailbox,
        state=MessageState.ACCEPTED,
        reference=_free_reference(uow, ids, prefix),
        received_at=at,
        sealed_key=copy.sealed_key,
        evidence=copy.evidence,
        link_id=sealed.link_id,
        grace=sealed.grace,
    )
    uow.messages.add(message, copy.digest, at + DUPLICATES_KNOWN)
    uow.outbox.add(JobKind.PROCESS_MESSAGE, message.id, at)
    uow.audit.add(
        audit_event(
            ids,
            at,
            AuditKind.MESSAGE_ACCEPTED,
            f"door:{sealed.channel}",
            message.id,
            reference=str(message.reference),
            digest=" ".join(part.digest.hex() for part in sealed.parts),
        )
    )
    return Accepted(
        message_id=message.id,
        reference=message.reference,
        mailbox=message.mailbox,
        received_at=at,
    )


def _free_reference(uow: UnitOfWork, ids: Ids, prefix: str) -> Reference:
    while True:
        reference = Reference.of(prefix, ids.symbols(REFERENCE_SYMBOLS))
        if not uow.messages.reference_taken(reference):
            return reference
