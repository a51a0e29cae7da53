"""底数不清: children whom a department has seen and the roster does not hold.

The cohort is drawn from one declared source: who is not in it is never screened, however much others
know. Listed are children with records of the last two years and none in that source, and children of
the cohort whose area nobody can tell. Point in time as everything: by what was known before the date.
The lists go to a person who finds out; nothing is added to the roster by a machine.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from features.areas import LENGTHS, area_titles
from features.cohort import cohort
from features.identity import IdentityStore, masked_name
from features.jurisdiction import Profile
from features.lake import Lake
from features.language import Department, Source, Text
from features.offline_page import write_page, write_text
from features.sources import Education, Police, source_named

# A child last seen longer ago has most likely left.
SEEN_WITHIN_DAYS = 730
_SHOWN = 200
_NOWHERE = ""


@dataclass(frozen=True)
class Roster:
    """A source that says who is here. Only the first is what the cohort is drawn from."""

    source: Source
    why: Text


ROSTERS = (
    Roster(
        Police.residence,
        Text(
            "在册儿童由此得出：现住地、户籍地与来本地日期",
            "The cohort is drawn from it: where the child lives and since when",
        ),
    ),
    Roster(
        Education.enrolments,
        Text(
            "在读而未登记居住的，学校知道其住处",
            "Who is at school and not registered: the school knows where it lives",
        ),
    ),
)


@dataclass(frozen=True)
class Unlisted:
    """A child the roster does not hold: who saw it, how often, when, and where if anybody says."""

    child_key: str
    name: str
    departments: tuple[str, ...]
    sources: tuple[str, ...]
    records: int
    first_seen: date
    last_seen: date
    on_school_roll: bool
    area_code: str


@dataclass(frozen=True)
class NoArea:
    """A child of the cohort's source whose area cannot be told, and why."""

    child_key: str
    name: str
    area_code: str
    why: str


@dataclass(frozen=True)
class RosterReport:
    """Both lists on a date, and how many children the roster holds."""

    as_of: date
    simulated: bool
    on_roster: int
    unlisted: tuple[Unlisted, ...]
    no_area: tuple[NoArea, ...]

    @property
    def by_department(self) -> dict[str, int]:
        """How many unlisted children each department has seen; a child may count for several."""
        return dict(Counter(name for each in self.unlisted for name in each.departments).most_common())

    @property
    def by_area(self) -> dict[str, int]:
        """How many unlisted children by town (nine digits), empty where nobody says."""
        return dict(Counter(each.area_code[: LENGTHS[0]] for each in self.unlisted).most_common())

    def lines(self) -> tuple[str, ...]:
        """The counts in words."""
        mark = "simulated: " if self.simulated else ""
        alone = sum(len(each.departments) == 1 for each in self.unlisted)
        enrolled = sum(each.on_school_roll for each in self.unlisted)
        missing = f"{len(self.unlisted):,}; by one only: {alone:,}; on a school roll: {enrolled:,}"
        return (
            f"{mark}{self.on_roster:,} children on the roster before {self.as_of}",
            f"{mark}seen by a department and not on it: {missing}",
            f"{mark}on it and area not to be told: {len(self.no_area):,}",
        )


def roster_gaps(
    lake: Lake,
    identity: IdentityStore,
    profile: Profile,
    areas: Mapping[str, Text],
    as_of: date,
    *,
    simulated: bool,
) -> RosterReport:
    """Who is missing from the roster on a date, and whose area cannot be told."""
    seen: dict[str, dict[str, tuple[int, date, date]]] = {}
    where: dict[str, tuple[date, str]] = {}
    with duckdb.connect(config={"temp_directory": ""}) as connection:
        for name, path in lake.tables().items():
            source = source_named(name)
            if source.department is Department.REVIEW:
                continue
            for child, records, first, last in _counts(connection, path, as_of):
                seen.setdefault(child, {})[name] = (records, first, last)
            if any(column.name == "area_code" for column in source.lake_columns):
                for child, day, code in _areas(connection, path, as_of):
                    where[child] = max(where.get(child, (day, code)), (day, code))
    first_roster, second = (roster.source.name for roster in ROSTERS)
    missing = {
        child: by_source
        for child, by_source in seen.items()
        if first_roster not in by_source
        and max(last for _, _, last in by_source.values()) >= as_of - timedelta(days=SEEN_WITHIN_DAYS)
    }
    lost = _without_area(lake, profile, areas, as_of)
    names = {key: masked_name(name) for key, name in identity.names({*missing, *lost}).items()}
    unlisted = [
        Unlisted(
            child_key=child,
            name=names.get(child, "*"),
            departments=tuple(dict.fromkeys(source_named(name).department.value for name in by_source)),
            sources=tuple(by_source),
            records=sum(records for records, _, _ in by_source.values()),
            first_seen=min(first for _, first, _ in by_source.values()),
            last_seen=max(last for _, _, last in by_source.values()),
            on_school_roll=second in by_source,
            area_code=where.get(child, (as_of, _NOWHERE))[1],
        )
        for child, by_source in missing.items()
    ]
    unlisted.sort(key=lambda each: (-each.last_seen.toordinal(), each.child_key))
    return RosterReport(
        as_of=as_of,
        simulated=simulated,
        on_roster=sum(first_roster in by_source for by_source in seen.values()),
        unlisted=tuple(unlisted),
        no_area=tuple(
            NoArea(child, names.get(child, "*"), code, why) for child, (code, why) in sorted(lost.items())
        ),
    )


