"""What the lists of a town or village are counted by, in a store of a million alerts."""

import sqlalchemy as sa
from alembic import op


revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OPEN = sa.text("status <> 'closed'")
COLUMNS = [
    "area_code",
    "status",
    "queue_class",
    "due_on",
    "holder_id",
    "contacted_on",
    "asleep_until",
    "escalated_at",
    "tier",
    "id",
]


def upgrade() -> None:
    op.create_index("ix_cases_open_area", "cases", COLUMNS, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index("ix_cases_open_area", table_name="cases")
