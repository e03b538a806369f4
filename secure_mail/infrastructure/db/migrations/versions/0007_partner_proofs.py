"""What a partner may prove itself by: certificates, signing domains, SPF; limits and first day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_partner_proofs"
down_revision = "0006_upkeep"
branch_labels = None
depends_on = None

EMPTY = ("certificates", "signing_domains")


def upgrade() -> None:
    table = "partner_organisation"
    for name in EMPTY:
        op.add_column(table, sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(
        table, sa.Column("allow_spf", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(table, sa.Column("hourly", sa.Integer(), nullable=True))
    op.add_column(table, sa.Column("since", sa.Date(), nullable=True))
    # The program always gives them: what older rows needed is no default of the table.
    with op.batch_alter_table(table) as batch:
        for name in (*EMPTY, "allow_spf"):
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("partner_organisation") as batch:
        for name in (*EMPTY, "allow_spf", "hourly", "since"):
            batch.drop_column(name)
