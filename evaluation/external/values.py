"""From what stands in a table to numbers: values, outcomes, groups, keys and weights, and what was left.

Everything that is not as declared is counted by column: empty, out of range, not a declared value, later
than the as-of date. Such a cell is not known, never 0; a column that is mostly so stops the run, for then
the declaration is wrong and not the table. No message shows a value that few rows share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from evaluation.external.declaration import (
    Condition,
    Declaration,
    DeclaredColumn,
    DeclaredGroup,
    DeclaredOutcome,
)
from evaluation.external.entry import TableError
from evaluation.external.reading import codes
from features.language import Text

Floats = npt.NDArray[np.float64]
Codes = Mapping[str, pd.Series]

# Above this share of a column's known cells the declaration is taken to be wrong.
MOST_UNEXPECTED = 0.05
# A value that fewer rows share than this may tell who they are, and is not shown.
SHOWN_FROM = 20


@dataclass(frozen=True)
class Counted:
    """What became of one column's cells."""

    column: str
    title: Text
    known: int
    missing: int
    out_of_range: int
    unexpected: int
    later: int


@dataclass(frozen=True)
class Values:
    """The rows that can be used, as numbers. `block` numbers what folds and resamples keep together."""

    columns: pd.DataFrame
    counted: tuple[Counted, ...]
    codes: Codes
    block: npt.NDArray[np.intp]
    weight: Floats | None
    groups: pd.DataFrame
    left_out: Mapping[str, int]
    duplicated: int

    def __len__(self) -> int:
        return len(self.block)


def values_of(declaration: Declaration, frame: pd.DataFrame) -> Values:
    """All declared columns as numbers; TableError where the table is not as declared."""
    layout = declaration.layout
    held = {name: codes(frame[name], layout.missing) for name in declaration.read}
    _check_rows(declaration, held)
    kept, left_out = _usable(declaration, held)
    held = {name: column[kept].reset_index(drop=True) for name, column in held.items()}
    day = _days(held[layout.as_of], "ISO8601") if layout.as_of else None
    made: dict[str, Floats] = {}
    counted = []
    for column in declaration.columns:
        cells, count = _typed(column, held[column.read_from], day, layout.decimal)
        made.update(cells)
        counted.append(count)
    pattern = _patterns(frame.loc[kept])
    return Values(
        columns=pd.DataFrame(made),
        counted=tuple(counted),
        codes=held,
        block=_blocks(declaration, held, pattern),
        weight=_weights(declaration, held),
        groups=pd.DataFrame(
            {one.name: _group(one, held[one.read_from]) for one in declaration.groups},
            index=range(int(kept.sum())),
        ),
        left_out=left_out,
        duplicated=int(len(pattern) - len(np.unique(pattern))),
    )


def _patterns(frame: pd.DataFrame) -> npt.NDArray[Any]:
    """A number for each row; rows alike in every column have the same."""
    places = {}
    for name in frame.columns:
        try:
            places[name] = pd.factorize(frame[name])[0]
        except TypeError:
            raise TableError(f"The column {name} holds lists or records, not single values.") from None
    return pd.util.hash_pandas_object(pd.DataFrame(places), index=False).to_numpy()


def _check_rows(declaration: Declaration, held: Codes) -> None:
    name = declaration.layout.row_id
    if not name:
        return
    twice = int(held[name].duplicated(keep=False).sum())
    if held[name].isna().any() or twice:
        raise TableError(
            f"[table] row_id {name}: {int(held[name].isna().sum())} rows have none and {twice} share one with"
            " another row. If a child may have several rows, call it person instead."
        )


