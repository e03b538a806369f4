"""The audit trail, rule sets, notices in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from secure_mail.application.ports.store_upkeep import ServiceNotice, StoredRuleSet
from secure_mail.domain.events import AuditEvent
from tests.fakes.store.state import State, put


class FakeAudit:
    def __init__(self, state: State) -> None:
        self._audit = state.audit

    def add(self, event: AuditEvent) -> None:
        put(self._audit, event.id, event)

    def of(self, subject: str) -> Sequence[AuditEvent]:
        found = [event for event in self._audit.values() if event.subject == subject]
        return sorted(found, key=lambda event: (event.at, event.id))


class FakeRuleSets:
    def __init__(self, state: State) -> None:
        self._rule_sets = state.rule_sets

    def in_force(self) -> StoredRuleSet | None:
        return max(self._rule_sets.values(), key=lambda each: each.approved_at, default=None)

    def approve(self, rule_set: StoredRuleSet) -> None:
        self._rule_sets[rule_set.hash] = rule_set


class FakeNotices:
    def __init__(self, state: State) -> None:
        self._notices = state.notices

    def current(self, now: datetime) -> Sequence[ServiceNotice]:
        return [notice for notice in self.all() if notice.starts_at <= now < notice.ends_at]

    def all(self) -> Sequence[ServiceNotice]:
        return sorted(self._notices.values(), key=lambda notice: (notice.starts_at, notice.id))

    def add(self, starts_at: datetime, ends_at: datetime, text: dict[str, str]) -> int:
        number = max(self._notices, default=0) + 1
        self._notices[number] = ServiceNotice(
            id=number, starts_at=starts_at, ends_at=ends_at, text=text
        )
        return number

    def remove(self, notice: int) -> bool:
        return self._notices.pop(notice, None) is not None
