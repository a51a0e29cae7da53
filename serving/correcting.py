"""After a department corrected a record somebody objected to: score again, and show what changed.

Once the corrected record lies in the lake the child is screened as of today. The old score stays as it was
given out; the difference to it is worked out from the records, what the correction does told apart from what
time, new facts and another model do. Whoever received the old score is to be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from features.lake import Lake
from features.language import Text
from models.change_words import change_sentences
from models.changes import ChangesError, since
from models.screening import Screening
from serving.comparing import ABSTAINED, NO_MODEL, NOT_AS_STORED
from serving.review import audit, queries, screenings, webhooks
from serving.review.case import Answer
from serving.review.life_tables import ObjectionRow, ScoreNotice
from serving.review.tables import Case
from serving.review.working_days import day_in_china
from serving.scoring import LakeScreening, Scored
from serving.screening import Deps


@dataclass(frozen=True)
class Waiting:
    """A corrected objection whose child was not scored again, and what was said of the child before."""

    objection: str
    case_id: str
    child_key: str
    source: str
    record_id: str
    recorded_on: date
    before: tuple[Screening, ...]


@dataclass(frozen=True)
class Change:
    """One screener's score then and now. `sentences` say the difference in both languages, or why not."""

    screener: str
    old: Screening
    new: Screening | None
    sentences: tuple[Text, ...]


def rescore_corrected(deps: Deps, today: date) -> int:
    """Score the children of corrected records that have come in; how many objections were settled so."""
    with deps.store.read() as session:
        waiting = waiting_corrections(session)
    arrived = [one for one in waiting if came_in(deps.lake, one)]
    if not arrived or not deps.champions:
        return 0
    scoring = LakeScreening(deps.lake, deps.profile, deps.champions)
    try:
        scored = scoring.screen([one.child_key for one in arrived], today)
    finally:
        scoring.close()
    for one in arrived:
        found = scored.get(one.child_key)
        changes = tuple(_change(deps, old, found) for old in one.before)
        with deps.store.write() as session:
            keep(session, one, found, changes, deps.now())
    return len(arrived)


def waiting_corrections(session: Session) -> tuple[Waiting, ...]:
    """The objections a department answered with a correction, whose child was not scored again."""
    rows = session.scalars(
        select(ObjectionRow)
        .where(ObjectionRow.answer == Answer.CORRECTED.value, ObjectionRow.rescored_at.is_(None))
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
    rounds = {alert.round_id for alert in queries.alerts_of(session, [row.case_id])[row.case_id]}
    return tuple(screenings.behind_case(session, child_key=row.child_key, round_ids=rounds))


def came_in(lake: Lake, waiting: Waiting) -> bool:
    """Whether the source has delivered a version of the record since the objection.

    Where nobody knew which record it was, any record of the child that was corrected since counts.
    """
    records = lake.child_records(waiting.child_key, [waiting.source]).get(waiting.source, [])
    return any(
        record.version > 1
        and record.known_on >= waiting.recorded_on
        and (not waiting.record_id or record.record_id == waiting.record_id)
        for record in records
    )


def _change(deps: Deps, old: Screening, found: Scored | None) -> Change:
    new = None if found is None else _of_screener(found.screenings, old.screener)
    screener = deps.champions.get(old.screener)
    if new is None or screener is None or screener.version != old.version:
        return Change(old.screener, old, new, (NO_MODEL,))
    if old.abstained is not None or new.abstained is not None:
        return Change(old.screener, old, new, (ABSTAINED,))
    try:
        changes = since(deps.lake, old, new, screener, screener)
    except ChangesError:
        return Change(old.screener, old, new, (NOT_AS_STORED,))
    return Change(old.screener, old, new, change_sentences(changes))


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
            session, child_key=waiting.child_key, as_of=found.as_of, features=found.features,
            silent=sorted(found.silent), now=now,
        )  # fmt: skip
        ids = screenings.add_screenings(
            session, found.screenings, now=now, feature_rows={waiting.child_key: row_id}
        )
        new_ids = dict(zip((one.screener for one in found.screenings), ids, strict=True))
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
                "sentences": [{"zh": text.zh, "en": text.en} for text in change.sentences],
            }
            for change in changes
        ]
    }
    # Whoever has the page open must see the new score before the next step.
    session.get_one(Case, waiting.case_id).version += 1
    session.flush()
    audit.write(
        session, actor=audit.SYSTEM, verb="rescore", subject=waiting.case_id, now=now,
        detail={"objection": waiting.objection, "screeners": len(changes)},
    )  # fmt: skip
