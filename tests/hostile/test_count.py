"""The promise of at least sixty cases that speak octets to the real server, counted."""

from __future__ import annotations

from types import FunctionType, ModuleType

from tests.hostile import (
    test_smtp_conversations,
    test_smtp_data,
    test_smtp_faults,
    test_smtp_limits,
    test_smtp_refusals,
    test_smtp_sealed,
    test_smtp_smuggling,
    test_smtp_wire,
)

LEAST = 60
SUITE = (
    test_smtp_conversations,
    test_smtp_data,
    test_smtp_faults,
    test_smtp_limits,
    test_smtp_refusals,
    test_smtp_sealed,
    test_smtp_smuggling,
    test_smtp_wire,
)


def cases(test: FunctionType) -> int:
    """Rows of its parametrisation; the same case in another event loop is no other case."""
    rows = 1
    for mark in getattr(test, "pytestmark", []):
        if mark.name == "parametrize" and mark.args[0] != "uv":
            rows *= len(mark.args[1])
    return rows


def stories_of(module: ModuleType) -> list[FunctionType]:
    return [test for name, test in vars(module).items() if name.startswith("test_")]


def test_the_suite_has_at_least_sixty_cases():
    assert sum(cases(test) for module in SUITE for test in stories_of(module)) >= LEAST


def test_the_tables_alone_have_at_least_sixty_cases():
    assert len(test_smtp_conversations.TABLES) >= LEAST
