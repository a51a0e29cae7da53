"""Tables of what policy asks beside the case: ledger, assessments, reports, referrals, plans, rosters.

A record keeps its child, its area and, if it grew out of one, its case. What happens to it later is a row
of `record_steps`; what is changed becomes a new record that names the one it replaces. Nothing here is
guarded by triggers: notes hold names people wrote, and a deletion by right must be able to destroy them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Integer, Text, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped

from serving.review.tables import Table, personal, plain

_OPEN = text("state = 'open'")


class LedgerEntry(Table):
    """A child in the ledger of key-care children. One child has at most one entry that is open."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index(
            "uq_ledger_entries_open_child",
            "child_key",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_ledger_entries_list", "state", "area_code"),
        # The calendar of a county walks along the days; that of a town or village looks at its own entries.
        *(
            Index(f"ix_ledger_entries_{name}", *columns, sqlite_where=_OPEN, postgresql_where=_OPEN)
            for name, columns in {
                "contacted": ("contacted_on", "id", "area_code", "child_key"),
                "visited": ("visited_on", "id", "area_code", "child_key"),
                "clocks": ("area_code", "id", "child_key", "contacted_on", "visited_on"),
            }.items()
        ),
    )

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    child_key: Mapped[str] = personal(index=True)
    area_code: Mapped[str] = personal()
    case_id: Mapped[str | None] = plain(ForeignKey("cases.id"), index=True)
    state: Mapped[str] = plain()
    version: Mapped[int] = plain(default=1)
    categories: Mapped[list[str]] = personal()
    basis: Mapped[str] = plain()
    note: Mapped[str] = personal(Text)
    entered_on: Mapped[date] = plain()
    # From when the clocks of contacts and visits run (`ledger_clocks`).
    contacted_on: Mapped[date] = personal()
    visited_on: Mapped[date] = personal()
    reviewed_on: Mapped[date | None] = plain()
    left_on: Mapped[date | None] = plain()
    made_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = plain()


# A literal, not a value sent beside the statement: only so does a database use the indexes of open entries.
IN_LEDGER: ColumnElement[bool] = LedgerEntry.state == literal_column("'open'")


class AssessmentRow(Table):
    """One assessment of guardianship: grades item by item, two scores, type and level, by a team of two."""

    __tablename__ = "assessments"
    __table_args__ = (Index("ix_assessments_list", "state", "area_code"),)

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    child_key: Mapped[str] = personal(index=True)
    area_code: Mapped[str] = personal()
    case_id: Mapped[str | None] = plain(ForeignKey("cases.id"), index=True)
    state: Mapped[str] = plain()
    version: Mapped[int] = plain(default=1)
    tree: Mapped[str] = plain()
    tree_version: Mapped[str] = plain()
    assessed_on: Mapped[date] = plain()
    # Items may hold what must stay here, such as 征信: they are never published.
    grades: Mapped[dict[str, Any]] = personal()
    note: Mapped[str] = personal(Text)
    capability_score: Mapped[float | None] = personal()
    risk_score: Mapped[float | None] = personal()
    conclusion: Mapped[str] = personal()
    level: Mapped[str | None] = personal()
    second_id: Mapped[str] = plain(ForeignKey("accounts.id"), index=True)
    next_on: Mapped[date] = plain()
    replaces: Mapped[int | None] = plain(ForeignKey("assessments.id"))
    made_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = plain()


class ReportRow(Table):
    """A mandatory report. It may stand without a case and without a child we know."""

    __tablename__ = "reports"
    __table_args__ = (Index("ix_reports_list", "state", "area_code"),)

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    child_key: Mapped[str | None] = personal(index=True)
    area_code: Mapped[str] = personal()
    case_id: Mapped[str | None] = plain(ForeignKey("cases.id"), index=True)
    state: Mapped[str] = plain()
    version: Mapped[int] = plain(default=1)
    about: Mapped[str] = personal(Text)
    situation: Mapped[str] = personal()
    found_on: Mapped[date] = plain()
    reported_on: Mapped[date] = plain()
    told: Mapped[list[str]] = plain()
    note: Mapped[str] = personal(Text)
    made_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = plain()


