"""Tables of who was let in and what families asked for: emergency openings, requests about personal data.

Same rules as in `tables`: every column says whether it is about a person, and free text is personal. Both
stay when their child is deleted by right, emptied of the child and of what was written.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped

from serving.review.tables import Table, personal, plain


class OpeningRow(Table):
    """A case outside a worker's area that was opened in an emergency, until when, and what a review says."""

    __tablename__ = "emergency_openings"
    __table_args__ = (
        Index("ix_emergency_openings_account", "account_id", "until"),
        Index("ix_emergency_openings_review", "verdict", "area_code"),
    )

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = plain(ForeignKey("cases.id"), index=True)
    # The case's area when it was opened: who reviews it answers for that area.
    area_code: Mapped[str] = personal()
    account_id: Mapped[str] = plain(ForeignKey("accounts.id"))
    reason: Mapped[str] = personal()
    words: Mapped[str] = personal(Text)
    opened_at: Mapped[datetime] = plain()
    until: Mapped[datetime] = plain()
    verdict: Mapped[str | None] = plain()
    verdict_words: Mapped[str] = personal(Text, default="")
    reviewed_by: Mapped[str | None] = plain(ForeignKey("accounts.id"))
    reviewed_at: Mapped[datetime | None] = plain()


class RightsRow(Table):
    """What a guardian or a child asked about their data, by when an answer is due, and what came of it."""

    __tablename__ = "rights_requests"
    __table_args__ = (Index("ix_rights_requests_list", "state", "area_code", "due_on"),)

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    child_key: Mapped[str] = personal(index=True)
    area_code: Mapped[str] = personal()
    right: Mapped[str] = plain("asked_right")
    asked_by: Mapped[str] = plain()
    identity: Mapped[str] = plain()
    wish: Mapped[str] = personal(Text)
    received_on: Mapped[date] = plain()
    due_on: Mapped[date] = plain()
    due_provisional: Mapped[bool] = plain(default=False)
    state: Mapped[str] = plain()
    version: Mapped[int] = plain(default=1)
    ground: Mapped[str | None] = plain()
    answer: Mapped[str] = personal(Text, default="")
    answered_on: Mapped[date | None] = plain()
    answered_by: Mapped[str | None] = plain(ForeignKey("accounts.id"))
    done_at: Mapped[datetime | None] = plain()
    made_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = plain()
