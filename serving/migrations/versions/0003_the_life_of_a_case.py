"""The life of a case: findings, consultations, second reviews, objections, requests, absences, drafts.

A case that was in review is claimed, and asks for a view if it was to be decided before it is revealed.
Going back, whatever somebody holds is in review again and what nobody holds waits.
"""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added outside a batch: that would make the table anew, without what guards it.
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("declared_by", sa.String(), nullable=False),
        sa.Column("declared_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_absences_account_id")),
        sa.ForeignKeyConstraint(["declared_by"], ["accounts.id"], name=op.f("fk_absences_declared_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_account_id"), "absences", ["account_id"], unique=False)
    op.create_table(
        "conclusions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("risk", sa.String(), nullable=False),
        sa.Column("disposition", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_conclusions_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_conclusions_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conclusions")),
    )
    op.create_index(op.f("ix_conclusions_case_id"), "conclusions", ["case_id"], unique=False)
    op.create_table(
        "consultations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_of", sa.String(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["accounts.id"], name=op.f("fk_consultations_asked_by")),
        sa.ForeignKeyConstraint(["asked_of"], ["accounts.id"], name=op.f("fk_consultations_asked_of")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_consultations_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultations")),
    )
    op.create_index("ix_consultations_asked_of", "consultations", ["asked_of", "answered_at"], unique=False)
    op.create_index(op.f("ix_consultations_case_id"), "consultations", ["case_id"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_drafts_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_drafts_case_id")),
        sa.PrimaryKeyConstraint("account_id", "case_id", "verb", name=op.f("pk_drafts")),
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("risk", sa.String(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_findings_case_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["accounts.id"], name=op.f("fk_findings_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_case_id"), "findings", ["case_id"], unique=False)
    op.create_table(
        "objections",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("child_key", sa.String(), nullable=False),
        sa.Column("raised_by", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("wrong", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("forwarded_at", sa.DateTime(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("change", sa.JSON(), nullable=True),
        sa.Column("rescored_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["accounts.id"], name=op.f("fk_objections_answered_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_objections_case_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["accounts.id"], name=op.f("fk_objections_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
    )
    op.create_index(op.f("ix_objections_case_id"), "objections", ["case_id"], unique=False)
    op.create_table(
        "requests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("child_key", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_requests_case_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["accounts.id"], name=op.f("fk_requests_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
    )
    op.create_index(op.f("ix_requests_case_id"), "requests", ["case_id"], unique=False)
    op.create_index(op.f("ix_requests_child_key"), "requests", ["child_key"], unique=False)
    op.create_table(
        "score_notices",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("objection_id", sa.String(), nullable=False),
        sa.Column("child_key", sa.String(), nullable=False),
        sa.Column("screener", sa.String(), nullable=False),
        sa.Column("old_screening", sa.String(), nullable=False),
        sa.Column("new_screening", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objections.id"], name=op.f("fk_score_notices_objection_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_notices")),
    )
    op.create_index(op.f("ix_score_notices_delivered_at"), "score_notices", ["delivered_at"], unique=False)
    op.create_index(op.f("ix_score_notices_objection_id"), "score_notices", ["objection_id"], unique=False)
    op.add_column("accounts", sa.Column("capacity", sa.Integer(), nullable=True))
    op.add_column(
        "cases", sa.Column("due_provisional", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("cases", sa.Column("contacted_on", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("asks_view", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("cases", sa.Column("view_order", sa.String(), nullable=True))
    op.add_column("cases", sa.Column("ending", sa.String(), nullable=True))
    op.add_column("cases", sa.Column("escalated_at", sa.DateTime(), nullable=True))
    op.add_column("cases", sa.Column("asleep_until", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("second", sa.String(), nullable=True))
    op.add_column("cases", sa.Column("household", sa.String(), nullable=True))
    op.create_index(op.f("ix_cases_household"), "cases", ["household"], unique=False)
    op.add_column(
        "views", sa.Column("after_reasons", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute("UPDATE cases SET asks_view = reveal_after_view")
    op.execute("UPDATE cases SET status = 'claimed' WHERE status = 'in_review'")
    op.execute(
        "UPDATE cases SET contacted_on = (SELECT min(facts.happened_on) FROM facts WHERE"
        " facts.case_id = cases.id AND facts.entry = cases.entry AND facts.met <> 'nobody')"
    )


def downgrade() -> None:
    op.execute(
        "UPDATE cases SET status = CASE WHEN holder_id IS NULL THEN 'waiting' ELSE 'in_review' END"
        " WHERE status NOT IN ('waiting', 'closed')"
    )
    op.drop_column("views", "after_reasons")
    op.drop_index(op.f("ix_cases_household"), table_name="cases")
    op.drop_column("cases", "household")
    op.drop_column("cases", "second")
    op.drop_column("cases", "asleep_until")
    op.drop_column("cases", "escalated_at")
    op.drop_column("cases", "ending")
    op.drop_column("cases", "view_order")
    op.drop_column("cases", "asks_view")
    op.drop_column("cases", "contacted_on")
    op.drop_column("cases", "due_provisional")
    op.drop_column("accounts", "capacity")
    op.drop_index(op.f("ix_score_notices_objection_id"), table_name="score_notices")
    op.drop_index(op.f("ix_score_notices_delivered_at"), table_name="score_notices")
    op.drop_table("score_notices")
    op.drop_index(op.f("ix_requests_child_key"), table_name="requests")
    op.drop_index(op.f("ix_requests_case_id"), table_name="requests")
    op.drop_table("requests")
    op.drop_index(op.f("ix_objections_case_id"), table_name="objections")
    op.drop_table("objections")
    op.drop_index(op.f("ix_findings_case_id"), table_name="findings")
    op.drop_table("findings")
    op.drop_table("drafts")
    op.drop_index(op.f("ix_consultations_case_id"), table_name="consultations")
    op.drop_index("ix_consultations_asked_of", table_name="consultations")
    op.drop_table("consultations")
    op.drop_index(op.f("ix_conclusions_case_id"), table_name="conclusions")
    op.drop_table("conclusions")
    op.drop_index(op.f("ix_absences_account_id"), table_name="absences")
    op.drop_table("absences")
