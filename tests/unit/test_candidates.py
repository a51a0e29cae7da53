"""The candidates of a run: what each is, that tuning sees no later row, and which one is proposed."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from features.language import RiskDirection, Text
from models.calibration import Calibration
from models.margins import Line, Sum
from models.measures import Interval, auroc
from models.screener import Screener, ScreenerError
from models.screeners import ScreenerSpec
from models.tables import TableColumn, TableFamily, TableOutcome
from tests.support_models import QUICK, TRAINED_ON, form, training_record
from tests.support_models import labelled as labelled_widely
from training.candidates import CANDIDATES, Candidate, fit_candidates
from training.fit import FitError, Parameters, Trial
from training.forms import fit_single
from training.inner import inner_split, lots, some_children
from training.proposal import propose
from training.run import judge
from training.splits import closes_on
from training.tuning import Budget, tune

NAMES = ("constant", "single", "rules", "linear", "additive", "booster")


# Enough for every form, and few enough to make each in a moment.
READ = (
    "age_years", "absences_unexplained_90d", "bullied_365d", "parents_divorced_730d", "left_unattended_365d",
    "conflict_reports_365d", "temporary_aid_365d", "sleep_hours_latest_365d", "percentile_latest_365d",
    "admonitions_730d", "school_leave_730d", "own_bills_yuan_730d",
)  # fmt: skip


@cache
def labelled():
    data = labelled_widely()
    features = tuple(feature for feature in data.spec.features if feature.name in READ)
    return replace(data, spec=replace(data.spec, features=features))


@cache
def candidate(name):
    [made] = fit_candidates(labelled(), QUICK, TRAINED_ON, "code", simulated=True, forms=[form(name)])
    return made


def all_made():
    return tuple(candidate(name) for name in NAMES)


def test_the_candidates_are_declared_from_simple_to_complex():
    assert tuple(form.name for form in CANDIDATES) == NAMES
    assert [one.simplicity for one in all_made()] == list(range(6))
    assert [one.screener.model.kind for one in all_made()] == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_candidate_is_a_screener_that_is_saved_and_read_back_to_the_bit(name, tmp_path):
    made = candidate(name).screener
    rows = labelled().judge.head(50)
    silent = {day: frozenset() for day in set(rows["as_of"])}
    made.save(tmp_path)

    again = Screener.load(tmp_path, [made.spec])

    assert again.version == made.version
    assert [s.to_json() for s in again.screen(rows, silent)] == [
        s.to_json() for s in made.screen(rows, silent)
    ]


@pytest.mark.parametrize("name", ["single", "linear", "additive", "booster"])
def test_no_candidate_moves_against_a_declared_direction(name):
    from evaluation.judging import wrong_way

    assert wrong_way(candidate(name).screener, labelled().judge, probed=40) == 0


@pytest.mark.parametrize("name", ["single", "linear", "additive", "booster"])
def test_every_candidate_that_learns_beats_chance_on_later_rows(name):
    rows = labelled().judge

    assert auroc(rows["label"].to_numpy(), candidate(name).screener.risk(rows)) > 0.58


def test_the_base_rate_says_the_same_of_every_child_and_is_calibrated_to_later_dates():
    made = candidate("constant").screener

    risk = made.risk(labelled().judge)

    assert len(set(risk.tolist())) == 1
    assert risk[0] == pytest.approx(labelled().calibrate["label"].mean())
    assert made.calibration.bounds(np.zeros(1))[0] < made.calibration.bounds(np.zeros(1))[1]


def test_the_same_rows_make_the_same_candidates_to_the_bit():
    forms = [form(name) for name in ("single", "linear", "additive", "booster")]
    plan = replace(QUICK, budget=Budget(trials=2))
    again = [
        fit_candidates(labelled(), plan, TRAINED_ON, "code", simulated=True, forms=forms) for _ in range(2)
    ]

    assert [one.screener.version for one in again[0]] == [one.screener.version for one in again[1]]


def test_rows_in_another_order_choose_the_same_feature():
    mixed = labelled().fit.sample(frac=1, random_state=4)

    assert fit_single(labelled().spec, mixed).terms[0].column == "bullied_365d"


def test_the_best_single_feature_is_one_that_moves_as_declared():
    spec = labelled().spec
    turned = [replace(f, risk=RiskDirection.FALLS) if f.name == "bullied_365d" else f for f in spec.features]
    for before, after in zip(spec.features, turned, strict=True):
        object.__setattr__(after, "name", before.name)

    chosen = fit_single(replace(spec, features=tuple(turned)), labelled().fit).terms[0]

    assert chosen.column != "bullied_365d"


@pytest.mark.parametrize("name", ["single", "linear", "additive", "booster"])
def test_no_form_is_fitted_or_tuned_on_a_later_row(name):
    """Whatever stands in the later rows, labels turned round included, the margin is the same to the bit."""
    data = labelled()
    plan = replace(QUICK, budget=Budget(trials=2))
    rng = np.random.default_rng(3)

    def spoiled(rows):
        noise = {column: rng.normal(size=len(rows)) for column in data.spec.columns}
        return rows.assign(label=1 - rows["label"], **noise)

    other = replace(data, calibrate=spoiled(data.calibrate), judge=spoiled(data.judge))
    (model, told), (again, told_again) = (form(name).fit(rows, plan) for rows in (data, other))

    assert again.to_text() == model.to_text()
    assert told_again == told


def test_the_inner_split_learns_only_from_dates_whose_windows_had_closed():
    spec, rows = labelled().spec, labelled().fit

    early, late = inner_split(spec, rows)

    assert set(late["as_of"]) == {max(rows["as_of"])}
    assert all(
        closes_on(day, spec.gap_days, spec.horizon_days) <= max(rows["as_of"]) for day in early["as_of"]
    )


def test_of_a_single_date_children_are_parted_by_lot_and_never_torn_apart():
    rows = labelled().fit
    one = rows.assign(as_of=max(rows["as_of"]))

    early, late = inner_split(labelled().spec, one)

    assert not set(early["child_key"]) & set(late["child_key"])
    assert 0.1 < len(late) / len(one) < 0.3


def test_some_children_are_whole_children_and_always_the_same_ones():
    rows = labelled().fit

    some = some_children(rows, len(rows) // 3)

    assert abs(len(some) - len(rows) / 3) < len(rows) * 0.05
    assert len(rows[rows["child_key"].isin(some["child_key"])]) == len(some)
    assert (
        some_children(rows.sample(frac=1, random_state=1), len(rows) // 3)
        .index.sort_values()
        .equals(some.index)
    )
    assert len(set(lots(rows).tolist())) == rows["child_key"].nunique()


def test_tuning_tries_the_declared_parameters_first_and_keeps_to_its_budget():
    data = labelled()
    start = QUICK.parameters

    tuned = tune(data.spec, data.fit, start, Budget(trials=3))

    assert len(tuned.tried) == 3
    assert tuned.tried[0][0]["learning_rate"] == start.learning_rate
    assert tuned.tried[0][1] == pytest.approx(Trial(data.spec, data.fit).stop(start).loss)
    best = min(loss for _, loss in tuned.tried)
    assert Trial(data.spec, data.fit).stop(tuned.parameters).loss == pytest.approx(best)


def test_without_a_budget_the_declared_parameters_are_used():
    assert tune(labelled().spec, labelled().fit, Parameters(), Budget(trials=0)).parameters == Parameters()


def proposal(*made: Candidate, rows=None, **measures):
    rows = labelled().judge if rows is None else rows
    found = judge(made, replace(labelled(), judge=rows))
    return propose(made, rows, {**found, **measures}, np.random.default_rng(1))


def test_a_simpler_candidate_that_cannot_be_told_from_the_best_is_proposed():
    best = candidate("booster")
    twin = Candidate("twin", Text("孪生", "A twin"), 0, best.screener)

    found = proposal(twin, best)

    assert found.proposed == "twin"
    assert found.standings[1].loss_above_best == Interval(0.0, 0.0, 0.0)


def test_a_simpler_candidate_that_is_worse_is_not_proposed():
    found = proposal(candidate("constant"), candidate("booster"))

    assert (found.proposed, found.best) == ("booster", "booster")
    assert not found.standings[0].not_worse
    assert found.standings[0].loss_above_best.low > 0
    assert "every simpler form is worse" in found.sentence.en


def test_a_simpler_candidate_that_is_not_calibrated_is_not_proposed():
    best = candidate("booster")
    twin = Candidate("twin", Text("孪生", "A twin"), 0, best.screener)
    off = {"calibration_slope": Interval(0.5, 0.4, 0.6), "observed_to_expected": Interval(1.0, 0.9, 1.1)}

    found = proposal(twin, best, twin=off)

    assert found.proposed == "booster"
    assert not found.standings[0].calibrated


def test_if_none_is_calibrated_the_best_is_proposed_and_the_sentence_says_so():
    off = {"calibration_slope": Interval(0.5, 0.4, 0.6), "observed_to_expected": Interval(1.0, 0.9, 1.1)}

    found = proposal(candidate("constant"), candidate("booster"), constant=off, booster=off)

    assert found.proposed == "booster"
    assert "No candidate is calibrated" in found.sentence.en


def test_a_form_that_cannot_be_made_is_left_out_with_its_reason():
    said = []
    table = table_data()
    rules_only = fit_candidates(
        table, QUICK, TRAINED_ON, "code", simulated=False, forms=[form("rules"), form("constant")],
        progress=said.append,
    )  # fmt: skip

    assert [one.name for one in rules_only] == ["constant"]
    assert any("left out: none of the facts the published rules ask for" in line for line in said)


def test_the_form_the_screener_declares_must_be_made():
    table = table_data()
    data = replace(table, spec=replace(table.spec, form="rules"))

    with pytest.raises(FitError, match="none of the facts"):
        fit_candidates(data, QUICK, TRAINED_ON, "code", simulated=False, forms=[form("rules")])


SCHOOL = TableFamily("school_life", Text("学校生活", "School life"))
TABLE = ScreenerSpec(
    name="sadness",
    title=Text("难过", "Sadness"),
    outcome=TableOutcome("sad", Text("难过两周", "Sad for two weeks")),
    features=(
        TableColumn("bullied", Text("被欺凌", "Bullied"), SCHOOL, RiskDirection.RISES),
        TableColumn("grades", Text("成绩", "Grades"), SCHOOL),
    ),
    why="A table of another county.",
    must_know=("school_life",),
    age_column=None,
)


def table_data():
    data = labelled()
    names = {"bullied_365d": "bullied", "absences_unexplained_90d": "grades"}
    frames = {
        part: getattr(data, part)[["child_key", "as_of", "label", *names]].rename(columns=names)
        for part in ("fit", "calibrate", "judge")
    }
    return replace(data, spec=TABLE, **frames)


@pytest.mark.parametrize("name", ["constant", "single", "linear", "additive", "booster"])
def test_a_plain_table_is_screened_with_reasons_and_coverage_and_no_records(name):
    data = table_data()
    [made] = fit_candidates(data, QUICK, TRAINED_ON, "code", simulated=False, forms=[form(name)])

    rows = data.judge[["bullied", "grades"]].head(4).assign(bullied=[3.0, 0.0, np.nan, np.nan])
    said = made.screener.screen(rows.assign(grades=[1.0, np.nan, 2.0, np.nan]))

    assert [one.abstained for one in said] == [None, None, None, "too_little_known"]
    assert [one.coverage.share for one in said] == [1.0, 0.5, 0.5, 0.0]
    assert said[3].coverage.unknown_families == ("school_life",)
    assert [reason.family for reason in said[0].reasons] == ["school_life"]
    assert said[0].base + said[0].reasons[0].contribution == pytest.approx(said[0].margin, abs=1e-9)
    assert said[0].as_of is None
    assert type(said[0]).from_json(said[0].to_json()) == said[0]


def test_a_screener_whose_margin_reads_other_columns_is_refused():
    margin = Sum("linear", ("bullied",), 0.0, (Line("bullied", 0.0, 1.0, 1.0, 0.0, 0.0, 1.0),))

    with pytest.raises(ScreenerError, match="reads other columns than sadness declares"):
        Screener(TABLE, margin, Calibration(1.0, 0.0, ((1.0, 0.0),)), 0.1, [0.0], training_record())
