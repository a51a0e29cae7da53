"""The tables of the review store. Every column says whether it is about a person (`info["personal"]`).

Children appear by their pseudonym only. What is `APPEND_ONLY` has triggers, made by the migrations,
that refuse every change. `audit_events` has no foreign keys,
so that the log never stands in the way of live data.
"""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    literal_column,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column
from sqlalchemy.types import TypeDecorator

APPEND_ONLY = ("feature_rows", "screenings", "alerts", "audit_events", "audit_checks")

_OPEN = "status <> 'closed'"
# What tells whether a case is past its date.
_LATE = ("due_on", "contacted_on", "asleep_until")
_ENTERED = ("entered_on", "area_code", "status", *_LATE)


def _among(where: str, name: str, *columns: str, unique: bool = False) -> Index:
    """An index of those rows alone of which the condition holds, on both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


class Instant(TypeDecorator[datetime]):
    """A moment, kept in UTC. A moment without a time zone is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs its time zone.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Packed(TypeDecorator[str]):
    """A long text, kept compressed; it comes back to the letter."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.compress(value.encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else zlib.decompress(value).decode()


class Table(DeclarativeBase):
    """The base of all tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: String,
        datetime: Instant,
        date: Date,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }


def plain(*args: Any, **options: Any) -> MappedColumn[Any]:
    """A column that says nothing about a person."""
    return mapped_column(*args, info={"personal": False}, **options)


def personal(*args: Any, **options: Any) -> MappedColumn[Any]:
    """A column about a child or a member of staff; never logged."""
    return mapped_column(*args, info={"personal": True}, **options)


class Account(Table):
    __tablename__ = "accounts"

    id: Mapped[str] = plain(primary_key=True)
    username: Mapped[str] = personal(unique=True)
    display_name: Mapped[str] = personal()
    role: Mapped[str] = plain()
    area_prefix: Mapped[str] = plain()
    password_hash: Mapped[str] = personal()
    failed_attempts: Mapped[int] = plain(default=0)
    locked_until: Mapped[datetime | None] = plain()
    disabled_at: Mapped[datetime | None] = plain()
    created_at: Mapped[datetime] = plain()
    # Cases in hand at one time; null: as the rules say for the role.
    capacity: Mapped[int | None] = plain()


class WebSession(Table):
    __tablename__ = "sessions"

    token_hash: Mapped[str] = plain(primary_key=True)
    account_id: Mapped[str] = plain(ForeignKey("accounts.id"), index=True)
    csrf_token: Mapped[str] = plain()
    created_at: Mapped[datetime] = plain()
    expires_at: Mapped[datetime] = plain()
    ended_at: Mapped[datetime | None] = plain()


class ApiKey(Table):
    __tablename__ = "api_keys"

    id: Mapped[str] = plain(primary_key=True)
    prefix: Mapped[str] = plain(unique=True)
    key_hash: Mapped[str] = plain()
    title: Mapped[str] = plain()
    scopes: Mapped[list[str]] = plain()
    area_prefix: Mapped[str] = plain()
    created_at: Mapped[datetime] = plain()
    last_used_at: Mapped[datetime | None] = plain()
    revoked_at: Mapped[datetime | None] = plain()
    # The first key of a client names it; those that follow it are the same client's.
    client_id: Mapped[str] = plain(index=True)
    expires_at: Mapped[datetime | None] = plain()


class Round(Table):
    """One screening round: an as-of date and what screened it."""

    __tablename__ = "rounds"

    id: Mapped[str] = plain(primary_key=True)
    as_of: Mapped[date] = plain()
    screeners: Mapped[dict[str, Any]] = plain()
    opened_at: Mapped[datetime] = plain()


