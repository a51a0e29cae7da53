"""When the worker last did a whole turn. Going back, that is forgotten; the next turn tells it anew."""

import sqlalchemy as sa
from alembic import op


revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "worker_turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("cut_off_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_turns")),
    )


def downgrade() -> None:
    op.drop_table("worker_turns")
