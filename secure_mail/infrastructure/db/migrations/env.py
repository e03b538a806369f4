"""Run by Alembic; the program hands in its connection, in a transaction."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator
from sqlmodel import AutoString

from secure_mail.infrastructure.db.tables import METADATA


def render(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """A migration names what lies in the database, not our classes, which may change."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
    render_item=render,
)
context.run_migrations()
