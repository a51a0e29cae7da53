"""Who is missed: what the audit slice says of the children nobody flagged.

Only visited children have a disposition, and they were visited because the list held them. Their rate says
nothing of the rest, and counting the rest as without outcome makes the list look complete. The audit slice
was drawn from the rest with a logged probability; each drawn child stands for 1 / probability of them
(Horvitz-Thompson for numbers, Hájek for rates). Few are drawn and fewer have the outcome, so the interval
is the exact binomial one at the effective number of draws (Korn and Graubard), not the normal one.

        listed by rank ── visited, disposition ── found
        not listed ──┬── drawn, visited, disposition ── stands for 1 / probability
                     └── not drawn ── nothing known

Hard triggers and requests come outside capacity and are no part of this. A visit without an answer is
counted and taken to be like the answered ones of its own lane.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import beta

from evaluation.figures import NotEnough
from features.language import Text
from models.measures import Interval
from models.policy import Lane

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LEAST_DRAWS = 20
DRAWN = Text("有结论的抽查儿童", "drawn children with an answer")
ERROR = 0.05

# What a disposition says of the outcome; every other one leaves it unknown.
ANSWERS = {"confirmed": 1.0, "not_confirmed": 0.0}


@dataclass(frozen=True)
class Visits:
    """Visited children. `result`: 1, 0 or not known; `listed`: by rank; `probability`: of being drawn."""

    child_keys: tuple[str, ...]
    result: Floats
    listed: Flags
    probability: Floats

    def __post_init__(self) -> None:
        if not len(self.child_keys) == len(self.result) == len(self.listed) == len(self.probability):
            raise ValueError("Visits need a child, a result, a lane and a probability each.")
        drawn = self.probability[~self.listed]
        if not ((drawn > 0) & (drawn <= 1)).all():
            raise ValueError("A drawn child has a logged probability above 0 and at most 1.")


@dataclass(frozen=True)
class Missed:
    """What is found, what is missed, and what one would believe without weighing the draws."""

    listed: int
    listed_unanswered: int
    drawn: int
    drawn_unanswered: int
    not_listed: float
    rate_listed: Interval
    rate_not_listed: Interval
    rate_population: Interval
    missed: Interval
    recall: Interval
    naive_rate: float
    naive_recall: float


def missed(visits: Visits) -> Missed | NotEnough:
    """Conditional and population rates and the recall of the list, or that too few were drawn to say."""
    known = ~np.isnan(visits.result)
    listed, drawn = visits.listed, ~visits.listed
    answered = drawn & known
    if int(answered.sum()) < LEAST_DRAWS or not (listed & known).any():
        return NotEnough(LEAST_DRAWS, int(answered.sum()), DRAWN)
    weight = 1 / visits.probability[answered]
    rate = weighted_rate(visits.result[answered], weight)
    size = float((1 / visits.probability[drawn]).sum())
    number = int(listed.sum())
    of_listed = weighted_rate(visits.result[listed & known], np.ones(int((listed & known).sum())))
    found = of_listed.value * number
    unseen = Interval(*(size * each for each in (rate.value, rate.low, rate.high)))
    seen = visits.result[known]
    return Missed(
        listed=number,
        listed_unanswered=int((listed & ~known).sum()),
        drawn=int(drawn.sum()),
        drawn_unanswered=int((drawn & ~known).sum()),
        not_listed=size,
        rate_listed=of_listed,
        rate_not_listed=rate,
        rate_population=Interval(
            *((found + each) / (number + size) for each in (unseen.value, unseen.low, unseen.high))
        ),
        missed=unseen,
        recall=Interval(*(_share(found, each) for each in (unseen.value, unseen.high, unseen.low))),
        naive_rate=float(seen.mean()),
        naive_recall=_share(float(visits.result[listed & known].sum()), float(visits.result[answered].sum())),
    )


def weighted_rate(result: Floats, weight: Floats) -> Interval:
    """The Hájek rate with its 95 % interval, exact binomial at the effective number of draws."""
    rate = float(np.average(result, weights=weight))
    effective = float(weight.sum()) ** 2 / float(weight @ weight)
    hits = rate * effective
    low = 0.0 if rate == 0 else float(beta.ppf(ERROR / 2, hits, effective - hits + 1))
    high = 1.0 if rate == 1 else float(beta.ppf(1 - ERROR / 2, hits + 1, effective - hits))
    return Interval(rate, low, high)


def visits_in(
    alerts: pd.DataFrame, dispositions: pd.DataFrame, outcome: str, since: date, until: date
) -> Visits:
    """The visits of all alerts raised on `since` or later and before `until`, with what they found.

    A child listed by rank at any release counts as listed. A child never listed stood in the pool of every
    release, so the probability of being drawn is that of not escaping all of them. A draw the list would have
    reached later stands among the draws, so the number missed is, if anything, a little too high.
    """
    days = pd.to_datetime(alerts["occurred_on"]).dt.date
    inside = alerts[(days >= since) & (days < until)].assign(day=days)
    ranked = inside[inside["lane"].isin((Lane.MODEL.value, Lane.RULE.value))]
    draws = inside[inside["lane"] == Lane.AUDIT.value]
    of_release = draws.groupby("day")["draw_probability"]
    if (of_release.nunique(dropna=False) > 1).any() or draws["draw_probability"].isna().any():
        raise ValueError("The draws of one release have one logged probability.")
    over_all = 1 - float(np.prod(1 - of_release.first().to_numpy(dtype=np.float64))) if len(draws) else 0.0
    listed = sorted(set(ranked["child_key"]))
    drawn = sorted(set(draws["child_key"]) - set(listed))
    answers = _answers(inside, dispositions, outcome)
    keys = (*listed, *drawn)
    return Visits(
        keys,
        np.array([answers.get(key, math.nan) for key in keys], dtype=np.float64),
        np.arange(len(keys)) < len(listed),
        np.array([1.0] * len(listed) + [over_all] * len(drawn)),
    )


def _answers(alerts: pd.DataFrame, dispositions: pd.DataFrame, outcome: str) -> dict[str, float]:
    """By child, what the visits of these alerts' cases found; a confirmation outweighs its absence."""
    about = dispositions[
        (dispositions["risk"] == outcome)
        & dispositions["visited"].astype(bool)
        & dispositions["case_id"].isin(set(alerts["case_id"]))
    ]
    said = about["disposition"].map(ANSWERS)
    known = said.notna()
    highest = said[known].groupby(about["child_key"][known]).max()
    return {str(key): float(value) for key, value in highest.items()}


def _share(found: float, unseen: float) -> float:
    return found / (found + unseen) if found + unseen > 0 else math.nan
