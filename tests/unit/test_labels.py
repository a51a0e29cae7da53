"""What makes a label 1, 0 or unknown; dates at the edges of every window."""

from datetime import date, timedelta

import pandas as pd
import pytest

from features.sources import SOURCES
from models.facts import versions
from models.screeners import Screeners
from tests.support_models import DATES, record, table
from training.labels import State, count_states, label_rows, mature, never_heard
from training.matrix import Matrices, MatrixError, labelled_rows
from training.splits import SplitError

PSYCHOLOGICAL, GUARDIANSHIP = Screeners.psychological, Screeners.guardianship
AS_OF = date(2025, 4, 1)
START, END = date(2025, 5, 1), date(2025, 10, 28)
TRAINED_ON = date(2026, 11, 1)


def label(spec=PSYCHOLOGICAL, trained_on=TRAINED_ON, closed=True, as_of=AS_OF, **tables):
    rows = pd.DataFrame({"child_key": ["c1"], "as_of": [as_of]})
    frames = {name: table(records) for name, records in tables.items()}
    labelled = label_rows(spec, rows, frames, trained_on, [as_of] if closed else [])
    state = State(labelled["state"][0])
    value = labelled["label"][0]
    return state, None if pd.isna(value) else value


def visit(occurred_on, delay=10, block="F30-F39", child="c1", record_id="v1", **more):
    return record(child, record_id, occurred_on, delay, block=block, **more)


def disposed(disposition, on=START, risk="psychological", visited="yes", record_id="d1"):
    return record("c1", record_id, on, 1, risk=risk, disposition=disposition, visited=visited)


def alert(on, record_id="a1"):
    return record("c1", record_id, on, 1, lane="model")


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (START - timedelta(days=1), State.IN_GAP),
        (START, State.FACT),
        (END - timedelta(days=1), State.FACT),
        (END, State.QUIET),
        (AS_OF, State.IN_GAP),
        (AS_OF - timedelta(days=1), State.ALREADY),
        (AS_OF - timedelta(days=365), State.ALREADY),
        (AS_OF - timedelta(days=366), State.QUIET),
    ],
)
def test_a_fact_counts_inside_the_label_window_and_nowhere_else(day, state):
    assert label(visits=[visit(day, delay=0)])[0] is state


def test_a_fact_inside_the_gap_is_unknown_and_never_zero():
    assert label(visits=[visit(AS_OF + timedelta(days=10))]) == (State.IN_GAP, None)


def test_a_fact_learnt_on_the_training_date_is_too_late():
    learnt_late = (TRAINED_ON - START).days

    assert label(visits=[visit(START, delay=learnt_late)]) == (State.QUIET, 0.0)
    assert label(visits=[visit(START, delay=learnt_late - 1)]) == (State.FACT, 1.0)


@pytest.mark.parametrize(
    ("days_before", "learnt_after", "state"),
    [
        (20, 19, State.ALREADY),
        (20, 20, State.LATE),
        (365, 400, State.LATE),
        (366, 400, State.QUIET),
        (1, 1, State.LATE),
    ],
)
def test_an_earlier_fact_learnt_after_the_as_of_date_is_unknown_and_never_zero(
    days_before, learnt_after, state
):
    """Screening on that day could not have known it, and the child was in need all the same."""
    said = label(visits=[visit(AS_OF - timedelta(days=days_before), delay=learnt_after)])

    assert said == (state, 0.0 if state is State.QUIET else None)


def test_an_earlier_fact_nobody_has_learnt_by_the_training_date_changes_nothing():
    delay = (TRAINED_ON - AS_OF).days + 20

    assert label(visits=[visit(AS_OF - timedelta(days=20), delay=delay)]) == (State.QUIET, 0.0)


def test_a_fact_in_the_window_counts_whatever_was_learnt_late():
    late = visit(AS_OF - timedelta(days=20), delay=40, record_id="v2")

    assert label(visits=[late, visit(START)]) == (State.FACT, 1.0)


@pytest.mark.parametrize("day", [AS_OF + timedelta(days=10), AS_OF - timedelta(days=10)])
def test_a_fact_just_before_the_window_outweighs_a_visit_that_confirmed_nothing(day):
    state, value = label(visits=[visit(day, delay=60)], dispositions=[disposed("not_confirmed")])

    assert state is (State.IN_GAP if day > AS_OF else State.LATE)
    assert value is None


def test_a_diagnosis_outside_the_psychological_blocks_is_no_fact():
    assert label(visits=[visit(START, block="J00-J99")]) == (State.QUIET, 0.0)


def test_a_record_corrected_before_the_training_date_counts_as_corrected():
    wrong = visit(START) | {"superseded_on": START + timedelta(days=40)}
    right = visit(START, delay=40, block="J00-J99", version=2)

    assert label(visits=[wrong, right]) == (State.QUIET, 0.0)


def test_a_correction_learnt_later_leaves_the_record_standing_till_then():
    wrong = visit(START) | {"superseded_on": TRAINED_ON}

    assert label(visits=[wrong])[0] is State.FACT


@pytest.mark.parametrize(
    ("disposition", "visited", "state", "value"),
    [
        ("confirmed", "yes", State.CONFIRMED, 1.0),
        ("not_confirmed", "yes", State.REFUTED, 0.0),
        ("confirmed", "no", State.FLAGGED, None),
        ("not_confirmed", "no", State.FLAGGED, None),
        ("worth_raising", "yes", State.FLAGGED, None),
        ("already_known", "yes", State.FLAGGED, None),
        ("cannot_tell", "yes", State.FLAGGED, None),
    ],
)
def test_only_a_visit_that_confirms_or_does_not_makes_a_label(disposition, visited, state, value):
    said = label(dispositions=[disposed(disposition, visited=visited)], alerts=[alert(AS_OF)])

    assert said == (state, value)


