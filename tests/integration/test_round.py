"""A round of screening: who is alerted, once; what is kept; what a week later brings."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from sqlalchemy import func, select

from features.catalogue import FEATURES
from features.cohort import cohort
from features.engine import Engine
from features.lake import Lake
from features.matrices import build
from features.people import People
from features.reference import counting
from features.sources import source_named
from models.champions import load_champions
from models.facts import already_positive
from models.screening import Screening
from serving.raising import raise_triggers
from serving.review import audit
from serving.review.store import Store
from serving.review.tables import AlertRow, Case, FeatureRow, OutboxRow, Release, ScreeningRow
from serving.screening import NothingToScreen, next_release, run_round
from tests.support_serving import AS_OF, NOW, TODAY, copy_home, delivery, round_deps, settings_at


def quiet(_: str) -> None:
    """Progress nobody looks at."""


@contextmanager
def opened(folder: Path):
    home = copy_home(folder / "home")
    settings = settings_at(home)
    store = Store.open(settings.review_url)
    store.migrate()
    yield round_deps(home, store, load_champions(settings.champions))
    store.close()


@pytest.fixture
def deps(tmp_path):
    with opened(tmp_path) as deps:
        yield deps


@pytest.fixture(scope="module")
def screened(tmp_path_factory):
    """A round that has been screened once; for tests that only look."""
    with opened(tmp_path_factory.mktemp("screened")) as deps:
        yield deps, run_round(deps, TODAY, Random(1), quiet)


def rows(deps, table) -> list:
    with deps.store.read() as session:
        return list(session.scalars(select(table)))


def later(deps, days: int):
    return replace(deps, now=lambda: NOW + timedelta(days=days))


def report(deps, record_id: str, key: str, occurred_on: date, known_on: date, **values: str) -> None:
    """A grid report of suspected abuse, or another kind, delivered on a day."""
    source = source_named("grid_reports")
    row = {
        "child_key": key, "record_id": record_id, "version": 1, "occurred_on": occurred_on,
        "known_on": known_on, "delivery": f"late-{record_id}", "kind": "abuse", "verified": "open", **values,
    }  # fmt: skip
    deps.lake.append(source, pd.DataFrame([row]), delivery(source, 1, f"late-{record_id}", known_on))
    deps.lake.compact()


def keys_of(deps) -> list[str]:
    return sorted(cohort(deps.lake.tables(), AS_OF, deps.profile)["child_key"])


def test_a_round_opens_one_case_a_child_and_keeps_everybody_s_screenings(screened):
    deps, done = screened

    alerts, cases, kept = rows(deps, AlertRow), rows(deps, Case), rows(deps, ScreeningRow)
    assert (done.round_id, done.number, done.by_rules) == ("2026-10-01", 1, False)
    assert done.opened.alerts == len(alerts) > 5
    assert len({case.child_key for case in cases}) == len(cases) == done.opened.opened
    assert {alert.child_key for alert in alerts} == {case.child_key for case in cases}
    people = cohort(deps.lake.tables(), AS_OF, deps.profile)
    scope = set(people[people["eligible"]]["child_key"])
    assert {row.as_of for row in kept} == {AS_OF}
    for name, screener in deps.champions.items():
        positive = already_positive(deps.lake.tables(), screener.spec.outcome, [AS_OF])[AS_OF]
        mine = [row.child_key for row in kept if row.screener == name]
        assert sorted(mine) == sorted(scope - positive)
    assert {row.id for row in rows(deps, FeatureRow)} == {row.feature_row_id for row in kept}


def test_ranked_alerts_stay_within_the_capacity_of_each_area(screened):
    deps, _ = screened

    areas = {case.id: case.area_code[:9] for case in rows(deps, Case)}
    ranked = [areas[a.case_id] for a in rows(deps, AlertRow) if a.lane in ("model", "rule", "audit")]
    counts = pd.Series(ranked).value_counts()
    assert counts.max() == deps.policy.capacity_per_area
    assert len(counts) > 1  # an area where nobody is ranked has no row


def test_an_audit_draw_carries_its_probability(screened):
    deps, _ = screened

    drawn = [alert for alert in rows(deps, AlertRow) if alert.lane == "audit"]
    assert drawn
    assert all(0 < alert.draw_probability < 1 for alert in drawn)


def test_alerted_children_s_reasons_name_the_records_that_count(screened):
    deps, _ = screened

    alert = next(a for a in rows(deps, AlertRow) if a.lane == "model")
    screening = next(
        Screening.from_json(row.body)
        for row in rows(deps, ScreeningRow)
        if row.child_key == alert.child_key and row.screener == alert.screener
    )
    records = deps.lake.child_records(alert.child_key)
    features = {feature.name: feature for feature in FEATURES}
    named = 0
    for reason in (
        item for family in screening.reasons for item in family.features if item.value is not None
    ):
        feature = features[reason.feature]
        found = counting(feature, records.get(feature.source.name, []), AS_OF)
        assert [e.record_id for e in reason.evidence] == [record.record_id for record in found]
        named += len(found)
    assert named > 5


def test_running_a_round_again_opens_nothing_twice(deps):
    run_round(deps, TODAY, Random(1), quiet)
    before = [(a.once, a.case_id) for a in rows(deps, AlertRow)], len(rows(deps, ScreeningRow))

    again = run_round(deps, TODAY, Random(2), quiet)

    assert again.done_before
    assert again.opened.alerts == 0
    assert ([(a.once, a.case_id) for a in rows(deps, AlertRow)], len(rows(deps, ScreeningRow))) == before


def test_two_workers_that_screen_at_once_make_one_release(deps):
    """One has worked everything out before it sees that the other was faster."""
    faster = []

    def overtaken(text: str) -> None:
        if text.startswith("alerts chosen") and not faster:
            faster.append(run_round(deps, TODAY, Random(9), quiet))

    slower = run_round(deps, TODAY, Random(1), overtaken)

    assert faster[0].opened.alerts == len(rows(deps, AlertRow))
    assert (slower.done_before, slower.opened.alerts) == (True, 0)
    assert [release.alerts for release in rows(deps, Release)] == [faster[0].opened.alerts]


def test_features_built_before_are_used_and_say_the_same(deps, tmp_path):
    fresh = run_round(deps, TODAY, Random(1), quiet)
    bodies = {(row.child_key, row.screener): row.body for row in rows(deps, ScreeningRow)}
    build(deps.lake, deps.profile, TODAY, deps.matrices, quiet)
    other = Store.open(f"sqlite:///{tmp_path / 'other.db'}")
    other.migrate()
    lines: list[str] = []

    done = run_round(replace(deps, store=other), TODAY, Random(1), lines.append)

    assert "using the features built for 2026-10-01" in lines
    assert done == fresh
    with other.read() as session:
        assert {(r.child_key, r.screener): r.body for r in session.scalars(select(ScreeningRow))} == bodies
    other.close()


def test_features_built_from_another_lake_are_not_used(deps):
    build(deps.lake, deps.profile, TODAY, deps.matrices, quiet)
    report(deps, "new", keys_of(deps)[0], date(2026, 9, 20), date(2026, 9, 26))
    lines: list[str] = []

    run_round(deps, TODAY, Random(1), lines.append)

    assert not any("built" in line for line in lines)


def test_without_champions_the_published_rules_rank(deps):
    done = run_round(replace(deps, champions={}), TODAY, Random(1), quiet)

    assert done.by_rules
    lanes = {alert.lane for alert in rows(deps, AlertRow)}
    assert "rule" in lanes
    assert "model" not in lanes
    assert rows(deps, ScreeningRow) == []


@pytest.mark.parametrize("champions", [True, False])
def test_a_hard_trigger_always_opens_work(deps, champions):
    """Whatever a screener says, and for a child out of scope too."""
    key = "coutofscope"
    report(deps, "abuse", key, date(2026, 9, 1), date(2026, 9, 25))

    run_round(deps if champions else replace(deps, champions={}), TODAY, Random(1), quiet)

    alert = next(a for a in rows(deps, AlertRow) if a.trigger_record == "abuse")
    case = next(c for c in rows(deps, Case) if c.id == alert.case_id)
    assert (alert.lane, alert.trigger, alert.child_key) == ("trigger", "suspected_abuse", key)
    assert case.queue_class == 0
    assert case.due_on == TODAY


def test_a_trigger_counts_from_the_day_it_became_known(deps):
    """A department that delivers once a quarter must not make a report lapse unseen."""
    keys = keys_of(deps)
    report(deps, "late", keys[0], date(2026, 6, 20), date(2026, 9, 25))
    report(deps, "old", keys[1], date(2026, 6, 20), date(2026, 6, 25))
    report(deps, "today", keys[2], TODAY, TODAY)
    report(deps, "tomorrow", keys[3], TODAY, TODAY + timedelta(days=1))

    run_round(deps, TODAY, Random(1), quiet)

    raised = {alert.trigger_record for alert in rows(deps, AlertRow)}
    assert {"late", "today"} <= raised
    assert not {"old", "tomorrow"} & raised


def test_a_trigger_corrected_away_opens_nothing(deps):
    key = keys_of(deps)[0]
    report(deps, "mistake", key, date(2026, 9, 20), date(2026, 9, 25))
    source = source_named("grid_reports")
    row = {
        "child_key": key, "record_id": "mistake", "version": 2, "occurred_on": date(2026, 9, 20),
        "known_on": date(2026, 10, 10), "delivery": "correction", "kind": "abuse", "verified": "unfounded",
    }  # fmt: skip
    deps.lake.append(source, pd.DataFrame([row]), delivery(source, 1, "correction", date(2026, 10, 10)))
    deps.lake.compact()

    run_round(deps, TODAY, Random(1), quiet)

    assert "mistake" not in {alert.trigger_record for alert in rows(deps, AlertRow)}


def test_a_report_corrected_to_another_child_opens_work_for_that_one(deps):
    """The number was written wrongly: work for the wrong child must not stand in for the right one's."""
    report(deps, "mixed up", "cwrong", date(2026, 9, 20), date(2026, 9, 25))
    run_round(deps, TODAY, Random(1), quiet)
    source = source_named("grid_reports")
    row = {
        "child_key": "cright", "record_id": "mixed up", "version": 2, "occurred_on": date(2026, 9, 20),
        "known_on": TODAY, "delivery": "correction", "kind": "abuse", "verified": "open",
    }  # fmt: skip
    deps.lake.append(source, pd.DataFrame([row]), delivery(source, 1, "correction", TODAY))
    deps.lake.compact()

    opened = raise_triggers(deps, TODAY)
    again = raise_triggers(replace(deps, people=People(merged={"cright": "cmerged"})), TODAY)

    assert (opened.alerts, opened.opened) == (1, 1)
    assert again.alerts == 0, "found to be one child with another, it is the same work"
    raised = {a.child_key for a in rows(deps, AlertRow) if a.trigger_record == "mixed up"}
    assert raised == {"cwrong", "cright"}


