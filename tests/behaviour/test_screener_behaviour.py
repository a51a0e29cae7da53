"""The fitted screeners on plain cases: what should matter does, what should not does not."""

import pytest

from tests.support_models import DATES, DRIVERS, newest_rows, screener

SILENT = {day: frozenset() for day in DATES}
PLAIN = (
    newest_rows().head(1).assign(absences_unexplained_90d=0.0, bullied_365d=0.0, parents_divorced_730d=0.0)
)


def risk(name="psychological", **values):
    [said] = screener(name).screen(PLAIN.assign(**values), SILENT)
    return said.risk


@pytest.mark.parametrize(("feature", "weight"), DRIVERS["psychological"])
def test_what_drives_the_outcome_raises_the_risk(feature, weight):
    assert risk(**{feature: 3.0}) > risk(**{feature: 0.0})


@pytest.mark.parametrize(("feature", "weight"), DRIVERS["guardianship"])
def test_the_guardianship_screener_listens_to_its_own_drivers(feature, weight):
    assert risk("guardianship", **{feature: 3.0}) > risk("guardianship", **{feature: 0.0})


def test_several_signs_together_weigh_more_than_each():
    together = risk(absences_unexplained_90d=4.0, bullied_365d=3.0)

    assert together > max(risk(absences_unexplained_90d=4.0), risk(bullied_365d=3.0))


@pytest.mark.parametrize("column", ["sex", "area_code", "school_type", "stage", "child_key"])
def test_who_and_where_the_child_is_changes_nothing(column):
    assert risk(**{column: "another"}) == risk()


def test_the_strongest_sign_is_the_first_reason():
    [said] = screener().screen(PLAIN.assign(bullied_365d=4.0), SILENT)

    assert said.reasons[0].family == "relations"
    assert said.reasons[0].features[0].feature == "bullied_365d"
    assert said.reasons[0].contribution > 0


def test_a_small_change_of_a_number_does_not_turn_a_risk_upside_down():
    before, after = risk(percentile_latest_365d=50.0), risk(percentile_latest_365d=51.0)

    assert abs(after - before) < 0.05
