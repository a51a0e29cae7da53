"""The dual assessment of guardianship: indicator trees as files, two scores, and what people conclude.

A tree holds the indicators a published document is known to name, and says what was not read. Scores
sum up what the team saw and decide nothing: type and level are the team's own conclusion. No document
read gives a way of scoring, so the one here is this deployment's and says so. Pure but for the files.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from features.language import Text, Worded

FOLDER = Path(__file__).parent / "guardianship_trees"


class TreeError(ValueError):
    """A tree that cannot be used; the message names the file and what was wanted."""


class Axis(Enum):
    """Which of the two scores an indicator counts for."""

    CAPABILITY = "capability"
    RISK = "risk"


class Grade(Worded):
    """What the team saw of one indicator. Not looked at is no grade at all."""

    NO_CONCERN = ("0", "没有担心", "No concern")
    SOME = ("1", "有一些担心", "Some concern")
    MARKED = ("2", "明显担心", "Marked concern")
    URGENT = ("3", "急需支持", "Support is urgent")


class Conclusion(Worded):
    """The kind of trouble with guardianship. The values are those of the departments' records."""

    ADEQUATE = ("adequate", "监护正常", "Adequate")
    INSUFFICIENT = ("insufficient", "监护不足", "Insufficient")
    IMPROPER = ("improper", "监护不当", "Improper")
    ABSENT = ("absent", "监护缺失", "Absent")


@dataclass(frozen=True)
class Indicator:
    """One indicator. `stays_here`: it may hold what never leaves the assessment, such as a credit record."""

    code: str
    title: Text
    axis: Axis
    dimension: Text
    stays_here: bool


@dataclass(frozen=True)
class Tree:
    """One set of indicators, by whose document, and what of that document was not read."""

    code: str
    version: str
    title: Text
    document: Text
    statement: Text
    stated_items: int
    least_share: float
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True)
class Score:
    """One score from 0 to 100, and on how many indicators it stands; no value if too few were looked at."""

    value: float | None
    looked_at: int
    of: int


@cache
def trees(folder: Path = FOLDER) -> tuple[Tree, ...]:
    """All trees that ship, by code."""
    return tuple(_tree(path) for path in sorted(folder.glob("*.toml")))


def tree_named(code: str, folder: Path = FOLDER) -> Tree:
    """The tree of this code; TreeError if there is none."""
    for tree in trees(folder):
        if tree.code == code:
            return tree
    raise TreeError(f"There is no tree of indicators {code!r}.")


def score(tree: Tree, axis: Axis, grades: Mapping[str, Grade]) -> Score:
    """What the grades of one axis sum up to.

    Risk rises with concern; capability falls with it. Indicators not looked at are left out, not guessed.
    """
    asked = [indicator.code for indicator in tree.indicators if indicator.axis is axis]
    seen = [int(grades[code].value) for code in asked if code in grades]
    if not seen or len(seen) < tree.least_share * len(asked):
        return Score(None, len(seen), len(asked))
    concern = 100 * sum(seen) / (len(seen) * (len(Grade) - 1))
    value = concern if axis is Axis.RISK else 100 - concern
    return Score(round(value, 1), len(seen), len(asked))


def _tree(path: Path) -> Tree:
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    if said.get("code") != path.stem:
        raise TreeError(f"{path.name} must give its own name: code = {path.stem!r}.")
    indicators = tuple(
        Indicator(
            code=f"{dimension['code']}_{item['code']}",
            title=Text(item["zh"], item["en"]),
            axis=Axis(dimension["axis"]),
            dimension=Text(**dimension["title"]),
            stays_here=bool(item.get("stays_here", False)),
        )
        for dimension in said["dimension"]
        for item in dimension["items"]
    )
    if {indicator.axis for indicator in indicators} != set(Axis):
        raise TreeError(f"{path.name} must have indicators of both axes, capability and risk.")
    return Tree(
        code=said["code"],
        version=said["version"],
        indicators=indicators,
        stated_items=int(said["stated_items"]),
        least_share=float(said["least_share"]),
        **{name: _text(said[name]) for name in ("title", "document", "statement")},
    )


def _text(value: Mapping[str, Any]) -> Text:
    return Text(value["zh"], value["en"])
