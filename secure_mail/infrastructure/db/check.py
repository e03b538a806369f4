"""Whether migrations make exactly the tables that the program declares."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Enum, inspect

from secure_mail.infrastructure.db.engine import Database
from secure_mail.infrastructure.db.tables import METADATA


def check(database: Database) -> list[str]:
    """The differences between a migrated database and the declared tables, one line each.

    Alembic does not compare CHECK constraints, so the values of closed choices are compared here.
    """
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [str(found) for found in compare_metadata(context, METADATA)]
        return differences + _choices(connection)


def _choices(connection: Connection) -> list[str]:
    found = inspect(connection)
    lines = []
    for table in METADATA.sorted_tables:
        if not found.has_table(table.name):
            continue
        checks = " ".join(
            str(check["sqltext"]) for check in found.get_check_constraints(table.name)
        )
        lines += [
            f"{table.name}.{column.name}: the CHECK does not know {value!r}"
            for column in table.columns
            if isinstance(column.type, Enum) and column.type.create_constraint
            for value in column.type.enums
            if f"'{value}'" not in checks
        ]
    return lines
