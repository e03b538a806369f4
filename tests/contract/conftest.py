"""The stores that one contract holds for: memory, SQLite, PostgreSQL."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import event

from secure_mail.application.ports.store import CommitQueue, UnitOfWork, Units
from secure_mail.infrastructure.db.commit_queue import GroupCommitQueue
from secure_mail.infrastructure.db.engine import Database, open_database
from secure_mail.infrastructure.db.migrate import upgrade
from secure_mail.infrastructure.db.unit_of_work import SqlUnits
from tests.fakes.chance import FixedClock, SeededIds
from tests.fakes.store import FakeStore
from tests.program import Program, made
from tests.services.postgres import Postgres

T = TypeVar("T")


class CountingBell:
    def __init__(self) -> None:
        self.rings = 0

    def ring(self) -> None:
        self.rings += 1


@dataclass
class Store:
    units: Units
    commits: CommitQueue
    clock: FixedClock
    bell: CountingBell
    database: Database | None

    def accept(self, unit: Callable[[UnitOfWork], T]) -> T:
        """Runs a unit through the commit queue."""
        return asyncio.run(self.commits.run(unit))

    @contextmanager
    def writing(self) -> Iterator[UnitOfWork]:
        """A transaction that commits at its end."""
        with self.units() as unit:
            yield unit
            unit.commit()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "template.db"
    database = open_database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Postgres) -> Iterator[str]:
    with postgres_server.database() as url:
        database = open_database(url)
        upgrade(database)
        database.close()
        yield url.rpartition("/")[2]


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = shutil.copy(sqlite_template, tmp_path / "store.db")
    database = open_database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def postgres_database(postgres_server: Postgres, postgres_template: str) -> Iterator[Database]:
    with postgres_server.database(postgres_template) as url:
        database = open_database(url)
        yield database
        database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """Migrated, empty, on each server in turn."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Empty, on the fake and each server in turn."""
    clock, bell, ids = FixedClock(), CountingBell(), SeededIds(seed=3)
    if request.param == "memory":
        fake = FakeStore(ids=ids, clock=clock, doorbell=bell)
        yield Store(fake.units, fake.commits, clock, bell, None)
        return
    database: Database = request.getfixturevalue(f"{request.param}_database")
    units = SqlUnits(database=database, ids=ids, clock=clock, doorbell=bell)
    commits = GroupCommitQueue(database, ids, clock, bell)
    yield Store(units, commits, clock, bell, database)
    commits.close()


@pytest.fixture(scope="session")
def program_template(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return made(tmp_path_factory.mktemp("program"))


@pytest.fixture
def program(program_template: Program, tmp_path: Path) -> Program:
    """The console script on keys and empty tables of the test's own."""
    return program_template.copied(tmp_path)


@pytest.fixture
def counted(database):
    """A commit queue and the COMMITs that its database saw."""
    commits = []
    event.listen(database.engine, "commit", lambda _connection: commits.append(1))
    bell = CountingBell()
    queue = GroupCommitQueue(database, SeededIds(), FixedClock(), bell)
    yield queue, commits, bell
    queue.close()
