"""How intake makes columns of the lake from what was delivered. Declared with the source, computed once.

Pure. Where a department delivers the raw material of a value (answers) and we keep only the value, the
source names a function of the row's own delivered cells. It fills the columns declared as derived,
may put a delivered one right, and may refuse the row by one of the rules it names. It sees no other
row, no name and no number, and reads neither clock nor file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

# A row's own cells, each as `features.cells` writes its meaning; None is an empty cell.
Cells = Mapping[str, str | None]


@dataclass(frozen=True)
class Derived:
    """The cells a row has beside or instead of those delivered, or the rule that refuses the row."""

    cells: Cells = field(default_factory=dict)
    refused: str | None = None


@dataclass(frozen=True)
class Derivation:
    """The function, and every rule by which it refuses a row (as in a contract: `kind:column`).

    It is only asked about rows whose own cells are each as their column declares.
    """

    make: Callable[[Cells], Derived]
    refusals: tuple[str, ...]
