"""Timed notices of the public pages, kept by the operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.ports.store_upkeep import ServiceNotice
from secure_mail.domain.events import AuditKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNotices:
    """Adds, lists and removes; a notice shows itself while starts_at <= now < ends_at."""

    units: Units
    clock: Clock
    ids: Ids

    def add(self, starts_at: datetime, ends_at: datetime, text: Mapping[str, str]) -> int:
        """`text` has every language. Returns its number."""
        with self.units() as uow:
            number = uow.notices.add(starts_at, ends_at, dict(text))
            self._audit(uow, number, "added")
            uow.commit()
        return number

    def all(self) -> Sequence[ServiceNotice]:
        with self.units.reading() as uow:
            return uow.notices.all()

    def remove(self, number: int) -> bool:
        """False when there is none of that number."""
        with self.units() as uow:
            removed = uow.notices.remove(number)
            if removed:
                self._audit(uow, number, "removed")
            uow.commit()
        return removed

    def _audit(self, uow: UnitOfWork, number: int, act: str) -> None:
        now, kind = self.clock.now(), AuditKind.NOTICE_CHANGED
        uow.audit.add(audit_event(self.ids, now, kind, "operator", number, act=act))
