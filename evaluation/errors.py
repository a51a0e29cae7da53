"""Which families of features set the missed apart from the found, and false alerts from right ones.

Differences are of the families' contributions to the margin, in its own units, between two sets of children
at a capacity. A set below the least number of children is not described. It says where to look, not why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.figures import NotEnough
from evaluation.metrics import chosen
from features.language import Text
from models.calibration import child_codes, child_weights
from models.measures import Interval

Floats = npt.NDArray[np.float64]

LEAST_CHILDREN = 20
SMALLER_SET = Text("较小一组的儿童", "children in the smaller set")
ENDS = (0.025, 0.975)


@dataclass(frozen=True)
class FamilyDifference:
    """How much more a family raises the margin of one set than of the other, on average."""

    family: str
    difference: Interval
    mean_here: float
    mean_there: float


@dataclass(frozen=True)
class Contrast:
    """Two sets of children and the families that differ most between them, the greatest first."""

    title: Text
    here: int
    there: int
    families: tuple[FamilyDifference, ...]


@dataclass(frozen=True)
class Errors:
    """The missed beside the found, and false alerts beside right ones."""

    missed: Contrast | NotEnough
    false_alerts: Contrast | NotEnough


def family_sums(contributions: Floats, families: Sequence[str]) -> tuple[tuple[str, ...], Floats]:
    """Contributions summed by family: the families in order of first mention, and a column for each."""
    if contributions.shape[1] != len(families):
        raise ValueError("Give the family of each column of contributions, the base left out.")
    names = tuple(dict.fromkeys(families))
    of = np.array([names.index(family) for family in families])
    return names, np.column_stack([contributions[:, of == place].sum(axis=1) for place in range(len(names))])


def errors(
    label: Floats,
    risk: Floats,
    child_keys: Sequence[str],
    names: Sequence[str],
    by_family: Floats,
    share: float,
    rng: np.random.Generator,
    weights: Floats | None = None,
    draws: int = 200,
) -> Errors:
    """What sets the two kinds of error apart when this share is visited; half-listed ties are left out."""
    own = np.ones_like(risk) if weights is None else weights
    part = chosen(risk, share * float(own.sum()), own)
    on, off = part == 1, part == 0
    return Errors(
        _contrast(
            Text("漏掉的与找到的", "The missed beside the found"),
            off & (label == 1), on & (label == 1), child_keys, names, by_family, own, rng, draws,
        ),
        _contrast(
            Text("误报的与报对的", "False alerts beside right ones"),
            on & (label == 0), on & (label == 1), child_keys, names, by_family, own, rng, draws,
        ),
    )  # fmt: skip


def _contrast(
    title: Text,
    here: npt.NDArray[np.bool_],
    there: npt.NDArray[np.bool_],
    child_keys: Sequence[str],
    names: Sequence[str],
    by_family: Floats,
    weights: Floats,
    rng: np.random.Generator,
    draws: int,
) -> Contrast | NotEnough:
    keys = np.asarray(child_keys, dtype=str)
    least = min(len(set(keys[here])), len(set(keys[there])))
    if least < LEAST_CHILDREN:
        return NotEnough(LEAST_CHILDREN, least, SMALLER_SET)
    both = here | there
    values, mine, weight = by_family[both], here[both], weights[both]
    children = child_codes(keys[both].tolist())

    def means(drawn: Floats) -> tuple[Floats, Floats]:
        return (
            np.average(values[mine], axis=0, weights=drawn[mine]),
            np.average(values[~mine], axis=0, weights=drawn[~mine]),
        )

    again: list[Floats] = []
    while len(again) < draws:
        drawn = weight * child_weights(children, rng)
        if drawn[mine].sum() > 0 and drawn[~mine].sum() > 0:
            first, second = means(drawn)
            again.append(first - second)
    low, high = np.quantile(again, ENDS, axis=0)
    first, second = means(weight)
    found = [
        FamilyDifference(
            name,
            Interval(float(first[at] - second[at]), float(low[at]), float(high[at])),
            float(first[at]),
            float(second[at]),
        )
        for at, name in enumerate(names)
    ]
    found.sort(key=lambda each: (-abs(each.difference.value), each.family))
    return Contrast(title, len(set(keys[here])), len(set(keys[there])), tuple(found))
