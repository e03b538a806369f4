"""Says what is remembered of the messages of a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from secure_mail.application.ports.store import Units
from secure_mail.domain.fetching import Fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFetches:
    """What became of each message, by UID. Reads only."""

    units: Units

    def __call__(self, account: str, folder: str, uidvalidity: int) -> Mapping[int, Fetch]:
        with self.units.reading() as uow:
            found = uow.fetches.of_folder(account, folder, uidvalidity)
        return {fetch.uid: fetch for fetch in found}
