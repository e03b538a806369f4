"""Mails that are given up, messages that a machine wrote, answers that nobody asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_mail_out"
down_revision = "0009_fetching"
branch_labels = None
depends_on = None

OUTBOX = "outbox_entry"
CHECK = "ck_outbox_entry_job_state"
DEAD = "ix_outbox_entry_dead"
STATES = ("pending", "claimed", "done")


def upgrade() -> None:
    _let_states_be(*STATES, "dead")
    dead = sa.text("state = 'dead'")
    op.create_index(DEAD, OUTBOX, ["kind"], sqlite_where=dead, postgresql_where=dead)
    op.add_column(
        "message", sa.Column("automatic", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    with op.batch_alter_table("message") as batch:
        batch.alter_column("automatic", server_default=None)
    op.create_table(
        "unasked_answer",
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address_index", name=op.f("pk_unasked_answer")),
    )
    op.create_index(op.f("ix_unasked_answer_at"), "unasked_answer", ["at"])


def downgrade() -> None:
    op.drop_table("unasked_answer")
    with op.batch_alter_table("message") as batch:
        batch.drop_column("automatic")
    op.drop_index(DEAD, OUTBOX)
    op.execute("UPDATE outbox_entry SET state = 'done' WHERE state = 'dead'")
    _let_states_be(*STATES)


def _let_states_be(*states: str) -> None:
    known = ", ".join(f"'{state}'" for state in states)
    with op.batch_alter_table(OUTBOX) as batch:
        batch.drop_constraint(op.f(CHECK), type_="check")
        batch.create_check_constraint(op.f(CHECK), f"state IN ({known})")
