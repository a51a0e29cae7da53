"""Do the simulated county's instruments behave as published ones do?

Shares and means are those of the studies named; bounds are what forms clustered in some eighty schools
can tell. Nothing here says how real children fare.
"""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.sources import Instruments
from features.synthetic import PRESETS
from features.synthetic.county import simulate
from features.synthetic.instrument_records import instrument_records
from features.synthetic.life import PRIMARY
from tests.support_county import lake_values

pytestmark = pytest.mark.slow

UNTIL = date(2026, 10, 31)


def forms_of(preset, children=14000, seeds=(11,)):
    """Every form as the lake keeps it, with the severity behind it and the child's school and household."""
    parts = []
    for seed in seeds:
        county = simulate(PRESETS[preset], children, 5, UNTIL, seed)
        records = instrument_records(county)
        kept = lake_values(records)
        frame = pd.DataFrame({name: kept[name] for name in kept if name not in ("answers", "norms")})
        month = np.searchsorted(county.timeline.month_starts, records.occurred, side="right") - 1
        frame["child"], frame["day"] = records.child, records.occurred
        frame["severity"] = county.psychological[records.child, month]
        frame["school"] = county.life.school[records.child, month]
        parts.append(frame)
    return pd.concat(parts, ignore_index=True), county


@pytest.fixture(scope="module")
def base():
    return forms_of("base")


@pytest.fixture(scope="module")
def forms(base):
    return base[0]


def of(forms, instrument, informant="self", state="scored"):
    rows = (forms["instrument"] == instrument) & (forms["informant"] == informant)
    return forms[rows & (forms["state"] == state)] if state else forms[rows]


@pytest.mark.parametrize(
    ("instrument", "informant", "published", "within"),
    [
        ("sdq", "parent", 0.12, 0.02),  # the base county: between 9 % and Guangzhou's 21.0 %
        ("gad7", "self", 0.142, 0.025),  # Zhejiang secondary pupils, 10 and above
        ("phq9", "self", 0.202, 0.03),  # county census, above nine
    ],
)
def test_shares_at_or_above_the_cut_off_are_the_published_ones(
    forms, instrument, informant, published, within
):
    found = of(forms, instrument, informant)

    assert len(found) > 2000
    assert (found["at_cut_off"] == "yes").mean() == pytest.approx(published, abs=within)


def test_more_parents_lie_above_the_cut_off_in_the_high_county_and_fewer_in_the_low(forms):
    share = {
        name: (of(forms_of(name, children=6000)[0], "sdq", "parent")["at_cut_off"] == "yes").mean()
        for name in ("high", "low")
    }

    assert share["low"] < (of(forms, "sdq", "parent")["at_cut_off"] == "yes").mean() < share["high"]
    assert share["high"] == pytest.approx(0.21, abs=0.05)  # Guangzhou, migrant pupils
    assert share["low"] == pytest.approx(0.09, abs=0.03)


def test_strain_has_the_published_mean_and_spread(forms):
    total = of(forms, "k10")["total"].astype(float)

    assert total.mean() == pytest.approx(21.5, abs=1.2)  # 148,892 pupils, 2019
    assert total.std() == pytest.approx(9.2, abs=1.2)


@pytest.mark.parametrize(
    ("instrument", "informant"),
    [
        ("sdq", "parent"),
        ("sdq", "self"),
        ("mht", "self"),
        ("phq9", "self"),
        ("gad7", "self"),
        ("k10", "self"),
    ],
)
def test_every_instrument_tells_something_of_severity_and_far_from_all(forms, instrument, informant):
    found = of(forms, instrument, informant)

    assert 0.50 < np.corrcoef(found["total"].astype(float), found["severity"])[0, 1] < 0.70


def test_parent_and_pupil_agree_little(forms):
    both = of(forms, "sdq", "parent").merge(
        of(forms, "sdq"), on=["child", "day"], suffixes=("_parent", "_self")
    )

    assert len(both) > 500
    assert (
        0.28 < np.corrcoef(both["total_parent"].astype(float), both["total_self"].astype(float))[0, 1] < 0.46
    )


def test_two_questionnaires_of_one_sitting_agree_well(forms):
    both = of(forms, "phq9").merge(of(forms, "gad7"), on=["child", "day"])

    assert 0.70 < np.corrcoef(both["total_x"].astype(float), both["total_y"].astype(float))[0, 1] < 0.92


def test_a_positive_safety_item_is_rare_and_severe(forms):
    screened = forms[forms["instrument"].isin(["phq9", "mht"])]
    positive = screened["safety_item"] == "yes"

    assert 0.005 < positive.mean() < 0.03
    assert screened[positive]["severity"].mean() > screened["severity"].mean() + 0.5


def test_a_few_forms_are_void_and_none_of_them_has_a_value(forms):
    mht = of(forms, "mht", state=None)
    void = mht[mht["state"] == "invalid"]

    assert 0.02 < len(void) / len(mht) < 0.09
    assert void["total"].isna().all()
    assert (void["level"].isna()).all()


def test_who_is_asked_and_who_takes_part_is_not_chance(base):
    """Fewer schools for migrant children screen, and pupils who fare badly take part less: not at random."""
    forms, county = base
    pupils = county.life.present & (county.life.stage >= PRIMARY)
    asked = np.isin(np.arange(county.people.children), forms["child"].unique())
    by_type = [asked[pupils.any(axis=1) & (county.life.school_type == kind)].mean() for kind in range(3)]
    taking_part = of(forms, "phq9")
    months = county.timeline.months.astype(int) % 12
    there = np.isin(county.life.school, taking_part["school"].unique()) & np.isin(months, (3, 10))[None, :]
    of_the_schools = county.psychological[county.life.present & there]

    assert by_type[2] < 0.8 * by_type[0]
    assert forms["child"].nunique() < 0.75 * pupils.any(axis=1).sum()
    assert taking_part["severity"].mean() < of_the_schools.mean() - 0.05


def test_every_form_is_one_that_intake_accepts(forms):
    assert (forms["state"] != "").all()
    assert set(forms["state"]) <= {
        code.value for code in Instruments.instrument_results.column("state").codes
    }
