"""After a round, people are told what moved, what cannot be said yet, and which department is overdue."""

import json
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from evaluation.figures import NotEnough
from evaluation.monitor import Followed, Monitored, as_html, as_json, monitor, write
from features.sources import SOURCES
from models.measures import Interval
from models.screener import Screener
from tests.support_models import candidate, invented_county
from tests.support_report import lake

TODAY = date(2026, 11, 1)


@cache
def champion() -> Screener:
    return candidate("linear").screener


def judged_up_to(*days: date) -> Screener:
    made = champion()
    return Screener(
        made.spec, made.model, made.calibration, made.base_rate, made.reference,
        replace(made.training, judge_dates=days),
    )  # fmt: skip


@cache
def usual() -> Monitored:
    return watched()


def watched(screener: Screener | None = None, matrices=None) -> Monitored:
    return monitor(
        {"psychological": screener or champion()}, matrices or invented_county()[0], lake(), TODAY, True
    )


def test_the_reference_is_the_last_date_the_champion_was_fitted_on():
    [seen] = usual().screeners

    assert seen.reference == max(champion().training.fit_dates)
    assert seen.newest == max(invented_county()[0].dates)
    assert {shift.name for shift in seen.drift} == {*champion().spec.columns, "risk"}


def test_rounds_that_are_alike_raise_no_alarm_of_drift():
    [seen] = usual().screeners

    assert [shift.name for shift in seen.drift if shift.alarms] == []
    assert [alarm for alarm in seen.alarms if "changed" in alarm.en] == []


def test_a_feature_that_moves_is_named_in_both_languages():
    matrices = invented_county()[0]
    column = champion().spec.columns[0]
    rows = matrices.rows.copy()
    newest = rows["as_of"] == max(matrices.dates)
    rows.loc[newest, column] = rows.loc[newest, column] + 50
    [seen] = watched(matrices=replace(matrices, rows=rows)).screeners

    title = champion().spec.features[0].title
    assert any(title.zh in alarm.zh and title.en in alarm.en for alarm in seen.alarms)


def test_a_later_round_whose_outcomes_are_in_is_judged_again():
    dates = invented_county()[0].dates
    [seen] = watched(judged_up_to(*dates[:8])).screeners

    assert [each.as_of for each in seen.followed] == dates[8:]
    assert all(each.closed for each in seen.followed)
    assert all("calibration_slope" in each.figures.measures for each in seen.followed)


def test_a_round_whose_window_is_open_gives_no_figure():
    dates = invented_county()[0].dates
    screener = judged_up_to(*dates[:9])
    [seen] = monitor(
        {"psychological": screener}, invented_county()[0], lake(), date(2025, 12, 1), True
    ).screeners

    assert seen.followed == (Followed(dates[-1], closed=False, figures=None),)
    assert "has not closed" in as_html(
        monitor({"psychological": screener}, invented_county()[0], lake(), date(2025, 12, 1), True), "en"
    )


def test_risks_that_promise_three_times_what_comes_raise_an_alarm():
    dates = invented_county()[0].dates
    made = judged_up_to(*dates[:8])
    bold = Screener(
        made.spec, made.model, replace(made.calibration, intercept=made.calibration.intercept + 1.2),
        made.base_rate, made.reference, made.training,
    )  # fmt: skip

    assert any("Observed / expected".lower() in alarm.en.lower() for alarm in watched(bold).alarms)
    assert not any("observed / expected" in alarm.en for alarm in watched(made).alarms)


def test_without_visits_nobody_says_who_is_missed():
    [seen] = usual().screeners

    assert isinstance(seen.missed, NotEnough)


def test_every_department_s_source_is_listed_and_the_overdue_come_first():
    freshness = usual().freshness

    departments = [source.name for source in SOURCES if source.department.value != "review"]
    assert sorted(each.source for each in freshness) == sorted(departments)
    assert all(each.silent and each.last is None for each in freshness)
    assert len([alarm for alarm in usual().alarms if "overdue" in alarm.en]) == len(departments)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_stands_by_itself_and_says_simulated(language):
    text = as_html(usual(), language)

    assert {"zh": "模拟", "en": "Simulated"}[language] in text
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")


def test_what_is_written_can_be_read_again(tmp_path):
    paths = {path.name for path in write(usual(), tmp_path)}

    assert paths == {"monitor.json", "2025-10-01.json", "monitor.zh.html", "monitor.en.html"}
    told = json.loads((tmp_path / "monitor.json").read_text(encoding="utf-8"))
    assert told["screeners"][0]["version"] == champion().version
    assert told["screeners"][0]["missed"] == {"not_enough": told["screeners"][0]["missed"]["not_enough"]}
    assert len(told["alarms"]) == len(usual().alarms)


def test_the_same_round_gives_the_same_text():
    assert as_json(watched()) == as_json(usual())


def test_an_interval_that_touches_the_zone_raises_no_alarm():
    from evaluation.monitor import SLOPE, _outside

    assert not _outside(Interval(0.7, 0.6, 0.8), SLOPE)
    assert _outside(Interval(0.7, 0.6, 0.79), SLOPE)
    assert _outside(Interval(1.5, 1.26, 1.7), SLOPE)
    assert np.isfinite(SLOPE).all()
