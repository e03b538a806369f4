"""What became of the messages of other servers' mailboxes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_fetching"
down_revision = "0008_partner_passports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fetched_message",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "fetching",
                "stored",
                "failed",
                name="fetch_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint(
            "account", "folder", "uidvalidity", "uid", name=op.f("pk_fetched_message")
        ),
    )


def downgrade() -> None:
    op.drop_table("fetched_message")
