"""Whether a visit confirmed a risk, kept with the case, and what the manager's page is counted by in one pass."""

import sqlalchemy as sa
from alembic import op


revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OPEN, REACHED = "status <> 'closed'", "contacted_on IS NOT NULL"
LATE = ["due_on", "contacted_on", "asleep_until"]
ENTERED = ["entered_on", "area_code", "status", *LATE]
# Columns and which rows, by name: as they are now, and as they were.
INDEXES = {
    "ix_cases_open_area": (
        ["area_code", "tier", "status", "queue_class", "holder_id", *LATE, "escalated_at", "id"],
        OPEN,
    ),
    "ix_cases_in_hand": (["holder_id", "area_code", *LATE, "status"], OPEN),
    "ix_cases_entered": ([*ENTERED, "tier", "queue_class", "confirmed", "id"], None),
    "ix_cases_way": (["tier", "queue_class", *ENTERED, "confirmed"], None),
    "ix_cases_reached": (["entered_on", "contacted_on", "area_code"], REACHED),
}
BEFORE = {
    "ix_cases_open_area": (
        ["area_code", "status", "queue_class", "due_on", "holder_id", "contacted_on", "asleep_until"]
        + ["escalated_at", "tier", "id"],
        OPEN,
    ),
    "ix_cases_in_hand": (["holder_id"], OPEN),
    "ix_cases_entered": (
        ["entered_on", "area_code", "status", "tier", "queue_class", "contacted_on", "due_on", "id"],
        None,
    ),
}
VISITED = "SELECT 1 FROM dispositions WHERE case_id = cases.id AND visited"


def remake(old: dict, new: dict) -> None:
    for name in old:
        op.drop_index(name, table_name="cases")
    for name, (columns, where) in new.items():
        rows = None if where is None else sa.text(where)
        op.create_index(name, "cases", columns, sqlite_where=rows, postgresql_where=rows)


def upgrade() -> None:
    op.add_column("cases", sa.Column("confirmed", sa.Boolean(), nullable=True))
    confirms = f"EXISTS ({VISITED} AND disposition = 'confirmed')"
    op.execute(f"UPDATE cases SET confirmed = {confirms} WHERE EXISTS ({VISITED})")  # nosec B608  # our own
    remake(BEFORE, INDEXES)


def downgrade() -> None:
    remake(INDEXES, BEFORE)
    op.drop_column("cases", "confirmed")
