"""How often each screener spoke or declined in a round. Going back, that is forgotten; screenings stay."""

import sqlalchemy as sa
from alembic import op


revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "round_tallies",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("screener", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("round_id", "screener", "said", name=op.f("pk_round_tallies")),
    )


def downgrade() -> None:
    op.drop_table("round_tallies")
