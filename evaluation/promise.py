"""Capacity with a promise: what so many reviews find, and of whom no more than so many are missed.

The expected precision and recall come with intervals. The promise is a bound on the share missed that holds
with the stated confidence whatever the screener (learn then test): a child with the outcome counts once, by
the share of their rows the list missed, so that children are independent witnesses. Where every child is
found or missed outright the bound is the exact binomial one; otherwise it inverts MAPIE's Hoeffding-Bentkus
test, which holds for any loss between 0 and 1. MAPIE's own controller tests rows as if independent and sets
thresholds, not lists, so it does not fit; a test holds both to one answer where they speak of the same.

Several capacities promised together share the error, so that all of them hold at once. A promise speaks of
children like those judged, and of outcomes that came to be known. It takes no weights: no bound would hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.stats import beta

from evaluation.figures import LEAST_CHILDREN, NotEnough
from evaluation.metrics import chosen, visited_share
from features.language import Text
from models.calibration import child_codes
from models.measures import Interval

Floats = npt.NDArray[np.float64]

CONFIDENCE = 0.9
WANTED_MISS = 0.5


@dataclass(frozen=True)
class Promise:
    """What a capacity finds and the most it misses. `needed`: fewest reviews that keep the wanted miss."""

    reviews: int
    cohort: int
    confidence: float
    precision: Interval
    recall: Interval
    missed_at_most: float
    wanted_miss: float
    needed: int | None
    children_with_outcome: int
    exact: bool

    @property
    def attainable(self) -> bool:
        """Whether this capacity keeps the wanted miss, with the stated confidence."""
        return self.missed_at_most <= self.wanted_miss

    @property
    def sentence(self) -> Text:
        """The promise in words, or that it is not attainable at this capacity and what would be needed."""
        sure, most, wanted = f"{self.confidence:.0%}", f"{self.missed_at_most:.0%}", f"{self.wanted_miss:.0%}"
        if self.attainable:
            return Text(
                f"走访{self.reviews}名，漏掉有结局儿童的比例不超过{most}（把握{sure}）",
                f"Visiting {self.reviews} children misses at most {most} of those with the outcome,"
                f" with {sure} confidence",
            )
        needed = (
            Text("任何容量都不能保证", "no capacity can promise it")
            if self.needed is None
            else Text(f"至少需走访{self.needed}名", f"at least {self.needed} reviews are needed")
        )
        return Text(
            f"走访{self.reviews}名，不能保证漏掉不超过{wanted}（把握{sure}，目前上限{most}）；{needed.zh}",
            f"Not attainable at this capacity: visiting {self.reviews} children cannot promise to miss"
            f" at most {wanted} with {sure} confidence (the bound is {most}); {needed.en}",
        )


def promises(
    label: Floats,
    risk: Floats,
    child_keys: Sequence[str],
    reviews: Sequence[int],
    cohort: int,
    rng: np.random.Generator,
    confidence: float = CONFIDENCE,
    wanted_miss: float = WANTED_MISS,
    draws: int = 200,
) -> tuple[Promise, ...] | NotEnough:
    """One promise for each number of reviews in a round of `cohort` children; all of them hold together."""
    if not 0 < confidence < 1 or not 0 < wanted_miss < 1:
        raise ValueError("A confidence and a share missed lie between 0 and 1.")
    if cohort < 1 or any(not 0 <= each <= cohort for each in reviews):
        raise ValueError("Reviews are from none to all of the children of a round.")
    children = child_codes(child_keys)
    with_outcome = len(np.unique(children[label == 1]))
    if with_outcome < LEAST_CHILDREN["auroc"]:
        return NotEnough(LEAST_CHILDREN["auroc"], with_outcome)
    error = (1 - confidence) / len(reviews)
    needed = _needed(label, risk, children, cohort, error, wanted_miss)
    made = []
    for number in reviews:
        share = number / cohort
        losses = child_losses(label, children, chosen(risk, share * len(risk)))
        found = visited_share(label, risk, share, child_keys, rng, draws)
        made.append(
            Promise(
                reviews=number,
                cohort=cohort,
                confidence=confidence,
                precision=found.precision,
                recall=found.recall,
                missed_at_most=most_missed(losses, error),
                wanted_miss=wanted_miss,
                needed=needed,
                children_with_outcome=with_outcome,
                exact=_all_or_nothing(losses),
            )
        )
    return tuple(made)


def child_losses(label: Floats, children: npt.NDArray[np.intp], part: Floats) -> Floats:
    """For each child with the outcome, the share of their rows with it that the list does not hold."""
    positive = label == 1
    codes = np.unique(children[positive], return_inverse=True)[1]
    rows = np.bincount(codes)
    return np.bincount(codes, 1 - part[positive]) / rows


def most_missed(losses: Floats, error: float) -> float:
    """The upper bound of the mean loss that fails no more often than `error`, whatever the losses are."""
    number, mean = len(losses), float(losses.mean())
    if _all_or_nothing(losses):
        missed = round(float(losses.sum()))
        return 1.0 if missed == number else float(beta.ppf(1 - error, missed + 1, number - missed))
    top = 1 - 1e-9
    if _p_value(mean, number, top) > error:
        return 1.0
    return float(brentq(lambda at: _p_value(mean, number, at) - error, mean, top, xtol=1e-6)) + 1e-6


def _p_value(mean: float, number: int, at: float) -> float:
    from mapie.risk_control.methods import compute_hoeffding_bentkus_p_value  # slow to import

    return float(compute_hoeffding_bentkus_p_value(np.array([mean]), number, np.array([at]))[0, 0])


def _all_or_nothing(losses: Floats) -> bool:
    return bool(np.isin(losses, (0.0, 1.0)).all())


def _needed(
    label: Floats,
    risk: Floats,
    children: npt.NDArray[np.intp],
    cohort: int,
    error: float,
    wanted_miss: float,
) -> int | None:
    """The shortest list that still keeps the wanted miss.

    Lists are tested from the longest down until one fails (a fixed sequence, which needs no correction). A
    longer list misses no more of any child, so the first failure is found by halving.
    """

    def kept(number: int) -> bool:
        part = chosen(risk, number / cohort * len(risk))
        return most_missed(child_losses(label, children, part), error) <= wanted_miss

    if not kept(cohort):
        return None
    low, high = 0, cohort  # `high` keeps it; `low` does not, or is none at all
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if kept(middle) else (middle, high)
    return high
