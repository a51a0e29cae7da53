"""Screenings and the feature rows behind them: kept once, never changed, replayable to the bit."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from models.replay import made_with
from models.screening import Screening, Written
from serving.review import round_tallies
from serving.review.tables import AlertRow, FeatureRow, ScreeningRow

EXPIRES_AFTER = timedelta(days=180)
_AT_ONCE = 2000
# As plain tables: a request that waits needs no objects that know how to save themselves.
_ROWS, _SCREENINGS = cast(Table, FeatureRow.__table__), cast(Table, ScreeningRow.__table__)
# Said once: to say a statement takes longer than to answer it.
_HELD = {
    table: select(table.c.id).where(table.c.id.in_(bindparam("ids", expanding=True)))
    for table in (_ROWS, _SCREENINGS)
}
_ADD = {table: insert(table) for table in (_ROWS, _SCREENINGS)}
_NEWEST = select(func.max(_SCREENINGS.c.number))
_READ_BY = (
    select(
        _SCREENINGS.c.feature_row_id, _SCREENINGS.c.as_of, _SCREENINGS.c.screener, _SCREENINGS.c.version,
        _SCREENINGS.c.id, _SCREENINGS.c.round_id, _SCREENINGS.c.made_with,
    )
    .where(
        _SCREENINGS.c.child_key == bindparam("child_key"),
        _SCREENINGS.c.as_of > bindparam("after"),
        _SCREENINGS.c.as_of <= bindparam("until"),
    )
    .order_by(_SCREENINGS.c.as_of.desc(), _SCREENINGS.c.number.desc())
)  # fmt: skip
_ROW = select(_ROWS.c.child_key, _ROWS.c.as_of, _ROWS.c.features, _ROWS.c.silent).where(
    _ROWS.c.id == bindparam("row_id")
)


def feature_row_id(
    child_key: str, as_of: date, features: Mapping[str, float | None], silent: Sequence[str]
) -> str:
    """The number of a feature row: a digest of what it holds."""
    said = json.dumps([child_key, as_of.isoformat(), dict(features), sorted(silent)], sort_keys=True)
    return "f" + hashlib.sha256(said.encode()).hexdigest()[:31]


def screening_id(round_id: str | None, body: str) -> str:
    """The number of a screening: a digest of what it says, and of its round."""
    return "s" + hashlib.sha256(f"{round_id}\n{body}".encode()).hexdigest()[:31]


@dataclass(frozen=True)
class Row:
    """The features of a child as they entered a screener; NaN and None are not known."""

    child_key: str
    as_of: date
    features: Mapping[str, float | None]
    silent: Sequence[str]


def add_feature_row(
    session: Session,
    *,
    child_key: str,
    as_of: date,
    features: Mapping[str, float | None],
    silent: Sequence[str],
    now: datetime,
) -> str:
    """Keep the features as they entered a screener and return the row's id. The same row is kept once."""
    [row_id] = add_feature_rows(session, [Row(child_key, as_of, features, silent)], now=now)
    return row_id


def add_feature_rows(session: Session, rows: Iterable[Row], *, now: datetime) -> list[str]:
    """Keep these rows and return their ids, in order."""
    given: dict[str, dict[str, Any]] = {}
    ids = []
    for row in rows:
        known = {
            name: None if value is None or math.isnan(value) else float(value)
            for name, value in row.features.items()
        }
        silent = sorted(row.silent)
        row_id = feature_row_id(row.child_key, row.as_of, known, silent)
        ids.append(row_id)
        given[row_id] = {
            "id": row_id, "child_key": row.child_key, "as_of": row.as_of, "features": known,
            "silent": silent, "created_at": now,
        }  # fmt: skip
    new = _new(session, _ROWS, given)
    if new:
        session.connection().execute(_ADD[_ROWS], new)
    return ids


def add_screenings(
    session: Session,
    screenings: Iterable[Screening],
    *,
    now: datetime,
    round_id: str | None = None,
    feature_rows: Mapping[str, str] | None = None,
) -> list[str]:
    """Keep screenings and return their ids, in order. The same screening is kept once.

    `feature_rows` gives each child's feature row id. `round_id` is None for an online scoring.
    """
    given: dict[str, dict[str, Any]] = {}
    spoken: dict[str, Screening] = {}
    ids = []
    written: Written = {}
    for screening in screenings:
        body = screening.to_json(written)
        row_id = screening_id(round_id, body)
        ids.append(row_id)
        spoken[row_id] = screening
        given[row_id] = {
            "id": row_id, "child_key": screening.child_key, "as_of": screening.as_of,
            "screener": screening.screener, "version": screening.version,
            "feature_row_id": (feature_rows or {}).get(screening.child_key), "round_id": round_id,
            "packed_body": body, "made_with": dict(made_with()),
            "expires_on": screening.as_of + EXPIRES_AFTER, "created_at": now,
        }  # fmt: skip
    new = _new(session, _SCREENINGS, given)
    if new:
        newest = session.connection().execute(_NEWEST).scalar() or 0
        numbered = [{**row, "number": newest + place} for place, row in enumerate(new, start=1)]
        session.connection().execute(_ADD[_SCREENINGS], numbered)
        if round_id is not None:
            round_tallies.add(session, round_id, (spoken[row["id"]] for row in new))
    return ids