class Release(Table):
    """One week's part of a round's ranking, and how it was drawn."""

    __tablename__ = "releases"

    round_id: Mapped[str] = plain(ForeignKey("rounds.id"), primary_key=True)
    number: Mapped[int] = plain(primary_key=True)
    released_at: Mapped[datetime] = plain()
    alerts: Mapped[int] = plain()
    cases: Mapped[int] = plain()


class FeatureRow(Table):
    """The features of one child on one as-of date, as they entered a screener."""

    __tablename__ = "feature_rows"

    id: Mapped[str] = plain(primary_key=True)
    child_key: Mapped[str] = personal(index=True)
    as_of: Mapped[date] = plain()
    # A feature that is not known is null here, as JSON has no NaN.
    features: Mapped[dict[str, Any]] = personal()
    silent: Mapped[list[str]] = plain()
    created_at: Mapped[datetime] = plain()


class ScreeningRow(Table):
    """One scoring of one child by one screener on one date.

    `body` is the Screening's canonical JSON, text so that it replays to the bit, and compressed since it
    is most of the store; `id` is the text's digest, so the same screening stored twice is one row.
    """

    __tablename__ = "screenings"
    __table_args__ = (Index("ix_screenings_child_key_as_of", "child_key", "as_of"),)

    id: Mapped[str] = plain(primary_key=True)
    number: Mapped[int] = plain(Integer, unique=True)
    child_key: Mapped[str] = personal()
    as_of: Mapped[date] = plain()
    screener: Mapped[str] = plain()
    version: Mapped[str] = plain()
    feature_row_id: Mapped[str | None] = plain(ForeignKey("feature_rows.id"))
    round_id: Mapped[str | None] = plain(index=True)
    body: Mapped[str] = personal("packed_body", Packed)
    # Code, policy and libraries (`models.replay.made_with`); null in screenings from before it was kept.
    made_with: Mapped[dict[str, Any] | None] = plain()
    expires_on: Mapped[date] = plain()
    created_at: Mapped[datetime] = plain()


