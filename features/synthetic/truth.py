"""The planted truth, written apart from the deliveries. No step of the pipeline reads it.

children.parquet   who they are: ID number, household, dates, what the police were told
rounds.parquet     child x as-of date: severities, circumstances, chance of a new fact in the label window,
                   what a visit would find
months.parquet     child x month: severities
facts.parquet      every fact of an outcome, known to a department or not yet
records.parquet    every record that does not say plainly whose it is: the child meant, and what hides it
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from features.synthetic.names import COUNTY
from features.synthetic.people import NEVER
from features.synthetic.records import County, Records
from features.synthetic.timeline import Array

GAP_DAYS, HORIZON_DAYS = 30, 180
BELOW_YEARS, MINIMUM_DAYS = 16, 183
SDQ_AGES = (4, 16)
FILES = ("children", "rounds", "months", "facts", "records")


def write_truth(
    folder: Path, county: County, facts: dict[str, list[Records]], hidden: list[pd.DataFrame]
) -> None:
    """Write the five tables."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = (
        _children(county), _rounds(county), _months(county), _facts(county, facts),
        pd.concat(hidden, ignore_index=True),
    )  # fmt: skip
    for name, table in zip(FILES, tables, strict=True):
        table.to_parquet(folder / f"{name}.parquet", index=False)


def _children(county: County) -> pd.DataFrame:
    people = county.people
    return pd.DataFrame(
        {
            "child": np.arange(people.children),
            "id_number": people.id_number,
            "household": people.household,
            "birth_on": people.birth,
            "arrived_on": people.arrived,
            "ends_on": people.ends,
            "girl": people.girl,
            "hukou_area": people.hukou_area,
            "standing": people.standing[people.household],
            "twin": people.twin,
            "renamed_on": np.where(people.renamed < NEVER, people.renamed, np.datetime64("NaT", "D")),
        }
    )


def window_risk(county: County, as_of: date) -> tuple[Array, Array]:
    """Chances of a new psychological and a new guardianship fact in the label window of a date.

    Given how severe each month of the window is, but not what is established in it: the sharpest
    forecast there could be.
    """
    first = np.datetime64(as_of + timedelta(days=GAP_DAYS), "D")
    last = np.datetime64(as_of + timedelta(days=GAP_DAYS + HORIZON_DAYS), "D")
    starts, lengths = county.timeline.month_starts, county.timeline.month_lengths
    overlap = np.minimum(starts + lengths, last) - np.maximum(starts, first)
    share = np.clip(overlap.astype(int), 0, None) / lengths
    hazards = county.established.hazards
    before = county.established.last_before(county.timeline.month_of(as_of))
    spared = np.ones((2, county.people.children))
    for month in np.flatnonzero(share):
        channels = hazards.chances(int(month), before)
        for place, psychological in enumerate((True, False)):
            spared[place] *= (1 - hazards.of_any(channels, int(month), psychological)) ** share[month]
    return 1 - spared[0], 1 - spared[1]


def _rounds(county: County) -> pd.DataFrame:
    people, established, severity = county.people, county.established, county.preset.severity
    away = np.array([area[:4] != COUNTY[:4] for area in people.hukou_area])
    tables = []
    (looked,) = county.rng.spawn(1)
    for as_of in county.timeline.rounds():
        day = np.datetime64(as_of, "D")
        month = county.timeline.month_of(as_of) - 1
        psychological, guardianship = window_risk(county, as_of)
        age = (day - people.birth).astype(int) / 365.25
        here = (people.arrived <= day) & (people.ends > day)
        rows = np.flatnonzero(here)
        table = {
            "child": rows,
            "id_number": people.id_number[rows],
            "household": people.household[rows],
            "as_of": np.full(len(rows), day),
            "age_years": age[rows],
            "in_scope": ((age < BELOW_YEARS) & ((day - people.arrived).astype(int) >= MINIMUM_DAYS) & away)[
                rows
            ],
            "psychological_severity": established.severity.psychological[rows, month],
            "guardianship_severity": established.severity.guardianship[rows, month],
            "psychological_risk": psychological[rows],
            "guardianship_risk": guardianship[rows],
        }
        answered = table["psychological_severity"] + severity.rater_spread * county.rng.standard_normal(
            len(rows)
        )
        asked = (age[rows] >= SDQ_AGES[0]) & (age[rows] < SDQ_AGES[1])
        table["sdq_abnormal"] = np.where(asked, answered > severity.positive_cut, np.nan)
        # What a visit would find of every child; in life only those visited ever have it.
        for name, cut in zip(("psychological", "guardianship"), severity.visit_cuts, strict=True):
            seen = table[f"{name}_severity"] + severity.visitor_spread * looked.standard_normal(len(rows))
            table[f"{name}_visit_finds"] = seen > cut
        for name, state in established.severity.covariates.items():
            table[name] = np.broadcast_to(state, county.life.present.shape)[rows, month]
        tables.append(pd.DataFrame(table))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame({"child": []})


def _months(county: County) -> pd.DataFrame:
    established = county.established
    child, month = np.nonzero(county.life.present)
    return pd.DataFrame(
        {
            "child": child.astype(np.int32),
            "month_on": county.timeline.month_starts[month],
            "psychological_severity": established.severity.psychological[child, month].astype(np.float32),
            "guardianship_severity": established.severity.guardianship[child, month].astype(np.float32),
        }
    )


def _facts(county: County, facts: dict[str, list[Records]]) -> pd.DataFrame:
    tables = [
        pd.DataFrame(
            {
                "child": records.child,
                "id_number": county.people.id_number[records.child],
                "outcome": outcome,
                "source": records.source.name,
                "occurred_on": records.occurred,
            }
        )
        for outcome, several in facts.items()
        for records in several
    ]
    return pd.concat(tables, ignore_index=True)
