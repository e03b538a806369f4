"""The service notices of now."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentNotices:
    """In one language, in order of their beginning."""

    units: Units
    clock: Clock

    def __call__(self, language: str) -> tuple[str, ...]:
        with self.units.reading() as uow:
            notices = uow.notices.current(self.clock.now())
        return tuple(notice.text[language] for notice in notices)
