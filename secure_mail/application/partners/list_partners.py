"""The registry of partners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from secure_mail.application.ports.store import Units
from secure_mail.domain.partners import PartnerOrganisation


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPartners:
    """All partners, by name."""

    units: Units

    def __call__(self) -> Sequence[PartnerOrganisation]:
        with self.units.reading() as uow:
            return uow.partners.all()
