"""The outbox in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.domain.ids import OutboxId
from secure_mail.domain.work import LEASE, Claim, FencedError, JobKind, JobState, OutboxEntry
from tests.fakes.store.state import State, drop


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

    def give_back(self, claim: Claim) -> None:
        self._set(claim, state=JobState.PENDING, attempt=claim.attempt - 1, lease_until=None)

    def renew(self, claim: Claim, now: datetime) -> None:
        if not self._set(claim, lease_until=now + LEASE):
            raise FencedError

    def done(self, claim: Claim) -> None:
        if not self._set(claim, state=JobState.DONE, lease_until=None):
            raise FencedError

    def retry(self, claim: Claim, due_at: datetime, error: str) -> None:
        self._set(claim, state=JobState.PENDING, due_at=due_at, lease_until=None, last_error=error)

    def bury(self, claim: Claim, error: str) -> None:
        if not self._set(claim, state=JobState.DEAD, lease_until=None, last_error=error):
            raise FencedError

    def held(self, claim: Claim) -> OutboxEntry | None:
        return self._held(claim)

    def dead(self, kind: JobKind, cap: int) -> int:
        buried = [e for e in self._outbox.values() if (e.kind, e.state) == (kind, JobState.DEAD)]
        return min(len(buried), cap)

    def of(self, kind: JobKind, subject: UUID) -> OutboxEntry | None:
        found = [e for e in self._outbox.values() if (e.kind, e.subject) == (kind, subject)]
        return max(found, key=lambda entry: (entry.created_at, entry.id), default=None)

    def backlog(self, kind: JobKind, cap: int) -> int:
        waiting = [e for e in self._outbox.values() if e.kind is kind and _ready_at(e)]
        return min(len(waiting), cap)

    def delete_done(self, before: datetime) -> int:
        return drop(
            self._outbox,
            lambda each: each.state in (JobState.DONE, JobState.DEAD) and each.created_at < before,
        )


def _ready_at(entry: OutboxEntry) -> datetime | None:
    """When somebody may take it: due time, end of the lease, or never again."""
    if entry.state is JobState.PENDING:
        return entry.due_at
    return entry.lease_until if entry.state is JobState.CLAIMED else None
