"""The table of who was let in where they do not belong: emergency openings.

Same rules as in `tables`: every column says whether it is about a person, and free text is personal. An
opening stays when its child is deleted by right, without what was written.
"""

from __future__ import annotations

from datetime import datetime

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
    reason: Mapped[str] = plain()
    words: Mapped[str] = personal(Text)
    opened_at: Mapped[datetime] = plain()
    until: Mapped[datetime] = plain()
    verdict: Mapped[str | None] = plain()
    verdict_words: Mapped[str] = personal(Text, default="")
    reviewed_by: Mapped[str | None] = plain(ForeignKey("accounts.id"))
    reviewed_at: Mapped[datetime | None] = plain()
