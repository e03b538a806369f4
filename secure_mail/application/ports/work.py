"""Getting work done: the outbox is the truth, the broker a hint."""

from __future__ import annotations

from typing import Protocol

from secure_mail.domain.work import Claim


class Doorbell(Protocol):
    """Wakes the dispatcher of this process after a commit that left work."""

    def ring(self) -> None: ...


class Hints(Protocol):
    """The broker, as the dispatcher sees it."""

    def send(self, claim: Claim) -> None:
        """Hands a claimed job (ids only) to some worker. Raises BrokerDownError."""
        ...


class BrokerDownError(Exception):
    """The broker did not take the hint; the outbox keeps the work."""
