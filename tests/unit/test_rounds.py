"""What changes on the roster between two rounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.jurisdiction import ELIGIBILITY
from features.rounds import Change, RosterChange, roster_changes


def row(reason="eligible", area="330109001001", key="c-one"):
    return {"child_key": key, "reason": reason, "area_code": area}


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (None, row(), Change.NEW),
        (row("too_recent"), row(), Change.SIX_MONTHS),
        (row("same_county"), row(), Change.IN_SCOPE),
        (row(), row(area="330109002001"), Change.MOVED),
        (row(), row("over_age"), Change.TURNED_SIXTEEN),
        (row(), row("left"), Change.LEFT),
        (row(), row("same_county"), Change.OUT_OF_SCOPE),
        (row(), row("no_residence"), Change.OUT_OF_SCOPE),
        (row(), None, Change.GONE),
    ],
)
def test_each_change_has_a_name(before, now, change):
    found = roster_changes([before] if before else [], [now] if now else [])

    assert [each.change for each in found] == [change]


@pytest.mark.parametrize(
    ("before", "now"),
    [(row(), row()), (row("left"), row("left")), (None, row("too_recent")), (row("over_age"), None)],
)
def test_who_stays_in_or_out_of_scope_is_no_change(before, now):
    assert roster_changes([before] if before else [], [now] if now else []) == []


def test_a_move_says_whence_and_whither_and_who_came_without_an_area_has_none():
    assert roster_changes([row()], [row(area="330109002001")]) == [
        RosterChange("c-one", Change.MOVED, "330109002001", "330109001001")
    ]
    assert roster_changes([], [row(area=None)]) == [RosterChange("c-one", Change.NEW, "", None)]
    assert roster_changes([row()], []) == [RosterChange("c-one", Change.GONE, "330109001001", "330109001001")]


KEYS = st.sampled_from(["c-1", "c-2", "c-3", "c-4"])
COHORTS = st.dictionaries(
    KEYS, st.tuples(st.sampled_from(sorted(ELIGIBILITY)), st.sampled_from(["330109001001", "330109002001"]))
).map(lambda rows: [row(reason, area, key) for key, (reason, area) in rows.items()])


@given(COHORTS, COHORTS)
def test_every_change_leads_from_one_eligible_set_to_the_other(before, now):
    eligible = {each["child_key"] for each in before if each["reason"] == "eligible"}
    changes = roster_changes(before, now)

    for each in changes:
        if each.change in (Change.NEW, Change.SIX_MONTHS, Change.IN_SCOPE):
            assert each.child_key not in eligible
            eligible.add(each.child_key)
        elif each.change is not Change.MOVED:
            eligible.remove(each.child_key)

    assert eligible == {each["child_key"] for each in now if each["reason"] == "eligible"}
    assert len({each.child_key for each in changes}) == len(changes)
    assert roster_changes(now, now) == []
