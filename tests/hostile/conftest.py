"""A service of the test's own, made once per process of the test run and then copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.served import Served


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served.made(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def served(prepared: Served, tmp_path: Path) -> Iterator[Served]:
    """Not started yet; whatever becomes of it, it does not outlive the test."""
    copy = prepared.copied(tmp_path)
    yield copy
    copy.end()
