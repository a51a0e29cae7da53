"""Forms of instruments that gave no result and may be given again: a list for schools, never a sign of risk.

A form stands here while it is the newest of its instrument and informant that we know of: one with a
result takes it off. The list names the school's own record number, by which the school knows the pupil;
no name is looked up for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from features.language import Text
from features.sources import Instruments
from features.sources.instruments import TO_REPEAT

_SOURCE = Instruments.instrument_results


@dataclass(frozen=True)
class Repeat:
    """One form without a result: which, whose, and why it has none."""

    child_key: str
    record_id: str
    instrument: str
    informant: str
    occurred_on: date
    state: str

    @property
    def text(self) -> Text:
        """The form and its state in words."""
        words = [
            _SOURCE.column(name).code(value).title
            for name, value in (
                ("instrument", self.instrument), ("informant", self.informant), ("state", self.state),
            )
        ]  # fmt: skip
        return Text("，".join(word.zh for word in words), ", ".join(word.en for word in words))


def repeat_lines(tables: Mapping[str, Path], as_of: date, simulated: bool) -> tuple[str, ...]:
    """The list in words, both languages; of a simulated county it says so."""
    listed = to_repeat(tables, as_of)
    marked = "simulated: " if simulated else ""
    told = (
        f"  {each.occurred_on}  {each.record_id}  {each.text.zh} / {each.text.en}" for each in listed
    )  # fmt: skip
    return (
        f"{marked}{len(listed):,} forms of instruments without a result, by the school's record number",
        *told,
    )


def to_repeat(tables: Mapping[str, Path], as_of: date) -> tuple[Repeat, ...]:
    """What was to be repeated as far as it was known before this date, the oldest first."""
    path = tables.get(_SOURCE.name)
    if path is None:
        return ()
    columns = ["child_key", "record_id", "instrument", "informant", "occurred_on", "state"]
    frame = pd.read_parquet(path, columns=[*columns, "known_on", "superseded_on", "ordinal"])
    day = pd.Timestamp(as_of)
    known, replaced = (pd.to_datetime(frame[name]) for name in ("known_on", "superseded_on"))
    standing = frame[(known < day) & (replaced.isna() | (replaced >= day))].sort_values("ordinal")
    newest = standing.drop_duplicates(["child_key", "instrument", "informant"], keep="last")
    listed = newest[newest["state"].isin(TO_REPEAT)].sort_values(["occurred_on", "record_id"])
    return tuple(
        Repeat(
            child_key=str(row["child_key"]),
            record_id=str(row["record_id"]),
            instrument=str(row["instrument"]),
            informant=str(row["informant"]),
            occurred_on=pd.Timestamp(row["occurred_on"]).date(),
            state=str(row["state"]),
        )
        for row in listed.to_dict(orient="records")
    )
