"""Mail that is fetched: what is remembered of each message of a mailbox, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from secure_mail.domain.ids import MessageId

TRIES = 3
"""Failed tries after which a message is set aside, and those behind it go on (intake.md)."""
LAST_TRY_AFTER = timedelta(minutes=1)
"""Between the second failed try and the last: what troubled the server, or us, may be over."""
FETCHES_KEPT = timedelta(days=30)
"""How long what became of a message is remembered after it has left the folder."""
LONGEST_PAUSE = 300.0
"""Seconds; it never gives up."""


class FetchState(StrEnum):
    FETCHING = "fetching"
    """Begun; whether it is in is not known."""
    STORED = "stored"
    FAILED = "failed"
    """Set aside for a person; it stays on its server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchKey:
    """Names one message of a server for ever (RFC 9051, 2.3.1.1)."""

    account: str = field(repr=False)
    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """What became of one message: the record of the work, whatever flags the message has."""

    account: str = field(repr=False)
    folder: str
    uidvalidity: int
    uid: int
    state: FetchState
    tries: int
    """Counted before the fetch: a message that breaks its reader is counted all the same."""
    touched_at: datetime
    message_id: MessageId | None = None
    reason: str | None = None
    """Why it was set aside: `tries`, or a refusal code."""

    @property
    def key(self) -> FetchKey:
        return FetchKey(
            account=self.account, folder=self.folder, uidvalidity=self.uidvalidity, uid=self.uid
        )


def due(
    uids: Iterable[int], known: Mapping[int, Fetch], now: datetime, last_try_after: timedelta
) -> list[int]:
    """The messages to be fetched: fewest tries first, so that a broken one delays no other."""
    ready = [uid for uid in uids if uid not in known or _ready(known[uid], now, last_try_after)]
    return sorted(ready, key=lambda uid: (known[uid].tries if uid in known else 0, uid))


def _ready(fetch: Fetch, now: datetime, last_try_after: timedelta) -> bool:
    waits = fetch.tries == TRIES - 1 and now < fetch.touched_at + last_try_after
    return fetch.state is FetchState.FETCHING and not waits


def left_behind(uids: Iterable[int], known: Mapping[int, Fetch]) -> list[int]:
    """The messages that are settled and still in the folder."""
    return sorted(
        uid for uid in uids if uid in known and known[uid].state is not FetchState.FETCHING
    )


def pause(failures: int, chance: float) -> float:
    """Seconds to wait after so many failures in a row: doubled each time, up to five minutes.

    `chance` from 0 to 1 spreads those who lost the same server over half of it.
    """
    longest = min(2.0 ** min(max(failures - 1, 0), 10), LONGEST_PAUSE)
    return longest * (0.5 + chance / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountProgress:
    """How one account does, for metrics: named by its mailbox, never by its user."""

    mailbox: str
    number: int
    """Its place in IMAP_ACCOUNTS, from 1."""
    connected: bool
    fetched: int
    failures: int
    """Connections and tries that failed."""
    set_aside: int
    """Messages that were moved to the folder of the failed."""
    last_success: float
    """When the whole folder was last worked through, in seconds since 1970; 0 for never."""
