"""What is remembered of messages that are fetched, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from secure_mail.domain.fetching import Fetch, FetchKey, FetchState
from tests.fakes.store.state import State


class FakeFetches:
    def __init__(self, state: State) -> None:
        self._fetches = state.fetches

    def of_folder(self, account: str, folder: str, uidvalidity: int) -> Sequence[Fetch]:
        here = (account, folder, uidvalidity)
        found = [
            fetch
            for fetch in self._fetches.values()
            if (fetch.account, fetch.folder, fetch.uidvalidity) == here
        ]
        return sorted(found, key=lambda fetch: fetch.uid)

    def begin(self, key: FetchKey, now: datetime, *, counted: bool) -> Fetch:
        known = self._fetches.get(key) or Fetch(
            account=key.account,
            folder=key.folder,
            uidvalidity=key.uidvalidity,
            uid=key.uid,
            state=FetchState.FETCHING,
            tries=0,
            touched_at=now,
        )
        if known.state is FetchState.FETCHING:
            known = replace(known, tries=known.tries + int(counted), touched_at=now)
            self._fetches[key] = known
        return known

    def settle(self, fetch: Fetch) -> bool:
        known = self._fetches.get(fetch.key)
        if known is None or known.state is not FetchState.FETCHING:
            return False
        self._fetches[fetch.key] = fetch
        return True

    def untouched_since(self, account: str, folder: str, before: datetime) -> Sequence[FetchKey]:
        found = [
            fetch.key
            for fetch in self._fetches.values()
            if (fetch.account, fetch.folder) == (account, folder) and fetch.touched_at < before
        ]
        return sorted(found, key=lambda key: (key.uidvalidity, key.uid))

    def delete(self, keys: Sequence[FetchKey]) -> int:
        return sum(self._fetches.pop(key, None) is not None for key in keys)
