"""What turns feature values into a margin. Every candidate is one of these, and every one can serve.

    kind       form      margin
    constant   lines     the same for every child: the base rate
    single     lines     one feature on a line
    linear     lines     every feature on a line: logistic regression
    rules      steps     points of the published rules
    additive   steps     a table of scores for each feature: a glass-box model
    booster    trees     LightGBM's own text

A value that is NaN is not known and has a score of its own. Contributions are exact: a column each and
the base last, each row sums to its margin. Plain text, no pickle; the same row gives the same margin to
the bit, alone or among others. LightGBM is loaded for very many rows only, and for trees that do not fit
our tables: few rows are answered sooner without it, and a service starts a second sooner.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from models.fast_reasons import Ready
from models.tree_tables import NotInTables, tables_of
from models.tree_walk import Forest

if TYPE_CHECKING:
    import lightgbm

Floats = npt.NDArray[np.float64]


class MarginError(ValueError):
    """A text no margin can be read from, or values of the wrong width; the message says which."""


class MarginModel(Protocol):
    """Feature values in, margins and their exact contributions out."""

    @property
    def kind(self) -> str:
        """Which of the forms above."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it is given, in order, those it does not use included."""

    def margins(self, values: Floats) -> Floats:
        """The margin of each row of (n, columns)."""

    def contributions(self, values: Floats) -> Floats:
        """What each column adds to each margin, the base last."""

    def to_text(self) -> str:
        """All of it as text; `from_text` gives it back to the bit."""


@dataclass(frozen=True)
class Line:
    """One column on a line: `weight` for each `scale` above the `mean`, seen between `low` and `high`.

    A value beyond what was seen counts as the last one seen: nobody knows how the line goes on.
    """

    column: str
    mean: float
    scale: float
    weight: float
    unknown: float
    low: float
    high: float

    def score(self, values: Floats) -> Floats:
        """What each value adds."""
        known = self.weight * ((np.clip(values, self.low, self.high) - self.mean) / self.scale)
        return np.where(np.isnan(values), self.unknown, known)


@dataclass(frozen=True)
class Step:
    """One column as a table: `scores[i]` from `cuts[i - 1]` on and below `cuts[i]`."""

    column: str
    cuts: tuple[float, ...]
    scores: tuple[float, ...]
    unknown: float

    def __post_init__(self) -> None:
        if len(self.scores) != len(self.cuts) + 1 or list(self.cuts) != sorted(set(self.cuts)):
            raise MarginError(
                f"The table of {self.column}: cuts rise, and there is one score more than cuts."
            )

    def score(self, values: Floats) -> Floats:
        """What each value adds."""
        place = np.searchsorted(np.asarray(self.cuts), values, side="right")
        known = np.asarray(self.scores)[np.where(np.isnan(values), 0, place)]
        return np.where(np.isnan(values), self.unknown, known)


