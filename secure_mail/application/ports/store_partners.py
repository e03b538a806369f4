"""The registry of partners, and their passports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from secure_mail.domain.ids import PartnerId
from secure_mail.domain.partners import PartnerOrganisation
from secure_mail.domain.passports import CheckDay


class Partners(Protocol):
    def add(self, partner: PartnerOrganisation) -> None:
        """Raises ConflictError when the name is taken."""
        ...

    def get(self, partner: PartnerId) -> PartnerOrganisation | None: ...
    def by_name(self, name: str) -> PartnerOrganisation | None: ...
    def all(self) -> Sequence[PartnerOrganisation]:
        """By name."""
        ...

    def save(self, partner: PartnerOrganisation) -> None: ...


class Passports(Protocol):
    def note(self, rows: Sequence[CheckDay]) -> None:
        """Adds counts to the row of each partner, day and check; of two instants the later stays.

        Rows of a partner that is not registered are passed over.
        """
        ...

    def of(self, partner: PartnerId) -> Sequence[CheckDay]:
        """All that is kept, oldest first."""
        ...

    def forget(self, before: date) -> int:
        """Rows of earlier days; how many there were."""
        ...