def _new(session: Session, table: Table, given: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are not kept yet, asked for in few statements however many there are."""
    ids, held = list(given), set[str]()
    for start in range(0, len(ids), _AT_ONCE):
        found = session.connection().execute(_HELD[table], {"ids": ids[start : start + _AT_ONCE]})
        held.update(found.scalars())
    return [row for row_id, row in given.items() if row_id not in held]


@dataclass(frozen=True)
class Kept:
    """A feature row that was kept, which version of which screener has read it, and what was said of it.

    `said` has, by screener and version, the newest screening on request that was made with what is in use
    now, so that the row would be screened to the same bits; those of a round have their place in the round.
    """

    id: str
    as_of: date
    read_by: frozenset[tuple[str, str]]
    said: Mapping[tuple[str, str], str]


def rows_read(asked: Session | Connection, child_key: str, *, after: date, until: date) -> list[Kept]:
    """The feature rows of a child that a screener has read, of dates in (after, until], the newest first."""
    found: dict[str | None, tuple[date, set[tuple[str, str]], dict[tuple[str, str], str]]] = {}
    given = {"child_key": child_key, "after": after, "until": until}
    for row_id, as_of, screener, version, number, round_id, made in asked.execute(_READ_BY, given):
        _, read_by, said = found.setdefault(row_id, (as_of, set(), {}))
        read_by.add((screener, version))
        if round_id is None and made == made_with():
            said.setdefault((screener, version), number)
    return [
        Kept(row_id, as_of, frozenset(read_by), said)
        for row_id, (as_of, read_by, said) in found.items()
        if row_id is not None
    ]


def row_of(asked: Session | Connection, row_id: str) -> Row:
    """The feature row of this id."""
    child_key, as_of, features, silent = asked.execute(_ROW, {"row_id": row_id}).one()
    return Row(child_key, as_of, features, silent)


def behind_alerts(session: Session, alerts: Iterable[AlertRow]) -> list[Screening]:
    """The screenings behind these alerts of one child, the newest of each screener, in order of screener.

    Asked for under every key an alert was raised for: a child found to be another one has alerts of both.
    """
    raised = list(alerts)
    return behind_case(
        session,
        child_keys={alert.child_key for alert in raised},
        round_ids={alert.round_id for alert in raised},
    )


def behind_case(
    session: Session, *, child_keys: Collection[str], round_ids: Iterable[str]
) -> list[Screening]:
    """The screenings of a child in these rounds, the newest of each screener, in order of screener."""
    rows = session.scalars(
        select(ScreeningRow)
        .where(ScreeningRow.child_key.in_(child_keys), ScreeningRow.round_id.in_(list(round_ids)))
        .order_by(ScreeningRow.number)
    )
    newest = {row.screener: row.body for row in rows}
    return [Screening.from_json(newest[screener]) for screener in sorted(newest, reverse=True)]


def of_child(session: Session, child_keys: Collection[str]) -> dict[str, list[Screening]]:
    """What each screener said of a child in the rounds, the earliest first; of one date the newest.

    `child_keys`: every key the child had; what was said under any of them was said of it.
    """
    rows = session.scalars(
        select(ScreeningRow)
        .where(ScreeningRow.child_key.in_(child_keys), ScreeningRow.round_id.is_not(None))
        .order_by(ScreeningRow.as_of, ScreeningRow.number)
    )
    newest = {(row.screener, row.as_of): row.body for row in rows}
    found: dict[str, list[Screening]] = {}
    for (screener, _), body in newest.items():
        found.setdefault(screener, []).append(Screening.from_json(body))
    return dict(sorted(found.items(), reverse=True))


def features_of(session: Session, *, child_key: str, as_of: date) -> dict[str, float | None]:
    """The features of a child on a date as last kept for a round; empty if none were.

    What was kept for a scoring outside the rounds, or to screen that day again after a correction, is no
    round's.
    """
    screened = exists().where(
        ScreeningRow.child_key == FeatureRow.child_key, ScreeningRow.feature_row_id == FeatureRow.id
    )
    row = session.scalar(
        select(FeatureRow)
        .where(FeatureRow.child_key == child_key, FeatureRow.as_of == as_of)
        # Rules alone screen a child without a screening.
        .where(or_(~screened, screened.where(ScreeningRow.round_id.is_not(None))))
        .order_by(FeatureRow.created_at.desc(), FeatureRow.id)
        .limit(1)
    )
    return {} if row is None else dict(row.features)
