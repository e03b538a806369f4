"""Takes back what a worker had claimed when it was ended."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.ports.store import Units


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackWork:
    """Makes every claimed job due again; returns how many.

    For a worker that starts and knows that it is the only one: no lease has to run out before
    mail goes on. Were it mistaken, the attempt number would fence the other (domain/work.py).
    """

    units: Units

    def __call__(self) -> int:
        with self.units() as uow:
            taken = uow.outbox.take_back()
            uow.commit()
        return taken
