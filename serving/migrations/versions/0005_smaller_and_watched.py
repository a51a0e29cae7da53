"""Screenings are kept compressed; every look at the whole log is kept, and cannot be changed.

A SQLite file does not shrink by this: the space is used again for what comes next.
"""

import zlib

import sqlalchemy as sa
from alembic import op

from serving.migrations.guards import guard, unguard


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AT_ONCE = 500


def upgrade() -> None:
    op.create_table(
        "audit_checks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("own_hash", sa.String(), nullable=False),
        sa.Column("fault", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_checks")),
    )
    guard("audit_checks")
    unguard("screenings")
    # Columns are added outside a batch: that would make the table anew, without what guards it.
    op.add_column(
        "screenings", sa.Column("packed_body", sa.LargeBinary(), nullable=False, server_default="")
    )
    _move("body", "packed_body", lambda text: zlib.compress(text.encode()))
    op.drop_column("screenings", "body")
    guard("screenings")


def downgrade() -> None:
    unguard("screenings")
    op.add_column("screenings", sa.Column("body", sa.Text(), nullable=False, server_default=""))
    _move("packed_body", "body", lambda packed: zlib.decompress(packed).decode())
    op.drop_column("screenings", "packed_body")
    guard("screenings")
    op.drop_table("audit_checks")


def _move(source: str, target: str, change) -> None:
    screenings = sa.table(
        "screenings",
        sa.column("number", sa.Integer),
        sa.column("body", sa.Text),
        sa.column("packed_body", sa.LargeBinary),
    )
    put = (
        sa.update(screenings)
        .where(screenings.c.number == sa.bindparam("of"))
        .values({target: sa.bindparam("said")})
    )
    connection, last = op.get_bind(), 0
    while True:
        some = (
            sa.select(screenings.c.number, screenings.c[source])
            .where(screenings.c.number > last)
            .order_by(screenings.c.number)
            .limit(AT_ONCE)
        )
        rows = connection.execute(some).all()
        if not rows:
            return
        connection.execute(put, [{"of": number, "said": change(value)} for number, value in rows])
        last = rows[-1][0]
