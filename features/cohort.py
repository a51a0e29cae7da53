"""Who is screened on a date: children registered here, judged by the jurisdiction's profile.

Every child with a residence record known before the as-of date gets a row and a reason, so that
nobody leaves the list without a word; only rows with `eligible` are screened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from features.jurisdiction import Profile, ProfileUnknown
from features.reference import Record, standing

COLUMNS = (
    "child_key",
    "as_of",
    "eligible",
    "reason",
    "age_years",
    "sex",
    "area_code",
    "school_type",
    "stage",
)

# The latest standing record of each child as of the date, as the reference engine defines standing.
_LATEST = """
    select * exclude (place) from (
        select *, row_number() over (partition by child_key order by ordinal desc) as place
        from {table}
        where known_on < $as_of and (superseded_on is null or superseded_on >= $as_of)
          and occurred_on < $as_of {only}
    ) where place = 1
"""


def cohort(
    tables: Mapping[str, Path | pd.DataFrame],
    as_of: date,
    profile: Profile,
    child_keys: tuple[str, ...] = (),
    connection: duckdb.DuckDBPyConnection | None = None,
) -> pd.DataFrame:
    """One row a child known on `as_of`, sorted by child key, with COLUMNS.

    `tables` maps source names to compacted records, as for the engine. With `child_keys` only those
    children are looked at. A child without a residence record has no row. `connection`: one to use;
    opening one for a single child would take longer than answering.
    """
    if "residence" not in tables:
        return pd.DataFrame({column: pd.Series(dtype="object") for column in COLUMNS})
    if connection is None:
        with duckdb.connect() as own:
            return cohort(tables, as_of, profile, child_keys, own)
    residence = _latest(connection, tables["residence"], as_of, child_keys)
    schooling: Mapping[Any, Mapping[Any, Any]] = {}
    if "enrolments" in tables:
        latest = _latest(connection, tables["enrolments"], as_of, child_keys)
        schooling = latest.set_index("child_key")[["school_type", "stage"]].to_dict(orient="index")
    return _people(residence, schooling, as_of, profile)


@dataclass(frozen=True)
class Judged:
    """One child of a cohort: in scope, or the code of why not, and where it lives."""

    child_key: str
    eligible: bool
    reason: str
    area_code: str


def judged(people: pd.DataFrame) -> list[Judged]:
    """The rows of a cohort."""
    columns = (people[name] for name in ("child_key", "eligible", "reason", "area_code"))
    return [
        Judged(str(key), bool(eligible), str(reason), "" if area is None else str(area))
        for key, eligible, reason, area in zip(*columns, strict=True)
    ]


def judged_among(
    records: Mapping[str, Mapping[str, Sequence[Record]]], as_of: date, profile: Profile
) -> list[Judged]:
    """The same for children whose records are at hand, by source and child; a query would take longer."""
    found = []
    for key, each in sorted(records.get("residence", {}).items()):
        known = [record for record in standing(each, as_of) if record.occurred_on < as_of]
        if known:
            latest = known[-1].values
            reason = _reason(latest, as_of, profile)
            area = latest["area_code"]
            found.append(Judged(key, reason == "eligible", reason, "" if area is None else str(area)))
    return found


def _people(
    residence: pd.DataFrame,
    schooling: Mapping[Any, Mapping[Any, Any]],
    as_of: date,
    profile: Profile,
) -> pd.DataFrame:
    residence["birth_on"] = pd.to_datetime(residence["birth_on"])
    stamp = pd.Timestamp(as_of)
    frame = pd.DataFrame(
        {
            "child_key": residence["child_key"],
            "as_of": [as_of] * len(residence),
            "age_years": (stamp - residence["birth_on"]).dt.days / 365.25,
            "sex": residence["sex"],
            "area_code": residence["area_code"],
        }
    )
    frame["reason"] = [
        _reason(row, as_of, profile) for row in residence.astype(object).to_dict(orient="records")
    ]
    frame["eligible"] = frame["reason"] == "eligible"
    for column in ("school_type", "stage"):
        frame[column] = [schooling.get(key, {}).get(column) for key in frame["child_key"]]
    return frame[list(COLUMNS)].sort_values("child_key", ignore_index=True)


def _latest(
    connection: duckdb.DuckDBPyConnection,
    table: Path | pd.DataFrame,
    as_of: date,
    child_keys: tuple[str, ...],
) -> pd.DataFrame:
    parameters: dict[str, object] = {"as_of": as_of}
    only = ""
    if child_keys:
        only = "and child_key in (select unnest($keys))"
        parameters["keys"] = list(child_keys)
    if isinstance(table, Path):
        parameters["file"] = str(table)
        name = "read_parquet($file)"
    else:
        connection.register("given", table)
        name = "given"
    return connection.execute(_LATEST.format(table=name, only=only), parameters).df()


def _reason(row: Mapping[Any, object], as_of: date, profile: Profile) -> str:
    birth_on, arrived_on = _day(row["birth_on"]), _day(row["arrived_on"])
    left_on = _day(row["left_on"])
    if left_on is not None and left_on < as_of:
        return "left"
    if birth_on is None or arrived_on is None:
        return "no_residence"
    if _birthday(birth_on, profile.below_years) <= as_of:
        return "over_age"
    here, home = str(row["area_code"]), str(row["hukou_area"])
    length = {"county": 6, "city": 4}[profile.crossing]
    if here[:length] == home[:length]:
        return f"same_{profile.crossing}"
    if profile.excludes_same_city_districts and here[:4] == home[:4]:
        try:
            central = profile.central_districts
        except ProfileUnknown:
            return "cannot_tell_area"
        if {here[:6], home[:6]} <= central:
            return "same_county"
    if (as_of - arrived_on).days < profile.minimum_days:
        return "too_recent"
    return "eligible"


def _day(value: object) -> date | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()  # type: ignore[call-overload,arg-type]  # a cell of a date column


def _birthday(birth_on: date, years: int) -> date:
    try:
        return birth_on.replace(year=birth_on.year + years)
    except ValueError:  # born on 29 February: of age on 1 March
        return date(birth_on.year + years, 3, 1)