_STANDING = (
    "from read_parquet($file) where known_on < $as_of and occurred_on < $as_of"
    " and (superseded_on is null or superseded_on >= $as_of)"
)


def _counts(
    connection: duckdb.DuckDBPyConnection, path: Path, as_of: date
) -> list[tuple[str, int, date, date]]:
    return connection.execute(
        "select child_key, count(*), min(occurred_on), max(occurred_on)"  # text of this module
        f" {_STANDING} group by child_key order by child_key",
        {"file": str(path), "as_of": as_of},
    ).fetchall()


def _areas(connection: duckdb.DuckDBPyConnection, path: Path, as_of: date) -> list[tuple[str, date, str]]:
    return connection.execute(
        "select child_key, max(occurred_on), max_by(area_code, ordinal)"  # text of this module
        f" {_STANDING} and area_code is not null group by child_key order by child_key",
        {"file": str(path), "as_of": as_of},
    ).fetchall()


def _without_area(
    lake: Lake, profile: Profile, areas: Mapping[str, Text], as_of: date
) -> dict[str, tuple[str, str]]:
    """Children of the cohort who still live here, whose area says too little, with its code and why."""
    title = area_titles(areas)
    lost = {}
    for row in cohort(lake.tables(), as_of, profile).to_dict("records"):
        code = str(row["area_code"] or "")
        if row["reason"] in ("left", "over_age"):
            continue
        if len(code) < LENGTHS[0] or not code.isdigit():
            lost[str(row["child_key"])] = (code, "too_short")
        elif areas and title(code) is None:
            lost[str(row["child_key"])] = (code, "unknown_code")
        elif row["reason"] == "cannot_tell_area":
            lost[str(row["child_key"])] = (code, "district_rule")
    return lost


def write_roster(report: RosterReport, areas: Mapping[str, Text], folder: Path) -> list[Path]:
    """Write `roster.csv` (the children), `roster.json` (all) and `roster.html` (both languages)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(Unlisted.__dataclass_fields__)
    for each in report.unlisted:
        writer.writerow([" ".join(value) if isinstance(value, tuple) else value for value in _cells(each)])
    said: dict[str, Any] = {
        **asdict(report), "by_department": report.by_department, "by_area": report.by_area
    }  # fmt: skip
    titles = area_titles(areas)
    return [
        # A mark at the beginning, by which spreadsheets know that this is UTF-8.
        write_text(folder / "roster.csv", "\ufeff" + text.getvalue()),
        write_text(
            folder / "roster.json", json.dumps(said, ensure_ascii=False, indent=1, default=str) + "\n"
        ),
        write_page(
            "roster.html",
            folder,
            report=report,
            rosters=ROSTERS,
            departments={department.value: department.title for department in Department},
            source_named=source_named,
            area=titles,
            shown=_SHOWN,
            within=SEEN_WITHIN_DAYS,
            why=WHY,
        ),
    ]


WHY = {
    "too_short": Text("区划代码不到乡镇", "The code does not reach the town"),
    "unknown_code": Text("区划表里没有此代码", "The table of areas has no such code"),
    "district_rule": Text(
        "市内跨区，中心城区范围未配置",
        "Moved between districts of one city, and no central districts are named",
    ),
}


def _cells(each: Unlisted) -> list[object]:
    return list(vars(each).values())


__all__ = ["ROSTERS", "NoArea", "Roster", "RosterReport", "Unlisted", "roster_gaps", "write_roster"]
