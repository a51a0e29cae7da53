"""Work by area as bars with the table behind them, in place of a map. Small numbers are left out."""

from __future__ import annotations

from collections.abc import Mapping

from serving.review.suppression import LEFT_OUT, suppress
from serving.web.components import Bar, Cell, Figure, Table
from serving.web.deps import Deps
from serving.web.text import WORDS, translator


def area_name(deps: Deps, area: str, language: str) -> str:
    """The area's name; its code if it has none, and in words where no area is known."""
    if not area:
        return WORDS["statistics.unknown_area"][language]
    title = deps.area_title(area)
    return area if title is None else title[language]


def work_by_area(deps: Deps, counts: Mapping[str, tuple[int, int]], language: str) -> Figure:
    """Open cases and those past their date, of each area. The bars are as long as there is work."""
    t = translator(language)
    left_out = LEFT_OUT[language]
    opened, late = (
        [row[0] for row in suppress([[pair[place]] for pair in counts.values()]).cells] for place in (0, 1)
    )
    names = [*(area_name(deps, area, language) for area in counts), t("statistics.total")]
    most = max((count for count in opened[:-1] if count is not None), default=0) or 1
    said = [left_out if count is None else str(count) for count in opened]
    said_late = [left_out if count is None else str(count) for count in late]
    return Figure(
        title=t("dashboard.by_area"),
        bars=tuple(
            Bar(
                name,
                t("dashboard.area_value", open=all_open, overdue=overdue),
                0.0 if count is None else round(100 * count / most, 1),
                late=past is not None and past > 0,
            )
            for name, count, past, all_open, overdue in zip(
                names[:-1], opened, late, said, said_late, strict=False
            )
        ),
        table=Table(
            t("dashboard.by_area"),
            (t("column.area"), t("dashboard.open"), t("dashboard.overdue")),
            tuple(
                (Cell(name), Cell(all_open, "number"), Cell(overdue, "number"))
                for name, all_open, overdue in zip(names, said, said_late, strict=False)
            )
            if counts
            else (),
        ),
        note=t("dashboard.area_note"),
        empty=t("statistics.empty"),
    )
