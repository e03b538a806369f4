"""What every tier shares: loopback for the outer tiers, real services, a word on those absent.

A service that a machine lacks is skipped, or fails the test when the environment says
`TESTS_REQUIRE=all` (`make test REQUIRE=all`). No name here begins with the program's own prefix:
it refuses settings that it does not know, and the tests start it as a process.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import pytest
import redis

from tests.services import objects, postgres, processes, rabbitmq, valkey
from tests.services.objects import Bucket
from tests.services.postgres import Postgres

OUTER_TIERS = {"contract", "journey", "hostile", "browser", "install"}
FOLDER = "TESTS_SERVICES"
"""Names the folder that the run's workers share; set by the process that pytest started as."""

OWN_FOLDER = FOLDER not in os.environ

Found = TypeVar("Found")


def pytest_configure() -> None:
    if OWN_FOLDER:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="secure-mail-services-")
        # A server that runs as somebody else must be able to enter.
        Path(os.environ[FOLDER]).chmod(0o711)


def pytest_unconfigure() -> None:
    if OWN_FOLDER:
        folder = Path(os.environ.pop(FOLDER))
        processes.end_all(folder)
        shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if OUTER_TIERS & set(item.path.parts):
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    absent = sorted(path.suffix[1:] for path in services_folder().glob("absent.*"))
    if absent:
        terminalreporter.section("services that this machine lacks")
        terminalreporter.write_line(f"{', '.join(absent)}: see `make services`")


def services_folder() -> Path:
    return Path(os.environ[FOLDER])


def required(found: Found | None, name: str) -> Found:
    """Skip, or fail under REQUIRE=all, when the machine lacks it."""
    if found is not None:
        return found
    (services_folder() / f"absent.{name}").touch()
    reason = f"{name} is not installed"
    if os.environ.get("TESTS_REQUIRE") == "all":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres_server() -> Postgres:
    """A PostgreSQL server; `with postgres_server.database(template) as url` gives a database."""
    folder = required(postgres.binaries(), "PostgreSQL")
    server = processes.shared(
        services_folder(), "postgres", lambda scratch: postgres.begin(scratch, folder)
    )
    return Postgres(server.port)


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """The URL of an empty database of the test's own."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def redis_url(worker_number: int) -> str:
    """The URL of an empty Valkey database of the test's own."""
    binary = required(valkey.binary(), "Valkey")
    server = processes.shared(
        services_folder(), "valkey", lambda scratch: valkey.begin(scratch, binary)
    )
    url = f"redis://127.0.0.1:{server.port}/{worker_number}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
def rabbitmq_url() -> str:
    """The URL of an empty virtual host of the test's own."""
    binary = required(rabbitmq.binary(), "RabbitMQ")
    server = processes.shared(
        services_folder(), "rabbitmq", lambda scratch: rabbitmq.begin(scratch, *binary)
    )
    return rabbitmq.fresh_url(services_folder(), server)


@pytest.fixture
def s3() -> Bucket:
    """An empty bucket of the test's own."""
    required(find_spec("moto"), "moto")
    return objects.fresh_bucket(processes.shared(services_folder(), "objects", objects.begin))


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return Path(required(next(filter(None, map(shutil.which, names)), None), "Chromium"))


@pytest.fixture(scope="session")
def worker_number() -> int:
    """Tells the workers of one run apart: 0 without xdist, else the number in `gw0`."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
