"""How much can records alone tell about the simulated county? Something, and far from everything.

Records are put before the engine as they would be known, without the intake's losses; a booster and
a logistic regression are fitted on earlier rounds and judged on later ones. Far above 0.80 would
mean that the county is too easy, or that an outcome leaks into its own signals.
"""

from dataclasses import replace

import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.engine import Engine
from features.language import Kind
from features.synthetic import PRESETS
from features.synthetic.county import RECORDERS, simulate
from features.synthetic.deliveries import calendar, place_in
from models.screeners import SCREENERS
from tests.support_county import UNTIL, auroc, lake_values, oracle_rows, written_county

pytestmark = pytest.mark.slow

FIT_UNTIL, JUDGE_FROM = pd.Timestamp("2023-04-01"), pd.Timestamp("2025-04-01")
CHILDREN, YEARS, SEED = 6000, 6, 7


def _table(county, records, path):
    """The records of one source as compacted in a lake, every one in its first version."""
    place, _ = place_in(county, records)
    days = np.array(calendar(county.timeline, records.source.department), dtype="datetime64[D]")
    kept = np.flatnonzero((place < len(days)) & (county.people.id_number[records.child] != ""))
    kept = kept[np.lexsort((records.occurred[kept], records.child[kept]))]
    known = np.where(
        place == 0, records.recorded + records.source.delay_days, days[np.minimum(place, len(days) - 1)]
    )
    order = np.empty(len(kept), dtype=np.int64)
    order[np.lexsort((kept, known[kept], records.occurred[kept]))] = np.arange(len(kept))
    columns = {
        "child_key": pa.array([f"c{child}" for child in records.child[kept]]),
        "record_id": pa.array([str(row) for row in kept]),
        "version": pa.array(np.ones(len(kept), dtype=np.int64)),
        "occurred_on": pa.array(records.occurred[kept]),
        "known_on": pa.array(known[kept]),
        "delivery": pa.array(["first"] * len(kept)),
        "superseded_on": pa.array([None] * len(kept), pa.date32()),
        "ordinal": pa.array(order),
    }
    values = lake_values(records)
    for column in records.source.lake_columns:
        cells = values[column.name][kept]
        if column.kind in (Kind.INTEGER, Kind.NUMBER):
            columns[column.name] = pa.array(cells.astype(float), from_pandas=True)
        elif column.kind is Kind.DATE:
            columns[column.name] = pa.array(cells, from_pandas=True)
        else:
            columns[column.name] = pa.array([cell or None for cell in cells], pa.string())
    pq.write_table(pa.table(columns), path)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """For each outcome: features, labels and dates of all rows that count."""
    folder = tmp_path_factory.mktemp("county")
    truth = written_county(folder, CHILDREN, YEARS, seed=SEED).truth
    county = simulate(PRESETS["base"], CHILDREN, YEARS, UNTIL, SEED)
    tables = {}
    for number, recorder in enumerate(RECORDERS.values()):
        for records in recorder(replace(county, rng=np.random.default_rng(number))):
            path = folder / f"{records.source.name}.parquet"
            _table(county, records, path)
            tables[records.source.name] = path
    found = {}
    with Engine(tables) as engine:
        for spec in SCREENERS:
            rows = oracle_rows(truth, spec.outcome.name)
            rows = rows[~rows["already"] & (rows["id_number"] != "")].reset_index(drop=True)
            asked = pd.DataFrame(
                {"child_key": [f"c{child}" for child in rows["child"]], "as_of": rows["as_of"].dt.date}
            )
            heard = {as_of: frozenset() for as_of in set(asked["as_of"])}
            matrix = engine.matrix(asked, spec.features, heard)[list(spec.columns)]
            found[spec.outcome.name] = (spec, matrix, rows["happened"].to_numpy(), rows["as_of"])
    return found


@pytest.mark.parametrize("outcome", ["psychological", "guardianship"])
def test_records_alone_reach_what_studies_reach_without_questionnaires(judged, outcome):
    spec, matrix, happened, as_of = judged[outcome]
    fit, judge = (as_of <= FIT_UNTIL).to_numpy(), (as_of >= JUDGE_FROM).to_numpy()
    settings = {
        "objective": "binary", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 100,
        "feature_fraction": 0.5, "lambda_l2": 5.0, "monotone_constraints": list(spec.monotone),
        "verbose": -1, "seed": 1, "deterministic": True, "num_threads": 1,
    }  # fmt: skip
    booster = lightgbm.train(settings, lightgbm.Dataset(matrix[fit], happened[fit].astype(float)), 100)

    assert happened[fit].sum() > 400
    assert happened[judge].sum() > 200
    assert 0.68 < auroc(happened[judge], booster.predict(matrix[judge])) < 0.79


@pytest.mark.parametrize("outcome", ["psychological", "guardianship"])
def test_no_single_feature_tells_what_all_of_them_do(judged, outcome):
    _, matrix, happened, _ = judged[outcome]
    single = {
        name: auroc(happened, matrix[name].fillna(matrix[name].median()).fillna(0.0).to_numpy())
        for name in matrix.columns
    }
    best = max(max(reached, 1 - reached) for reached in single.values())

    assert 0.55 < best < 0.71