@dataclass(frozen=True)
class Sum:
    """A base and one term for each column used: every form but the trees."""

    kind: str
    columns: tuple[str, ...]
    base: float
    terms: tuple[Line, ...] | tuple[Step, ...]

    def __post_init__(self) -> None:
        used = [term.column for term in self.terms]
        if len(set(used)) != len(used) or not set(used) <= set(self.columns):
            raise MarginError(f"A {self.kind} margin has at most one term for each of its columns.")

    def _scored(self, values: Floats) -> Iterator[tuple[int, Floats]]:
        _check_width(self, values)
        for term in self.terms:
            place = self.columns.index(term.column)
            yield place, term.score(values[:, place])

    def margins(self, values: Floats) -> Floats:
        """The margin of each row."""
        # Column by column: a matrix product would round a row otherwise alone than among others.
        total = np.full(len(values), self.base)
        for _, score in self._scored(values):
            total += score
        return total

    def contributions(self, values: Floats) -> Floats:
        """What each column adds, the base last."""
        found = np.zeros((len(values), len(self.columns) + 1))
        for place, score in self._scored(values):
            found[:, place] = score
        found[:, -1] = self.base
        return found

    def to_text(self) -> str:
        """All of it as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n"


# Of more rows than these LightGBM's margins come twice as fast as by walking: worth the second it loads.
MANY = 4096


class Booster:
    """LightGBM's trees, read from their text on first use."""

    kind = "booster"

    def __init__(self, columns: tuple[str, ...], text: str) -> None:
        self.columns = columns
        self._text = text
        self._trees: lightgbm.Booster | None = None

    @cached_property
    def _laid_out(self) -> tuple[Forest, Ready] | str:
        """The trees as we walk them and their reasons in tables; or why the tables do not hold them."""
        try:
            ready = Ready.of(tables_of(self._text))
        except NotInTables as refused:
            return str(refused)
        return Forest.of(ready.tables.walks, ready.asked), ready

    @property
    def why_slow(self) -> str | None:
        """Why its reasons are LightGBM's own work, which takes longer; None where they come out of tables."""
        return self._laid_out if isinstance(self._laid_out, str) else None

    @property
    def trees(self) -> lightgbm.Booster:
        """LightGBM's own object."""
        if self._trees is None:
            import lightgbm

            self._trees = lightgbm.Booster(model_str=self._text)
        return self._trees

    def margins(self, values: Floats) -> Floats:
        """The margin of each row."""
        _check_width(self, values)
        if not len(values):
            return np.empty(0)
        if len(values) <= MANY and not isinstance(self._laid_out, str):
            return self._laid_out[0].margins(values)
        return np.asarray(self.trees.predict(values, raw_score=True, num_threads=1), dtype=np.float64)

    def differing(self, values: Floats) -> int:
        """In how many rows a margin given without LightGBM is not LightGBM's own to the bit; none should."""
        own = self.trees.predict(values, raw_score=True, num_threads=1)
        ours = [self.margins(values[start : start + MANY]) for start in range(0, len(values), MANY)]
        return int((np.concatenate([np.empty(0), *ours]) != own).sum())

    def contributions(self, values: Floats) -> Floats:
        """Exact path-dependent TreeSHAP, the base last."""
        _check_width(self, values)
        if not isinstance(self._laid_out, str):
            return self._laid_out[1].contributions(values)
        if not len(values):
            return np.empty((0, len(self.columns) + 1))
        return np.asarray(self.trees.predict(values, pred_contrib=True, num_threads=1), dtype=np.float64)

    def to_text(self) -> str:
        """LightGBM's text behind a line that names the columns."""
        return json.dumps(list(self.columns), ensure_ascii=False) + "\n" + self._text


def _check_width(model: MarginModel, values: Floats) -> None:
    if values.ndim != 2 or values.shape[1] != len(model.columns):
        raise MarginError(f"A {model.kind} margin of {len(model.columns)} columns was given {values.shape}.")


def _lines(kind: str, text: str) -> MarginModel:
    return _sum(kind, text, lambda term: Line(**term))


def _steps(kind: str, text: str) -> MarginModel:
    return _sum(
        kind,
        text,
        lambda term: Step(**{**term, "cuts": tuple(term["cuts"]), "scores": tuple(term["scores"])}),
    )


def _sum(kind: str, text: str, term: Callable[[dict[str, Any]], Any]) -> MarginModel:
    held = json.loads(text)
    if held["kind"] != kind:
        raise MarginError(f"A {kind} margin was asked for, and the text holds a {held['kind']} one.")
    return Sum(kind, tuple(held["columns"]), held["base"], tuple(term(one) for one in held["terms"]))


def _booster(kind: str, text: str) -> MarginModel:
    columns, _, trees = text.partition("\n")
    return Booster(tuple(json.loads(columns)), trees)


KINDS: Mapping[str, Callable[[str, str], MarginModel]] = {
    "constant": _lines,
    "single": _lines,
    "linear": _lines,
    "rules": _steps,
    "additive": _steps,
    "booster": _booster,
}


def from_text(kind: str, text: str) -> MarginModel:
    """The margin that `to_text` wrote; MarginError for a kind nobody knows or a text that is none."""
    if kind not in KINDS:
        raise MarginError(f"No margin is of the kind {kind!r}.")
    try:
        return KINDS[kind](kind, text)
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise MarginError(f"The text is no {kind} margin: {error}.") from error
