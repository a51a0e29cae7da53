"""How far reasons sway people: own views and final conclusions, decided first against revealed first.

Of the cases a lot chose, half asked for the reviewer's own view before the reasons were shown, the others
after. If the reasons sway nobody, views agree with what was found as often in both. Views given before and
after are counted apart; a case counts once it has closed, by its holder's view and its last conclusion.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.review.case import Disposition, Ending, Status, View, coded
from serving.review.opening import DECIDE_FIRST, REVEAL_FIRST
from serving.review.tables import Case, DispositionRow, ViewRow

# What was found at the visit, said as a view: something to look into, or nothing.
_SOMETHING = frozenset({Disposition.CONFIRMED, Disposition.WORTH_RAISING, Disposition.ALREADY_KNOWN})
# Of a normal distribution, 95 in 100 lie within so many deviations.
_DEVIATIONS = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """So many of so many, and the Wilson interval (95 %) of the share; all None where nothing was counted."""

    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Anchoring:
    """For each order: views that agree with what was found, and views that saw a concern.

    `difference`: agreement revealed first less agreement decided first; None until both have cases.
    `undecided`: closed cases without a clear view or a clear conclusion, which agree with nothing.
    """

    decided_first: Share
    revealed_first: Share
    concern_decided_first: Share
    concern_revealed_first: Share
    difference: float | None
    undecided: int


def wilson(count: int, of: int) -> Share:
    """A share with its Wilson score interval."""
    if of == 0:
        return Share(0, 0, None, None, None)
    share, z = count / of, _DEVIATIONS
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return Share(count, of, share, max(0.0, middle - half), min(1.0, middle + half))


def found_something(dispositions: Sequence[Disposition]) -> bool | None:
    """Whether a case's conclusions say there was something; None if they cannot tell."""
    if any(disposition in _SOMETHING for disposition in dispositions):
        return True
    if dispositions and all(disposition is Disposition.NOT_CONFIRMED for disposition in dispositions):
        return False
    return None


def anchoring(session: Session, *, since: datetime | None = None, area_prefix: str = "") -> Anchoring:
    """What the lots have shown so far, of cases closed since then in an area."""
    wanted = (
        Case.view_order.in_((DECIDE_FIRST, REVEAL_FIRST)),
        Case.status == Status.CLOSED.value,
        Case.ending == Ending.REVIEWED.value,
        Case.area_code.startswith(area_prefix, autoescape=True),
        *(() if since is None else (Case.closed_at >= since,)),
    )
    orders = {
        row.id: row.view_order for row in session.execute(select(Case.id, Case.view_order).where(*wanted))
    }
    # The holder's own view is the last one given: who takes a case over gives a view of their own.
    views = {
        row.case_id: coded(View, row.view)
        for row in session.execute(
            select(ViewRow.case_id, ViewRow.view)
            .join(Case, Case.id == ViewRow.case_id)
            .where(*wanted)
            .order_by(ViewRow.id)
        )
    }
    found: dict[str, dict[str, Disposition]] = {}
    for row in session.execute(
        select(DispositionRow.case_id, DispositionRow.risk, DispositionRow.disposition)
        .join(Case, Case.id == DispositionRow.case_id)
        .where(*wanted)
        .order_by(DispositionRow.id)
    ):
        found.setdefault(row.case_id, {})[row.risk] = coded(Disposition, row.disposition)
    agree: dict[str, list[bool]] = {DECIDE_FIRST: [], REVEAL_FIRST: []}
    concern: dict[str, list[bool]] = {DECIDE_FIRST: [], REVEAL_FIRST: []}
    undecided = 0
    for case_id, order in orders.items():
        view = views.get(case_id, View.CANNOT_TELL)
        something = found_something(list(found.get(case_id, {}).values()))
        if view is View.CANNOT_TELL or something is None or order is None:
            undecided += 1
            continue
        concern[order].append(view is View.CONCERN)
        agree[order].append((view is View.CONCERN) is something)
    first, second = (wilson(sum(agree[order]), len(agree[order])) for order in (DECIDE_FIRST, REVEAL_FIRST))
    return Anchoring(
        decided_first=first,
        revealed_first=second,
        concern_decided_first=wilson(sum(concern[DECIDE_FIRST]), len(concern[DECIDE_FIRST])),
        concern_revealed_first=wilson(sum(concern[REVEAL_FIRST]), len(concern[REVEAL_FIRST])),
        difference=None if first.share is None or second.share is None else second.share - first.share,
        undecided=undecided,
    )