def test_a_report_whose_child_nobody_found_by_the_next_day_is_raised_all_the_same(deps):
    def waiting(record: str, known_on: date) -> dict[str, object]:
        return {
            "child_key": f"cof{record}", "record_id": record, "version": 1, "occurred_on": known_on,
            "known_on": known_on, "superseded_on": pd.NaT, "kind": "abuse", "verified": "open",
        }  # fmt: skip

    reports = pd.DataFrame([waiting("before", TODAY - timedelta(days=1)), waiting("justnow", TODAY)])
    unknown = replace(deps, waiting=lambda: {"grid_reports": reports})

    opened = raise_triggers(unknown, TODAY)
    again = raise_triggers(unknown, TODAY)

    raised = [alert.trigger_record for alert in rows(deps, AlertRow)]
    assert "before" in raised
    assert "justnow" not in raised, "linking may find its child today"
    assert (opened.alerts, again.alerts) == (len(raised), 0)
    [case] = [case for case in rows(deps, Case) if case.child_key == "cofbefore"]
    assert (case.queue_class, case.area_code) == (0, "")


def birth(deps, key: str, born_on: date) -> None:
    source = source_named("residence")
    row = {
        "child_key": key, "record_id": f"birth {key}", "version": 1, "occurred_on": date(2024, 1, 1),
        "known_on": date(2024, 1, 2), "delivery": f"birth-{key}", "birth_on": born_on, "sex": "female",
        "area_code": "330109001001", "hukou_area": "341203", "arrived_on": date(2023, 3, 1),
    }  # fmt: skip
    deps.lake.append(source, pd.DataFrame([row]), delivery(source, 1, f"birth-{key}", date(2024, 1, 2)))


