"""Triggers that keep a table append-only, for migrations; on PostgreSQL also against TRUNCATE.

What is written here stands in deployed stores: a guard that must change gets a new function, not an edit.
"""

from __future__ import annotations

from alembic import op


def guard(*tables: str) -> None:
    """From now on these tables refuse every change of a row that is there."""
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql(tables)
        return
    for table in tables:
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def guard_but_for_erasure(table: str, stays: tuple[str, ...]) -> None:
    """As `guard`, but a row may come to be of nobody: `child_key` says deleted, and these columns stay.

    On PostgreSQL the table's other guards, against deleting and emptying it, are those of `guard`.
    """
    guard(table)
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    differs = "IS DISTINCT FROM" if on_postgresql else "IS NOT"
    moved = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in stays)
    when = f"WHEN (NEW.child_key {differs} 'deleted' OR {moved})"
    if on_postgresql:
        op.execute(f"DROP TRIGGER {table}_no_update ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW {when} "
            "EXECUTE FUNCTION refuse_change()"
        )
        return
    op.execute(f"DROP TRIGGER {table}_no_update")
    op.execute(
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def unguard(*tables: str) -> None:
    """A migration may change these tables' rows until it guards them again."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in tables:
        for change in ("update", "delete", *(("truncate",) if on_postgresql else ())):
            op.execute(f"DROP TRIGGER {table}_no_{change}" + (f" ON {table}" if on_postgresql else ""))


def forget_guards() -> None:
    """Remove what the guards share, once no guarded table is left."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def _guard_postgresql(tables: tuple[str, ...]) -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$"
    )
    for table in tables:
        for change in ("update", "delete", "truncate"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
