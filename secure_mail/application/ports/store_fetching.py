"""What is remembered of messages that are fetched from other servers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from secure_mail.domain.fetching import Fetch, FetchKey


class Fetches(Protocol):
    def of_folder(self, account: str, folder: str, uidvalidity: int) -> Sequence[Fetch]:
        """By UID."""
        ...

    def begin(self, key: FetchKey, now: datetime, *, counted: bool) -> Fetch:
        """The row of a message that is now fetched, one try more if it is `counted`.

        A row that is settled stays as it is.
        """
        ...

    def settle(self, fetch: Fetch) -> bool:
        """Stores how it ended, if it had not ended yet."""
        ...

    def untouched_since(self, account: str, folder: str, before: datetime) -> Sequence[FetchKey]:
        """Of every UIDVALIDITY."""
        ...

    def delete(self, keys: Sequence[FetchKey]) -> int: ...
