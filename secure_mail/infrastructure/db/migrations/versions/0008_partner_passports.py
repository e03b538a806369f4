"""What each partner's mail showed: one row per partner, day and check, with counters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_partner_passports"
down_revision = "0007_partner_proofs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner_check_day",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "check",
            sa.Enum(
                "tls",
                "network",
                "dmarc",
                "client_certificate",
                "smime",
                name="check",
                native_enum=False,
                create_constraint=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("last_held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_missed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partner_organisation.id"],
            name=op.f("fk_partner_check_day_partner_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("partner_id", "day", "check", name=op.f("pk_partner_check_day")),
    )


def downgrade() -> None:
    op.drop_table("partner_check_day")
