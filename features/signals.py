"""What a record looks like in the lake: its columns and types, and what two records have in common.

A frame with a column that the source does not keep in the lake is refused, and so is a value our own
queue would publish that its source does not allow: nothing may come in by a side door.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.language import Column, Kind, Source

_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.CODE: pa.string(),
    Kind.FLAG: pa.string(),
    Kind.INTEGER: pa.float64(),
    Kind.NUMBER: pa.float64(),
    Kind.DATE: pa.date32(),
}


# In the place of a fingerprint of what a record says, once its department has taken it back.
WITHDRAWN = "withdrawn"


class LakeError(ValueError):
    """Something that must not enter the lake; the message says what, and echoes no value."""


def signal_schema(source: Source) -> pa.Schema:
    """The columns of one delivery's file: who, which record, when, and the source's lake columns."""
    return pa.schema(
        [
            ("child_key", pa.string()),
            ("record_id", pa.string()),
            ("version", pa.int64()),
            ("occurred_on", pa.date32()),
            ("known_on", pa.date32()),
            ("delivery", pa.string()),
            # The department took the record back: it supersedes what stood, and nothing stands after it.
            ("withdrawn", pa.bool_()),
            *((column.name, _TYPES[column.kind]) for column in source.lake_columns),
        ]
    )


def to_table(source: Source, frame: pd.DataFrame) -> pa.Table:
    """The frame in the lake's types. Columns the source lacks in the frame are empty; others are refused."""
    schema = signal_schema(source)
    strange = sorted(set(frame.columns) - set(schema.names))
    if strange:
        raise LakeError(f"The lake keeps no column {', '.join(strange)} of {source.name}.")
    arrays = []
    for field in schema:
        if field.name not in frame.columns:
            arrays.append(pa.nulls(len(frame), field.type))
            continue
        values = frame[field.name]
        array = pa.array(values, from_pandas=True)
        if pa.types.is_timestamp(array.type) or array.type != field.type:
            array = array.cast(field.type)
        arrays.append(array)
    table = pa.Table.from_arrays(arrays, schema=schema)
    for name in ("child_key", "record_id", "version", "occurred_on", "known_on", "delivery"):
        if table.column(name).null_count:
            raise LakeError(f"A record of {source.name} has no {name}.")
    return table


def content(source: Source, table: pa.Table) -> pd.Series:
    """A fingerprint of what each record says: whose it is, when it happened and the lake columns."""
    names = ["child_key", "occurred_on", *(column.name for column in source.lake_columns)]
    plain = pa.table({name: pc.fill_null(table.column(name).cast(pa.string()), "\x00") for name in names})
    hashes = pd.util.hash_pandas_object(plain.to_pandas(), index=False)
    # As text: a whole number this large would lose digits beside an empty cell.
    return hashes.map("{:016x}".format).astype("str")


def published(source: Source, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of our own queue in the lake's values; LakeError if the source does not allow it."""
    common = ("child_key", "record_id", "occurred_on")
    columns = {column.name: column for column in source.lake_columns}
    strange = sorted(set(row) - set(common) - set(columns))
    missing = [name for name in common if not row.get(name)]
    if strange or missing:
        raise LakeError(
            f"A row published to {source.name} has unknown or missing columns: {strange or missing}."
        )
    return {
        **{name: row[name] for name in common},
        **{name: _published_value(source, column, row.get(name)) for name, column in columns.items()},
    }


def _published_value(source: Source, column: Column, value: object) -> object:
    if value is None:
        if column.required:
            raise LakeError(f"A row published to {source.name} has no {column.name}.")
        return None
    if column.kind is Kind.FLAG:
        value = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
        fits = value in ("yes", "no")
    elif column.kind is Kind.CODE:
        fits = value in {code.value for code in column.codes}
    elif column.kind in (Kind.INTEGER, Kind.NUMBER):
        fits = isinstance(value, (int, float)) and not isinstance(value, bool)
        fits = fits and (column.minimum is None or value >= column.minimum)  # type: ignore[operator]  # a number by now
        fits = fits and (column.maximum is None or value <= column.maximum)  # type: ignore[operator]
    else:
        fits = isinstance(value, date if column.kind is Kind.DATE else str)
    if not fits:
        raise LakeError(
            f"A row published to {source.name} has a {column.name} that the source does not allow."
        )
    return float(value) if column.kind in (Kind.INTEGER, Kind.NUMBER) else value  # type: ignore[arg-type]
