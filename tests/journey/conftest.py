"""A running demo that the journeys of one worker share, and folders that are ready to start."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journey.clerk import Clerk
from tests.journey.program import Demo

NewDemo = Callable[..., Demo]


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


@pytest.fixture(scope="session")
def used_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's folder after its first run: with keys, people and samples, and nothing running."""
    first = Demo(tmp_path_factory.mktemp("first")).start()
    assert first.stop() == 0
    return first.data


@pytest.fixture
def new_demo(tmp_path: Path, used_folder: Path) -> Iterator[NewDemo]:
    """`new_demo()` starts one of the test's own, on a copy of the used folder."""
    started: list[Demo] = []

    def start(**settings: object) -> Demo:
        scratch = tmp_path / f"demo-{len(started)}"
        shutil.copytree(used_folder, scratch / "data")
        demo = Demo(scratch, settings)
        started.append(demo)
        return demo.start()

    yield start
    for demo in started:
        if demo.running is not None:
            demo.stop()