def _usable(declaration: Declaration, held: Codes) -> tuple[npt.NDArray[np.bool_], dict[str, int]]:
    """Rows whose keys, weight and as-of date are known, and how many lack which."""
    layout = declaration.layout
    rows = len(next(iter(held.values())))
    kept = np.ones(rows, dtype=bool)
    left_out = {}
    for name in dict.fromkeys((layout.person, layout.cluster, layout.weight_within, layout.as_of)):
        if name:
            known = held[name].notna().to_numpy()
            left_out[name] = int((kept & ~known).sum())
            kept &= known
    if layout.weight:
        weight = _numbers(held[layout.weight], layout.decimal)
        positive = np.isfinite(weight) & (weight > 0)
        if (weight < 0).any():
            raise TableError(f"[table] weight {layout.weight} is negative in {int((weight < 0).sum())} rows.")
        left_out[layout.weight] = int((kept & ~positive).sum())
        kept &= positive
    if not kept.any():
        raise TableError(f"No row has all of {', '.join(left_out)}: nothing is left to judge.")
    return kept, left_out


def _typed(
    column: DeclaredColumn, cells: pd.Series, day: npt.NDArray[np.datetime64] | None, decimal: str
) -> tuple[dict[str, Floats], Counted]:
    cells = cells.mask(cells.isin(column.missing), None)
    given = cells.notna().to_numpy()
    out_of_range = later = np.zeros(len(cells), dtype=bool)
    if column.type == "category":
        listed = cells.isin(column.levels).to_numpy()
        made = {
            name: np.where(listed, (cells == level).to_numpy(dtype=np.float64), np.nan)
            for (name, _), level in zip(column.made, column.levels, strict=True)
        }
        known = listed
    else:
        if column.type == "date":
            assert day is not None  # a declaration with dates names the as-of date
            values = _whole_days(day - _days(cells, column.date_format))
            later = values < 0  # nobody could know it on that day
            values[later] = np.nan
        elif column.type == "number" and not column.mapping:
            values = np.asarray(_numbers(cells, decimal), dtype=np.float64)
            out_of_range = (values < _or(column.low, -np.inf)) | (values > _or(column.high, np.inf))
            values[out_of_range] = np.nan
        else:
            values = np.asarray(cells.map(_meanings(column)), dtype=np.float64)
        made = {column.name: values}
        known = ~np.isnan(values)
    unexpected = given & ~known & ~out_of_range & ~later
    _refuse_if_many(column, cells, unexpected, "values that are not declared")
    _refuse_if_many(column, cells, out_of_range, "values out of the declared range")
    count = Counted(
        column.name,
        column.title,
        int(known.sum()),
        int((~given).sum()),
        int(out_of_range.sum()),
        int(unexpected.sum()),
        int(later.sum()),
    )
    if not count.known:
        raise TableError(f"[columns.{column.name}] has no known value in any row: leave it out.")
    return made, count


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _meanings(column: DeclaredColumn) -> dict[str, float]:
    if column.type == "flag":
        return {**dict.fromkeys(column.yes, 1.0), **dict.fromkeys(column.no, 0.0)}
    if column.type == "ordered":
        return {level: float(place) for place, level in enumerate(column.levels)}
    return dict(column.mapping)


def _refuse_if_many(column: DeclaredColumn, cells: pd.Series, bad: npt.NDArray[np.bool_], what: str) -> None:
    if bad.sum() <= MOST_UNEXPECTED * cells.notna().sum():
        return
    often = cells[bad].value_counts()
    shown = [str(value) for value in often[often >= SHOWN_FROM].index[:5]]
    seen = f" Often seen: {', '.join(shown)}." if shown else ""
    raise TableError(
        f"[columns.{column.name}] is declared as {column.type}, and {int(bad.sum()):,} of"
        f" {int(cells.notna().sum()):,} cells hold {what}.{seen} Declare them, or name them under missing."
    )


def _numbers(cells: pd.Series, decimal: str) -> Floats:
    text = cells.str.replace(",", ".", regex=False) if decimal == "," else cells
    found = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def _days(cells: pd.Series, date_format: str) -> npt.NDArray[np.datetime64]:
    days = pd.to_datetime(cells, format=date_format, errors="coerce")
    return days.dt.tz_localize(None).to_numpy(dtype="datetime64[s]") if len(days) else np.empty(0, "M8[s]")


