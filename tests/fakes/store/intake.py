"""Contents, messages, the ledger, the outbox in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import ConflictError
from secure_mail.application.ports.store_intake import MessageLine
from secure_mail.domain.events import LedgerCount
from secure_mail.domain.ids import (
    BlobKey,
    CaseId,
    ContentId,
    MessageId,
    OutboxId,
    PartId,
    Reference,
)
from secure_mail.domain.messages import Message, MessageState, Part, PartKind
from secure_mail.domain.work import LEASE, Claim, FencedError, JobKind, JobState, OutboxEntry
from tests.fakes.store.state import State, drop, one, put

KINDS = tuple(PartKind)


class FakeContents:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, content: ContentId, parts: Sequence[Part]) -> None:
        put(self._state.contents, content, value=True)
        self._add_parts(parts)

    def _add_parts(self, parts: Sequence[Part]) -> None:
        for part in parts:
            put(self._state.parts, part.id, part)

    def replace_derived(self, content: ContentId, parts: Sequence[Part]) -> Sequence[BlobKey]:
        present = self.parts(content)
        of_mail = any(part.kind is PartKind.RAW for part in present)
        derived = {PartKind.VIEW, PartKind.FILE} if of_mail else {PartKind.VIEW}
        former = [part for part in present if part.kind in derived]
        for part in former:
            del self._state.parts[part.id]
        self._add_parts(parts)
        blobs = [part.blob for part in former if part.blob is not None]
        named = self.named_blobs(blobs)
        return [blob for blob in blobs if blob not in named]

    def parts(self, content: ContentId) -> Sequence[Part]:
        found = [part for part in self._state.parts.values() if part.content_id == content]
        return sorted(found, key=lambda part: (KINDS.index(part.kind), part.ordinal))

    def part(self, part: PartId) -> Part | None:
        return self._state.parts.get(part)

    def named_blobs(self, keys: Sequence[BlobKey]) -> frozenset[BlobKey]:
        named = {part.blob for part in self._state.parts.values()}
        named |= {file.blob for file in self._state.draft_files.values()}
        return frozenset(key for key in keys if key in named)


class FakeMessages:
    def __init__(self, state: State, accepted: Callable[[MessageId], None]) -> None:
        self._state = state
        self._messages = state.messages
        self._accepted = accepted

    def add(self, message: Message, digest: bytes | None, digest_until: datetime | None) -> None:
        self._accepted(message.id)
        put(self._messages, message.id, message, lambda each: each.reference)
        if digest is not None:
            assert digest_until is not None
            drop(self._state.digests, lambda known: known[1] <= message.received_at)
            if digest in self._state.digests:
                raise ConflictError
            self._state.digests[digest] = (message.id, digest_until)

    def duplicate(self, digest: bytes, now: datetime) -> Message | None:
        known = self._state.digests.get(digest)
        return self._messages[known[0]] if known is not None and now < known[1] else None

    def get(self, message: MessageId) -> Message | None:
        return self._messages.get(message)

    def by_reference(self, reference: Reference) -> Message | None:
        return one(each for each in self._messages.values() if each.reference == reference)

    def reference_taken(self, reference: Reference) -> bool:
        return self.by_reference(reference) is not None

    def save(self, message: Message, was: MessageState) -> bool:
        found = self._messages.get(message.id)
        if found is None or found.state is not was:
            return False
        self._messages[message.id] = message
        return True

    def _oldest_first(self, wanted: Callable[[Message], bool]) -> list[Message]:
        found = filter(wanted, self._messages.values())
        return sorted(found, key=lambda each: (each.received_at, each.id))

    def of_case(self, case: CaseId) -> Sequence[Message]:
        return self._oldest_first(lambda each: each.case_id == case)

    def sharing(self, content: ContentId) -> Sequence[Message]:
        return self._oldest_first(lambda each: each.content_id == content)

    def held(self, limit: int, after: MessageId | None = None) -> Sequence[Message]:
        found = [each for each in self._messages.values() if each.state is MessageState.HELD]
        later = [each for each in found if after is None or each.id > after]
        return sorted(later, key=lambda each: each.id)[:limit]

    def held_count(self) -> int:
        return sum(each.state is MessageState.HELD for each in self._messages.values())

    def page(
        self,
        *,
        state: str | None,
        queue: str | None,
        since: datetime | None,
        limit: int,
        after: MessageId | None,
    ) -> Sequence[MessageLine]:
        lines = [self._line(each) for _, each in sorted(self._messages.items())]
        found = [
            line
            for line in lines
            if (state is None or state == _shown_state(line))
            and (queue is None or line.queue == queue)
            and (since is None or line.message.received_at >= since)
            and (after is None or line.message.id > after)
        ]
        return found[:limit]

    def _line(self, message: Message) -> MessageLine:
        case = self._state.cases.get(message.case_id) if message.case_id else None
        return MessageLine(
            message=message,
            number=FakeLedger(self._state).number(message.id),
            claimed=any(
                entry.subject == message.id
                and entry.kind is JobKind.PROCESS_MESSAGE
                and entry.state is JobState.CLAIMED
                for entry in self._state.outbox.values()
            ),
            case=case.reference if case else None,
            queue=case.queue if case else None,
        )


def _shown_state(line: MessageLine) -> str:
    claimed = line.claimed and line.message.state is MessageState.ACCEPTED
    return "processing" if claimed else line.message.state


class FakeLedger:
    def __init__(self, state: State) -> None:
        self._state = state

    def append(self, messages: Sequence[MessageId]) -> None:
        for message in messages:
            self._state.ledger[len(self._state.ledger) + 1] = message

    def number(self, message: MessageId) -> int | None:
        return one(number for number, of in self._state.ledger.items() if of == message)

    def first(self) -> MessageId | None:
        first = self._state.ledger.get(1)
        return MessageId(first) if first else None

    def count(self) -> LedgerCount:
        messages = [self._state.messages[message] for message in self._state.ledger.values()]
        by_state = Counter(message.state for message in messages)
        numbers = range(1, max(self._state.ledger, default=0) + 1)
        return LedgerCount(
            accepted=len(messages),
            filed=by_state[MessageState.FILED],
            held=by_state[MessageState.HELD],
            refused=by_state[MessageState.REFUSED],
            in_progress=by_state[MessageState.ACCEPTED],
            first_gap=one(number for number in numbers if number not in self._state.ledger),
        )

    def oldest_in_progress(self) -> datetime | None:
        found = [m for m in self._state.messages.values() if m.state is MessageState.ACCEPTED]
        return min((message.received_at for message in found), default=None)


class FakeOutbox:
    def __init__(self, state: State, ids: Ids, clock: Clock, added: Callable[[], None]) -> None:
        self._outbox = state.outbox
        self._ids = ids
        self._clock = clock
        self._added = added

    def add(self, kind: JobKind, subject: UUID, due_at: datetime) -> None:
        entry = OutboxEntry(
            id=OutboxId(self._ids.new()),
            kind=kind,
            subject=subject,
            created_at=self._clock.now(),
            due_at=due_at,
        )
        self._outbox[entry.id] = entry
        self._added()

    def claim(self, limit: int, now: datetime) -> Sequence[Claim]:
        ready = sorted(
            (at, entry.id)
            for entry in self._outbox.values()
            if (at := _ready_at(entry)) is not None and at <= now
        )
        claims = [self._claim(self._outbox[entry], now) for _, entry in ready[:limit]]
        return sorted(claims, key=lambda claim: (self._outbox[claim.id].due_at, claim.id))

    def _claim(self, entry: OutboxEntry, now: datetime) -> Claim:
        taken = replace(
            entry, state=JobState.CLAIMED, attempt=entry.attempt + 1, lease_until=now + LEASE
        )
        self._outbox[entry.id] = taken
        return Claim(taken.id, taken.kind, taken.subject, taken.attempt)

    def take_back(self) -> int:
        claimed = [e for e in self._outbox.values() if e.state is JobState.CLAIMED]
        for entry in claimed:
            self._outbox[entry.id] = replace(entry, state=JobState.PENDING, lease_until=None)
        return len(claimed)

    def _held(self, claim: Claim) -> OutboxEntry | None:
        entry = self._outbox.get(claim.id)
        if entry is None or entry.state is not JobState.CLAIMED:
            return None
        return entry if Claim(entry.id, entry.kind, entry.subject, entry.attempt) == claim else None

    def _set(self, claim: Claim, **values: Any) -> bool:
        entry = self._held(claim)
        if entry is not None:
            self._outbox[claim.id] = replace(entry, **values)
        return entry is not None

    def renew(self, claim: Claim, now: datetime) -> None:
        if not self._set(claim, lease_until=now + LEASE):
            raise FencedError

    def done(self, claim: Claim) -> None:
        if not self._set(claim, state=JobState.DONE, lease_until=None):
            raise FencedError

    def retry(self, claim: Claim, due_at: datetime, error: str) -> None:
        self._set(claim, state=JobState.PENDING, due_at=due_at, lease_until=None, last_error=error)

    def of(self, kind: JobKind, subject: UUID) -> OutboxEntry | None:
        found = [e for e in self._outbox.values() if (e.kind, e.subject) == (kind, subject)]
        return max(found, key=lambda entry: (entry.created_at, entry.id), default=None)

    def backlog(self, kind: JobKind, cap: int) -> int:
        waiting = [e for e in self._outbox.values() if e.kind is kind and _ready_at(e)]
        return min(len(waiting), cap)

    def delete_done(self, before: datetime) -> int:
        return drop(
            self._outbox, lambda each: each.state is JobState.DONE and each.created_at < before
        )


def _ready_at(entry: OutboxEntry) -> datetime | None:
    """When somebody may take it: due time, end of the lease, or never again."""
    if entry.state is JobState.PENDING:
        return entry.due_at
    return entry.lease_until if entry.state is JobState.CLAIMED else None
