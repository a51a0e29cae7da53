"""Conditions on records, and the forms in which records become one number.

Data only: what a form means is computed in `features/reference.py`, and fast in `features/expressions.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from features.language.columns import Source
from features.language.words import DeclarationError, Kind


@dataclass(frozen=True)
class OneOf:
    """The column holds one of these codes. An empty cell never does."""

    column: str
    values: tuple[str, ...]

    def __init__(self, column: str, *values: str) -> None:
        object.__setattr__(self, "column", column)
        object.__setattr__(self, "values", values)


@dataclass(frozen=True)
class AtLeast:
    """The number in the column is at least `limit`. An empty cell never is."""

    column: str
    limit: float


@dataclass(frozen=True)
class AtMost:
    """The number in the column is at most `limit`. An empty cell never is."""

    column: str
    limit: float


Condition = OneOf | AtLeast | AtMost
Where = tuple[Condition, ...]


def check_where(source: Source, where: Where) -> None:
    """DeclarationError if a condition asks for what the source does not hold."""
    for condition in where:
        column = source.column(condition.column)
        if isinstance(condition, OneOf):
            if column.kind is Kind.CODE:
                known = {code.value for code in column.codes}
                unknown = [value for value in condition.values if value not in known]
                if unknown or not condition.values:
                    raise DeclarationError(f"{source.name}.{column.name} has no code {unknown or 'named'}.")
            elif column.kind is Kind.FLAG:
                if not set(condition.values) <= {"yes", "no"} or not condition.values:
                    raise DeclarationError(
                        f"{source.name}.{column.name} is a flag: its codes are yes and no."
                    )
            else:
                raise DeclarationError(f"{source.name}.{column.name} holds no codes; use AtLeast or AtMost.")
        elif column.kind not in (Kind.INTEGER, Kind.NUMBER):
            raise DeclarationError(f"{source.name}.{column.name} is not a number; use OneOf.")


# --- forms ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Window:
    """A half-open span before the as-of date: as_of - days <= occurred_on < as_of."""

    days: int

    def __post_init__(self) -> None:
        if self.days < 1:
            raise DeclarationError("A window is at least one day long.")


class Aggregation(Enum):
    """How the counting records of a window become one number."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    MAX = "max"
    MIN = "min"


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """Records in the window that satisfy `where`, counted, or their `column` aggregated.

    An empty cell in `column` is left out; if nothing is left the feature takes `when_no_records`.
    """

    of: Aggregation
    window: Window
    column: str | None = None
    where: Where = ()


@dataclass(frozen=True, kw_only=True)
class Latest:
    """The value of `column` in the latest record (by date of occurring) where it is not empty.

    With `among` given: 1 if that value is one of those codes, else 0. Of records of one day the one
    known later counts, then the one with the greater record number.
    """

    column: str
    window: Window
    where: Where = ()
    among: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ever:
    """1 if any record satisfies `where`, else 0. The window is the forgetting time: no flag is for ever."""

    window: Window
    where: Where = ()


@dataclass(frozen=True, kw_only=True)
class DaysSince:
    """Days from the latest record that satisfies `where` to the as-of date (1 = the day before)."""

    window: Window
    where: Where = ()


@dataclass(frozen=True, kw_only=True)
class YearsSince:
    """Years (of 365.25 days) from the date in `column` of the latest record to the as-of date.

    For facts that do not lapse, such as a date of birth; hence no window.
    """

    column: str
    where: Where = ()

    @property
    def window(self) -> None:
        """No window: the fact does not lapse."""
        return None


@dataclass(frozen=True, kw_only=True)
class Trend:
    """How fast the number in `column` rises, per 365 days: the least-squares slope over the window.

    Empty cells are left out. Below two different days there is no slope, and the feature takes
    `when_no_records`. The column must be bounded: the slope is made of products of whole numbers.
    """

    column: str
    window: Window
    where: Where = ()


@dataclass(frozen=True, kw_only=True)
class DistinctCount:
    """How many different codes of `column` the counting records hold; an empty cell is none."""

    column: str
    window: Window
    where: Where = ()


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """Of the records that satisfy `where`, the share that also satisfies `part`, from 0 to 1.

    A record whose cell is empty satisfies no condition on it: to leave it out of the whole as well,
    `where` asks for the column's codes.
    """

    part: Where
    window: Window
    where: Where = ()


Form = Aggregate | Latest | Ever | DaysSince | YearsSince | Trend | DistinctCount | Ratio


class RiskDirection(Enum):
    """Which way risk may move when the feature rises; the booster is held to it."""

    RISES = 1
    FALLS = -1
    EITHER = 0
