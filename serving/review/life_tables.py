"""The tables of a case's life beside its contacts and dispositions.

Findings, consultations, conclusions before a case closes, objections, what people raise by hand, absences
and drafts. Same rules as in `tables`: every column says whether it is about a person, free text is personal,
and children appear by their pseudonym only.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped

from serving.review.tables import Table, personal, plain


class FindingRow(Table):
    """What an assessment found about one risk, in the assessor's words."""

    __tablename__ = "findings"

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = plain(ForeignKey("cases.id"), index=True)
    entry: Mapped[int] = plain()
    risk: Mapped[str] = plain()
    finding: Mapped[str] = personal(Text)
    recorded_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    recorded_at: Mapped[datetime] = plain()


class ConclusionRow(Table):
    """One person's conclusion about one risk, before the case is closed with it.

    `place`: the first person's, the second's, or the coordinator's who settled between them. The
    dispositions are written when the case closes and not before.
    """

    __tablename__ = "conclusions"

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = plain(ForeignKey("cases.id"), index=True)
    entry: Mapped[int] = plain()
    place: Mapped[str] = plain()
    risk: Mapped[str] = plain()
    disposition: Mapped[str] = personal()
    reason: Mapped[str] = personal(Text)
    account_id: Mapped[str] = plain(ForeignKey("accounts.id"))
    recorded_at: Mapped[datetime] = plain()


class ConsultationRow(Table):
    """A colleague asked about a case; until they have answered they may read it, wherever they work."""

    __tablename__ = "consultations"
    __table_args__ = (Index("ix_consultations_asked_of", "asked_of", "answered_at"),)

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = plain(ForeignKey("cases.id"), index=True)
    asked_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    asked_of: Mapped[str] = plain(ForeignKey("accounts.id"))
    question: Mapped[str] = personal(Text)
    asked_at: Mapped[datetime] = plain()
    answer: Mapped[str | None] = personal(Text)
    answered_at: Mapped[datetime | None] = plain()


class RequestRow(Table):
    """What a person raised by hand: a family's own declaration, or a worker's concern about a child."""

    __tablename__ = "requests"

    id: Mapped[str] = plain(primary_key=True)
    child_key: Mapped[str] = personal(index=True)
    case_id: Mapped[str] = plain(ForeignKey("cases.id"), index=True)
    lane: Mapped[str] = plain()
    reason: Mapped[str] = personal(Text)
    recorded_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    recorded_at: Mapped[datetime] = plain()


class ObjectionRow(Table):
    """An objection to one record of a department: what is said to be wrong, and what came of it."""

    __tablename__ = "objections"

    id: Mapped[str] = plain(primary_key=True)
    case_id: Mapped[str] = plain(ForeignKey("cases.id"), index=True)
    child_key: Mapped[str] = personal()
    raised_by: Mapped[str] = plain()
    source: Mapped[str] = plain()
    record_id: Mapped[str] = personal()
    # Of the record, as the screening behind the case knew them; null for a trigger's, or where none is named.
    occurred_on: Mapped[date | None] = personal()
    known_on: Mapped[date | None] = personal()
    wrong: Mapped[str] = personal(Text)
    recorded_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    recorded_at: Mapped[datetime] = plain()
    forwarded_at: Mapped[datetime | None] = plain()
    answer: Mapped[str | None] = plain()
    answer_reason: Mapped[str | None] = personal(Text)
    answered_on: Mapped[date | None] = plain()
    answered_by: Mapped[str | None] = plain(ForeignKey("accounts.id"))
    answered_at: Mapped[datetime | None] = plain()
    # The score as it was given, as of then with what is known today, and now, each in words.
    change: Mapped[dict[str, Any] | None] = personal()
    rescored_at: Mapped[datetime | None] = plain()


class ScoreNotice(Table):
    """A score that others were given and that no longer stands, waiting to be told to them."""

    __tablename__ = "score_notices"

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    objection_id: Mapped[str] = plain(ForeignKey("objections.id"), index=True)
    child_key: Mapped[str] = personal()
    screener: Mapped[str] = plain()
    old_screening: Mapped[str] = plain()
    new_screening: Mapped[str | None] = plain()
    created_at: Mapped[datetime] = plain()
    delivered_at: Mapped[datetime | None] = plain(index=True)


class AbsenceRow(Table):
    """Days on which a member of staff is away, both ends included."""

    __tablename__ = "absences"

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    account_id: Mapped[str] = plain(ForeignKey("accounts.id"), index=True)
    first_day: Mapped[date] = personal()
    last_day: Mapped[date] = personal()
    declared_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    declared_at: Mapped[datetime] = plain()
    withdrawn_at: Mapped[datetime | None] = plain()


class DraftRow(Table):
    """A half-filled form of one step of one case, kept for the account that filled it."""

    __tablename__ = "drafts"

    account_id: Mapped[str] = plain(ForeignKey("accounts.id"), primary_key=True)
    case_id: Mapped[str] = plain(ForeignKey("cases.id"), primary_key=True)
    verb: Mapped[str] = plain(primary_key=True)
    given: Mapped[dict[str, Any]] = personal()
    saved_at: Mapped[datetime] = plain()
