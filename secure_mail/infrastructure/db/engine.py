"""Opens the database: SQLite or PostgreSQL, safe settings, failures in the port's words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import cast

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from secure_mail.application.ports.store import ConflictError, StoreDownError, StoreFullError
from secure_mail.infrastructure.db.turns import PATIENCE, Turns

PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "secure_delete": "ON",
    "trusted_schema": "OFF",
}
UNAVAILABLE = tuple(
    f"SQLITE_{word}"
    for word in ("BUSY", "LOCKED", "IOERR", "CANTOPEN", "READONLY", "CORRUPT", "NOTADB", "PROTOCOL")
)
SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class StatementError(Exception):
    """The database rejected a statement: a defect. Its text may hold values, so it stays out."""


@dataclass(frozen=True, slots=True)
class Database:
    """An engine and, for SQLite, the turns that all writers of the file take."""

    engine: Engine
    turns: Turns | None = field(repr=False)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction; the caller commits, leaving rolls back."""
        with self.alone(), self.connection() as connection, self.foremost():
            if self.turns:
                # A deferred transaction that turns to writing fails when another wrote meanwhile.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one snapshot."""
        with self.connection() as connection:
            if self.turns:
                connection.exec_driver_sql("BEGIN")
            else:
                connection.execution_options(**SNAPSHOT)
            yield connection

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection before its transaction."""
        try:
            connection = self.engine.connect()
        except NoConnectionError:
            raise StoreDownError("no free connection") from None
        with connection:
            yield connection

    def alone(self) -> AbstractContextManager[None]:
        """The turn of a writer in this process."""
        return self.turns.turn() if self.turns else nullcontext()

    def foremost(self) -> AbstractContextManager[None]:
        """Its turn among processes; asked for with a connection at hand, lest all wait for one."""
        return self.turns.among_processes() if self.turns else nullcontext()

    def close(self) -> None:
        self.engine.dispose()
        if self.turns:
            self.turns.close()


def open_database(url: str, *, pool: int = 8, patience: float = PATIENCE) -> Database:
    """Opens lazily: the first use connects. `pool` is how many threads may hold a connection,
    `patience` how many seconds we wait: for our turn, for a free connection, for another process.

    SQLite needs `sqlite:///FILE`; PostgreSQL `postgresql+psycopg://…`.
    """
    sqlite = make_url(url).get_backend_name() == "sqlite"
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=pool,
        max_overflow=0,
        pool_use_lifo=True,
        pool_timeout=patience,
        pool_pre_ping=not sqlite,
        connect_args={"timeout": patience, "check_same_thread": False}
        if sqlite
        else {"connect_timeout": max(1, int(patience))},
    )
    event.listen(engine, "handle_error", _translate)
    if sqlite:
        event.listen(engine, "connect", _set_pragmas)
        return Database(engine, Turns(patience, _turn_file(make_url(url).database)))
    return Database(engine, None)


def _turn_file(database: str | None) -> Path | None:
    """Beside the database, which is for its owner alone when it is new, as SQLite's journal is.

    One that is there is never opened: closing it would drop every lock that SQLite has on it in
    this process (POSIX), and another process would then delete the journal that we write to.
    """
    if not database or database == ":memory:":
        return None
    with suppress(OSError):
        os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    return Path(f"{database}-turn")


def safety_faults(database: Database) -> list[str]:
    """What would let an acknowledged message be lost: empty when commits are durable."""
    wanted = (
        {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": "2"}
        if database.turns
        else {"SHOW fsync": "on", "SHOW synchronous_commit": "on", "SHOW full_page_writes": "on"}
    )
    with database.reading() as connection:
        found = {ask: str(connection.exec_driver_sql(ask).scalar()) for ask in wanted}
    # Replicated servers may wait for more than their own disk.
    stronger = {"SHOW synchronous_commit": {"remote_write", "remote_apply"}}
    return [
        f"{ask.split()[1]} is {found[ask]}, must be {must}"
        for ask, must in wanted.items()
        if found[ask] != must and found[ask] not in stronger.get(ask, ())
    ]


def _set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # None keeps Python's sqlite3 from opening transactions: we say BEGIN, and of which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for name, value in PRAGMAS.items():
        _patiently(cursor, f"PRAGMA {name}={value}")
    cursor.close()


def _patiently(cursor: DBAPICursor, statement: str) -> None:
    """SQLite does not wait when two make a new file a WAL at once: so we do."""
    deadline = monotonic() + PATIENCE
    while True:
        try:
            cursor.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or monotonic() > deadline:
                raise
        sleep(0.01)


def run_in_sqlite(connection: Connection, statement: str, values: Sequence[object]) -> None:
    """By the driver itself, for what is run of every message. Raises as other statements do."""
    driver = cast("sqlite3.Connection", connection.connection.driver_connection)
    try:
        driver.execute(statement, values)
    except sqlite3.Error as error:
        told = _told(error) or StatementError(type(error).__name__)
        error.args = ()
        raise told from error
    except (ValueError, OverflowError) as error:
        # No value of a column; the error itself may hold it.
        raise StatementError(type(error).__name__) from None


def _translate(context: ExceptionContext) -> Exception | None:
    """The port's error in place of the driver's, whose text may hold values of a row."""
    error = context.original_exception
    told = _told(error)
    if told is not None:
        error.args = ()
    return told


def _told(error: BaseException) -> Exception | None:  # noqa: PLR0911  one answer per kind of failure
    match error:
        case sqlite3.Error():
            # Errors of the module itself, not of the library, have no name.
            name: str = getattr(error, "sqlite_errorname", "")
            if name in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}:
                return ConflictError()
            if name == "SQLITE_FULL":
                return StoreFullError()
            if name.startswith(UNAVAILABLE):
                return StoreDownError(name)
            # The text of SQLITE_ERROR names tables and syntax, never values.
            return StatementError(str(error) if name == "SQLITE_ERROR" else name)
        case psycopg.errors.UniqueViolation():
            return ConflictError()
        case psycopg.errors.DiskFull():
            return StoreFullError()
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return StoreDownError(type(error).__name__)
        case psycopg.Error():
            return StatementError(f"{type(error).__name__} {error.sqlstate}")
        case _:
            return None
