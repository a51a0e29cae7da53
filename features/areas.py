"""Names of areas: a table the deployer supplies, because codes change and no public table is kept up to date.

`areas.csv` in the data home has the columns code, zh and en. Codes are GB/T 2260 (6 digits), towns
(9) and villages (12); a village reads as its town's name and its own, and its county is not said again.
"""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

from features.language import Text

LENGTHS = (9, 12)


class AreasError(ValueError):
    """A table of areas that cannot be read; the message names the line."""


def read_areas(path: Path) -> Mapping[str, Text]:
    """The names in the table by code; none if there is no table. Raises AreasError in plain words."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if set(rows.fieldnames or ()) != {"code", "zh", "en"}:
            raise AreasError(f"{path.name} must have the columns code, zh and en, and no other.")
        names: dict[str, Text] = {}
        for line, row in enumerate(rows, start=2):
            code = (row["code"] or "").strip()
            if not code.isdigit() or len(code) not in (6, *LENGTHS) or not row["zh"] or not row["en"]:
                raise AreasError(
                    f"{path.name}, line {line}: needs a code of 6, 9 or 12 digits and both names."
                )
            names[code] = Text(row["zh"].strip(), row["en"].strip())
    return names


def area_titles(names: Mapping[str, Text]) -> Callable[[str], Text | None]:
    """A lookup from an area code to its name: a county, or town and village, as far as they are known."""

    def title(code: str) -> Text | None:
        if len(code) < LENGTHS[0]:
            return names.get(code)
        found = [names[code[:length]] for length in LENGTHS if len(code) >= length and code[:length] in names]
        if not found:
            return None
        return Text("".join(name.zh for name in found), ", ".join(name.en for name in reversed(found)))

    return title


def areas_below(names: Mapping[str, Text]) -> Callable[[str], list[tuple[str, Text]]]:
    """A lookup from a prefix of codes to the areas a level below it: a county's towns, a town's villages."""

    def below(prefix: str) -> list[tuple[str, Text]]:
        wanted = next((length for length in LENGTHS if length > len(prefix)), None)
        return sorted(
            ((code, name) for code, name in names.items() if len(code) == wanted and code.startswith(prefix)),
            key=lambda area: area[0],
        )

    return below
