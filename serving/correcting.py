"""After a department corrected or withdrew a record somebody objected to: score again, show what changed.

Once that was known before today the child is screened as of today, and once more as of the old day with what
is known today about that day. The old score stays as it was given out. The difference is worked out from the
records, what the correction does told apart from what time, new facts and another model do. Whoever received
the old score is told. Where the old values cannot be made again, nothing is said of that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from features.lake import Lake
from features.language import Text
from models.change_words import change_sentences
from models.changes import ChangesError, Values, as_corrected, since, versions_of
from models.screener import Screener
from models.screening import Screening
from models.wording import often
from serving.comparing import ABSTAINED, NO_MODEL, NOT_AS_STORED
from serving.review import audit, queries, screenings, webhooks
from serving.review.case import CHANGES_THE_FACT
from serving.review.life_tables import ObjectionRow, ScoreNotice
from serving.review.tables import Case
from serving.review.working_days import day_in_china
from serving.scoring import LakeScreening, Scored
from serving.screening import Deps

# Why there is no score now: the child has left, come of age, or its situation is on record.
NOT_ASKED = Text(
    "现在不再由筛查模型判断（已搬离、已满年龄，或情况已有记录）。",
    "The screener is not asked now: the child has left or come of age, or its situation is on record.",
)


@dataclass(frozen=True)
class Waiting:
    """An objection that changed a fact and whose child was not scored again, and what was said before."""

    objection: str
    case_id: str
    child_key: str
    source: str
    record_id: str
    recorded_on: date
    before: tuple[Screening, ...]


@dataclass(frozen=True)
class Corrected:
    """The old day screened again by the screener of then, and the values it was given."""

    screening: Screening
    features: Values


@dataclass(frozen=True)
class Change:
    """One screener's score as given then, and as it is now.

    `corrected`: as of the old day with what is known today about that day; None if it cannot be made.
    `sentences` say the difference of now and then in both languages, or why there is none to tell.
    """

    screener: str
    old: Screening
    new: Screening | None
    sentences: tuple[Text, ...]
    corrected: Corrected | None = None


def rescore_corrected(deps: Deps, today: date) -> int:
    """Score the children of corrected records that have come in; how many objections were settled so."""
    with deps.store.read() as session:
        waiting = waiting_corrections(session)
    arrived = [one for one in waiting if came_in(deps.lake, one, deps.people.person(one.child_key), today)]
    if not arrived or not deps.champions:
        return 0
    scoring = LakeScreening(deps.lake, deps.profile, deps.champions)
    try:
        scored = scoring.screen([deps.people.person(one.child_key) for one in arrived], today)
    finally:
        scoring.close()
    for one in arrived:
        found = scored.get(deps.people.person(one.child_key))
        changes = tuple(_change(deps, old, found, today) for old in one.before)
        with deps.store.write() as session:
            keep(session, one, found, changes, deps.now())
    return len(arrived)


def waiting_corrections(session: Session) -> tuple[Waiting, ...]:
    """The objections after whose answer a record is not what it was, and whose child was not scored again."""
    rows = session.scalars(
        select(ObjectionRow)
        .where(
            ObjectionRow.answer.in_([answer.value for answer in CHANGES_THE_FACT]),
            ObjectionRow.rescored_at.is_(None),
        )
        .order_by(ObjectionRow.answered_at, ObjectionRow.id)
    ).all()
    return tuple(
        Waiting(
            row.id,
            row.case_id,
            row.child_key,
            row.source,
            row.record_id,
            day_in_china(row.recorded_at),
            _behind(session, row),
        )
        for row in rows
    )


def _behind(session: Session, row: ObjectionRow) -> tuple[Screening, ...]:
    alerts = queries.alerts_of(session, [row.case_id])[row.case_id]
    return tuple(screenings.behind_alerts(session, alerts))


def came_in(lake: Lake, waiting: Waiting, person: str, today: date) -> bool:
    """Whether the source has corrected or taken back the record since the objection, so that it counts today.

    What is received today counts from tomorrow, as every record does. Where nobody knew which record it was,
    any record of the child that was changed since counts.
    """
    return any(
        waiting.recorded_on <= day < today
        for version in versions_of(lake, person, [waiting.source]).get(waiting.source, [])
        if not waiting.record_id or version.record.record_id == waiting.record_id
        # A later version became known, or the one there was stands no longer.
        for day in (version.record.known_on if version.record.version > 1 else None, version.superseded_on)
        if day is not None
    )


def _change(deps: Deps, old: Screening, found: Scored | None, today: date) -> Change:
    new = None if found is None else _of_screener(found.screenings, old.screener)
    now_is = deps.champions.get(old.screener)
    was = deps.screener_of(old.screener, old.version)
    if was is None or now_is is None:
        return Change(old.screener, old, new, (NO_MODEL,))
    corrected = _as_of_then(deps.lake, old, was, today)
    if new is None or old.abstained is not None or new.abstained is not None:
        return Change(old.screener, old, new, (NOT_ASKED if new is None else ABSTAINED,), corrected)
    try:
        changes = since(deps.lake, old, new, was, now_is)
    except ChangesError:
        return Change(old.screener, old, new, (NOT_AS_STORED,), corrected)
    return Change(old.screener, old, new, change_sentences(changes), corrected)


def _as_of_then(lake: Lake, old: Screening, was: Screener, today: date) -> Corrected | None:
    """What the same screener says of the old day, given what is known today about that day."""
    try:
        values = as_corrected(lake, old, was, today)
    except ChangesError:
        return None
    row = pd.DataFrame([{**values, "child_key": old.child_key, "as_of": old.as_of}])
    [screening] = was.screen(row, {old.as_of: frozenset(old.silent)}, among=was.reference)
    return Corrected(screening, values)


def _of_screener(found: Sequence[Screening], name: str) -> Screening | None:
    for screening in found:
        if screening.screener == name:
            return screening
    return None


def keep(
    session: Session, waiting: Waiting, found: Scored | None, changes: Sequence[Change], now: datetime
) -> None:
    """Keep the new screenings, what changed, and a notice for whoever received the old score."""
    new_ids: dict[str, str] = {}
    if found is not None and found.screenings:
        row_id = screenings.add_feature_row(
            session, child_key=found.child_key, as_of=found.as_of, features=found.features,
            silent=sorted(found.silent), now=now,
        )  # fmt: skip
        ids = screenings.add_screenings(
            session, found.screenings, now=now, feature_rows={found.child_key: row_id}
        )
        new_ids = dict(zip((one.screener for one in found.screenings), ids, strict=True))
    corrected_ids = {
        change.screener: _keep_corrected(session, change.corrected, now)
        for change in changes
        if change.corrected is not None
    }
    for change in changes:
        told = webhooks.announce(
            session, webhooks.Event.SCORE_SUPERSEDED, once=f"{waiting.objection}|{change.screener}",
            child_key=waiting.child_key, case_id=waiting.case_id, now=now,
        )  # fmt: skip
        session.add(
            ScoreNotice(
                objection_id=waiting.objection,
                child_key=waiting.child_key,
                screener=change.screener,
                old_screening=change.old.key,
                new_screening=new_ids.get(change.screener),
                created_at=now,
                # Handed over: the message is kept, and sent until it is taken or given up.
                delivered_at=now if told else None,
            )
        )
    row = session.get_one(ObjectionRow, waiting.objection)
    row.rescored_at = now
    row.change = {
        "screeners": [
            {
                "screener": change.screener,
                "sentences": [_both(text) for text in change.sentences],
                "as_of": change.old.as_of.isoformat(),
                "then": _both(often(change.old)),
                "corrected": _both(_corrected_words(change.corrected)),
                "corrected_screening": corrected_ids.get(change.screener),
                "now": _both(NOT_ASKED if change.new is None else often(change.new)),
            }
            for change in changes
        ]
    }
    # Whoever has the page open must see the new score before the next step.
    session.get_one(Case, waiting.case_id).version += 1
    session.flush()
    audit.write(
        session, actor=audit.SYSTEM, verb="rescore", subject=waiting.case_id, now=now,
        detail={
            "objection": waiting.objection, "screeners": len(changes),
            "as_of_then": " ".join(corrected_ids.values()),
        },
    )  # fmt: skip


def _keep_corrected(session: Session, corrected: Corrected, now: datetime) -> str:
    """Keep it like every screening, with its values, so that its number can be replayed; the number."""
    said = corrected.screening
    row_id = screenings.add_feature_row(
        session, child_key=said.child_key, as_of=said.as_of, features=corrected.features,
        silent=sorted(said.silent), now=now,
    )  # fmt: skip
    [kept] = screenings.add_screenings(session, [said], now=now, feature_rows={said.child_key: row_id})
    return kept


def _corrected_words(corrected: Corrected | None) -> Text:
    return NOT_AS_STORED if corrected is None else often(corrected.screening)


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
