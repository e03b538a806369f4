"""The gate when something fails: temporary, nothing lost, nothing left behind, retries absorbed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from secure_mail.application.ports.store import ConflictError, StoreDownError, StoreFullError
from secure_mail.domain.refusals import Refusal, RefusalCode
from tests.fakes.store import FakeStore
from tests.usecase.gate_world import ENVELOPE, EVIDENCE, LARGE, LETTER, World, run, sent


@pytest.fixture
def world() -> Iterator[World]:
    with ThreadPoolExecutor(1) as threads:
        yield World(threads)


@pytest.mark.parametrize("raw", [LETTER, LARGE])
def test_a_store_that_is_down_is_temporary(world, raw):
    world.store.down = True
    with pytest.raises(Refusal) as refused:
        world.send(raw)
    assert refused.value.code is RefusalCode.TEMPORARY
    world.store.down = False
    world.send(raw)
    assert [world.opened(message) for message in world.messages] == [raw]


class Full:
    """A commit queue on a disk that is full."""

    async def run(self, _unit):
        raise StoreFullError


@pytest.mark.parametrize("raw", [LETTER, LARGE])
def test_a_store_that_is_full_is_told_as_low_storage(world, raw):
    with pytest.raises(Refusal) as refused:
        run(sent(replace(world.gate, commits=Full()), raw))
    assert refused.value.code is RefusalCode.STORAGE_LOW


@pytest.mark.parametrize(
    ("fault", "code"), [("down", RefusalCode.TEMPORARY), ("full", RefusalCode.STORAGE_LOW)]
)
@pytest.mark.parametrize("late", [False, True])
def test_blobs_that_fail_refuse_for_a_time(world, fault, code, late):
    async def story() -> None:
        receiving = world.gate.begin(ENVELOPE)
        if late:
            await receiving.write(LARGE)
        setattr(world.blobs, fault, True)
        await receiving.write(LARGE)
        await receiving.accept(EVIDENCE)

    with pytest.raises(Refusal) as refused:
        run(story())
    assert refused.value.code is code
    assert (world.messages, world.blobs.kept) == ([], {})


class Unsure:
    """A commit queue that commits and then cannot tell."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def run(self, unit):
        await self._store.commits.run(unit)
        raise StoreDownError("connection lost")


def test_a_commit_of_unknown_outcome_keeps_the_blob_and_the_retry_is_a_duplicate(world):
    unsure = replace(world.gate, commits=Unsure(world.store))
    with pytest.raises(Refusal) as refused:
        run(sent(unsure, LARGE))
    assert refused.value.code is RefusalCode.TEMPORARY
    (again,) = world.send(LARGE)
    assert again.duplicate
    world.settle()
    assert world.opened(world.messages[0]) == LARGE


class Raced:
    """A commit queue in which another unit was quicker, once."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store
        self.lost = False

    async def run(self, unit):
        if not self.lost:
            self.lost = True
            await self._store.commits.run(unit)
            raise ConflictError
        return await self._store.commits.run(unit)


def test_who_loses_a_race_is_the_duplicate(world):
    (accepted,) = run(sent(replace(world.gate, commits=Raced(world.store)), LETTER))
    assert accepted.duplicate
    assert len(world.messages) == 1


class Broken:
    """A commit queue whose unit fails for a reason nobody foresaw."""

    async def run(self, unit):
        raise ZeroDivisionError


def test_a_unit_that_was_rolled_back_leaves_no_blob(world):
    with pytest.raises(ZeroDivisionError):
        run(sent(replace(world.gate, commits=Broken()), LARGE))
    world.settle()
    assert world.blobs.kept == {}
