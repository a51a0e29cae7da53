"""The day of the first visit that met somebody, kept with the case, and counted from an index."""

import sqlalchemy as sa
from alembic import op


revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BEFORE = ["entered_on", "area_code", "status", "due_on", "contacted_on", "asleep_until", "tier", "queue_class"]
BEFORE += ["confirmed", "id"]
COLUMNS = [*BEFORE[:-1], "visited_on", "id"]
FIRST = "SELECT min(happened_on) FROM facts WHERE case_id = cases.id AND kind = 'visit' AND met <> 'nobody'"


def remake(columns: list[str]) -> None:
    op.drop_index("ix_cases_entered", table_name="cases")
    op.create_index("ix_cases_entered", "cases", columns)


def upgrade() -> None:
    op.add_column("cases", sa.Column("visited_on", sa.Date(), nullable=True))
    op.execute(f"UPDATE cases SET visited_on = ({FIRST})")  # nosec B608  # our own
    remake(COLUMNS)


def downgrade() -> None:
    remake(BEFORE)
    op.drop_column("cases", "visited_on")