class Case(Table):
    """What reviewers work on. One child has at most one case that is not closed."""

    __tablename__ = "cases"
    __table_args__ = (
        _among(_OPEN, "uq_cases_open_child", "child_key", unique=True),
        Index("ix_cases_queue", "status", "queue_class", "tier_order", "due_on"),
        # The lists walk along their order and look at nothing else until a line is shown, or counted.
        _among(
            _OPEN,
            "ix_cases_open",
            *("queue_class", "tier_order", "due_on", "rank", "id", "area_code", "status", "holder_id"),
            *("contacted_on", "asleep_until", "escalated_at", "tier"),
        ),
        # A town or village counts its lists here without looking at a case, and a county its tiers.
        _among(
            _OPEN,
            "ix_cases_open_area",
            *("area_code", "tier", "status", "queue_class", "holder_id", *_LATE, "escalated_at", "id"),
        ),
        _among(_OPEN, "ix_cases_due", "due_on", "id"),
        _among(_OPEN, "ix_cases_in_hand", "holder_id", "area_code", *_LATE, "status"),
        # The closed cases of a village are found along the order of all, without looking at the others.
        _among("status = 'closed'", "ix_cases_closed", "closed_at", "id", "area_code"),
        # The latest that ended among those like a case.
        _among("status = 'closed'", "ix_cases_alike", "tier", "queue_class", "closed_at", "id"),
        # Managers count a half-year by the day of entry, and what the lots showed.
        Index("ix_cases_entered", *_ENTERED, "tier", "queue_class", "confirmed", "visited_on", "id"),
        Index("ix_cases_way", "tier", "queue_class", *_ENTERED, "confirmed"),
        _among("contacted_on IS NOT NULL", "ix_cases_reached", "entered_on", "contacted_on", "area_code"),
        _among(
            "view_order IS NOT NULL", "ix_cases_lots", *("view_order", "status", "ending", "area_code", "id")
        ),
        # Case systems read in the order of opening.
        Index("ix_cases_opened", "opened_at", "id"),
        _among("status = 'second_review'", "ix_cases_second", "area_code", "id"),
        _among("escalated_at IS NOT NULL", "ix_cases_escalated", "escalated_at"),
        _among("asleep_until IS NOT NULL", "ix_cases_asleep", "asleep_until"),
    )

    id: Mapped[str] = plain(primary_key=True)
    child_key: Mapped[str] = personal(index=True)
    area_code: Mapped[str] = personal(index=True)
    age_years: Mapped[float | None] = personal()
    stage: Mapped[str | None] = personal()
    status: Mapped[str] = plain()
    holder_id: Mapped[str | None] = plain(ForeignKey("accounts.id"), index=True)
    # Compare-and-set: whoever changes a case names the version they saw.
    version: Mapped[int] = plain(default=1)
    queue_class: Mapped[int] = plain()
    tier: Mapped[str | None] = personal()
    tier_order: Mapped[int] = plain()
    rank: Mapped[int | None] = plain()
    due_on: Mapped[date] = plain()
    as_of: Mapped[date] = plain()
    # Days off of a year not yet announced may move the date.
    due_provisional: Mapped[bool] = plain(default=False)
    # The first day somebody was reached since the case last came into the queue: then `due_on` is met.
    contacted_on: Mapped[date | None] = plain()
    reveal_after_view: Mapped[bool] = plain()
    # Whether the holder's own view is wanted, and the order the lot gave: before the reasons or after them.
    asks_view: Mapped[bool] = plain(default=False)
    view_order: Mapped[str | None] = plain()
    opened_at: Mapped[datetime] = plain()
    # How often the case has come into the queue, and when last; earlier facts do not close it again.
    entry: Mapped[int] = plain(default=1)
    entered_on: Mapped[date] = plain()
    closed_at: Mapped[datetime | None] = plain()
    # How it closed: after a review, because nobody could be reached, or because the family moved away.
    ending: Mapped[str | None] = plain()
    # The earliest day on which a visit met somebody, whenever the case came in; null while none has.
    visited_on: Mapped[date | None] = personal()
    # Whether a visit ever confirmed a risk; null while no conclusion rests on a visit.
    confirmed: Mapped[bool | None] = personal()
    escalated_at: Mapped[datetime | None] = plain()
    asleep_until: Mapped[date | None] = plain()
    # What a second review waits for; null outside one.
    second: Mapped[str | None] = plain()
    # A pseudonym shared by children of one household, for one joint visit; never used in scoring.
    household: Mapped[str | None] = personal(index=True)


# Literals, not values sent beside the statement: only so does a database see that the indexes of such cases
# will do.
IS_OPEN: ColumnElement[bool] = Case.status != literal_column("'closed'")
IS_CLOSED: ColumnElement[bool] = Case.status == literal_column("'closed'")
IN_SECOND_REVIEW: ColumnElement[bool] = Case.status == literal_column("'second_review'")


class AlertRow(Table):
    """One alert, once: `once` names the round, child, lane and screener, or the trigger's record."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alerts_lane", "lane", "id"),
        Index("ix_alerts_case", "case_id", "lane", "trigger", "id"),
        Index("ix_alerts_raised_at", "raised_at", "id"),
    )

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    once: Mapped[str] = personal(unique=True)
    round_id: Mapped[str] = plain(ForeignKey("rounds.id"), index=True)
    case_id: Mapped[str] = plain(ForeignKey("cases.id"))
    child_key: Mapped[str] = personal(index=True)
    as_of: Mapped[date] = plain()
    lane: Mapped[str] = plain()
    screener: Mapped[str | None] = plain()
    rank: Mapped[int | None] = plain()
    draw_probability: Mapped[float | None] = plain()
    trigger: Mapped[str | None] = personal()
    trigger_record: Mapped[str | None] = personal()
    tier: Mapped[str | None] = personal()
    screening_key: Mapped[str | None] = personal()
    raised_at: Mapped[datetime] = plain()


class FactRow(Table):
    """A visit or contact: what was done in the world, by whom, and what was found."""

    __tablename__ = "facts"

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = plain(ForeignKey("cases.id"), index=True)
    entry: Mapped[int] = plain()
    kind: Mapped[str] = plain()
    happened_on: Mapped[date] = personal()
    met: Mapped[str] = personal()
    note: Mapped[str] = personal(Text)
    recorded_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    recorded_at: Mapped[datetime] = plain()


class ViewRow(Table):
    """A reviewer's own view, given before the reasons were shown."""

    __tablename__ = "views"

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = plain(ForeignKey("cases.id"), index=True)
    account_id: Mapped[str] = plain(ForeignKey("accounts.id"))
    view: Mapped[str] = personal()
    note: Mapped[str] = personal(Text)
    # False: given before risk and reasons were shown.
    after_reasons: Mapped[bool] = plain(default=False)
    recorded_at: Mapped[datetime] = plain()


