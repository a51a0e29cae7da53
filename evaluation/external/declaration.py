"""What a table's declaration holds, once it has been read: plain values that cannot change.

`evaluation.external.declaration_file` reads it from a file and refuses what must not be declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.language import RiskDirection, Text


@dataclass(frozen=True)
class Condition:
    """A column's value is one of these codes, or a number within these limits."""

    column: str
    values: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class DeclaredColumn:
    """One column a screener may read, and how what stands in the table becomes a number."""

    name: str
    read_from: str
    type: str
    title: Text
    family: str
    risk: RiskDirection
    missing: tuple[str, ...]
    levels: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    mapping: Mapping[str, float]
    low: float | None
    high: float | None
    date_format: str
    sensitive: bool
    harmless: str

    @property
    def made(self) -> tuple[tuple[str, Text], ...]:
        """The columns of numbers it becomes: one, or one for each level of a category."""
        if self.type != "category":
            return ((self.name, self.title),)
        return tuple(
            (f"{self.name}_{place}", Text(f"{self.title.zh}：{level}", f"{self.title.en}: {level}"))
            for place, level in enumerate(self.levels, 1)
        )


@dataclass(frozen=True)
class DeclaredGroup:
    """A way to compare children: by the values of a column, or by bands that begin at these numbers."""

    name: str
    read_from: str
    title: Text
    bands: tuple[float, ...]
    names: Mapping[str, Text]


@dataclass(frozen=True)
class DeclaredOutcome:
    """1 where any condition holds, 0 where all its columns are known and none holds, else not known.

    `without` are columns and families that would tell it; `strong` the columns that tell it nearly alone
    and may stay, each with the reason.
    """

    name: str
    title: Text
    any_of: tuple[Condition, ...]
    without: tuple[str, ...]
    strong: Mapping[str, str]
    splits: tuple[str, ...]


@dataclass(frozen=True)
class DeclaredSplit:
    """Which rows fit, calibrate and judge: by folds that keep clusters together, or by time.

    The limits of time are numbers, or text that sorts as time does (2024-03-31, 2014B).
    """

    name: str
    title: Text
    only: tuple[Condition, ...]
    folds: int
    time: str
    fit_until: float | str
    calibrate_until: float | str | None
    judge_from: float | str
    calibrate_share: float


@dataclass(frozen=True)
class Layout:
    """How the file is written and what its rows are."""

    separator: str
    encoding: str
    decimal: str
    missing: tuple[str, ...]
    row_id: str
    person: str
    cluster: str
    weight: str
    weight_within: str
    as_of: str
    made_by: str

    @classmethod
    def plain(cls) -> Layout:
        """A table of which nothing has been said."""
        return cls("", "utf-8", ".", (), "", "", "", "", "", "", "")


@dataclass(frozen=True)
class Declaration:
    """The whole of it."""

    name: str
    title: Text
    source: Text
    simulated: bool
    layout: Layout
    families: Mapping[str, Text]
    columns: tuple[DeclaredColumn, ...]
    groups: tuple[DeclaredGroup, ...]
    outcomes: tuple[DeclaredOutcome, ...]
    splits: tuple[DeclaredSplit, ...]

    @property
    def read(self) -> tuple[str, ...]:
        """Every column of the table it names."""
        layout = self.layout
        keys = (layout.row_id, layout.person, layout.cluster, layout.weight, layout.weight_within)
        conditions = [part for outcome in self.outcomes for part in outcome.any_of]
        conditions += [part for split in self.splits for part in split.only]
        named = (
            *keys, layout.as_of,
            *(column.read_from for column in self.columns),
            *(group.read_from for group in self.groups),
            *(part.column for part in conditions),
            *(split.time for split in self.splits),
        )  # fmt: skip
        return tuple(dict.fromkeys(name for name in named if name))

    def inputs_of(self, outcome: DeclaredOutcome) -> tuple[DeclaredColumn, ...]:
        """The columns a screener of this outcome may read; what the outcome is made of never is one."""
        asked = {part.column for part in outcome.any_of}
        left = set(outcome.without)
        return tuple(
            column
            for column in self.columns
            if column.read_from not in asked and not {column.name, column.read_from, column.family} & left
        )
