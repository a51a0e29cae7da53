"""A made-up survey with every trap planted, and its declaration; nothing in it was ever a child's."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evaluation.external.declaration import Declaration
from evaluation.external.declaration_file import declare
from evaluation.external.values import Values, values_of

BASE: dict[str, Any] = {
    "name": "survey",
    "simulated": True,
    "table": {"missing": [-9, "don't know"], "cluster": "school", "weight": "weight", "weight_within": "wave"},
    "families": {"home": {"zh": "家庭", "en": "Home"}, "school_life": {"zh": "学校", "en": "School"}},
    "columns": {
        "bullied": {"type": "flag", "family": "school_life", "risk": "rises", "yes": ["yes"], "no": ["no"]},
        "sleep_hours": {"type": "number", "family": "home", "risk": "falls", "low": 0, "high": 16},
        "quarrels": {"type": "ordered", "family": "home", "risk": "rises", "levels": ["never", "some", "often"]},
        "lives_with": {"type": "category", "family": "home", "levels": ["both", "one", "kin"]},
        "parents_know": {"type": "flag", "family": "home", "risk": "falls"},
        "points": {"type": "number", "from": "points_code", "map": {"A": 0, "B": 5}, "family": "home"},
    },
    "groups": {"sex": {"zh": "性别", "en": "Sex"}, "sleep": {"from": "sleep_hours", "bands": [0, 7]}},
    "outcomes": {
        "low": {"any_of": {"mood": [1, "yes"]}},
        "unseen": {"any_of": {"parents_know": [0]}, "without": ["points"], "splits": ["folds"]},
    },
    "splits": {
        "folds": {"folds": 5},
        "later": {"time": "wave", "fit_until": 2021, "judge_from": 2023},
    },
}  # fmt: skip


def changed(place: str, value: Any) -> dict[str, Any]:
    """The base with the key at this path set, or taken away where the value is None."""
    held = copy.deepcopy(BASE)
    *path, last = place.split(".")
    inner = held
    for name in path:
        inner = inner[name]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return held


def declared(place: str = "name", value: Any = "survey") -> Declaration:
    """The base declaration with one change."""
    return declare(changed(place, value), "survey.toml")


def survey(rows: int = 3000, schools: int = 60, seed: int = 5) -> pd.DataFrame:
    """Made-up pupils of made-up schools in three waves; a mood that answers lead to."""
    rng = np.random.default_rng(seed)
    school = rng.integers(0, schools, rows)
    bullied = rng.random(rows) < 0.2
    sleep = rng.normal(7.5, 1.2, rows).round(1)
    quarrels = rng.integers(0, 3, rows)
    know = rng.random(rows) < 0.8
    odds = -2.0 + 1.1 * bullied - 0.5 * (sleep - 7.5) + 0.6 * quarrels - 0.7 * know
    odds += rng.normal(0, 0.3, schools)[school]
    mood = rng.random(rows) < 1 / (1 + np.exp(-odds))
    frame = pd.DataFrame(
        {
            "school": [f"s{number:03d}" for number in school],
            "wave": rng.choice([2019, 2021, 2023], rows),
            "weight": rng.uniform(0.2, 3.0, rows).round(3),
            "sex": rng.choice(["f", "m"], rows),
            "bullied": np.where(bullied, "yes", "no"),
            "sleep_hours": sleep,
            "quarrels": np.array(["never", "some", "often"])[quarrels],
            "lives_with": rng.choice(["both", "one", "kin"], rows),
            "parents_know": know.astype(int),
            "points_code": rng.choice(["A", "B"], rows),
            "mood": mood.astype(int),
        }
    )
    for name in ("bullied", "sleep_hours", "quarrels", "lives_with", "parents_know", "mood"):
        frame[name] = frame[name].astype(object)
        frame.loc[rng.random(rows) < 0.05, name] = rng.choice([-9, None, "don't know"])
    return frame


def values(declaration: Declaration | None = None, frame: pd.DataFrame | None = None) -> Values:
    """The survey as numbers."""
    return values_of(declaration or declared(), survey() if frame is None else frame)


def written(frame: pd.DataFrame, path: Path, **how: Any) -> Path:
    """The frame as a CSV file."""
    frame.to_csv(path, index=False, **how)
    return path