def test_the_age_limit_of_a_trigger_is_the_age_on_the_day_it_happened(deps):
    occurred_on = date(2026, 9, 10)
    birth(deps, "cseven", date(2018, 9, 11))
    birth(deps, "ceight", date(2018, 9, 10))
    for key in ("cseven", "ceight", "cunknown"):
        report(deps, f"alone {key}", key, occurred_on, date(2026, 9, 25), kind="unattended")

    run_round(deps, TODAY, Random(1), quiet)

    raised = {alert.trigger_record for alert in rows(deps, AlertRow)}
    assert "alone cseven" in raised
    assert "alone ceight" not in raised
    assert "alone cunknown" in raised, "an unknown age holds no trigger back"


def test_a_new_trigger_does_not_wait_for_the_next_week(deps):
    run_round(deps, TODAY, Random(1), quiet)
    before = len(rows(deps, AlertRow))
    report(deps, "new", keys_of(deps)[0], TODAY, TODAY)

    opened = raise_triggers(deps, TODAY)
    again = raise_triggers(later(deps, 1), TODAY + timedelta(days=1))

    assert (opened.alerts, again.alerts) == (1, 0)
    assert len(rows(deps, AlertRow)) == before + 1


def test_the_next_release_waits_a_week_and_screens_again(deps):
    first = run_round(deps, TODAY, Random(1), quiet)
    alerted = {alert.child_key for alert in rows(deps, AlertRow)}

    early = next_release(later(deps, 6), TODAY + timedelta(days=6), Random(2), quiet)
    done = next_release(later(deps, 7), TODAY + timedelta(days=7), Random(2), quiet)

    assert early is None
    assert (done.round_id, done.number) == (first.round_id, 2)
    second = [a for a in rows(deps, AlertRow) if a.as_of == TODAY + timedelta(days=7) and a.lane == "model"]
    assert not {alert.child_key for alert in second} & alerted
    for alert in second:
        assert alert.screening_key in {
            Screening.from_json(row.body).key for row in rows(deps, ScreeningRow) if row.as_of == alert.as_of
        }


