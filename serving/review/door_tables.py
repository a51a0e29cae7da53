"""The tables of the door: sign-ins begun at a provider, tables for other platforms and what they answered.

Same rules as in `tables`.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped

from serving.review.tables import Table, personal, plain


class SignInAttempt(Table):
    """A sign-in begun at a provider and not answered yet; the answer takes the row away.

    Of the state and the browser's own secret only hashes are kept.
    """

    __tablename__ = "sign_in_attempts"

    state_hash: Mapped[str] = plain(primary_key=True)
    browser_hash: Mapped[str] = plain()
    nonce: Mapped[str] = plain()
    verifier: Mapped[str] = plain()
    onward: Mapped[str] = plain()
    expires_at: Mapped[datetime] = plain(index=True)


class ExportRequest(Table):
    """A table that somebody asked for: what, of which area, what for, and who allowed it.

    What was written into the table is not kept but for whom it was about (`ExportedCase`); it is made when it
    is fetched, once.
    """

    __tablename__ = "export_requests"
    __table_args__ = (Index("ix_export_requests_state", "state", "id"),)

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    template: Mapped[str] = plain()
    area_prefix: Mapped[str] = plain()
    # Whether names stand in full; otherwise they are masked.
    full_names: Mapped[bool] = plain()
    purpose: Mapped[str] = plain()
    words: Mapped[str] = personal(Text)
    state: Mapped[str] = plain()
    version: Mapped[int] = plain(Integer, default=1)
    asked_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    asked_at: Mapped[datetime] = plain()
    decided_by: Mapped[str | None] = plain(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None] = plain()
    decision_words: Mapped[str] = personal(Text, default="")
    fetched_at: Mapped[datetime | None] = plain()
    rows: Mapped[int | None] = plain()


class ExportedCase(Table):
    """That a table, when it was fetched, held this case: whose data went out."""

    __tablename__ = "exported_cases"

    request_id: Mapped[int] = plain(
        Integer, ForeignKey("export_requests.id"), primary_key=True, autoincrement=False
    )
    case_id: Mapped[str] = plain(ForeignKey("cases.id"), primary_key=True, index=True)


class ExportAnswer(Table):
    """What another platform answered about a case, as its table brought it back. A later one counts."""

    __tablename__ = "export_answers"

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    template: Mapped[str] = plain()
    case_id: Mapped[str] = plain(ForeignKey("cases.id"), index=True)
    result: Mapped[str] = personal()
    answered_on: Mapped[date] = personal()
    note: Mapped[str] = personal(Text)
    imported_by: Mapped[str] = plain()
    imported_at: Mapped[datetime] = plain()
