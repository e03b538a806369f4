"""Gives back what was claimed for a broker that did not take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from secure_mail.application.ports.store import Units
from secure_mail.domain.work import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBackWork:
    """Makes the claims due again, as if they had not been made.

    A broker may be away for a night: no lease has to run out before the work goes on, and no
    message may be held for a number of attempts of which none was one.
    """

    units: Units

    def __call__(self, claims: Sequence[Claim]) -> None:
        with self.units() as uow:
            for claim in claims:
                uow.outbox.give_back(claim)
            uow.commit()
