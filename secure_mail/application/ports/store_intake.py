"""Contents and parts, messages, the ledger, the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from secure_mail.domain.events import LedgerCount
from secure_mail.domain.ids import BlobKey, CaseId, ContentId, MessageId, PartId, Reference
from secure_mail.domain.messages import Message, MessageState, Part
from secure_mail.domain.work import Claim, JobKind, OutboxEntry


class Contents(Protocol):
    def add(self, content: ContentId, parts: Sequence[Part]) -> None: ...

    def replace_derived(self, content: ContentId, parts: Sequence[Part]) -> Sequence[BlobKey]:
        """Puts the worker's view and attachments in place of those of an earlier attempt;
        returns the blobs that nothing names any more.
        """
        ...

    def parts(self, content: ContentId) -> Sequence[Part]:
        """By kind (raw, form, view, file) and ordinal."""
        ...

    def part(self, part: PartId) -> Part | None: ...

    def named_blobs(self, keys: Sequence[BlobKey]) -> frozenset[BlobKey]:
        """Those of the keys that a part or a draft's file names (orphan sweep)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One row of `messages list`: ids and states, no content, no address."""

    message: Message
    number: int | None
    claimed: bool
    """Its process job is claimed: shown as `processing`."""
    case: Reference | None
    queue: str | None


class Messages(Protocol):
    def add(self, message: Message, digest: bytes | None, digest_until: datetime | None) -> None:
        """Adds the message, takes its reference, remembers the duplicate digest until then.

        Raises ConflictError if the reference or a live digest is taken: the unit must end.
        Only in a unit of the commit queue, which numbers it; elsewhere a RuntimeError.
        """
        ...

    def duplicate(self, digest: bytes, now: datetime) -> Message | None:
        """The message a digest already stands for."""
        ...

    def get(self, message: MessageId) -> Message | None: ...
    def by_reference(self, reference: Reference) -> Message | None: ...
    def reference_taken(self, reference: Reference) -> bool: ...

    def save(self, message: Message, was: MessageState) -> bool:
        """Stores the change if the stored state is still `was`."""
        ...

    def of_case(self, case: CaseId) -> Sequence[Message]:
        """Oldest first."""
        ...

    def sharing(self, content: ContentId) -> Sequence[Message]:
        """Messages of one content (several mailboxes of one DATA)."""
        ...

    def answer_unasked(self, address_index: bytes, message: MessageId, now: datetime) -> bool:
        """Takes the address's hour (half-open) for an answer that its sender did not ask for.

        False while an answer about another message has it; a rerun for the same one keeps it.
        """
        ...

    def forget_answers(self, before: datetime) -> int:
        """Hours that began by then; how many."""
        ...

    def held(self, limit: int, after: MessageId | None = None) -> Sequence[Message]:
        """Held messages, oldest first."""
        ...

    def held_count(self) -> int: ...

    def page(
        self,
        *,
        state: str | None,
        queue: str | None,
        since: datetime | None,
        limit: int,
        after: MessageId | None,
    ) -> Sequence[MessageLine]:
        """Oldest first; `state` may be `processing`."""
        ...


class Ledger(Protocol):
    """Acceptance numbers: consecutive, in commit order. The commit queue appends."""

    def number(self, message: MessageId) -> int | None: ...
    def first(self) -> MessageId | None:
        """Number 1: names this database, and outlives every deletion."""
        ...

    def count(self) -> LedgerCount: ...

    def oldest_in_progress(self) -> datetime | None: ...


class Outbox(Protocol):
    def add(self, kind: JobKind, subject: UUID, due_at: datetime) -> None: ...

    def claim(self, limit: int, now: datetime) -> Sequence[Claim]:
        """Takes due pending rows and rows whose lease is over: attempt + 1, lease of 5 minutes."""
        ...

    def take_back(self) -> int:
        """Claimed rows are pending again, whatever their lease; how many there were."""
        ...

    def give_back(self, claim: Claim) -> None:
        """Pending again with the number before this claim; no effect when fenced."""
        ...

    def renew(self, claim: Claim, now: datetime) -> None:
        """A new lease. Raises FencedError."""
        ...

    def done(self, claim: Claim) -> None:
        """In the transaction of the effect. Raises FencedError when a later attempt has it."""
        ...

    def retry(self, claim: Claim, due_at: datetime, error: str) -> None:
        """Back to pending; no effect when fenced."""
        ...

    def bury(self, claim: Claim, error: str) -> None:
        """Dead: recorded and not tried again. Raises FencedError."""
        ...

    def held(self, claim: Claim) -> OutboxEntry | None:
        """The entry, while this claim has it."""
        ...

    def of(self, kind: JobKind, subject: UUID) -> OutboxEntry | None:
        """The latest entry."""
        ...

    def backlog(self, kind: JobKind, cap: int) -> int:
        """Pending and claimed rows of a kind, counted up to `cap`."""
        ...

    def dead(self, kind: JobKind, cap: int) -> int:
        """Dead rows of a kind, counted up to `cap`."""
        ...

    def delete_done(self, before: datetime) -> int:
        """Done and dead rows that were added before then; how many."""
        ...
