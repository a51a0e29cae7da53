"""Builders for the service's tests: a small lake of made-up records, screeners fitted on noise, a data home.

Nothing here is a child: keys, numbers and records come from a seed and from the declarations alone.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd

from features.identity import IdentityStore, read_or_make_key
from features.jurisdiction import load_profile
from features.lake import Delivery, Lake
from features.language import Column, Department, Kind, Source
from features.outcomes import OUTCOMES
from features.settings import Settings
from features.sources import SOURCES
from features.triggers import TRIGGERS
from models.calibration import Calibration
from models.champions import export_champion
from models.margins import Booster
from models.policy import Policy
from models.screener import Screener, Training
from models.screeners import SCREENERS
from serving import screening
from serving.review.store import Store

AS_OF = date(2026, 10, 1)
TODAY = date(2026, 10, 20)
NOW = datetime(2026, 10, 20, 4, 0, tzinfo=UTC)
AREAS = ("330109001001", "330109001002", "330109002001", "330109003001")
# Records that establish an outcome or trigger work; common ones would leave nobody to screen.
RARE = frozenset(
    fact.source.name
    for facts in (*(o.facts for o in OUTCOMES), *((t.fact,) for t in TRIGGERS))
    for fact in facts
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(number: int) -> str:
    """A well-formed number of nobody: the place code 999999 does not exist."""
    body = f"999999{2012 + number % 8:04d}0101{number % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def child_keys(settings: Settings, count: int) -> list[str]:
    """The keys of the first `count` made-up children under this data home's master key."""
    identity = IdentityStore.open(settings.identity_url, read_or_make_key(settings.key_file))
    try:
        identity.remember([(id_number(number), f"样例{number}") for number in range(count)])
        return [identity.child_key(id_number(number)) for number in range(count)]
    finally:
        identity.close()


def _value(column: Column, rng: Random, around: date) -> object:
    if not column.required and rng.random() < 0.2:
        return None
    if column.kind is Kind.CODE:
        return rng.choice(column.codes).value
    if column.kind is Kind.FLAG:
        return rng.choice(("yes", "no"))
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        low = 0 if column.minimum is None else column.minimum
        high = low + 10 if column.maximum is None else column.maximum
        value = rng.uniform(low, high)
        return float(round(value)) if column.kind is Kind.INTEGER else round(value, 2)
    if column.kind is Kind.DATE:
        return around - timedelta(days=rng.randrange(400))
    return "x"


def _residence(key: str, rng: Random) -> dict[str, object]:
    return {
        "birth_on": date(2011 + rng.randrange(9), 1 + rng.randrange(12), 1 + rng.randrange(28)),
        "sex": rng.choice(("male", "female")),
        "area_code": AREAS[int(hashlib.sha256(key.encode()).hexdigest(), 16) % len(AREAS)],
        "hukou_area": "341203",
        "arrived_on": date(2023, 3, 1),
        "left_on": None,
        "living_with": rng.choice(("both_parents", "grandparents", "mother")),
    }


def frame(source: Source, keys: Sequence[str], rng: Random, delivery: str) -> pd.DataFrame:
    """Some records of each child, most known on the day they occurred, some a month later."""
    rows = []
    for key in keys:
        some = int(rng.random() < 0.06) if source.name in RARE else rng.randrange(4)
        for number in range(1 if source.name == "residence" else some):
            occurred_on = AS_OF - timedelta(days=rng.randrange(1, 500))
            known_on = occurred_on + timedelta(days=rng.choice((0, 0, 3, 40)))
            values = {column.name: _value(column, rng, occurred_on) for column in source.lake_columns}
            if source.name == "residence":
                occurred_on = known_on = date(2023, 3, 2)
                values |= _residence(key, rng)
            record_id = hashlib.sha256(f"{source.name}{key}{number}".encode()).hexdigest()[:12]
            rows.append(
                {"child_key": key, "record_id": record_id, "version": 1, "occurred_on": occurred_on,
                 "known_on": known_on, "delivery": delivery, **values}
            )  # fmt: skip
    columns = ["child_key", "record_id", "version", "occurred_on", "known_on", "delivery"]
    return pd.DataFrame(rows, columns=[*columns, *(column.name for column in source.lake_columns)])


