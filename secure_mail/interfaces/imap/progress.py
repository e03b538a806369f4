"""What an account has done since this process began: counters for metrics."""

from __future__ import annotations

from dataclasses import dataclass
from time import time

from secure_mail.domain.fetching import AccountProgress


@dataclass(slots=True)
class Progress:
    """Written by the account's thread, read by any."""

    mailbox: str
    number: int
    connected: bool = False
    fetched: int = 0
    failures: int = 0
    set_aside: int = 0
    last_success: float = 0.0

    def worked_through(self) -> None:
        """The folder has nothing more to be fetched."""
        self.last_success = time()

    def seen(self) -> AccountProgress:
        return AccountProgress(
            mailbox=self.mailbox,
            number=self.number,
            connected=self.connected,
            fetched=self.fetched,
            failures=self.failures,
            set_aside=self.set_aside,
            last_success=self.last_success,
        )
