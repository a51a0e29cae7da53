"""Closed cases of a village found along the order of all closed ones, without looking at the others."""

import sqlalchemy as sa
from alembic import op


revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CLOSED = sa.text("status = 'closed'")


def upgrade() -> None:
    op.drop_index("ix_cases_closed", table_name="cases")
    op.create_index(
        "ix_cases_closed",
        "cases",
        ["closed_at", "id", "area_code"],
        sqlite_where=CLOSED,
        postgresql_where=CLOSED,
    )


def downgrade() -> None:
    op.drop_index("ix_cases_closed", table_name="cases")
    op.create_index("ix_cases_closed", "cases", ["status", "closed_at", "id"])
