"""What a screener reads when its rows are a plain table: another county's, another country's, a survey's.

A column is declared by its name, its words, its family and the way risk may move with it. There are no
records behind its values, so reasons name no evidence and no department; everything else is as with
declared features. Values are numbers, NaN where nothing is known; codes are turned into numbers before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from features.language import DeclarationError, Feature, RiskDirection, Text

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class TableFamily:
    """Columns that tell one story; their contributions are summed into one reason."""

    name: str
    title: Text


@dataclass(frozen=True)
class TableColumn:
    """One column of a plain table. What is sensitive counts in its family and is never shown by itself."""

    name: str
    title: Text
    family: TableFamily
    risk: RiskDirection = RiskDirection.EITHER
    sensitive: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise DeclarationError(
                f"The column {self.name!r}: a name is letters, digits and underscores, and no digit first."
            )


# What a screener may read.
Input = Feature | TableColumn


@dataclass(frozen=True)
class TableOutcome:
    """An outcome that a column of the table tells: 1, 0, or empty for not known. No records establish it."""

    name: str
    title: Text
