"""Partner organisations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_partners"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner_organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.Column("require", sa.JSON(), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "suspended",
                name="partner_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_partner_organisation_name")),
    )
    op.create_table(
        "partner_domain",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partner_organisation.id"],
            name=op.f("fk_partner_domain_partner_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("partner_id", "ordinal", name=op.f("pk_partner_domain")),
    )
    op.create_index(op.f("ix_partner_domain_domain"), "partner_domain", ["domain"])


def downgrade() -> None:
    op.drop_table("partner_domain")
    op.drop_table("partner_organisation")
