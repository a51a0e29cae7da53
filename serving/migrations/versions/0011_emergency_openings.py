"""Emergency openings of cases outside one's area."""

import sqlalchemy as sa
from alembic import op


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "emergency_openings",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("verdict_words", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["reviewed_by"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_openings")),
    )
    op.create_index("ix_emergency_openings_case_id", "emergency_openings", ["case_id"])
    op.create_index("ix_emergency_openings_account", "emergency_openings", ["account_id", "until"])
    op.create_index("ix_emergency_openings_review", "emergency_openings", ["verdict", "area_code"])


def downgrade() -> None:
    op.drop_table("emergency_openings")
