"""Half-filled forms, kept for the one account that filled them: one for each case and step.

A draft is no step: it changes nothing of the case, nobody else sees it, and it goes when the step is done or
its owner empties it. What was typed is free text about a child and stays in its own table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from serving.review import queries
from serving.review.acting import NotFound
from serving.review.case import Verb, coded
from serving.review.life_tables import DraftRow
from serving.review.permissions import Actor

# The fields of a page's frame are not part of what was filled in.
_FRAME = frozenset({"csrf", "version"})


@dataclass(frozen=True)
class Draft:
    """What a form was filled with, and when it was kept."""

    values: Mapping[str, str]
    saved_at: datetime


def save(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    verb: Verb,
    values: Mapping[str, str],
    now: datetime,
) -> bool:
    """Keep what a form holds so far, in place of what was kept before; whether there was anything to keep."""
    if queries.readable_case(session, actor, case_id) is None:
        raise NotFound(case_id)
    given = {name: value for name, value in values.items() if name not in _FRAME and value.strip()}
    drop(session, actor=actor, case_id=case_id, verb=verb)
    if given:
        session.add(
            DraftRow(account_id=actor.account_id, case_id=case_id, verb=verb.value, given=given, saved_at=now)
        )
        session.flush()
    return bool(given)


def drop(session: Session, *, actor: Actor, case_id: str, verb: Verb) -> None:
    """Forget the draft of a step, if there is one."""
    session.execute(
        delete(DraftRow).where(
            DraftRow.account_id == actor.account_id,
            DraftRow.case_id == case_id,
            DraftRow.verb == verb.value,
        )
    )


def of_case(session: Session, actor: Actor, case_id: str) -> dict[Verb, Draft]:
    """The actor's own drafts of a case, by step."""
    rows = session.scalars(
        select(DraftRow).where(DraftRow.account_id == actor.account_id, DraftRow.case_id == case_id)
    )
    return {coded(Verb, row.verb): Draft(dict(row.given), row.saved_at) for row in rows}