class DispositionRow(Table):
    """What a review concluded about one risk. A case reopened and closed again has both conclusions."""

    __tablename__ = "dispositions"
    __table_args__ = (
        Index("ix_dispositions_disposed_at", "disposed_at", "id"),
        Index("ix_dispositions_case", "case_id", "visited", "disposition"),
    )

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = plain(ForeignKey("cases.id"), index=True)
    risk: Mapped[str] = plain()
    disposition: Mapped[str] = personal()
    visited: Mapped[bool] = plain()
    reason: Mapped[str] = personal(Text)
    disposed_by: Mapped[str] = plain(ForeignKey("accounts.id"))
    disposed_at: Mapped[datetime] = plain()


class NoteRow(Table):
    """The reason given with a step. Free text, so it stays out of the log, which only has its number."""

    __tablename__ = "notes"

    event_number: Mapped[int] = plain(Integer, primary_key=True, autoincrement=False)
    case_id: Mapped[str] = plain(ForeignKey("cases.id"), index=True)
    note: Mapped[str] = personal(Text)


class AuditEvent(Table):
    """Who did which step to what, when. Each event carries the hash of the one before it."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_subject", "subject", "number"),
        Index("ix_audit_events_at", "at", "subject", "verb"),
    )

    number: Mapped[int] = plain(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = plain()
    actor: Mapped[str] = plain()
    verb: Mapped[str] = plain()
    subject: Mapped[str] = plain()
    detail: Mapped[dict[str, Any]] = plain()
    previous_hash: Mapped[str] = plain()
    own_hash: Mapped[str] = plain()


class AuditHead(Table):
    """The newest audit event's number and hash, kept apart so that a cut-off tail is noticed."""

    __tablename__ = "audit_head"

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = plain()
    own_hash: Mapped[str] = plain()


class AuditCheck(Table):
    """One look at the whole log: how far it went, or what did not fit. The next look takes it as witness."""

    __tablename__ = "audit_checks"

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    checked_at: Mapped[datetime] = plain()
    events: Mapped[int] = plain()
    own_hash: Mapped[str] = plain()
    # The sentence of what did not fit, with event numbers only; null for an intact log.
    fault: Mapped[str | None] = plain()


class OutboxRow(Table):
    """A record of our own for the lake, waiting to be published. Never lost, never published twice."""

    __tablename__ = "outbox"

    id: Mapped[int] = plain(Integer, primary_key=True, autoincrement=True)
    source: Mapped[str] = plain()
    record: Mapped[dict[str, Any]] = personal()
    created_at: Mapped[datetime] = plain()
    published_at: Mapped[datetime | None] = plain(index=True)


class LeaseRow(Table):
    """Who may run a named piece of background work, and until when."""

    __tablename__ = "leases"

    name: Mapped[str] = plain(primary_key=True)
    holder: Mapped[str] = plain()
    until: Mapped[datetime] = plain()
