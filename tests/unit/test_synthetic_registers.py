"""What the registers of the simulated county say, and what being entered in one changes."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from features.synthetic import PRESETS
from features.synthetic.county import simulate
from features.synthetic.family_records import civil_affairs_records
from features.synthetic.records import Records
from features.synthetic.register_records import (
    child_disorder_management,
    hotline_lines,
    key_care_ledger,
    legal_aid,
    parent_insurance,
    rehabilitation,
    residence_permits,
    schooling_followups,
    self_declarations,
    unsupported_children,
)
from features.synthetic.truth import window_risk
from tests.support_county import UNTIL

BASE = PRESETS["base"]


@pytest.fixture(scope="module")
def county():
    return simulate(BASE, children=2500, years=4, until=UNTIL, seed=7)


def fresh(county, seed=1):
    return replace(county, rng=np.random.default_rng(seed))


def month_of(county, records: Records):
    offset = int(county.timeline.months[0].astype(int))
    return records.occurred.astype("datetime64[M]").astype(int) - offset


def test_a_child_entered_in_the_ledger_is_looked_at_for_so_long_and_not_entered_again(county):
    child, month = county.established.listed
    hazards = county.established.hazards
    last = hazards.nothing_yet()
    last["listed"][child[:1]] = month[0]

    months = BASE.facts.listed_months
    assert hazards.watched(month[0] + 1, last)[child[0]]
    assert hazards.watched(month[0] + months, last)[child[0]]
    assert not hazards.watched(month[0] + months + 1, last)[child[0]]
    assert not hazards.watched(month[0], last)[child[0]]
    for one in np.unique(child):
        assert (np.diff(np.sort(month[child == one])) > months).all()


def test_what_is_looked_for_is_found(county):
    hazards, month = county.established.hazards, county.timeline.month_of(date(2025, 4, 1))
    nobody, everybody = hazards.nothing_yet(), hazards.nothing_yet()
    everybody["listed"][:] = month - 1
    before, after = hazards.chances(month, nobody), hazards.chances(month, everybody)
    below = after["grid"] < BASE.facts.ceiling

    boost = np.exp(BASE.facts.watched_boost)
    np.testing.assert_allclose(after["grid"][below], boost * before["grid"][below])
    assert (after["clinic"] == before["clinic"]).all()
    assert (after["admonition"] == before["admonition"]).all()


def test_the_true_risk_knows_who_was_entered_before_and_not_who_will_be(county):
    as_of = date(2025, 10, 1)
    month = county.timeline.month_of(as_of)
    child, when = county.established.listed
    earlier = (child[when < month], when[when < month])
    blind = replace(county, established=replace(county.established, listed=earlier))
    nobody = replace(county, established=replace(county.established, listed=(child[:0], when[:0])))

    np.testing.assert_array_equal(window_risk(county, as_of)[1], window_risk(blind, as_of)[1])
    assert (window_risk(nobody, as_of)[1] <= window_risk(county, as_of)[1]).all()
    assert (window_risk(nobody, as_of)[1] < window_risk(county, as_of)[1]).any()


def test_those_on_the_ledger_are_visited_about_twice_as_often(county):
    visits = next(each for each in civil_affairs_records(fresh(county)) if each.source.name == "care_visits")
    seen = np.zeros(county.life.present.shape)
    np.add.at(seen, (visits.child, month_of(county, visits)), 1)
    first = county.timeline.month_of(county.timeline.start)
    lived = county.life.present.copy()
    lived[:, :first] = False

    watched, others = county.watched & lived, ~county.watched & lived
    assert 1.6 < seen[watched].mean() / seen[others].mean() < 3.2


def test_the_ledger_is_entered_reviewed_and_left_in_this_order(county):
    records = key_care_ledger(fresh(county))
    event, level = records.values["event"], records.values["level"]

    assert {"entered", "reviewed", "removed"} == set(event)
    assert set(records.values["category"]) == {
        "hardship", "illness", "guardianship", "mind", "asked", "vagrancy",
    }  # fmt: skip
    entered = {}
    for child, day, what in zip(records.child, records.occurred, event, strict=True):
        entered.setdefault(child, []).append((day, what))
    firsts = [min(each)[1] for each in entered.values()]
    assert np.mean([what == "entered" for what in firsts]) > 0.9
    severe = county.guardianship[
        records.child, np.minimum(month_of(county, records), county.life.age.shape[1] - 1)
    ]
    assert severe[level == "first"].mean() > severe[level == "watch"].mean() + 0.3


def test_no_call_is_taken_by_a_line_that_does_not_exist_yet(county):
    day = np.repeat(np.array(["2024-06-01", "2025-06-01"], dtype="datetime64[D]"), 400)
    line = hotline_lines(fresh(county), np.full(800, "psychological", dtype=object), day)

    assert "national_mind" not in set(line[:400])
    assert (line[400:] == "national_mind").mean() > 0.2
    assert {"province_mind", "youth"} <= set(line[:400])


def test_a_permit_is_issued_before_it_is_renewed_and_half_a_year_after_coming(county):
    records = residence_permits(fresh(county))
    people = county.people
    event = records.values["event"]

    assert (
        records.occurred - people.home_arrived[people.household[records.child]] >= np.timedelta64(183 - 20)
    ).all()
    assert (event == "renewed").sum() > (event == "issued").sum() > (event == "cancelled").sum() > 0
    assert {"guardian", "child"} == set(records.values["holder"])


def test_families_in_hardship_miss_renewals(county):
    records = residence_permits(fresh(county))
    poor = county.life.hardship[
        records.child, np.minimum(month_of(county, records), county.life.age.shape[1] - 1)
    ]
    lived = county.life.hardship[county.life.present].mean()

    renewed = records.values["event"] == "renewed"
    assert poor[renewed].mean() < 0.8 * lived


def test_parents_without_a_contract_leave_no_record_and_stops_follow_hardship(county):
    records = parent_insurance(fresh(county))
    silent = np.setdiff1d(np.arange(county.people.children), records.child)
    months = np.minimum(month_of(county, records), county.life.age.shape[1] - 1)
    poor = county.life.hardship[records.child, months]
    stopped = np.isin(records.values["state"], ("stopped", "unemployment"))

    assert 0.05 < len(silent) / county.people.children < 0.5
    standing = county.people.standing[county.people.household]
    assert standing[silent].mean() < standing.mean() - 0.3
    assert poor[stopped].mean() > 2 * poor[~stopped].mean()


def test_declarations_understate_and_those_in_need_declare_less(county):
    records = self_declarations(fresh(county))
    months = month_of(county, records)
    alone = county.life.unattended[records.child, months]
    hours = records.values["unattended_hours"]

    assert np.nanmean(hours[alone]) < BASE.registers.hours_mean
    assert np.nanmean(hours[~alone]) < 1.0
    declared = county.guardianship[records.child, months].mean()
    assert declared < county.guardianship[county.life.present].mean()
    assert set(records.values["need"][records.values["wants_help"] != "yes"]) == {""}


def test_a_childs_own_management_begins_after_a_clinic_saw_it(county):
    records = child_disorder_management(fresh(county))
    child, month = county.established.facts["clinic"]
    first = {}
    for one, when in zip(child, month, strict=True):
        first[one] = min(when, first.get(one, when))

    assert len(records.child) > 20
    assert all(
        day >= county.timeline.month_starts[first[one]]
        for one, day in zip(records.child, records.occurred, strict=True)
    )


def test_only_children_with_disabilities_are_rehabilitated(county):
    records = rehabilitation(fresh(county))

    assert county.life.disabled[records.child].all()
    assert {"served", "applied", "broken_off"} == set(records.values["event"])
    assert np.isnan(records.values["sessions"][records.values["event"] != "served"]).all()


def test_children_out_of_school_are_of_school_age(county):
    records = schooling_followups(fresh(county))
    stage = county.life.stage[records.child, month_of(county, records)]

    assert set(stage.tolist()) <= {2, 3}
    assert {"long_absent", "left_school"} <= set(records.values["situation"])
    assert 0.4 < (records.values["result"] == "returned").mean() < 0.95


def test_legal_aid_after_violence_follows_an_admonition(county):
    records = legal_aid(fresh(county))
    helped = set(records.child[records.values["matter"] == "violence"].tolist())

    assert helped <= set(county.established.facts["admonition"][0].tolist())
    assert {"support", "custody", "wages"} <= set(records.values["matter"])


def test_few_children_are_orphans_or_unsupported(county):
    records = unsupported_children(fresh(county))

    assert 3 < len(set(records.child.tolist())) < 0.02 * county.people.children
    assert "unsupported" in set(records.values["status"])
    assert set(records.values["living"][records.values["status"] == "ended"]) <= {""}