def test_a_disposition_about_the_other_risk_says_nothing_of_this_one():
    said = label(dispositions=[disposed("confirmed", risk="guardianship")], alerts=[alert(AS_OF)])

    assert said == (State.FLAGGED, None)


def test_a_flagged_child_without_an_answer_is_unknown_and_an_unflagged_one_is_zero():
    assert label(alerts=[alert(END - timedelta(days=1))]) == (State.FLAGGED, None)
    assert label(alerts=[alert(END)]) == (State.QUIET, 0.0)
    assert label(alerts=[alert(AS_OF - timedelta(days=1))]) == (State.QUIET, 0.0)


def test_a_flagged_child_with_a_fact_is_one():
    assert label(alerts=[alert(AS_OF)], visits=[visit(START)]) == (State.FACT, 1.0)


def test_a_fact_outweighs_a_visit_that_confirmed_nothing():
    said = label(dispositions=[disposed("not_confirmed")], visits=[visit(START + timedelta(days=60))])

    assert said == (State.FACT, 1.0)


def test_while_the_window_is_open_only_what_happened_is_known():
    assert label(closed=False) == (State.OPEN, None)
    assert label(closed=False, dispositions=[disposed("not_confirmed")]) == (State.OPEN, None)
    assert label(closed=False, dispositions=[disposed("confirmed")]) == (State.CONFIRMED, 1.0)
    assert label(closed=False, visits=[visit(START)]) == (State.FACT, 1.0)


def test_an_assessment_at_insufficient_is_no_guardianship_outcome_and_one_at_improper_is():
    def assessed(conclusion):
        return record("c1", "g1", START, 10, conclusion=conclusion)

    assert label(GUARDIANSHIP, guardianship_assessments=[assessed("insufficient")])[0] is State.QUIET
    assert label(GUARDIANSHIP, guardianship_assessments=[assessed("improper")])[0] is State.FACT


def test_a_report_counts_only_once_it_is_substantiated():
    def reported(verified):
        return record("c1", "g1", START, 10, kind="neglect", verified=verified)

    assert label(GUARDIANSHIP, grid_reports=[reported("open")])[0] is State.QUIET
    assert label(GUARDIANSHIP, grid_reports=[reported("substantiated")])[0] is State.FACT


def test_one_childs_fact_is_no_other_childs():
    assert label(visits=[visit(START, child="c2")])[0] is State.QUIET


HEARD = {fact.source.name: date(2026, 10, 25) for fact in PSYCHOLOGICAL.outcome.facts}


@pytest.mark.parametrize(
    ("as_of", "trained_on", "heard", "ripe"),
    [
        (date(2025, 4, 1), TRAINED_ON, {}, True),
        (date(2025, 4, 1), END, {name: END + timedelta(days=92) for name in HEARD}, True),
        (date(2025, 4, 1), END - timedelta(days=1), {}, False),
        (date(2026, 4, 1), TRAINED_ON, HEARD, False),
        (date(2025, 4, 1), TRAINED_ON, {"visits": END + timedelta(days=91)}, False),
        (date(2025, 4, 1), TRAINED_ON, {"visits": END + timedelta(days=92)}, True),
        (date(2025, 4, 1), TRAINED_ON, {"visits": None}, True),
    ],
)
def test_a_date_is_ripe_when_its_window_closed_and_every_fact_had_time_to_arrive(
    as_of, trained_on, heard, ripe
):
    assert mature(PSYCHOLOGICAL, as_of, trained_on, heard) is ripe


def test_a_source_nobody_ever_delivered_is_named():
    assert never_heard(PSYCHOLOGICAL, {"visits": END}) == ("counsellor_visits",)


def test_every_state_is_counted_even_where_none_has_it():
    rows = pd.DataFrame({"state": ["fact", "fact", "window_open"]})

    counts = count_states(rows)

    assert counts["fact"] == 2
    assert counts["not_confirmed_after_visit"] == 0
    assert set(counts) == {state.value for state in State}


def test_facts_are_read_from_the_lakes_files_as_from_frames(tmp_path):
    frame = table([visit(START), visit(START, block="J00-J99", record_id="v2")])
    path = tmp_path / "visits.parquet"
    frame.to_parquet(path)

    from_file = versions({"visits": path}, PSYCHOLOGICAL.outcome.facts)

    assert from_file["record_id"].tolist() == ["v1"]
    assert from_file.equals(versions({"visits": frame}, PSYCHOLOGICAL.outcome.facts))


def test_no_source_no_facts():
    assert versions({}, PSYCHOLOGICAL.outcome.facts).empty


def test_rows_that_lack_a_feature_are_refused_with_what_to_run():
    bare = Matrices(pd.DataFrame({"child_key": ["c1"], "as_of": [AS_OF]}), {})

    with pytest.raises(MatrixError, match="run python -m features build again"):
        labelled_rows(PSYCHOLOGICAL, bare, {}, TRAINED_ON, {})


def test_one_round_is_too_few_to_train_on():
    values = {name: [1.0] for name in PSYCHOLOGICAL.columns}
    one = Matrices(pd.DataFrame({"child_key": ["c1"], "as_of": [DATES[0]], **values}), {})

    with pytest.raises(SplitError, match="1 as-of dates have closed label windows"):
        labelled_rows(PSYCHOLOGICAL, one, {}, TRAINED_ON, {})


def test_every_fact_source_is_declared():
    names = {source.name for source in SOURCES}

    assert {
        fact.source.name for spec in (PSYCHOLOGICAL, GUARDIANSHIP) for fact in spec.outcome.facts
    } <= names