def delivery(source: Source, rows: int, name: str, heard_to: date) -> Delivery:
    """A ledger row of a delivery taken in whole."""
    return Delivery(
        delivery=name, source=source.name, department=source.department.value, received_on=heard_to,
        history=True, file="made up", sha256=hashlib.sha256(name.encode()).hexdigest(), delivered=rows,
        accepted=rows, quarantined=0, unresolved=0, heard_from=date(2023, 1, 1), heard_to=heard_to,
    )  # fmt: skip


def fill_lake(
    lake: Lake, keys: Sequence[str], seed: int = 1, quiet: Sequence[str] = ("hotline_calls",)
) -> None:
    """Records of every source for these children; sources in `quiet` were last heard two years ago."""
    rng = Random(seed)
    for source in SOURCES:
        if source.department is Department.REVIEW:
            continue
        name = f"2026-09-25-{source.name}"
        rows = frame(source, keys, rng, name)
        heard_to = date(2024, 9, 1) if source.name in quiet else date(2026, 9, 25)
        lake.append(source, rows, delivery(source, len(rows), name, heard_to))
    lake.compact()


def noise_screener(index: int, seed: int = 3) -> Screener:
    """A screener that learnt from noise: quick to fit, fine to serve, good for nothing else."""
    import lightgbm

    spec = SCREENERS[index]
    rng = np.random.default_rng(seed + index)
    values = rng.integers(0, 5, size=(400, len(spec.columns))).astype("float64")
    labels = (values[:, 0] + values[:, 1] + rng.normal(size=400) > 5).astype("float64")
    booster = lightgbm.train(
        {"objective": "binary", "num_leaves": 8, "num_threads": 1, "verbose": -1, "seed": 1,
         "monotone_constraints": list(spec.monotone), "deterministic": True},
        lightgbm.Dataset(values, label=labels),
        num_boost_round=20,
    )  # fmt: skip
    margins = np.sort(booster.predict(values, raw_score=True))
    day = date(2026, 1, 1)
    return Screener(
        spec,
        Booster(spec.columns, booster.model_to_string()),
        Calibration(0.8, -1.0, tuple((0.8 + shift, -1.0 - shift) for shift in (-0.1, 0.0, 0.1))),
        0.05,
        [float(margin) for margin in margins],
        Training(day, (day,), (day,), (day,), "data", "declarations", "code", simulated=True),
    )


def settings_at(home: Path) -> Settings:
    """Settings of a data home, and nothing from the environment."""
    return Settings.read({"MIAOHU_HOME": str(home), "MIAOHU_PORT": "3999"})


def make_home(home: Path, children: int = 40, champions: bool = True) -> list[str]:
    """A data home with identities, a lake and, if asked, champions. The children's keys."""
    settings = settings_at(home)
    keys = child_keys(settings, children)
    fill_lake(Lake(settings.lake), keys)
    if champions:
        for index in range(len(SCREENERS)):
            folder = home / "fitted" / SCREENERS[index].name
            noise_screener(index).save(folder)
            export_champion(folder, settings.champions)
    return keys


@cache
def _prepared(champions: bool) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="miaohu-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make_home(folder / "home", champions=champions)
    return folder / "home"


def copy_home(target: Path, champions: bool = True) -> Path:
    """A data home of one's own, copied from one that is made once for all tests of a run."""
    shutil.copytree(_prepared(champions), target)
    return target


def round_deps(home: Path, store: Store, champions: dict[str, Screener]) -> screening.Deps:
    """What a round needs, on this data home, at a fixed time."""
    settings = settings_at(home)
    return screening.Deps(
        lake=Lake(settings.lake),
        matrices=settings.matrices,
        profile=load_profile("hangzhou"),
        policy=Policy.read(),
        champions=champions,
        store=store,
        now=lambda: NOW,
    )
