"""Which counts of a table may be shown: small ones are not, nor any from which a small one can be had.

A count from 1 to 4 stands for children somebody may know. It is left out, and with it as many others as
keep it from being worked out: in every row and column, its total included, no cell or at least two are
left out, and those left out of one line add up to no small number. Nought is shown. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.language import Text

LEAST = 5
FEWER = Text(f"少于{LEAST}", f"fewer than {LEAST}")
LEFT_OUT = Text("不显示", "not shown")

Place = tuple[int, int]


@dataclass(frozen=True)
class Shown:
    """A table with its totals as last row and last column; None where a count is left out."""

    cells: tuple[tuple[int | None, ...], ...]


def is_small(count: int) -> bool:
    """Whether a count by itself may not be shown."""
    return 0 < count < LEAST


def count_text(count: int) -> Text:
    """A count that stands alone, in words."""
    return FEWER if is_small(count) else Text(str(count), str(count))


def share_is_told(part: int, whole: int) -> bool:
    """Whether a share may be told: neither the part nor what is left of the whole is a small number."""
    return whole >= LEAST and not is_small(part) and not is_small(whole - part)


def suppress(counts: Sequence[Sequence[int]]) -> Shown:
    """The table of these counts with its totals, and nothing in it from which a small count can be had."""
    rows = [[*row, sum(row)] for row in counts]
    table = [*rows, [sum(column) for column in zip(*rows, strict=True)]] if rows else []
    hidden = {
        (across, down)
        for across, row in enumerate(table)
        for down, count in enumerate(row)
        if is_small(count)
    }
    while more := _exposed(table, hidden):
        hidden.add(more)
    return Shown(
        tuple(
            tuple(None if (across, down) in hidden else count for down, count in enumerate(row))
            for across, row in enumerate(table)
        )
    )


def _exposed(table: Sequence[Sequence[int]], hidden: set[Place]) -> Place | None:
    """The next cell to leave out: of the first line that gives something away, the smallest that is shown."""
    for line in _lines(table):
        left_out = [place for place in line if place in hidden]
        if not left_out or (len(left_out) > 1 and sum(table[a][d] for a, d in left_out) >= LEAST):
            continue
        shown = [place for place in line if place not in hidden]
        if shown:
            # Totals last: they say most.
            return min(
                shown,
                key=lambda place: (
                    place[0] == len(table) - 1 or place[1] == len(table[0]) - 1,
                    table[place[0]][place[1]] == 0,
                    table[place[0]][place[1]],
                    place,
                ),
            )
    return None


def _lines(table: Sequence[Sequence[int]]) -> Iterator[list[Place]]:
    for across, row in enumerate(table):
        yield [(across, down) for down in range(len(row))]
    for down in range(len(table[0]) if table else 0):
        yield [(across, down) for across in range(len(table))]
