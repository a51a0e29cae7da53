"""The few parts that all pages are made of, each a frozen dataclass and a macro in `parts.html`.

A part is already in one language and holds nothing that may not be shown. A new page is built of these; a
new kind of part needs a second page that wants it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """Where one can go; `here` if it is where one is."""

    address: str
    title: str
    here: bool = False


@dataclass(frozen=True)
class Tab(Link):
    """One list of several, with how many it holds, in words."""

    count: str = ""


@dataclass(frozen=True)
class Pager:
    """Where the parts of a list beside this one lie; empty where there is none."""

    label: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Fact:
    """One line of a summary list. `late` if it is past its time."""

    title: str
    value: str
    note: str = ""
    address: str = ""
    late: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell of a table. `kind`: text, number or day."""

    text: str
    kind: str = "text"
    address: str = ""
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table that becomes cards on a phone: the first cell of a row is its heading there."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar: where it starts and ends, and the range around its end, in per cent of the width.

    `mark` is where a goal stands. What the bar says is in `value`; nothing is said by the drawing alone.
    """

    title: str
    value: str
    width: float
    start: float = 0.0
    low: float | None = None
    high: float | None = None
    late: bool = False


@dataclass(frozen=True)
class Figure:
    """Bars, and the table behind them. `goal`: where a goal stands, in per cent of the width."""

    title: str
    bars: tuple[Bar, ...]
    table: Table
    note: str = ""
    goal: float | None = None
    goal_words: str = ""
    empty: str = ""


@dataclass(frozen=True)
class Step:
    """One point of a line drawn over rounds: its place and height in per cent, and its words."""

    title: str
    value: str
    across: float
    height: float


@dataclass(frozen=True)
class Course:
    """Something over time, drawn as a line between named bands, and the table behind it."""

    title: str
    steps: tuple[Step, ...]
    bands: tuple[tuple[float, str], ...]
    table: Table
    note: str = ""


@dataclass(frozen=True)
class Notice:
    """Something to know before reading on. `kind`: note, done or problem."""

    kind: str
    text: str
    title: str = ""
