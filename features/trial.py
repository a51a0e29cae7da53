"""Try a source of one's own on rows one has: its contract, who was refused and why, and features at once.

A county declares a source in one declaration and hands over its rows as a frame, under our column names.
They are read, checked and dated as a first historical delivery is, by the same contract, so that what is
accepted here would be accepted by the intake. Nothing is written: the records are a frame that every
engine takes, what was refused is another. People are whatever number stands under `id_number`, digested
under a key of the caller's; whether it is a valid one is for the intake to say. Whoever then means it
puts the declaration with the others, and delivers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow as pa

from features.contracts import checkable, contract_of
from features.delivery import Cells
from features.intake_rules import CRITICAL, sentence
from features.keys import Digest, keyed_digest
from features.language import ID_NUMBER, NAME, Source
from features.meanings import dated, meanings, repeats
from features.signals import LakeError


@dataclass(frozen=True)
class Trial:
    """What became of the rows: `records` as compacted ones, `refused` with the row's place and the reason."""

    source: Source
    delivered: int
    records: pd.DataFrame
    refused: pd.DataFrame


@dataclass(frozen=True)
class _Strangers:
    """People of whom nothing is known but that one number is one person."""

    secret: bytes

    def key(self, text: str) -> str:
        return person(text, self.secret)

    def is_adults(self, _text: str, _on: str) -> bool:
        return False


def try_source(source: Source, rows: pd.DataFrame, received_on: date, secret: bytes) -> Trial:
    """Take these rows in as the source's first historical delivery, without writing anything.

    A row counts from the day it was recorded plus the source's declared delay. LakeError if a column is
    none of the source's, or one that it needs is missing.
    """
    ours = {column.name: column for column in source.delivered_columns}
    strange = [str(name) for name in rows.columns if name not in ours]
    missing = [name for name, column in ours.items() if column.required and name not in rows.columns]
    if strange or missing or ID_NUMBER.name not in rows.columns:
        raise LakeError(
            f"Rows of {source.name} need the columns it declares, those required and {ID_NUMBER.name}:"
            f" {', '.join(strange or missing or [ID_NUMBER.name])}."
        )
    frame = meanings(source, [_cells(rows)], _Strangers(secret))
    contract = contract_of(source)
    breaches = contract.breaches(
        checkable(
            source,
            frame[[column.name for column in source.all_columns if column.name != NAME.name]],
            file=frame["file"],
            ragged=frame["ragged"],
            repeats=repeats(source, frame),
            received_on={0: received_on},
            refused=frame["refused"],
        )
    )
    reasons: dict[int, str] = {}
    for rule in contract.rules:
        if rule.severity == CRITICAL:
            for row in breaches.get(rule.id, ()):
                reasons.setdefault(row, rule.id)
    nobody = frame.index[frame["child"].isna() & ~frame.index.isin(list(reasons))]
    reasons.update(dict.fromkeys(nobody, "no_number"))
    accepted = frame[~frame.index.isin(list(reasons))]
    return Trial(
        source,
        len(frame),
        _compacted(dated(source, accepted, received_on, history=True)),
        pd.DataFrame(
            [(row, rule, _says(source, rule)) for row, rule in sorted(reasons.items())],
            columns=["row", "rule", "reason"],
        ),
    )


def person(number: str, secret: bytes) -> str:
    """The key under which a trial knows the person with this number."""
    return "c" + keyed_digest(Digest.SHA256, secret, number).hex()[:26]


def _says(source: Source, rule: str) -> str:
    return "The row says of nobody whose it is" if rule == "no_number" else sentence(rule, source).en


def _cells(rows: pd.DataFrame) -> Cells:
    """The frame as a delivered file is read: everything text, a missing cell empty."""
    texts = {
        place: pa.array(rows[name], from_pandas=True).cast(pa.string()).to_pylist()
        for place, name in enumerate(rows.columns)
    }
    titles = tuple(str(name) for name in rows.columns)
    cells = pd.DataFrame(texts, columns=range(len(titles)), dtype=object)
    places = {title: place for place, title in enumerate(titles)}
    return Cells(titles, places, cells, tuple(range(len(rows))), {}, 0, "frame")


def _compacted(signals: pd.DataFrame) -> pd.DataFrame:
    """As the lake compacts a first delivery: one version of each record, in the order that counts."""
    records = signals.sort_values(["occurred_on", "known_on", "record_id"], kind="stable", ignore_index=True)
    records["superseded_on"] = None
    records["ordinal"] = range(len(records))
    for name in records.columns:
        if pd.api.types.is_datetime64_any_dtype(records[name]):
            records[name] = records[name].dt.date.where(records[name].notna(), None)
    return records
