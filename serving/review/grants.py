"""What the service's own database user may do on PostgreSQL: everything its work needs, and no more.

The owner of the tables makes and migrates them, and could take the guards of the log away. The service
signs in as somebody else: who may add to what is append-only and read it, never change, delete or empty it.
"""

from __future__ import annotations

import re

from sqlalchemy import text

from serving.review.schema import METADATA
from serving.review.store import Store, StoreError
from serving.review.tables import APPEND_ONLY

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def statements(role: str) -> list[str]:
    """The SQL that gives this role what the service needs and no more; StoreError for a name to be quoted."""
    if _NAME.fullmatch(role) is None:
        raise StoreError("The name of a database user here is small letters, digits and underscores.")
    changing = [table.name for table in METADATA.sorted_tables if table.name not in APPEND_ONLY]
    return [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        "GRANT SELECT ON alembic_version TO " + role,
        f"GRANT SELECT, INSERT ON {', '.join(APPEND_ONLY)} TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(changing)} TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ]


def apply(store: Store, role: str) -> None:
    """Run the statements, as the owner of the tables."""
    wanted = statements(role)
    if store.dialect != "postgresql":
        raise StoreError("Grants are for PostgreSQL; whoever may write a SQLite file may write all of it.")
    with store.write() as session:
        if session.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}) is None:
            raise StoreError(
                f"There is no database user {role}; make one first: CREATE ROLE {role} LOGIN PASSWORD '...'."
            )
        for statement in wanted:
            session.execute(text(statement))
