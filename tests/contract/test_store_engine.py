"""What the databases are told before they are trusted, and how their failures are told."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys

import pytest
from sqlalchemy import event

from secure_mail.application.ports.store import StoreDownError, StoreFullError
from secure_mail.infrastructure.db.engine import (
    StatementError,
    open_database,
    safety_faults,
)
from secure_mail.infrastructure.db.migrate import upgrade
from secure_mail.infrastructure.db.unit_of_work import SqlUnits
from tests.fakes.chance import FixedClock, SeededIds
from tests.fakes.store import samples


class NoBell:
    def ring(self):
        pass


def units_of(database):
    return SqlUnits(database=database, ids=SeededIds(), clock=FixedClock(), doorbell=NoBell())


def test_both_databases_are_safe_as_opened(database):
    assert safety_faults(database) == []


def test_sqlite_is_durable_strict_and_forgets_what_is_deleted(sqlite_database):
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 15000,
        "secure_delete": 1,
        "trusted_schema": 0,
    }
    with sqlite_database.reading() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected}
    assert found == expected


def test_a_postgresql_that_answers_before_it_is_durable_is_refused(postgres_url):
    database = open_database(f"{postgres_url}?options=-c%20synchronous_commit%3Doff")
    assert safety_faults(database) == ["synchronous_commit is off, must be on"]
    database.close()


def test_a_sqlite_that_does_not_sync_is_refused(sqlite_database):
    def weaken(connection, _entry):
        connection.execute("PRAGMA synchronous=NORMAL")

    event.listen(sqlite_database.engine, "connect", weaken)
    assert safety_faults(sqlite_database) == ["synchronous is 1, must be 2"]


def test_a_database_that_another_process_holds_is_down(sqlite_database):
    hasty = open_database(str(sqlite_database.engine.url), patience=0.05)
    other = sqlite3.connect(sqlite_database.engine.url.database, isolation_level=None)
    with hasty.reading():
        other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreDownError), units_of(hasty)():
            pass
    finally:
        other.close()
        hasty.close()


def test_a_full_disk_is_told_as_such(sqlite_database):
    with sqlite_database.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

        def fill():
            for _ in range(100):
                connection.exec_driver_sql(
                    "INSERT INTO address_block VALUES (randomblob(4000), '', '')"
                )

        with pytest.raises(StoreFullError):
            fill()


def test_a_server_that_is_not_there_is_down():
    database = open_database("postgresql+psycopg://postgres@127.0.0.1:1/none")
    with pytest.raises(StoreDownError), units_of(database).reading() as unit:
        unit.staff.all()
    database.close()


def test_a_server_that_went_away_is_down_and_comes_back(postgres_server, postgres_database):
    units = units_of(postgres_database)
    with postgres_database.writing() as connection:
        backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        postgres_server.execute(f"SELECT pg_terminate_backend({backend})")
        with pytest.raises(StoreDownError):
            connection.exec_driver_sql("SELECT 1")
    with units() as unit:
        unit.staff.add(samples.member())
        unit.commit()


def test_a_defect_says_nothing_of_the_values(database):
    draft = samples.draft(sent_message="secret words")
    with units_of(database)() as unit, pytest.raises(StatementError) as caught:
        unit.drafts.add(draft)
    error = caught.value
    while error is not None:
        assert "secret words" not in f"{error} {error.args}"
        error = error.__cause__ or error.__context__


def test_a_pool_that_is_used_up_is_down(sqlite_database):
    database = open_database(str(sqlite_database.engine.url), pool=1, patience=0.05)
    units = units_of(database)
    with units.reading() as first:
        assert first.staff.all() == []
        with pytest.raises(StoreDownError), units.reading():
            pass
    database.close()


def test_opening_it_again_takes_no_lock_away_from_who_has_it_open(tmp_path):
    """POSIX drops the locks of a process on a file when it closes any descriptor of it. Another
    that comes and goes would then take itself for the last, and delete the journal."""
    url = f"sqlite:///{tmp_path / 'mail.db'}"
    database = open_database(url)
    upgrade(database)
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE seen (number INTEGER)")
        connection.commit()
    open_database(url).close()
    look = (
        "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall())"
    )
    asking = [sys.executable, "-c", look, str(tmp_path / "mail.db"), "SELECT number FROM seen"]
    assert subprocess.run(asking, check=True, capture_output=True).stdout == b"[]\n"
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO seen VALUES (7)")
        connection.commit()
    assert subprocess.run(asking, check=True, capture_output=True).stdout == b"[(7,)]\n"
    database.close()


def test_a_new_database_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "new.db"
    database = open_database(f"sqlite:///{path}")
    upgrade(database)
    with database.writing():
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    database.close()
    assert set(modes) == {"new.db", "new.db-wal", "new.db-shm", "new.db-turn"}
    assert set(modes.values()) == {0o600}
