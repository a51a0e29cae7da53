"""What people raise by hand: a family's own declaration (自主申报), and a worker's concern about a child.

It opens a case like any other lane, never by a model, and joins the case the child has open. Who raised it
and why is kept apart from the alert; the child is named by pseudonym only. A number somebody typed to find
the child is looked up outside and comes nowhere near this store.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from features.language import Text
from models.policy import Alert, Lane
from serving.review import audit, opening, queries
from serving.review.case import WORKERS, Incomplete, Refused
from serving.review.life_tables import RequestRow
from serving.review.one_child import KeysOf, only_itself, open_case_of_person
from serving.review.permissions import Actor
from serving.review.tables import Case

# Alerts stand under a round; what people raise themselves is no part of a screening round.
BY_HAND = queries.BY_HAND
LANES = (Lane.DECLARED, Lane.REFERRED)


def raise_by_hand(
    session: Session,
    *,
    actor: Actor,
    lane: Lane,
    child_key: str,
    facts: opening.ChildFacts,
    reason: str,
    tier_days: Mapping[str, int],
    tier: str | None,
    now: datetime,
    today: date,
    keys_of: KeysOf = only_itself,
) -> Case:
    """Open a case for this child, or join the one that is open; returns it.

    `tier`: the level such a case gets, as policy says. `keys_of`: every key the child ever had.
    """
    if actor.role not in WORKERS or lane not in LANES:
        raise Refused(Text("您不能提交申报或转来。", "You may not enter a declaration or a referral."))
    if not reason.strip():
        raise Incomplete((Refused(Text("请写明情况和需要。", "Say what the matter is."), "reason"),))
    # Of one moment, the same words again are one request sent twice; other words are another, and kept too.
    earlier = session.scalars(
        select(RequestRow).where(
            RequestRow.child_key == child_key,
            RequestRow.recorded_by == actor.account_id,
            RequestRow.recorded_at == now,
        )
    ).all()
    for before in earlier:
        if (before.lane, before.reason) == (lane.value, reason.strip()):
            return session.get_one(Case, before.case_id)
    said = f"request|{child_key}|{actor.account_id}|{now.isoformat()}|{len(earlier)}".encode()
    request_id = "r" + b32encode(hashlib.sha256(said).digest()).decode().lower()[:12]
    opening.open_round(session, round_id=BY_HAND, as_of=today, screeners={}, now=now)
    alert = Alert(
        child_key=child_key, as_of=today, lane=lane, trigger=lane.value, trigger_record=request_id, tier=tier
    )
    opening.open_cases(
        session, [alert], round_id=BY_HAND, children={child_key: facts}, tier_days=tier_days, now=now,
        today=today, keys_of=keys_of,
    )  # fmt: skip
    case = open_case_of_person(session, keys_of(child_key))
    assert case is not None, "the alert has just opened or joined a case"
    session.add(
        RequestRow(
            id=request_id,
            child_key=child_key,
            case_id=case.id,
            lane=lane.value,
            reason=reason.strip(),
            recorded_by=actor.account_id,
            recorded_at=now,
        )
    )
    audit.write(
        session, actor=actor.account_id, verb="raise_by_hand", subject=case.id, now=now,
        detail={"lane": lane.value, "request": request_id},
    )  # fmt: skip
    return case
