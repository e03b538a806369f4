"""The reference deployment's rules, as every tier may ask for them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from secure_mail.domain.routing.rulebook import RuleBook
from secure_mail.infrastructure.rules.loader import load
from secure_mail.infrastructure.rules.standing import RulesInForce

REFERENCE = Path(__file__).parents[2] / "routing_rules.yaml"


@cache
def reference_book() -> RuleBook:
    """What routing_rules.yaml says."""
    return load(REFERENCE.read_bytes(), REFERENCE.name).book


def reference_rules() -> RulesInForce:
    """The port Rules over it."""
    return RulesInForce(reference_book())
