"""What changes on the roster from one round to the next: who is new, who left, who outgrew it, who moved.

Two cohorts are compared, each as known on its own day. A child out of scope both times is no change; one
whose records came late shows as new in the round that first knows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from features.language import Worded


class Change(Worded):
    """How a child's place on the roster changed. The values are stored."""

    NEW = ("new", "新到", "New here")
    SIX_MONTHS = ("six_months", "住满六个月", "Six months reached")
    IN_SCOPE = ("in_scope", "转为服务范围内", "Came into scope")
    MOVED = ("moved", "在本地搬迁", "Moved within the area")
    TURNED_SIXTEEN = ("turned_sixteen", "年满十六周岁", "Turned sixteen")
    LEFT = ("left", "离开本地", "Left")
    OUT_OF_SCOPE = ("out_of_scope", "不再在服务范围内", "No longer in scope")
    GONE = ("gone", "不再有居住登记", "No longer registered")


@dataclass(frozen=True)
class RosterChange:
    """One child's change. `from_area` is where it lived before, if it lived somewhere we know."""

    child_key: str
    change: Change
    area_code: str
    from_area: str | None


Cohort = Iterable[Mapping[str, Any]]


def roster_changes(before: Cohort, now: Cohort) -> list[RosterChange]:
    """The changes from one cohort to the next, by child key. A row has child_key, reason and area_code."""
    old = {str(row["child_key"]): row for row in before}
    new = {str(row["child_key"]): row for row in now}
    found = []
    for key in sorted({*old, *new}):
        was, is_ = old.get(key), new.get(key)
        change = _change(was, is_)
        if change is not None:
            area = str((is_ or was or {})["area_code"] or "")
            found.append(RosterChange(key, change, area, str(was["area_code"] or "") if was else None))
    return found


def _change(was: Mapping[str, Any] | None, is_: Mapping[str, Any] | None) -> Change | None:
    before = str(was["reason"]) if was else ""
    now = str(is_["reason"]) if is_ else ""
    if now == "eligible":
        if before == "eligible":
            return None if was and is_ and was["area_code"] == is_["area_code"] else Change.MOVED
        if not before:
            return Change.NEW
        return Change.SIX_MONTHS if before == "too_recent" else Change.IN_SCOPE
    if before != "eligible":
        return None
    return {
        "": Change.GONE,
        "left": Change.LEFT,
        "over_age": Change.TURNED_SIXTEEN,
    }.get(now, Change.OUT_OF_SCOPE)
