"""A row that is append-only may be emptied of the child it is about, and of nothing else.

`erase_children` does it for the service's own user on PostgreSQL, who may change no such row otherwise.
"""

from alembic import op

from serving.migrations.guards import guard, guard_but_for_erasure, unguard

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# What says what the queue did, and so may not move when a row is emptied.
STAYS = {
    "feature_rows": ("id", "as_of", "created_at"),
    "screenings": (
        "id", "number", "as_of", "screener", "version", "feature_row_id", "round_id", "expires_on", "created_at",
    ),
    "alerts": (
        "id", "round_id", "case_id", "as_of", "lane", "screener", "rank", "draw_probability", "raised_at",
    ),
}  # fmt: skip
EMPTY_PACKED = "789c030000000001"  # what zlib makes of an empty text


def upgrade() -> None:
    for table, columns in STAYS.items():
        unguard(table)
        guard_but_for_erasure(table, columns)
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "CREATE FUNCTION erase_children(keys varchar[]) RETURNS void LANGUAGE sql SECURITY DEFINER "  # nosec B608
        "SET search_path = public, pg_temp AS $$ "
        "UPDATE alerts SET child_key = 'deleted', once = 'deleted ' || id, trigger = NULL, "
        "trigger_record = NULL, tier = NULL, screening_key = NULL WHERE child_key = ANY(keys); "
        f"UPDATE screenings SET child_key = 'deleted', packed_body = '\\x{EMPTY_PACKED}' "
        "WHERE child_key = ANY(keys); "
        "UPDATE feature_rows SET child_key = 'deleted', features = '{}' WHERE child_key = ANY(keys) $$"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION erase_children(varchar[])")
    for table in STAYS:
        unguard(table)
        guard(table)