def _whole_days(spans: npt.NDArray[Any]) -> Floats:
    return np.asarray(spans / np.timedelta64(1, "D"), dtype=np.float64)


def _blocks(declaration: Declaration, held: Codes, pattern: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """What must not be torn apart: rows of one person or one cluster, and rows alike in every column."""
    layout = declaration.layout
    keys = [held[name].to_numpy(dtype=str) for name in (layout.person, layout.cluster) if name]
    if not layout.row_id:
        keys.append(pattern.astype(str))
    rows = len(pattern)
    if not keys:
        return np.arange(rows)
    # A row and each of its keys are joined; what hangs together by any chain of keys is one block.
    ends = [np.unique(key, return_inverse=True)[1] for key in keys]
    starts = np.cumsum([rows, *(end.max() + 1 for end in ends)])
    edges_from = np.tile(np.arange(rows), len(ends))
    edges_to = np.concatenate([end + start for end, start in zip(ends, starts[:-1], strict=True)])
    size = int(starts[-1])
    joined = coo_array((np.ones(len(edges_to), dtype=np.int8), (edges_from, edges_to)), shape=(size, size))
    return np.asarray(connected_components(joined, directed=False)[1][:rows], dtype=np.intp)


def _weights(declaration: Declaration, held: Codes) -> Floats | None:
    """Weights that average 1, over all rows or within each value of `weight_within`.

    Surveys scale the weights of each wave as they please: across waves they say nothing.
    """
    layout = declaration.layout
    if not layout.weight:
        return None
    weight = pd.Series(_numbers(held[layout.weight], layout.decimal))
    within = held[layout.weight_within] if layout.weight_within else pd.Series("", index=weight.index)
    return np.asarray(weight / weight.groupby(within).transform("mean"), dtype=np.float64)


def _group(group: DeclaredGroup, cells: pd.Series) -> pd.Series:
    """What the group is read from: numbers where it has bands, else the codes."""
    return pd.Series(_numbers(cells, ".")) if group.bands else cells


def holds(conditions: Sequence[Condition], held: Codes, decimal: str = ".") -> list[Floats]:
    """For each condition 1 where it holds, 0 where it does not, NaN where its column is not known."""
    found = []
    for part in conditions:
        cells = held[part.column]
        if part.values:
            true = cells.isin(part.values).to_numpy()
            unknown = cells.isna().to_numpy()
        else:
            values = _numbers(cells, decimal)
            unknown = np.isnan(values)
            true = (values >= _or(part.at_least, -np.inf)) & (values <= _or(part.at_most, np.inf))
        found.append(np.where(unknown, np.nan, true.astype(np.float64)))
    return found


def label_of(outcome: DeclaredOutcome, values: Values, decimal: str = ".") -> Floats:
    """1 where any condition holds, 0 where all are known and none does, NaN otherwise."""
    parts = np.column_stack(holds(outcome.any_of, values.codes, decimal))
    some = (parts == 1).any(axis=1)
    label = np.where(some, 1.0, np.where(np.isnan(parts).any(axis=1), np.nan, 0.0))
    for part, column in zip(outcome.any_of, parts.T, strict=True):
        if not (column == 1).any():
            raise TableError(
                f"[outcomes.{outcome.name}] any_of {part.column}: no row has the declared value"
                f" ({', '.join(part.values) or 'within the limits'})."
            )
    return label


def chosen(conditions: Sequence[Condition], values: Values, decimal: str = ".") -> npt.NDArray[np.bool_]:
    """The rows for which every condition holds."""
    kept = np.ones(len(values), dtype=bool)
    for part in holds(conditions, values.codes, decimal):
        kept &= part == 1
    return kept
