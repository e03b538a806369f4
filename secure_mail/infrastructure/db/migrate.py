"""Makes and changes the tables: Alembic, run from the program, without a configuration file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from secure_mail.infrastructure.db.engine import Database, StatementError

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATIONS_LOCK = 0x5EC0DE
"""PostgreSQL's advisory lock: two processes that migrate at once take turns."""


def upgrade(database: Database, revision: str = "head") -> None:
    """Brings the tables to a revision, in one transaction."""
    with _changing(database) as config:
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str = "base") -> None:
    """Takes the tables back to a revision, in one transaction."""
    with _changing(database) as config:
        command.downgrade(config, revision)


def current(database: Database) -> str | None:
    """The revision of the tables; None for an empty database."""
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def pending(database: Database) -> bool:
    """Whether the tables are not those of this version of the program."""
    return current(database) != ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _changing(database: Database) -> Iterator[Config]:
    config = _config()
    with database.alone(), database.connection() as connection, database.foremost():
        try:
            _begin(connection)
            config.attributes["connection"] = connection
            yield config
            _check_references(connection)
            connection.commit()
        finally:
            # Foreign keys were off: this connection is not for the pool.
            connection.invalidate()


def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # SQLite changes a table by a copy; dropping the old one must not delete what refers to it.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATIONS_LOCK})


def _check_references(connection: Connection) -> None:
    """What SQLite did not watch while its foreign keys were off."""
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).first()
        if broken is not None:
            raise StatementError(f"the migration breaks a foreign key of {broken[0]}")
