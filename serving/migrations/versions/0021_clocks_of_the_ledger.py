"""The days from which contacts and visits of an open ledger entry are counted, kept in the entry."""

import sqlalchemy as sa
from alembic import op


revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")
# Name and columns.
INDEXES = {
    "ix_ledger_entries_contacted": ["contacted_on", "id", "area_code", "child_key"],
    "ix_ledger_entries_visited": ["visited_on", "id", "area_code", "child_key"],
    "ix_ledger_entries_clocks": ["area_code", "id", "child_key", "contacted_on", "visited_on"],
}
STEPS = (
    "SELECT max(happened_on) FROM record_steps WHERE child_key = ledger_entries.child_key "
    "AND code <> 'nobody' AND verb IN {verbs}"
)
FACTS = (
    "SELECT max(facts.happened_on) FROM facts JOIN cases ON cases.id = facts.case_id "
    "WHERE cases.child_key = ledger_entries.child_key AND facts.met <> 'nobody' {kind}"
)
CLOCKS = {
    "contacted_on": (STEPS.format(verbs="('care_contact', 'care_visit')"), FACTS.format(kind="")),
    "visited_on": (STEPS.format(verbs="('care_visit')"), FACTS.format(kind="AND facts.kind = 'visit'")),
}


def upgrade() -> None:
    for column, last in CLOCKS.items():
        op.add_column("ledger_entries", sa.Column(column, sa.Date(), nullable=True))
        op.execute(f"UPDATE ledger_entries SET {column} = entered_on")  # nosec B608  # our own names
        for found in last:
            set_to = f"UPDATE ledger_entries SET {column} = ({found}) WHERE ({found}) > {column}"  # nosec B608
            op.execute(set_to)
    # Nothing points to this table and nothing guards it, so it may be made anew.
    with op.batch_alter_table("ledger_entries") as table:
        for column in CLOCKS:
            table.alter_column(column, existing_type=sa.Date(), nullable=False)
    for name, columns in INDEXES.items():
        op.create_index(name, "ledger_entries", columns, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="ledger_entries")
    for column in CLOCKS:
        op.drop_column("ledger_entries", column)
