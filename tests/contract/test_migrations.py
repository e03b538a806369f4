"""Migrations make exactly the declared tables, up and down, with data in them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, text

from secure_mail.domain.messages import MessageState
from secure_mail.infrastructure.db import migrate
from secure_mail.infrastructure.db.check import check
from secure_mail.infrastructure.db.engine import open_database
from secure_mail.infrastructure.db.migrate import current, downgrade, pending, upgrade
from secure_mail.infrastructure.db.repositories.cases import CASE
from secure_mail.infrastructure.db.repositories.intake import MESSAGE
from secure_mail.infrastructure.db.tables import METADATA
from tests.fakes.store import samples

NEWEST = max(
    path.stem for path in (Path(migrate.__file__).parent / "migrations/versions").glob("0*")
)


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request, tmp_path):
    """A database without tables."""
    url = (
        request.getfixturevalue("postgres_url")
        if request.param == "postgres"
        else f"sqlite:///{tmp_path / 'empty.db'}"
    )
    database = open_database(url)
    yield database
    database.close()


def tables(database):
    with database.reading() as connection:
        return set(inspect(connection).get_table_names())


def test_an_empty_database_is_pending_until_it_is_migrated(empty):
    assert (current(empty), pending(empty)) == (None, True)
    upgrade(empty)
    assert (current(empty), pending(empty)) == (NEWEST, False)
    assert tables(empty) == set(METADATA.tables) | {"alembic_version"}
    upgrade(empty)


def test_migrations_make_the_declared_tables(database):
    assert check(database) == []


def test_a_difference_is_found(database):
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE session ADD COLUMN surplus integer")
        connection.exec_driver_sql("DROP INDEX ix_session_subject")
        connection.commit()
    found = check(database)
    assert len(found) == 2
    assert any("surplus" in line for line in found)
    assert any("ix_session_subject" in line for line in found)


def test_a_value_that_no_check_knows_is_found(database):
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE reading_code")
        connection.exec_driver_sql("CREATE TABLE reading_code (state varchar(32))")
        connection.commit()
    missing = [line for line in check(database) if "CHECK" in line]
    assert missing == [
        f"reading_code.state: the CHECK does not know {value!r}"
        for value in ("requested", "mailed", "used", "dead")
    ]


def test_a_closed_choice_takes_no_other_value(database):
    with database.writing() as connection:
        content = insert(METADATA.tables["content"])
        message = samples.message()
        connection.execute(content, {"id": message.content_id})
        connection.execute(insert(MESSAGE.table), MESSAGE.row(message))
        with pytest.raises(Exception, match=r"CHECK|CheckViolation"):
            connection.exec_driver_sql("UPDATE message SET state = 'lost'")


def test_down_and_up_again_with_data(empty):
    upgrade(empty)
    message, case = samples.message(state=MessageState.HELD), samples.case()
    with empty.writing() as connection:
        connection.execute(insert(CASE.table), CASE.row(case))
        connection.execute(insert(METADATA.tables["content"]), {"id": message.content_id})
        connection.execute(insert(MESSAGE.table), MESSAGE.row(message))
        connection.commit()
    downgrade(empty, "0003_casework")
    assert current(empty) == "0003_casework"
    assert "message" not in tables(empty)
    with empty.reading() as connection:
        assert CASE.noun(connection.execute(CASE.table.select()).mappings().one()) == case
    upgrade(empty)
    assert check(empty) == []
    with empty.reading() as connection:
        counter = connection.execute(text("SELECT name, value FROM ledger_counter")).one()
    assert tuple(counter) == ("accepted", 0)
    downgrade(empty)
    assert (current(empty), tables(empty)) == (None, {"alembic_version"})
    upgrade(empty)
    assert check(empty) == []


def test_foreign_keys_hold_again_after_a_migration(empty):
    upgrade(empty)
    with empty.writing() as connection, pytest.raises(Exception, match=r"FOREIGNKEY|ForeignKey"):
        connection.execute(insert(MESSAGE.table), MESSAGE.row(samples.message()))


def test_two_processes_that_migrate_at_once_take_turns(empty):
    others = [open_database(empty.engine.url.render_as_string(hide_password=False)) for _ in "ab"]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(upgrade, others))
    assert check(empty) == []
    for other in others:
        other.close()
