"""Answers and reading codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_replies"
down_revision = "0004_intake"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reading_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("check_words", sa.String(), nullable=False),
        sa.Column("network", sa.LargeBinary(), nullable=False),
        sa.Column("cookie_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "mailed",
                "used",
                "dead",
                name="code_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=True),
        sa.Column("code_hmac", sa.LargeBinary(), nullable=True),
        sa.Column("cases", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_code")),
    )
    op.create_index("ix_reading_code_address", "reading_code", ["address_index", "requested_at"])
    op.create_index(op.f("ix_reading_code_cookie_hash"), "reading_code", ["cookie_hash"])
    op.create_index("ix_reading_code_network", "reading_code", ["network", "requested_at"])
    op.create_index(op.f("ix_reading_code_requested_at"), "reading_code", ["requested_at"])
    op.create_table(
        "reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column(
            "identified",
            sa.Enum(
                "letter",
                "telephone",
                "postal-code",
                "not",
                name="identified",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("for_staff_holder", sa.String(), nullable=False),
        sa.Column("for_staff", sa.LargeBinary(), nullable=False),
        sa.Column("for_reader_holder", sa.String(), nullable=False),
        sa.Column("for_reader", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("readable_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notice_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("displayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_reply_case_id")),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], name=op.f("fk_reply_content_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
    )
    op.create_index("ix_reply_case", "reply", ["case_id", "created_at"])
    op.create_index(
        "ix_reply_unread",
        "reply",
        ["notice_at"],
        sqlite_where=sa.text("displayed_at IS NULL"),
        postgresql_where=sa.text("displayed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("reply")
    op.drop_table("reading_code")