class ReferralRow(Table):
    """One service asked for, or one channel a family was led to, with consent or its refusal."""

    __tablename__ = "referrals"
    __table_args__ = (Index("ix_referrals_list", "state", "area_code", "answer_by"),)

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    child_key: Mapped[str] = personal(index=True)
    area_code: Mapped[str] = personal()
    case_id: Mapped[str | None] = plain(ForeignKey("cases.id"), index=True)
    state: Mapped[str] = plain()
    version: Mapped[int] = plain(default=1)
    service: Mapped[str] = plain()
    channel: Mapped[str] = plain()
    stage: Mapped[str] = personal()
    note: Mapped[str] = personal(Text)
    consent: Mapped[str] = personal()
    consent_by: Mapped[str] = personal()
    consent_on: Mapped[date] = plain()
    answer_by: Mapped[date | None] = plain()
    follows: Mapped[int | None] = plain(ForeignKey("referrals.id"))
    made_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = plain()


class PlanRow(Table):
    """One edition of a child's plan; a changed plan is a new edition and the earlier one stays."""

    __tablename__ = "plans"
    __table_args__ = (Index("ix_plans_list", "state", "area_code", "review_on"),)

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    child_key: Mapped[str] = personal(index=True)
    area_code: Mapped[str] = personal()
    case_id: Mapped[str | None] = plain(ForeignKey("cases.id"), index=True)
    state: Mapped[str] = plain()
    version: Mapped[int] = plain(default=1)
    edition: Mapped[int] = plain(default=1)
    note: Mapped[str] = personal(Text)
    agreement: Mapped[str] = personal()
    agreement_by: Mapped[str] = personal()
    agreed_on: Mapped[date | None] = plain()
    review_on: Mapped[date] = plain()
    replaces: Mapped[int | None] = plain(ForeignKey("plans.id"))
    made_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = plain()


class PlanAction(Table):
    """One thing to be done under a plan: what, by whom, until when, and how it ended."""

    __tablename__ = "plan_actions"

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    plan_id: Mapped[int] = plain(ForeignKey("plans.id"), index=True)
    what: Mapped[str] = personal(Text)
    who: Mapped[str] = personal()
    by_on: Mapped[date] = plain()
    state: Mapped[str] = plain()
    ended_on: Mapped[date | None] = plain()
    note: Mapped[str] = personal(Text)
    # The same action in the edition before, if it was carried over.
    carried_from: Mapped[int | None] = plain(ForeignKey("plan_actions.id"))


class RecordStep(Table):
    """What happened to a record after it was made: a contact, a signature, a receipt, an answer."""

    __tablename__ = "record_steps"
    __table_args__ = (
        Index("ix_record_steps_record", "kind", "record_id"),
        Index("ix_record_steps_child", "child_key", "verb"),
    )

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    kind: Mapped[str] = plain()
    record_id: Mapped[int] = plain()
    child_key: Mapped[str | None] = personal()
    verb: Mapped[str] = plain()
    happened_on: Mapped[date] = plain()
    code: Mapped[str] = personal()
    number: Mapped[str] = personal()
    note: Mapped[str] = personal(Text)
    made_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = plain()


class RosterChangeRow(Table):
    """One child whose place on the roster changed from one round to the next, and how."""

    __tablename__ = "roster_changes"
    __table_args__ = (
        UniqueConstraint("as_of", "child_key"),
        Index("ix_roster_changes_list", "as_of", "area_code"),
    )

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    as_of: Mapped[date] = plain()
    before: Mapped[date] = plain()
    child_key: Mapped[str] = personal(index=True)
    area_code: Mapped[str] = personal()
    from_area: Mapped[str | None] = personal()
    change: Mapped[str] = personal()


class RosterRound(Table):
    """That the changes of a round's roster were computed, so that none at all is told from not looked at."""

    __tablename__ = "roster_rounds"

    as_of: Mapped[date] = plain(primary_key=True)
    before: Mapped[date] = plain()
    changes: Mapped[int] = plain()
    made_at: Mapped[datetime] = plain()
