"""A running demo that the journeys of one worker share, and whoever works at its staff pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journey.clerk import Clerk
from tests.journey.program import Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Running; for journeys that leave it as they found it."""
    running = Demo(tmp_path_factory.mktemp("demo")).start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def clerk(demo: Demo) -> Clerk:
    """The demo's supervisor, signed in: a code counts once, so this happens once."""
    return Clerk.signed_in(demo)
