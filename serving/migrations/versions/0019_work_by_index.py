"""What the manager's page, and the similar cases of a case, are counted by in a store of a million alerts."""

import sqlalchemy as sa
from alembic import op


revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Name, table, columns, and which rows.
INDEXES = (
    ("ix_cases_alike", "cases", ["tier", "queue_class", "closed_at", "id"], "status = 'closed'"),
    (
        "ix_cases_lots",
        "cases",
        ["view_order", "status", "ending", "area_code", "id"],
        "view_order IS NOT NULL",
    ),
    (
        "ix_cases_entered",
        "cases",
        ["entered_on", "area_code", "status", "tier", "queue_class", "contacted_on", "due_on", "id"],
        None,
    ),
    ("ix_dispositions_case", "dispositions", ["case_id", "visited", "disposition"], None),
)


def upgrade() -> None:
    for name, table, columns, where in INDEXES:
        rows = None if where is None else sa.text(where)
        op.create_index(name, table, columns, sqlite_where=rows, postgresql_where=rows)


def downgrade() -> None:
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
