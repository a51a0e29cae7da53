"""What the lists, the counts and a case's history are found by, in a store of a million alerts."""

import sqlalchemy as sa
from alembic import op


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = "status <> 'closed'"
# Name, table, columns, and which rows.
INDEXES = (
    ("ix_audit_events_subject", "audit_events", ["subject", "number"], None),
    (
        "ix_cases_open",
        "cases",
        [
            "queue_class",
            "tier_order",
            "due_on",
            "rank",
            "id",
            "area_code",
            "status",
            "holder_id",
            "contacted_on",
            "asleep_until",
            "escalated_at",
            "tier",
        ],
        OPEN,
    ),
    ("ix_cases_due", "cases", ["due_on", "id"], OPEN),
    ("ix_cases_in_hand", "cases", ["holder_id"], OPEN),
    ("ix_cases_closed", "cases", ["status", "closed_at", "id"], None),
    ("ix_cases_escalated", "cases", ["escalated_at"], "escalated_at IS NOT NULL"),
    ("ix_cases_asleep", "cases", ["asleep_until"], "asleep_until IS NOT NULL"),
)


def upgrade() -> None:
    for name, table, columns, where in INDEXES:
        rows = None if where is None else sa.text(where)
        op.create_index(name, table, columns, sqlite_where=rows, postgresql_where=rows)


def downgrade() -> None:
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
