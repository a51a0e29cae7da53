"""Records that a department takes back: a row with the record number and the operation "delete".

Departments send exports with a column 操作类型 (operation): new, changed, deleted. The first two are
records like any other, told apart by what the lake holds. A deletion supersedes what stands from the
day it was received, and nothing stands after it; screenings made before still see what they saw. A
record delivered again after that stands again. A row may delete nothing that was never taken in.
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from features.language import RECORD_ID, Code, Column, Kind, Text, Use
from features.signals import WITHDRAWN

# May stand in any source's file, and is no column of any source.
OPERATION = Column(
    "operation", Text("操作类型", "Operation"), Kind.CODE,
    (
        Code("record", Text("新增", "New"), ("1", "2", "修改", "更新", "insert", "update", "i", "u")),
        Code("withdrawal", Text("删除", "Delete"), ("3", "撤销", "作废", "delete", "d")),
    ),
    use=Use.INTAKE, aliases=("数据操作类型", "操作标识"),
)  # fmt: skip


def is_withdrawal(rows: pd.DataFrame) -> pd.Series:
    """Which rows take their record back."""
    return (rows[OPERATION.name] == "withdrawal") & ~rows["ragged"]


def withdrawals(
    rows: pd.DataFrame, latest: pd.DataFrame, waiting: Collection[str], received: pd.Timestamp, delivery: str
) -> tuple[pd.DataFrame, dict[int, list[str]], pd.DataFrame]:
    """(versions that end their records, row → why refused, the lake's newest versions after them).

    `latest` is what `Lake.latest` says, with this file's own records; `waiting` are records whose child
    is not known.
    """
    refused: dict[int, list[str]] = {}
    ended: dict[str, int] = {}
    for row, record in zip(rows.index.tolist(), rows[RECORD_ID.name].tolist(), strict=True):
        if record is None or pd.isna(record):
            refused[row] = [f"empty_required:{RECORD_ID.name}"]
        elif record in ended:
            refused[row] = ["duplicate"]
        elif record in latest.index and latest.at[record, "content"] == WITHDRAWN:
            refused[row] = ["already_delivered"]
        elif record in latest.index:
            ended[record] = row
        else:
            refused[row] = ["withdrawn_while_waiting" if record in waiting else "nothing_to_withdraw"]
    before = latest.loc[list(ended)]
    made = pd.DataFrame(
        {
            "child_key": before["child_key"].to_numpy(),
            "record_id": list(ended),
            "version": before["version"].to_numpy() + 1,
            "occurred_on": pd.to_datetime(before["occurred_on"]).to_numpy(),
            "known_on": received,
            "delivery": delivery,
            "withdrawn": True,
        },
        index=list(ended.values()),
    )
    if ended:
        latest = latest.copy()
        latest.loc[list(ended), "version"] += 1
        latest.loc[list(ended), "content"] = WITHDRAWN
    return made, refused, latest


__all__ = ["OPERATION", "is_withdrawal", "withdrawals"]
