"""Writes down that a message is about to be fetched, before the server is asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units
from secure_mail.domain.fetching import Fetch, FetchKey


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginFetch:
    """Counts a try and commits it: whatever the message does to us now has been counted.

    Not counted is what goes on where the service itself was in the way.
    """

    units: Units
    clock: Clock

    def __call__(self, key: FetchKey, *, counted: bool = True) -> Fetch:
        with self.units() as uow:
            fetch = uow.fetches.begin(key, self.clock.now(), counted=counted)
            uow.commit()
        return fetch
