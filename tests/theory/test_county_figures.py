"""Is the simulated county calibrated to published figures, and as hard as it should be?

Bounds are those of the studies the preset names, or of what a county of 6,000 children can tell.
"""

import numpy as np
import pandas as pd
import pytest

from tests.support_county import DELIVERING, auroc, oracle_auroc, oracle_rows, read_files, written_county

pytestmark = pytest.mark.slow

OUTCOMES = ("psychological", "guardianship")


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    return written_county(tmp_path_factory.mktemp("county"), children=6000, years=6)


@pytest.fixture(scope="module")
def rounds(county):
    return pd.read_parquet(county.truth / "rounds.parquet")


@pytest.fixture(scope="module", params=["high", "low"])
def other(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    return request.param, written_county(folder, children=6000, years=2, preset=request.param)


def test_every_source_has_rows(county):
    assert {name for name, rows in county.summary.rows.items() if rows > 0} == {
        source.name for source in DELIVERING
    }


def test_six_thousand_children_below_sixteen_live_here_at_any_time(rounds):
    living = rounds[rounds["age_years"] < 16].groupby("as_of").size()

    assert living.between(5600, 6400).all()
    assert 0.75 < rounds["in_scope"].mean() < 0.87


def test_twelve_in_a_hundred_would_be_abnormal_by_questionnaire(rounds):
    assert rounds["sdq_abnormal"].astype(float).mean() == pytest.approx(0.12, abs=0.01)


def test_twenty_one_and_nine_in_a_hundred_in_the_other_presets(other):
    name, county = other
    rounds = pd.read_parquet(county.truth / "rounds.parquet")
    expected = {"high": 0.21, "low": 0.09}[name]

    assert rounds["sdq_abnormal"].astype(float).mean() == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize(
    ("circumstances", "low", "high"),
    [
        (("divorced", "remarried"), 0.07, 0.10),  # 8.35 % of rural junior pupils have divorced parents
        (("guardian_ill",), 0.03, 0.06),
        (("disabled",), 0.01, 0.02),
        (("unattended", "young_unattended"), 0.08, 0.20),
        (("hardship",), 0.06, 0.11),  # half of it recognised: 3 to 5 %
    ],
)
def test_circumstances_are_as_common_as_published(rounds, circumstances, low, high):
    assert low < rounds[list(circumstances)].any(axis=1).mean() < high


@pytest.mark.parametrize(
    ("circumstance", "low", "high"),
    [
        ("transferred", 0.10, 0.15),
        ("bullied", 0.0289, 0.08),  # Zhejiang pupils to the county census
    ],
)
def test_pupils_are_transferred_and_bullied_as_often_as_published(rounds, circumstance, low, high):
    pupils = rounds[rounds["age_years"].between(7, 15)]

    assert low < pupils[circumstance].mean() < high


def test_the_two_severities_correlate_at_three_to_four_tenths(rounds):
    correlation = np.corrcoef(rounds["psychological_severity"], rounds["guardianship_severity"])[0, 1]

    assert 0.30 < correlation < 0.40


@pytest.mark.parametrize(
    ("outcome", "low", "high"), [("psychological", 0.03, 0.055), ("guardianship", 0.02, 0.045)]
)
def test_outcomes_arise_as_often_as_intended(county, outcome, low, high):
    rows = oracle_rows(county.truth, outcome)

    assert low < rows["happened"].mean() < high
    assert 0.6 * low < rows.loc[~rows["already"], "happened"].mean() < high


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_perfect_forecaster_is_good_but_far_from_sure(county, outcome):
    assert 0.80 < oracle_auroc(county.truth, outcome) < 0.88


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_no_single_circumstance_comes_near_the_perfect_forecaster(county, outcome):
    rows = oracle_rows(county.truth, outcome)
    rows = rows[~rows["already"]]
    happened = rows["happened"].to_numpy()
    told = set(rows.columns) - {"child", "id_number", "household", "as_of", "in_scope", "already", "happened"}
    single = {
        name: auroc(happened, rows[name].to_numpy(dtype=float))
        for name in sorted(told)
        if not name.endswith(("_risk", "_severity")) and name != "sdq_abnormal"
    }

    assert len(single) > 20
    assert (
        max(max(reached, 1 - reached) for reached in single.values())
        < oracle_auroc(county.truth, outcome) - 0.08
    )


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_true_risk_is_true(county, outcome):
    rows = oracle_rows(county.truth, outcome)
    rows = rows[~rows["already"]]
    order = np.argsort(rows[f"{outcome}_risk"].to_numpy(), kind="stable")
    fifths = np.array_split(rows["happened"].to_numpy(dtype=float)[order], 5)
    risks = np.array_split(rows[f"{outcome}_risk"].to_numpy()[order], 5)

    for happened, risk in zip(fifths, risks, strict=True):
        spread = np.sqrt(risk.sum())
        assert abs(happened.sum() - risk.sum()) < 4.5 * spread


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_most_severe_children_never_become_a_fact(county, outcome):
    rows = oracle_rows(county.truth, outcome)
    severity = rows[f"{outcome}_severity"]
    severe = rows[severity > severity.quantile(0.95)]

    assert 0.05 < severe["happened"].mean() < 0.5


def test_absences_are_more_before_a_finding_than_otherwise(county):
    rows = oracle_rows(county.truth, "psychological")
    rows = rows[~rows["already"] & (rows["age_years"] >= 7) & (rows["id_number"] != "")]
    counts: dict[str, list[pd.Timestamp]] = {}
    for file in read_files(county.deliveries):
        if file.source is None or file.source.name != "absences":
            continue
        for number, kind, day in zip(
            file.column("id_number"), file.column("kind"), file.column("occurred_on"), strict=True
        ):
            if kind in ("无故缺勤", "3", "旷课") and day.startswith("20") and not day.endswith("-02-30"):
                counts.setdefault(number, []).append(pd.Timestamp(day))
    days = {number: np.array(sorted(noted), dtype="datetime64[D]") for number, noted in counts.items()}
    nothing = np.array([], dtype="datetime64[D]")
    before = []
    for number, as_of in zip(rows["id_number"], rows["as_of"], strict=True):
        noted, end = days.get(number, nothing), np.datetime64(as_of, "D")
        before.append(((noted >= end - np.timedelta64(365, "D")) & (noted < end)).sum())
    before = np.array(before)
    happened = rows["happened"].to_numpy()

    assert before[happened].mean() > 1.3 * before[~happened].mean()


def test_schools_for_migrant_children_note_fewer_absences(county):
    kinds: dict[str, str] = {}
    absences: dict[str, int] = {}
    for file in read_files(county.deliveries):
        if file.source is not None and file.source.name == "enrolments":
            kinds |= dict(zip(file.column("id_number"), file.column("school_type"), strict=True))
        if file.source is not None and file.source.name == "absences":
            for number in file.column("id_number"):
                absences[number] = absences.get(number, 0) + 1
    migrant = [absences.get(number, 0) for number, kind in kinds.items() if kind in ("民办随迁子女学校", "3")]
    public = [absences.get(number, 0) for number, kind in kinds.items() if kind in ("公办", "1")]

    assert np.mean(migrant) < 0.8 * np.mean(public)
