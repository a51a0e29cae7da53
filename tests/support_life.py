"""Builders for the life of a case: doing any step by its verb, on the case as it is now."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from serving.review.case import RISKS, Disposition, Met, Verb
from serving.review.case_forms import Given
from serving.review.perform import Wanted, perform
from serving.review.permissions import Actor
from serving.review.store import Store
from serving.review.tables import Case
from tests.support_review import NOW, TODAY, alert, open_cases

CONFIRMED = dict.fromkeys(RISKS, Disposition.CONFIRMED)
NOT_CONFIRMED = dict.fromkeys(RISKS, Disposition.NOT_CONFIRMED)


def case_now(store: Store, child_key: str = "c-one") -> Case:
    """The newest case of a child."""
    with store.read() as session:
        return session.scalars(
            select(Case).where(Case.child_key == child_key).order_by(Case.opened_at.desc(), Case.id)
        ).first()


def opened(store: Store, child_key: str = "c-one", **changes: object) -> Case:
    """A case that waits."""
    open_cases(store, [alert(child_key, **changes)])
    return case_now(store, child_key)


def do(
    store: Store,
    verb: Verb,
    actor: Actor,
    *,
    child_key: str = "c-one",
    version: int | None = None,
    now: datetime = NOW,
    today: date = TODAY,
    **given: object,
) -> Case:
    """One step on the child's newest case, as it is now unless another version is named."""
    case = case_now(store, child_key)
    wanted = Wanted(actor, case.id, case.version if version is None else version, now, today)
    with store.write() as session:
        return perform(session, verb, wanted, Given(**given))


def fact(store: Store, actor: Actor, verb: Verb = Verb.RECORD_VISIT, **changes: object) -> Case:
    """A contact, visit or follow-up that reached somebody, unless said otherwise."""
    given = {"happened_on": TODAY, "met": Met.BOTH, "note": "在家见到"} | changes
    return do(store, verb, actor, **given)


def conclude(
    store: Store, actor: Actor, dispositions=CONFIRMED, verb: Verb = Verb.DISPOSE, **more: object
) -> Case:
    """A conclusion on every risk."""
    return do(store, verb, actor, dispositions=dispositions, reason="走访所见", **more)
