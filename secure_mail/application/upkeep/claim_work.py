"""Takes due work out of the outbox for this process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import Units
from secure_mail.domain.work import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimWork:
    """Claims up to `limit` due jobs, each with a lease and a new attempt number."""

    units: Units
    clock: Clock

    def __call__(self, limit: int) -> Sequence[Claim]:
        with self.units() as uow:
            claims = uow.outbox.claim(limit, self.clock.now())
            uow.commit()
        return claims
