"""Writes down that a fetched message is in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units
from secure_mail.domain.fetching import Fetch, FetchState
from secure_mail.domain.ids import MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFetch:
    """After the gate's commit, in a transaction of its own.

    If we end in between, the message is fetched again and the gate knows it for a duplicate.
    """

    units: Units
    clock: Clock

    def __call__(self, fetch: Fetch, message: MessageId) -> None:
        stored = replace(
            fetch, state=FetchState.STORED, message_id=message, touched_at=self.clock.now()
        )
        with self.units() as uow:
            uow.fetches.settle(stored)
            uow.commit()
