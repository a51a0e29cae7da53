"""Which delivery a record goes out with, what is corrected later, and the files themselves."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.language import (
    GUARDIAN_NAME,
    GUARDIAN_PHONE,
    HOUSEHOLD_NUMBER,
    Column,
    Department,
    Kind,
    Source,
)
from features.synthetic.dirt import spoil
from features.synthetic.exports import (
    COLUMN_LACKING,
    FILE_LACKING,
    PARQUET,
    STYLES,
    column_title,
    file_name,
    folder_name,
    written,
)
from features.synthetic.guardians import ASKED_FIRST
from features.synthetic.people import People, household_numbers, student_numbers
from features.synthetic.preset import Paperwork
from features.synthetic.records import County, Records
from features.synthetic.timeline import Array, Timeline

# A history load already holds the corrected value, save for what was written down this shortly before.
CORRECTED_WITHIN_DAYS = 200
# Who writes down a caller, a neighbour's word or a form filled in by hand often has no number.
WITHOUT_NUMBERS = frozenset({Department.GRID, Department.WOMEN_YOUTH})
GUARDIAN_UNTOLD = 0.06
UNKNOWN_FILE = (
    Department.EDUCATION,
    "食堂就餐统计.csv",
    "学校,月份,就餐人次\n第一小学,2,18234\n第二小学,2,20911\n",
)


@dataclass(frozen=True)
class Sent:
    """What was written for one source; `hidden` are the records that do not say plainly whose they are."""

    rows: int
    files: int
    corrected: int
    late: int
    spoiled: dict[str, int]
    hidden: pd.DataFrame


def calendar(timeline: Timeline, department: Department) -> tuple[date, ...]:
    """All delivery days of a department; the first is the history load."""
    return (timeline.history_on(department), *timeline.quarters(department))


def folder_of(root: Path, department: Department, timeline: Timeline, place: int) -> Path:
    """The folder of the `place`-th delivery."""
    day = calendar(timeline, department)[place]
    return root / folder_name(department) / (f"{day}-history" if place == 0 else str(day))


def place_in(county: County, records: Records) -> tuple[Array, int]:
    """Index of the delivery each record goes out with (len = never), and how many were held back."""
    paperwork, rng = county.preset.paperwork, county.rng
    days = np.array(calendar(county.timeline, records.source.department), dtype="datetime64[D]")
    in_history = records.recorded + records.source.delay_days <= days[0]
    place = np.where(in_history, 0, np.maximum(np.searchsorted(days, records.recorded, side="right"), 1))
    draw = rng.random(len(place))
    held = np.where(
        draw < paperwork.held_twice, 2, np.where(draw < paperwork.held_twice + paperwork.held_once, 1, 0)
    )
    held = np.where(place == 0, 0, held)
    place = place + held
    return place, int(((held > 0) & (place < len(days))).sum())


@dataclass(frozen=True)
class _Versions:
    rows: Array
    place: Array
    recorded: Array
    occurred: Array
    values: dict[str, Array]
    corrected: int


def _versions(county: County, records: Records, place: Array) -> _Versions:
    """Every delivered version: a few records went out wrong first and right later."""
    rng, paperwork = county.rng, county.preset.paperwork
    days = np.array(calendar(county.timeline, records.source.department), dtype="datetime64[D]")
    count = len(records.child)
    later = place + 1 + rng.integers(0, 3, count)
    recent = (place > 0) | (records.recorded > days[0] - CORRECTED_WITHIN_DAYS)
    again = np.flatnonzero((rng.random(count) < paperwork.corrected) & recent & (later < len(days)))
    corrected_on = days[later[again]] - rng.integers(1, 60, len(again))
    corrected_on = np.maximum(corrected_on, np.maximum(records.recorded[again], days[place[again]]))
    kept = np.flatnonzero(place < len(days))
    rows = np.concatenate([kept, again])
    occurred = records.occurred.copy()
    values = {name: cells.copy() for name, cells in records.values.items()}
    changeable = [column for column in records.source.delivered_columns if column.kind is Kind.CODE]
    by_code = rng.random(len(again)) < 0.6
    if changeable:
        column = changeable[int(rng.integers(0, len(changeable)))]
        wrong = again[by_code & (values[column.name][again] != "")]
        values[column.name][wrong] = _other(rng, column, values[column.name][wrong])
        by_date = again[~by_code]
    else:
        by_date = again
    shifted = records.occurred[by_date] - rng.integers(1, 15, len(by_date))
    earliest = np.maximum(county.people.arrived[records.child[by_date]], county.start)
    occurred[by_date] = np.where(shifted >= earliest, shifted, records.occurred[by_date])
    return _Versions(
        rows=rows,
        place=np.concatenate([place[kept], later[again]]),
        recorded=np.concatenate([records.recorded[kept], corrected_on]),
        occurred=np.concatenate([occurred[kept], records.occurred[again]]),
        values={
            name: np.concatenate([cells[kept], records.values[name][again]]) for name, cells in values.items()
        },
        corrected=len(again),
    )


def _other(rng: np.random.Generator, column: Column, values: Array) -> Array:
    codes = [code.value for code in column.codes]
    shift = rng.integers(1, len(codes), len(values))
    return np.array(
        [
            codes[(codes.index(str(value)) + int(step)) % len(codes)]
            for value, step in zip(values, shift, strict=True)
        ],
        dtype=object,
    )


def send(root: Path, county: County, records: Records, number: int) -> Sent:
    """Write every delivery of one source; a delivery without rows is a file with titles only."""
    source, people = records.source, county.people
    style = STYLES[source.department]
    place, late = place_in(county, records)
    versions = _versions(county, records, place)
    child = records.child[versions.rows]
    identity = people.id_number
    if style.lower_case_x:
        identity = np.array([text.lower() for text in identity], dtype=object)
    cells: dict[str, Array] = {
        "record_id": np.array([f"{number:02d}{row + 1:08d}" for row in versions.rows], dtype=object),
        "id_number": identity[child],
        "name": people.name_written(child, versions.recorded, source.department),
    }
    # What is drawn here has its own stream: it changes nothing that is recorded.
    (aside,) = county.rng.spawn(1)
    left_out = _numbers_left_out(aside, county, source, child)
    cells["id_number"] = np.where(left_out, "", cells["id_number"])
    if source in ASKED_FIRST:
        told = people.guardians.told(aside, source, people.household)
        silent = aside.random(people.children) < GUARDIAN_UNTOLD
        for column, known in zip((GUARDIAN_NAME, GUARDIAN_PHONE), told, strict=True):
            cells[column.name] = np.where(silent, "", known)[child]
    if HOUSEHOLD_NUMBER in source.columns:
        cells[HOUSEHOLD_NUMBER.name] = household_numbers(people)[child]
    for column in source.delivered_columns:
        if column.name == "occurred_on":
            cells[column.name] = written(column, versions.occurred, versions.place, style)
        elif column.name == "recorded_on":
            cells[column.name] = written(column, versions.recorded, versions.place, style)
        elif column.name == "student_number":
            cells[column.name] = student_numbers(people)[child]
        elif column.name not in cells:
            cells[column.name] = written(column, versions.values[column.name], versions.place, style)
    paperwork: Paperwork = county.preset.paperwork
    spoiled = spoil(
        county.rng, source, cells, versions.place, paperwork, county.timeline.until.year,
        people.guardians.id_number[people.household[child]],
    )  # fmt: skip
    days = calendar(county.timeline, source.department)
    order = np.argsort(spoiled.delivery, kind="stable")
    bounds = np.searchsorted(spoiled.delivery[order], np.arange(len(days) + 1))
    for position in range(len(days)):
        rows = order[bounds[position] : bounds[position + 1]]
        lacking = source is FILE_LACKING and position == len(days) - 2
        titles = {
            column.name: column_title(column, style)
            for column in source.delivered_columns
            if not (lacking and column.name == COLUMN_LACKING)
        }
        folder = folder_of(root, source.department, county.timeline, position)
        folder.mkdir(parents=True, exist_ok=True)
        _write(
            folder / file_name(source),
            source,
            {title: spoiled.cells[name][rows] for name, title in titles.items()},
        )
    return Sent(
        rows=len(spoiled.delivery),
        files=len(days),
        corrected=versions.corrected,
        late=late,
        spoiled=spoiled.counts,
        hidden=_hidden(source, people, child, cells["record_id"], spoiled.troubles, left_out),
    )


def _numbers_left_out(rng: np.random.Generator, county: County, source: Source, child: Array) -> Array:
    """Which rows come without the number of a child who has one."""
    share = county.preset.paperwork.number_left_out if source.department in WITHOUT_NUMBERS else 0.0
    left_out: Array = (rng.random(len(child)) < share) & (county.people.id_number[child] != "")
    return left_out


def _hidden(
    source: Source, people: People, child: Array, numbers: Array, troubles: dict[int, str], left_out: Array
) -> pd.DataFrame:
    """Records whose child has to be found: which one it really is, and what hides it."""
    why = np.full(len(child), "", dtype=object)
    why[people.id_number[child] == ""] = "no_number"
    why[left_out] = "number_left_out"
    why[list(troubles)] = list(troubles.values())
    rows = np.flatnonzero(why != "")
    return pd.DataFrame(
        {"source": source.name, "record_id": numbers[rows], "child": child[rows], "trouble": why[rows]}
    )


def _write(path: Path, source: Source, columns: dict[str, Array]) -> None:
    if source in PARQUET:
        cells = {
            title: pa.array([text or None for text in column], pa.string())
            for title, column in columns.items()
        }
        pq.write_table(pa.table(cells), path)
        return
    with path.open("w", encoding=STYLES[source.department].encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def send_unknown_file(root: Path, timeline: Timeline) -> Path:
    """A file nobody declared, as it happens: put by mistake into one delivery."""
    department, name, text = UNKNOWN_FILE
    place = len(calendar(timeline, department)) // 2
    path = folder_of(root, department, timeline, place) / name
    path.write_text(text, encoding=STYLES[department].encoding)
    return path
