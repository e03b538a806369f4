"""The rules in force, parsed and compiled."""

from __future__ import annotations

from typing import Protocol

from secure_mail.domain.routing.rulebook import RuleBook


class Rules(Protocol):
    def in_force(self) -> RuleBook:
        """The approved version. Doors, worker, staff and tests all read this one."""
        ...
