"""Children whose records are made by hand, for the lists that go to a person: as records and as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from features.questions import records_frame
from features.reference import Record
from features.sources import source_named

Children = Mapping[str, Mapping[str, Sequence[Record]]]


def tables_of(children: Children) -> dict[str, pd.DataFrame]:
    """Child → source name → records, as the tables of a lake."""
    names = dict.fromkeys(name for records in children.values() for name in records)
    return {
        name: records_frame(
            {child: list(records[name]) for child, records in children.items() if name in records},
            source_named(name),
        )
        for name in names
    }


def people_of(ages: Mapping[str, float]) -> pd.DataFrame:
    """A cohort of these children in one area."""
    return pd.DataFrame(
        {"child_key": list(ages), "age_years": list(ages.values()), "area_code": "330109001001"}
    )
