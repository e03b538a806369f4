"""Forgets messages that left their folder long ago: a server gives no UID twice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units
from secure_mail.domain.fetching import FETCHES_KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetFetches:
    """What is still in the folder is remembered for ever; so it is never fetched twice."""

    units: Units
    clock: Clock

    def __call__(
        self, account: str, folder: str, uidvalidity: int, present: Collection[int]
    ) -> int:
        with self.units() as uow:
            old = uow.fetches.untouched_since(account, folder, self.clock.now() - FETCHES_KEPT)
            gone = [key for key in old if key.uidvalidity != uidvalidity or key.uid not in present]
            forgotten = uow.fetches.delete(gone)
            uow.commit()
        return forgotten
