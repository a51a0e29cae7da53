"""Closed cases of a village, and how a case came, read off an index without looking at the rows."""

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
    op.drop_index("ix_alerts_case_id", table_name="alerts")
    op.create_index("ix_alerts_case", "alerts", ["case_id", "lane", "trigger", "id"])


def downgrade() -> None:
    op.drop_index("ix_alerts_case", table_name="alerts")
    op.create_index("ix_alerts_case_id", "alerts", ["case_id"])
    op.drop_index("ix_cases_closed", table_name="cases")
    op.create_index("ix_cases_closed", "cases", ["status", "closed_at", "id"])
