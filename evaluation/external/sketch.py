"""A first declaration of a table, for a person to finish: what can be seen is filled in, nothing is decided.

Types are read off the cells. What only a person can say (families, directions, what a column is called, what
the outcome is, what must not be read) is left open, and the sketch is refused until that is done: every
column stands under [undecided], which means nothing, and has to be moved to [columns] or deleted.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from evaluation.external.declaration import Layout
from evaluation.external.reading import codes, read_plain

MOST_LEVELS = 12
# A level that fewer rows share may tell who they are; it is not written down.
LEAST_SHARED = 20

HEAD = """# A sketch of {table}. Decide, then judge: move each column you want from [undecided] to [columns],
# give it a family and a direction (risk = "rises", "falls" or "either"), and delete the rest. Say what
# the outcome is.
name = "{name}"

[table]
# missing = [-9, "unknown"]    what stands for not known, in every column
# person = ""                  whose row it is, if a child may have several
# cluster = ""                 what rows hang together by: a school, a village
# weight = ""                  how many children a row stands for
{layout}
[families]
# school = {{ zh = "学校", en = "School" }}

[groups]
# sex = {{ zh = "性别", en = "Sex" }}

[outcomes]
# NAME = {{ any_of = {{ column = [1] }}, without = [] }}

[columns]

[undecided]
"""


def sketch(path: Path, layout: Layout) -> str:
    """The text of a first declaration of this table."""
    frame = read_plain(path, layout)
    given = f'separator = "{layout.separator}"\n' if layout.separator else ""
    if layout.encoding != "utf-8":
        given += f'encoding = "{layout.encoding}"\n'
    name = "".join(one if one.isalnum() and one.isascii() else "_" for one in path.stem.lower()).strip("_")
    lines = [_line(str(column), codes(frame[column], ())) for column in frame.columns]
    text = HEAD.format(table=path.name, name=name if name[:1].isalpha() else f"table_{name}", layout=given)
    return text + "\n".join(lines) + "\n"


def _line(name: str, cells: pd.Series) -> str:
    known = cells.dropna()
    often = known.value_counts()
    key = json.dumps(name, ensure_ascii=False)
    if not len(known):
        return f"# {key} is empty"
    numbers = pd.to_numeric(known, errors="coerce").notna().all()
    few = len(often) <= MOST_LEVELS and int(often.min()) >= LEAST_SHARED
    if set(often.index) <= {"0", "1"} or set(often.index) <= {"true", "false"}:
        return f'{key} = {{ type = "flag" }}'
    if few and not numbers:
        levels = ", ".join(json.dumps(str(level), ensure_ascii=False) for level in sorted(often.index))
        return f'{key} = {{ type = "category", levels = [{levels}] }}    # or "ordered", the lowest first'
    if few and len(often) == 2:
        return (
            f'{key} = {{ type = "flag", yes = [], no = [] }}    # holds {" and ".join(sorted(often.index))}'
        )
    if numbers:
        return f'{key} = {{ type = "number" }}'
    days = pd.to_datetime(known, format="ISO8601", errors="coerce").notna().all()
    if days:
        return f'{key} = {{ type = "date" }}    # read as days before [table] as_of'
    return f"# {key} is text or a key: text is not read"
