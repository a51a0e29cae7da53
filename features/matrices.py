"""Feature matrices on disk: for every round, who was known and what was known of them.

    matrices/2026-04-01.parquet   cohort columns, one column per declared feature, then for each source
                                  heard_days_<source>, which is for people and monitoring, not for screeners
    matrices/built.json           which lake and which declarations they were made from, who was silent

A round's matrix is made again only if the lake, the profile, a declaration or the code that computes
has changed. A matrix of a round that is no longer built is taken away: nobody may train on it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pandas as pd

from features.catalogue import FEATURES
from features.cohort import cohort
from features.coverage import COVERAGE, heard_days
from features.engine import Engine
from features.jurisdiction import Profile
from features.lake import Delivery, Lake
from features.language import Department

# The first round needs half a year of records behind it; earlier windows would be mostly empty.
WARM_UP_DAYS = 180
_HERE = Path(__file__).parent
# The code that decides what stands in a matrix, beside the declarations.
COMPUTING = ("cohort", "coverage", "engine", "expressions", "matrices", "questions", "reference")


class NothingToBuild(LookupError):
    """The lake holds no deliveries, or too short a span for any round."""


@dataclass(frozen=True)
class Built:
    """What a build left: rounds with their rows and rows in scope, and whether they were reused.

    `left_out` counts the children of the newest round who are not in scope, by reason.
    """

    rounds: tuple[date, ...]
    rows: int
    in_scope: int
    left_out: Mapping[str, int]
    reused: bool


def rounds_covered(lake: Lake, profile: Profile, today: date) -> list[date]:
    """The as-of dates a matrix can be built for, the oldest first; NothingToBuild if none."""
    begins = [row.heard_from for row in _delivered(lake) if row.heard_from is not None]
    if not begins:
        raise NothingToBuild("The lake is empty: take deliveries in first (python -m features intake).")
    dates = profile.round_dates(min(begins) + timedelta(days=WARM_UP_DAYS), today)
    if not dates:
        raise NothingToBuild(
            f"The records begin on {min(begins)}; a round needs {WARM_UP_DAYS} days of records before it."
        )
    return dates


def fingerprint(lake: Lake, profile: Profile, dates: list[date], code: Path = _HERE) -> str:
    """A hash of everything a matrix is made from: deliveries, profile, declarations, dates, code."""
    deliveries = sorted((row.delivery, row.source, row.sha256, row.accepted) for row in _delivered(lake))
    columns = [coverage.name for coverage in COVERAGE]
    parts = (repr(deliveries), repr(profile), repr(FEATURES), repr(columns), repr(dates), _code(code))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@cache
def _code(folder: Path) -> str:
    code = [(folder / f"{name}.py").read_bytes() for name in COMPUTING]
    return hashlib.sha256(b"\x1f".join(code)).hexdigest()


def _delivered(lake: Lake) -> list[Delivery]:
    """What departments delivered. Our own queue's records enter no feature, so they change no matrix."""
    return [row for row in lake.deliveries() if row.department != Department.REVIEW.value]


def build(lake: Lake, profile: Profile, today: date, folder: Path, progress: Callable[[str], None]) -> Built:
    """Write the matrix of every round up to `today`; the same lake and declarations write nothing."""
    dates = rounds_covered(lake, profile, today)
    made_from = fingerprint(lake, profile, dates)
    note = folder / "built.json"
    if note.is_file():
        built = json.loads(note.read_text(encoding="utf-8"))
        if built["made_from"] == made_from:
            return Built(tuple(dates), built["rows"], built["in_scope"], built["left_out"], reused=True)
        note.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.parquet"):
        path.unlink()
    tables = lake.tables()
    silent = {as_of: lake.silent(as_of) for as_of in dates}
    engine = Engine(tables)
    try:
        progress(f"who is in scope on {len(dates)} dates")
        people = pd.concat([cohort(tables, as_of, profile) for as_of in dates], ignore_index=True)
        progress(f"{len(FEATURES)} features for {len(people):,} rows")
        features = engine.matrix(people[["child_key", "as_of"]], FEATURES, silent)
    finally:
        engine.close()
    # Age is both a fact of the cohort and a feature; the matrix keeps the feature, silence included.
    about = people.drop(columns=[feature.name for feature in FEATURES if feature.name in people])
    heard = pd.DataFrame([heard_days(lake, as_of) for as_of in dates], index=dates)
    matrix = pd.concat(
        [
            about,
            features.drop(columns=["child_key", "as_of"]),
            heard.loc[people["as_of"]].set_index(people.index),
        ],
        axis=1,
    )
    for as_of, rows in matrix.groupby("as_of"):
        rows.to_parquet(folder / f"{as_of}.parquet", index=False)
    newest = people.loc[~people["eligible"] & (people["as_of"] == dates[-1]), "reason"]
    left_out = {str(reason): int(count) for reason, count in newest.value_counts().items()}
    counts = {"rows": len(matrix), "in_scope": int(matrix["eligible"].sum()), "left_out": left_out}
    kept = {str(as_of): sorted(names) for as_of, names in silent.items()}
    text = json.dumps({"made_from": made_from, "silent": kept, **counts}, indent=1)
    note.write_text(text + "\n", encoding="utf-8")
    return Built(tuple(dates), len(matrix), int(matrix["eligible"].sum()), left_out, reused=False)


def read_matrix(folder: Path, as_of: date) -> pd.DataFrame:
    """The matrix of one round; NothingToBuild if it was never built."""
    path = folder / f"{as_of}.parquet"
    if not path.is_file():
        raise NothingToBuild(f"No matrix was built for {as_of}: run python -m features build.")
    return pd.read_parquet(path)
