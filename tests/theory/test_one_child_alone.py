"""Does a child of the county, screened alone while somebody waits, get the bits it got with the county?"""

from datetime import timedelta

import pandas as pd
import pytest

from features.catalogue import FEATURES
from features.child_records import RecordReader
from features.cohort import cohort, judged, judged_among
from features.engine import Engine
from features.jurisdiction import load_profile
from features.pandas_engine import PandasEngine
from features.reference_engine import ReferenceEngine
from features.sources import source_named
from tests.support_county import UNTIL
from tests.support_lake import county_in_lake

pytestmark = pytest.mark.slow
CHILDREN = 200
DAYS = (UNTIL - timedelta(days=30), UNTIL - timedelta(days=400))


def test_two_hundred_children_alone_get_the_values_and_the_scope_they_got_together(tmp_path):
    lake = county_in_lake(tmp_path, children=CHILDREN)
    tables, profile = lake.tables(), load_profile("hangzhou")
    reader = RecordReader({source_named(name): path for name, path in tables.items()})
    for day in DAYS:
        silent = {day: lake.silent(day)}
        people = cohort(tables, day, profile).head(CHILDREN)
        rows = people[["child_key", "as_of"]]
        with Engine(tables, threads=1) as engine:
            together = engine.matrix(rows, FEATURES, silent)

        alone, scope = [], []
        for place in range(len(rows)):
            records = reader.standing([rows["child_key"].iloc[place]], day)
            engine_of_one = ReferenceEngine(records, day, tables)
            alone.append(engine_of_one.matrix(rows.iloc[[place]], FEATURES, silent))
            scope += judged_among(records, day, profile)

        pd.testing.assert_frame_equal(pd.concat(alone), together, check_exact=True)
        assert scope == judged(people)
        pd.testing.assert_frame_equal(
            PandasEngine(tables).matrix(rows, FEATURES, silent), together, check_exact=True
        )
        assert len(rows) > CHILDREN / 2
    reader.close()
