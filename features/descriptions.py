"""What is said of a person, brought into the words linking compares: from a row's cells, from what is known.

A column takes part by its name alone, in whatever source it is declared: `birth_on`, `sex` and
`area_code` are the child's own, `guardian_name` and `guardian_phone` the guardian's. Columns that
identify are kept in the identity store only. The number of a household is kept there too, and compared with
nothing: brothers and sisters share it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice, product

import pandas as pd
import pyarrow.parquet as pq

from features.cells import UNREADABLE, plain, read_date, reader
from features.identity import IdentityError, IdentityStore, Known, normalise_id_number
from features.known import HOUSEHOLD
from features.lake import Lake
from features.language import Kind, Personal, Source
from features.link_store import LinkStore
from features.person_numbers import birth_in, is_adults, normalise_student_number, sex_in
from features.sources import source_named

FIELD_OF_COLUMN: Mapping[str, str] = {
    "id_number": "id_number",
    "name": "name",
    "birth_on": "birth_on",
    "sex": "sex",
    "area_code": "area_code",
    "guardian_name": "guardian",
    "guardian_phone": "phone",
    "student_number": "student_number",
    "household_number": HOUSEHOLD,
}
# Sexes that say nothing.
_UNSAID = frozenset(("unknown", "unstated"))
_IN_THE_LAKE = ("birth_on", "sex", "area_code")
# Of a child with many names and telephones, so many descriptions are compared.
_MOST = 8

Description = dict[str, str | None]


def description(source: Source, cells: Mapping[str, str | None]) -> Description:
    """What a row's cells, under our names, say of the child; what cannot be read says nothing."""
    said: Description = {}
    for column in source.all_columns:
        field = FIELD_OF_COLUMN.get(column.name)
        text = plain(cells.get(column.name)) if field else None
        if field and text and column.kind is not Kind.TEXT:
            text = reader(column)(text)
        if field and text and text != UNREADABLE and text not in _UNSAID:
            said[field] = text
    number = student_number(said.get("student_number"))
    day = read_date(plain(cells.get("occurred_on")) or "")
    if number and day and is_adults(number[1:], day):
        # Made from a guardian's number: it stands for nobody.
        del said["student_number"]
    elif number and "birth_on" not in said:
        # Every student number holds the child's date of birth; the ID number in it is left alone.
        said["birth_on"] = birth_in(number[1:]).isoformat()
    return said


def remember_described(identity: IdentityStore, source: Source, rows: pd.DataFrame, on: date) -> None:
    """Keep what accepted rows say of their children that may not stand in the lake, beside the name.

    `rows` has the child's key in `child` and the source's columns as `features.cells` writes them.
    """
    columns = [
        column.name
        for column in source.columns
        if column.personal is Personal.DIRECT and column.name in FIELD_OF_COLUMN
    ]
    told: dict[str, dict[str, list[str]]] = {}
    numbers: list[tuple[str, str]] = []
    for name in columns:
        said = rows[["child", name]].dropna().drop_duplicates()
        for child, text in said.itertuples(index=False):
            if FIELD_OF_COLUMN[name] != "student_number":
                told.setdefault(child, {}).setdefault(FIELD_OF_COLUMN[name], []).append(text)
            elif number := student_number(text):
                numbers.append((number, child))
    known = (
        Known(child, "", "", {field: tuple(values) for field, values in each.items()})
        for child, each in told.items()
    )
    if told:
        identity.remember_known(known, on)
    if numbers:
        LinkStore(identity).remember_student_numbers(numbers, on)


def student_number(text: str | None) -> str | None:
    """A student number as it is compared, None if it is none."""
    try:
        return normalise_student_number(text or "")
    except IdentityError:
        return None


def of_known(known: Known, in_lake: Mapping[str, str]) -> Iterator[Description]:
    """The descriptions of one known child: one for each name, and for each telephone and guardian told of."""
    base: Description = {field: values[-1] for field, values in known.also.items() if values}
    base.update(in_lake)
    base.update(id_number=known.id_number or None)
    try:
        number = normalise_id_number(known.id_number)
        base.update(birth_on=birth_in(number).isoformat(), sex=sex_in(number))
    except IdentityError:
        # A child without a number: what was said stands.
        pass
    several = ("name", "guardian", "phone")
    told = [
        ((known.name,) if field == "name" and known.name else ()) + known.also.get(field, ())
        for field in several
    ]
    for values in islice(product(*(each or (None,) for each in told)), _MOST):
        yield {**base, **dict(zip(several, values, strict=True))}


def said_in_lake(lake: Lake) -> dict[str, dict[str, str]]:
    """Child key → what the newest standing records say that is compared and may stand in the lake."""
    said: dict[str, dict[str, str]] = {}
    for name, path in lake.tables().items():
        columns = [column.name for column in source_named(name).lake_columns if column.name in _IN_THE_LAKE]
        if not columns:
            continue
        table = pq.read_table(path, columns=["child_key", "superseded_on", "ordinal", *columns])
        for row in sorted(table.to_pylist(), key=lambda each: each["ordinal"]):
            if row["superseded_on"] is None:
                told = {column: str(row[column]) for column in columns if row[column] is not None}
                told = {column: text for column, text in told.items() if text not in _UNSAID}
                said.setdefault(row["child_key"], {}).update(told)
    return said
