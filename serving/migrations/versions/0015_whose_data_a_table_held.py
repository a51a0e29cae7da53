"""Which cases a table held when it was fetched. Going back, that is forgotten; the log keeps the counts."""

import sqlalchemy as sa
from alembic import op


revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exported_cases",
        sa.Column("request_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["export_requests.id"], name=op.f("fk_exported_cases_request_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_exported_cases_case_id")),
        sa.PrimaryKeyConstraint("request_id", "case_id", name=op.f("pk_exported_cases")),
    )
    op.create_index(op.f("ix_exported_cases_case_id"), "exported_cases", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_exported_cases_case_id"), table_name="exported_cases")
    op.drop_table("exported_cases")
