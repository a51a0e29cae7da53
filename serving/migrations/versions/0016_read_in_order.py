"""What case systems read by, in the order they read it, and second reviews, in a store of a million alerts."""

import sqlalchemy as sa
from alembic import op


revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Name, table, columns, and which rows.
INDEXES = (
    ("ix_cases_opened", "cases", ["opened_at", "id"], None),
    ("ix_cases_second", "cases", ["area_code", "id"], "status = 'second_review'"),
    ("ix_alerts_lane", "alerts", ["lane", "id"], None),
    ("ix_alerts_raised_at", "alerts", ["raised_at", "id"], None),
    ("ix_dispositions_disposed_at", "dispositions", ["disposed_at", "id"], None),
    ("ix_audit_events_at", "audit_events", ["at", "subject", "verb"], None),
)


def upgrade() -> None:
    for name, table, columns, where in INDEXES:
        rows = None if where is None else sa.text(where)
        op.create_index(name, table, columns, sqlite_where=rows, postgresql_where=rows)


def downgrade() -> None:
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
