"""What failed is tried again later, with growing pauses; it is never forgotten."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units
from secure_mail.domain.work import Claim, retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryJob:
    """Puts a failed job back with a back-off; records the failure's class name, never its text."""

    units: Units
    clock: Clock

    def __call__(self, claim: Claim, cause: str) -> None:
        with self.units() as uow:
            uow.outbox.retry(claim, self.clock.now() + retry_after(claim.attempt), cause)
            uow.commit()
