"""Screenings and the feature rows behind them: kept once, never changed, replayable to the bit."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.replay import made_with
from models.screening import Screening
from serving.review.tables import FeatureRow, ScreeningRow

EXPIRES_AFTER = timedelta(days=180)


def feature_row_id(
    child_key: str, as_of: date, features: Mapping[str, float | None], silent: Sequence[str]
) -> str:
    """The number of a feature row: a digest of what it holds."""
    said = json.dumps([child_key, as_of.isoformat(), dict(features), sorted(silent)], sort_keys=True)
    return "f" + hashlib.sha256(said.encode()).hexdigest()[:31]


def screening_id(round_id: str | None, body: str) -> str:
    """The number of a screening: a digest of what it says, and of its round."""
    return "s" + hashlib.sha256(f"{round_id}\n{body}".encode()).hexdigest()[:31]


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
    known = {
        name: None if value is None or math.isnan(value) else float(value) for name, value in features.items()
    }
    row_id = feature_row_id(child_key, as_of, known, silent)
    if session.get(FeatureRow, row_id) is None:
        session.add(
            FeatureRow(
                id=row_id,
                child_key=child_key,
                as_of=as_of,
                features=known,
                silent=sorted(silent),
                created_at=now,
            )
        )
        session.flush()
    return row_id


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
    ids: list[str] = []
    newest = session.scalar(select(func.max(ScreeningRow.number))) or 0
    for screening in screenings:
        body = screening.to_json()
        row_id = screening_id(round_id, body)
        ids.append(row_id)
        if session.get(ScreeningRow, row_id) is not None:
            continue
        newest += 1
        session.add(
            ScreeningRow(
                id=row_id,
                number=newest,
                child_key=screening.child_key,
                as_of=screening.as_of,
                screener=screening.screener,
                version=screening.version,
                feature_row_id=(feature_rows or {}).get(screening.child_key),
                round_id=round_id,
                body=body,
                made_with=dict(made_with()),
                expires_on=screening.as_of + EXPIRES_AFTER,
                created_at=now,
            )
        )
    session.flush()
    return ids


def behind_case(session: Session, *, child_key: str, round_ids: Iterable[str]) -> list[Screening]:
    """The screenings of a child in these rounds, the newest of each screener, in order of screener."""
    rows = session.scalars(
        select(ScreeningRow)
        .where(ScreeningRow.child_key == child_key, ScreeningRow.round_id.in_(list(round_ids)))
        .order_by(ScreeningRow.number)
    )
    newest = {row.screener: row.body for row in rows}
    return [Screening.from_json(newest[screener]) for screener in sorted(newest, reverse=True)]


def of_child(session: Session, child_key: str) -> dict[str, list[Screening]]:
    """What each screener said of a child in the rounds, the earliest first; of one date the newest."""
    rows = session.scalars(
        select(ScreeningRow)
        .where(ScreeningRow.child_key == child_key, ScreeningRow.round_id.is_not(None))
        .order_by(ScreeningRow.as_of, ScreeningRow.number)
    )
    newest = {(row.screener, row.as_of): row.body for row in rows}
    found: dict[str, list[Screening]] = {}
    for (screener, _), body in newest.items():
        found.setdefault(screener, []).append(Screening.from_json(body))
    return dict(sorted(found.items(), reverse=True))


def features_of(session: Session, *, child_key: str, as_of: date) -> dict[str, float | None]:
    """The features of a child on a date as last kept; empty if none were."""
    row = session.scalar(
        select(FeatureRow)
        .where(FeatureRow.child_key == child_key, FeatureRow.as_of == as_of)
        .order_by(FeatureRow.created_at.desc(), FeatureRow.id)
        .limit(1)
    )
    return {} if row is None else dict(row.features)
