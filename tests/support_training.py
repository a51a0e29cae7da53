"""A data home small enough to train on in seconds: a lake, its matrices, and outcomes whose cause we chose."""

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from features.catalogue import FEATURES
from features.engine import Engine
from features.lake import Delivery, Lake
from features.language import Department
from features.sources import SOURCES, source_named
from tests.support_models import AREAS, DATES, child

CHILDREN = 700
SEEN_UNTIL = date(2026, 10, 25)


def deliver(lake: Lake, source_name: str, rows: list[dict]) -> None:
    source = source_named(source_name)
    frame = pd.DataFrame(rows)
    number = len(rows)
    lake.append(
        source,
        frame,
        Delivery(
            delivery=f"{source_name}-1", source=source_name, department=source.department.value,
            received_on=SEEN_UNTIL, history=True, file=f"{source_name}.csv", sha256="0" * 64,
            delivered=number, accepted=number, quarantined=0, unresolved=0,
            heard_from=date(2019, 1, 1), heard_to=SEEN_UNTIL,
        ),
    )  # fmt: skip


def rows_of(rng: np.random.Generator, prefix: str, per_half_year: float, delay: int, **values) -> list[dict]:
    """Records strewn over children and half-years; a value that is a list is drawn from."""
    made = []
    for number in range(CHILDREN):
        for as_of in DATES:
            for _ in range(rng.poisson(per_half_year)):
                happened = as_of - timedelta(days=int(rng.integers(delay + 1, 180)))
                drawn = {k: rng.choice(v) if isinstance(v, list) else v for k, v in values.items()}
                made.append(
                    {
                        "child_key": child(number), "record_id": f"{prefix}{len(made)}", "version": 1,
                        "occurred_on": happened, "known_on": happened + timedelta(days=delay),
                        "delivery": "-", **drawn,
                    }
                )  # fmt: skip
    return made


def make_training_home(folder: Path) -> Path:
    """A data home whose outcomes follow from absences, bullying and divorce; the other departments are quiet."""
    rng = np.random.default_rng(11)
    lake = Lake(folder / "lake")
    told = {
        "absences": rows_of(rng, "a", 0.5, 5, kind=["unexplained", "sick"], sessions=6.0),
        "bullying_reports": rows_of(rng, "b", 0.2, 5, severity=["minor", "serious"]),
        "household_changes": rows_of(rng, "h", 0.1, 5, kind=["divorced", "remarried"]),
        "residence": [
            {
                "child_key": child(number), "record_id": f"p{number}", "version": 1,
                "occurred_on": date(2019, 3, 1), "known_on": date(2019, 3, 8), "delivery": "-",
                "birth_on": date(2012, 1, 1) + timedelta(days=number), "sex": "female",
                "area_code": f"{AREAS[number % 4]}001", "hukou_area": "522601", "arrived_on": date(2018, 1, 1),
            }
            for number in range(CHILDREN)
        ],
    }  # fmt: skip
    for name, rows in told.items():
        deliver(lake, name, rows)
    rest = [s for s in SOURCES if s.department is not Department.REVIEW and s.name not in told]
    outcomes = ("visits", "admonitions")
    for source in rest:
        if source.name not in outcomes:
            deliver(lake, source.name, [])
    lake.compact()
    keys = pd.DataFrame({"child_key": [child(n) for n in range(CHILDREN)] * len(DATES)})
    keys["as_of"] = [day for day in DATES for _ in range(CHILDREN)]
    values = matrix_of(lake, keys)
    odds = -3.0 + 0.8 * values["absences_unexplained_90d"] + 1.2 * values["bullied_365d"]
    odds += 1.0 * values["parents_divorced_730d"]
    for name, extra in (
        ("visits", {"block": "F30-F39", "setting": "outpatient"}),
        ("admonitions", {"victim": "child"}),
    ):
        happened = rng.random(len(keys)) < 1 / (1 + np.exp(-odds.to_numpy()))
        rows = [
            {
                "child_key": keys["child_key"][place], "record_id": f"{name}{place}", "version": 1,
                "occurred_on": keys["as_of"][place] + timedelta(days=30 + int(rng.integers(0, 140))),
                "known_on": keys["as_of"][place] + timedelta(days=210), "delivery": "-", **extra,
            }
            for place in np.flatnonzero(happened)
        ]  # fmt: skip
        deliver(lake, name, rows)
    lake.compact()
    write_matrices(folder, keys, matrix_of(lake, keys))
    return folder


def matrix_of(lake: Lake, keys: pd.DataFrame) -> pd.DataFrame:
    silent = {day: lake.silent(day) for day in DATES}
    with Engine(lake.tables(), threads=2) as engine:
        return engine.matrix(keys, FEATURES, silent)


def write_matrices(folder: Path, keys: pd.DataFrame, values: pd.DataFrame) -> None:
    (folder / "matrices").mkdir(exist_ok=True)
    about = keys.assign(
        eligible=True, reason="eligible", sex="female", school_type="public", stage="primary",
        area_code=[f"{AREAS[int(key[1:]) % 4]}001" for key in keys["child_key"]],
    )  # fmt: skip
    matrix = pd.concat([about, values.drop(columns=["child_key", "as_of"])], axis=1)
    for as_of, rows in matrix.groupby("as_of"):
        rows.to_parquet(folder / "matrices" / f"{as_of}.parquet", index=False)
    silent = {str(day): [] for day in DATES}
    (folder / "matrices" / "built.json").write_text(json.dumps({"silent": silent}), encoding="utf-8")
