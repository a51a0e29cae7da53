"""Signs that the future, or the row itself, has leaked into the features. Any of them stops a run.

Each check is a sentence and a function; a leak never looks wrong in a table, so it is looked for:
names, features that know too much alone (their absence included), order of rows, and features
computed again from nothing but the records known before the as-of date.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.language import Feature, Text
from models.facts import Tables, standing_records
from models.measures import auroc
from models.screeners import ScreenerSpec
from training.labels import State

Floats = npt.NDArray[np.float64]

# Declared before any run: the strongest published single signs (sleep, loneliness, asked of the child
# itself) reach about 0.75; a record that alone reaches this is the outcome under another name.
SINGLE_FEATURE_LIMIT = 0.85
# Row order and date should say nothing; the rate of the outcome may drift a little over the years.
ORDER_LIMIT = 0.65
RECOMPUTED_ROWS = 40

NOT_FEATURES = frozenset({"child_key", "as_of", "label", "state", "eligible", "reason", "sex", "area_code"})

Recompute = Callable[[str, date, Feature], float | None]


class LeakageError(ValueError):
    """A run that must not go on; the message names every check that failed."""


@dataclass(frozen=True)
class Check:
    """One check and what it found."""

    name: str
    sentence: Text
    passed: bool
    found: str


def by_name(spec: ScreenerSpec) -> Check:
    """No key, date, label or outcome stands among the features."""
    bad = sorted(set(spec.columns) & (NOT_FEATURES | {state.value for state in State}))
    return Check(
        "names",
        Text("特征中没有键、日期或标签", "No key, date or label is among the features"),
        not bad,
        ", ".join(bad) or "none",
    )


def single_feature(spec: ScreenerSpec, rows: pd.DataFrame) -> Check:
    """No feature by itself, nor the fact that it is not known, tells the outcome too well."""
    label = rows["label"].to_numpy(dtype=np.float64)
    strongest, strength = "", 0.5
    for name in spec.columns:
        values: Floats = rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
        unknown = np.isnan(values)
        middle = float(np.nanmedian(values)) if not unknown.all() else 0.0
        signals: dict[str, Floats] = {
            name: np.where(unknown, middle, values),
            f"{name} not known": unknown.astype(np.float64),
        }
        for said, signal in signals.items():
            one = _either_way(label, signal)
            if one > strength:
                strongest, strength = said, one
    return Check(
        "single_feature",
        Text(
            f"任何单一特征的AUROC不超过{SINGLE_FEATURE_LIMIT}",
            f"No single feature reaches an AUROC above {SINGLE_FEATURE_LIMIT}",
        ),
        strength <= SINGLE_FEATURE_LIMIT,
        f"{strongest} {strength:.3f}",
    )


def row_order(rows: pd.DataFrame) -> Check:
    """Neither the as-of date, the child key nor the place of the row tells the outcome."""
    label = rows["label"].to_numpy(dtype=np.float64)
    stamp = pd.to_datetime(rows["as_of"]).astype("int64").to_numpy().astype(np.float64)
    keys = np.unique(rows["child_key"].to_numpy(dtype=str), return_inverse=True)[1].astype(np.float64)
    place = np.arange(len(rows), dtype=np.float64)
    signals: dict[str, Floats] = {"date": stamp, "key": keys, "place": place}
    found = {name: _either_way(label, signal) for name, signal in signals.items()}
    worst = max(found, key=lambda name: found[name])
    return Check(
        "row_order",
        Text("日期、键和行序不透露结局", "Date, key and row order do not tell the outcome"),
        found[worst] <= ORDER_LIMIT,
        f"{worst} {found[worst]:.3f}",
    )


def recomputed(spec: ScreenerSpec, rows: pd.DataFrame, again: Recompute) -> Check:
    """Features of a sample of rows, computed again from what was known before the date, are the same."""
    sample = rows.loc[_sample(rows, RECOMPUTED_ROWS)]
    different = []
    for row in sample.to_dict(orient="records"):
        for feature in spec.declared:
            expected = again(str(row["child_key"]), row["as_of"], feature)
            held = float(row[feature.name])
            if (expected is None) != np.isnan(held) or (
                expected is not None and abs(expected - held) > 1e-6 * max(1.0, abs(held))
            ):
                different.append(feature.name)
    names = sorted(set(different))
    return Check(
        "recomputed",
        Text(
            f"{len(sample)}行特征只用观察时点前获知的记录重算，结果一致",
            f"{len(sample)} rows computed again from records known before the date come out the same",
        ),
        not names,
        ", ".join(names[:5]) or "none differs",
    )


def known_before(
    tables: Tables, silent: Mapping[date, frozenset[str]], sources: Sequence[str], children: Sequence[str]
) -> Recompute:
    """Computes a feature the slow and obvious way from the records that stood before the date."""
    from features.reference import value

    records = {
        name: standing_records(tables[name], name, frozenset(children)) for name in sources if name in tables
    }

    def again(child_key: str, as_of: date, feature: Feature) -> float | None:
        name = feature.source.name
        held = records[name].get(child_key, []) if name in records else []
        known = [
            record
            for record, replaced_on in held
            if record.known_on < as_of and (replaced_on is None or replaced_on >= as_of)
        ]
        unheard = name in silent.get(as_of, frozenset()) or name not in records
        return value(feature, known, as_of, silent=unheard)

    return again


def sampled_children(rows: pd.DataFrame) -> list[str]:
    """The children whose rows `recomputed` looks at."""
    return sorted(set(rows.loc[_sample(rows, RECOMPUTED_ROWS), "child_key"]))


def stop_if_leaking(spec: ScreenerSpec, checks: Sequence[Check]) -> None:
    """LeakageError naming each check that failed; nothing if all passed."""
    failed = [f"{check.sentence.en}: found {check.found}" for check in checks if not check.passed]
    if failed:
        raise LeakageError(f"Training of {spec.name} stops, a leak is likely. {'; '.join(failed)}.")


def _either_way(label: Floats, signal: Floats) -> float:
    area = auroc(label, signal)
    return max(area, 1 - area) if not np.isnan(area) else 0.5


def _sample(rows: pd.DataFrame, number: int) -> list[int]:
    """Rows in the order of a hash, so that the sample is the same each time and nobody chooses it."""
    lots = [
        hashlib.sha256(f"{key} {day}".encode()).hexdigest()
        for key, day in zip(rows["child_key"], rows["as_of"], strict=True)
    ]
    return [int(place) for place in pd.Series(lots, index=rows.index).sort_values().index[:number]]