def test_a_new_half_year_begins_a_new_round_and_forgets_no_report_of_the_old_one(deps):
    run_round(deps, TODAY, Random(1), quiet)
    report(deps, "while nobody looked", "cunseen", date(2026, 12, 1), date(2026, 12, 5))

    spring = date(2027, 4, 2)
    done = next_release(later(deps, 164), spring, Random(2), quiet)

    assert (done.round_id, done.number) == ("2027-04-01", 1)
    assert "while nobody looked" in {alert.trigger_record for alert in rows(deps, AlertRow)}


def test_a_lake_without_residence_records_has_nobody_to_screen(deps, tmp_path):
    with pytest.raises(NothingToScreen, match="no residence records"):
        run_round(replace(deps, lake=Lake(tmp_path / "empty")), TODAY, Random(1), quiet)


def test_every_alert_leaves_a_record_for_the_lake_and_the_log_is_whole(screened):
    deps, _ = screened

    with deps.store.read() as session:
        waiting = session.scalar(select(func.count()).select_from(OutboxRow))
        assert waiting == len(rows(deps, AlertRow))
        assert audit.verify(session) > waiting / 2


def test_an_area_code_that_stops_at_the_county_stops_no_round(deps):
    source = source_named("residence")
    row = {
        "child_key": "ccountyonly", "record_id": "county", "version": 1, "occurred_on": date(2024, 1, 1),
        "known_on": date(2024, 1, 2), "delivery": "county", "birth_on": date(2016, 1, 1), "sex": "male",
        "area_code": "330109", "hukou_area": "341203", "arrived_on": date(2023, 3, 1),
    }  # fmt: skip
    deps.lake.append(source, pd.DataFrame([row]), delivery(source, 1, "county", date(2024, 1, 2)))
    deps.lake.compact()

    done = run_round(deps, TODAY, Random(1), quiet)

    assert done.screened == len(keys_of(deps))
    assert "ccountyonly" in {row.child_key for row in rows(deps, ScreeningRow)}


def test_the_kept_feature_row_replays_the_screening_to_the_bit(screened):
    deps, _ = screened

    features = {row.id: row for row in rows(deps, FeatureRow)}
    people = cohort(deps.lake.tables(), AS_OF, deps.profile)
    with Engine(deps.lake.tables()) as engine:
        matrix = engine.matrix(people[["child_key", "as_of"]], FEATURES, {AS_OF: deps.lake.silent(AS_OF)})
    fresh = matrix.set_index("child_key")
    for row in rows(deps, ScreeningRow):
        kept = features[row.feature_row_id].features
        assert {n: None if v != v else v for n, v in fresh.loc[row.child_key].drop("as_of").items()} == kept
        frame = pd.DataFrame([{name: float("nan") if v is None else v for name, v in kept.items()}])
        frame.insert(0, "as_of", [row.as_of])
        frame.insert(0, "child_key", [row.child_key])
        margin = deps.champions[row.screener].margins(frame)[0]
        assert Screening.from_json(row.body).margin == margin or Screening.from_json(row.body).abstained
