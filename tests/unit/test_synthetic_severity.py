"""The county as it is lived: circumstances to severity, severity to facts, and what the truth may know."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from features.synthetic import PRESETS
from features.synthetic.county import simulate
from features.synthetic.facts import CHANNELS, PER_HOUSEHOLD, PSYCHOLOGICAL
from features.synthetic.family_records import police_records
from features.synthetic.life import recently
from features.synthetic.timeline import WARM_UP_MONTHS, Timeline
from features.synthetic.truth import window_risk
from tests.support_county import UNTIL

BASE = PRESETS["base"]
QUIET = replace(
    BASE.severity, child_spread=(0.0, 0.0), household_spread=(0.0, 0.0), drift_spread=(0.0, 1e-9),
    age_psychological=(0.0, 0.0, 0.0), psychological_per_year=0.0, shrink=0.5,
)  # fmt: skip


@pytest.fixture(scope="module")
def county():
    return simulate(BASE, children=1500, years=3, until=UNTIL, seed=7)


def test_a_circumstance_adds_its_shrunk_effect_and_nothing_else():
    severity = replace(
        QUIET,
        psychological_effects={"bullied": 1.2},
        guardianship_effects={"hardship": 0.6, "admonished": 0.0, "substantiated": 0.0},
    )
    county = simulate(replace(BASE, severity=severity), children=300, years=2, until=UNTIL, seed=7)
    bullied = recently(county.life.bullied, 12)

    np.testing.assert_allclose(county.psychological, 0.6 * bullied, atol=1e-6)
    np.testing.assert_allclose(county.guardianship, 0.3 * county.life.hardship, atol=1e-6)


def test_what_happened_is_recent_for_so_many_months_and_then_forgotten():
    happened = np.array([[False, True, False, False, False, False]])

    assert recently(happened, 3).tolist() == [[False, True, True, True, False, False]]


def test_an_admonition_weighs_on_severity_for_as_long_as_declared(county):
    child, month = county.established.facts["admonition"]
    before = county.established.hazards.latents.guardianship
    first = {int(one): int(when) for one, when in sorted(zip(child, month, strict=True), reverse=True)}
    reported = set(county.established.facts["grid"][0].tolist())
    effect = BASE.severity.shrink * BASE.severity.guardianship_effects["admonished"]
    checked = 0
    for one, when in first.items():
        if one in reported or (child == one).sum() > 1:
            continue
        added = county.guardianship[one] - before[one]
        end = min(when + BASE.facts.memory_months, len(added) - 1)
        assert added[: when + 1] == pytest.approx(0.0)
        assert added[when + 1 : end + 1] == pytest.approx(effect)
        assert added[end + 1 :] == pytest.approx(0.0)
        checked += 1

    assert checked > 10


def test_the_true_risk_does_not_know_what_its_own_window_establishes(county):
    as_of = date(2025, 10, 1)
    month = county.timeline.month_of(as_of)
    earlier = {
        name: (child[when < month], when[when < month])
        for name, (child, when) in county.established.facts.items()
    }
    without = replace(county, established=replace(county.established, facts=earlier))

    for known, blind in zip(window_risk(county, as_of), window_risk(without, as_of), strict=True):
        np.testing.assert_array_equal(known, blind)


def test_facts_befall_only_children_who_are_here(county):
    for name in CHANNELS:
        child, month = county.established.facts[name]
        assert len(child) > 0
        assert county.life.present[child, month].all()


def test_an_admonition_of_one_day_is_noted_for_siblings_alike(county):
    records = next(each for each in police_records(county) if each.source.name == "admonitions")
    homes = county.people.household[records.child]
    shared = [
        (home, set(records.occurred[homes == home].tolist()))
        for home in np.unique(homes)
        if len(set(records.child[homes == home].tolist())) == (homes == home).sum() > 1
    ]

    assert "admonition" in PER_HOUSEHOLD
    assert len(shared) > 3
    assert sum(len(days) == 1 for _, days in shared) > 0.5 * len(shared)


def test_no_child_is_in_crisis_at_school_before_school(county):
    child, month = county.established.facts["crisis"]

    assert county.life.age[child, month].min() >= 6
    assert PSYCHOLOGICAL == ("clinic", "crisis")


def test_the_span_is_so_many_years_and_the_month_they_begin_in():
    timeline = Timeline.ending(date(2026, 10, 31), 6)

    assert timeline.start == date(2020, 10, 1)
    assert timeline.rounds()[0] == date(2021, 4, 1)
    assert timeline.rounds()[-1] == date(2026, 10, 1)
    assert timeline.months[WARM_UP_MONTHS] == np.datetime64("2020-10")
