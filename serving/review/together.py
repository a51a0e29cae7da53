"""Open cases of children of one household, for one visit together. Each is judged by itself, always.

A visit to several is one fact for each, with its own words: nothing written of one child stands in the case
of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from features.language import Text
from serving.review import audit
from serving.review.case import Incomplete, Refused, Status, Verb, coded, step_named
from serving.review.case_forms import Given
from serving.review.listing import visible
from serving.review.perform import Wanted, perform
from serving.review.permissions import Actor
from serving.review.tables import IS_OPEN, Case


def together_with(session: Session, actor: Actor, cases: Sequence[Case]) -> dict[str, list[Case]]:
    """For each of these cases the open ones of its household that exist for the actor, in one query."""
    homes = {case.household for case in cases if case.household is not None}
    if not homes:
        return {case.id: [] for case in cases}
    found = session.scalars(
        select(Case).where(Case.household.in_(homes), IS_OPEN, visible(actor)).order_by(Case.id)
    ).all()
    of_home: dict[str | None, list[Case]] = {}
    for other in found:
        of_home.setdefault(other.household, []).append(other)
    return {
        case.id: [other for other in of_home.get(case.household, ()) if other.id != case.id] for case in cases
    }


def without_household(session: Session) -> frozenset[str]:
    """The keys of the children with an open case of whom no household was known."""
    return frozenset(session.scalars(select(Case.child_key).where(Case.household.is_(None), IS_OPEN)))


def give_households(session: Session, households: Mapping[str, str], *, now: datetime) -> int:
    """Give open cases the household their child was since told to live in; how many got one."""
    cases = session.scalars(
        select(Case).where(Case.household.is_(None), IS_OPEN, Case.child_key.in_(households))
    ).all()
    for case in cases:
        case.household = households[case.child_key]
    if cases:
        audit.write(
            session, actor=audit.SYSTEM, verb="give_households", subject="cases", now=now,
            detail={"cases": len(cases)},
        )  # fmt: skip
    return len(cases)


@dataclass(frozen=True)
class Also:
    """Another child of the household who was seen on the same visit: the case, as seen, and what was seen."""

    case_id: str
    version: int
    note: str

    @property
    def field(self) -> str:
        """The name of the form field that takes what was seen of this child."""
        return also_field(self.case_id)


def also_field(case_id: str) -> str:
    """The name of the field for what was seen of the child of this case."""
    return f"also_{case_id}"


def to_visit_too(session: Session, actor: Actor, case: Case) -> list[Case]:
    """The cases of the household a visit can be recorded in by the actor, who holds them as well."""
    return [
        other
        for other in together_with(session, actor, [case])[case.id]
        if other.holder_id == actor.account_id
        and step_named(Verb.RECORD_VISIT, coded(Status, other.status)) is not None
    ]


def visit_together(session: Session, wanted: Wanted, given: Given, also: Sequence[Also]) -> Case:
    """Record one visit in several cases of a household: in all of them or, with a word why, in none."""
    done = perform(session, Verb.RECORD_VISIT, wanted, given)
    there = {other.id for other in to_visit_too(session, wanted.actor, done)}
    for one in also:
        if one.case_id not in there:
            raise Incomplete((Refused(_NOT_TOGETHER, one.field),))
        own = replace(wanted, case_id=one.case_id, version=one.version)
        try:
            perform(session, Verb.RECORD_VISIT, own, replace(given, note=one.note))
        except Incomplete as incomplete:
            raise Incomplete(
                tuple(Refused(problem.sentence, one.field) for problem in incomplete.problems)
            ) from None
        except Refused as refused:
            raise Incomplete((Refused(refused.sentence, one.field),)) from None
    return done


_NOT_TOGETHER = Text(
    "这件个案不由您负责，或不是同一户，请到那件个案里记录。",
    "You do not hold this case, or it is of another household; record the visit there.",
)
