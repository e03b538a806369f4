"""The audit trail, rule sets, service notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from secure_mail.domain.events import AuditEvent


class Audit(Protocol):
    """Insert only."""

    def add(self, event: AuditEvent) -> None: ...
    def of(self, subject: str) -> Sequence[AuditEvent]:
        """Oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRuleSet:
    """An approved rules file: what is in force is this row, not the file."""

    hash: str
    text: str = field(repr=False)
    approved_at: datetime
    approved_by: tuple[str, ...]


class RuleSets(Protocol):
    def in_force(self) -> StoredRuleSet | None: ...
    def approve(self, rule_set: StoredRuleSet) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNotice:
    """On every public page while it lasts, like "unavailable from … to …"."""

    id: int
    starts_at: datetime
    ends_at: datetime
    text: dict[str, str]
    """Language to words."""


class Notices(Protocol):
    def current(self, now: datetime) -> Sequence[ServiceNotice]:
        """Half-open: starts_at <= now < ends_at."""
        ...

    def all(self) -> Sequence[ServiceNotice]: ...
    def add(self, starts_at: datetime, ends_at: datetime, text: dict[str, str]) -> int: ...
    def remove(self, notice: int) -> bool: ...
