"""A table that is not ours, from its file to its report, by the same door as the command."""

import json
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evaluation.__main__ import main
from evaluation.external.command import declaration_beside, track
from evaluation.external.declaration_file import declare, read_declaration
from evaluation.external.entry import TableError
from evaluation.external.folds import Part, parts_of
from evaluation.external.found import External
from evaluation.external.judging import Desk, judge_table
from evaluation.external.report import as_html, as_json
from evaluation.external.values import label_of, values_of
from models.margins import from_text
from models.measures import auroc
from tests.support_tables import changed, survey, written
from training.candidates import Plan
from training.forms import Glass
from training.tuning import Budget

TODAY = date(2026, 4, 1)


def now() -> datetime:
    return datetime(2026, 4, 1, tzinfo=UTC)


SMALL = Plan(budget=Budget(trials=0), glass=Glass(bags=1, most_rounds=60))


def judged(path: Path, place: str = "name", value: object = "survey", outcome: str = "low") -> External:
    return judge_table(
        declare(changed(place, value), "survey.toml"), path, TODAY, lambda _: None, outcome, plan=SMALL
    )


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(survey(1800), tmp_path_factory.mktemp("tables") / "survey.csv")


@pytest.fixture(scope="module")
def found(table: Path) -> External:
    return judged(table, "splits.folds.folds", 2)


@pytest.mark.slow
def test_every_row_is_judged_once_by_screeners_that_never_saw_its_school(found: External) -> None:
    by_folds, by_time = found.studies

    assert by_folds.rows == sum(part["judge"] for part in by_folds.parts)
    assert by_folds.positives == int(by_folds.label.sum())
    assert [one.name for one in by_folds.candidates] == [
        "constant",
        "single",
        "linear",
        "additive",
        "booster",
    ]
    assert by_time.parts[0]["judge"] == by_time.rows


@pytest.mark.slow
def test_what_was_planted_is_found_and_calibrated(found: External) -> None:
    study = found.studies[0]

    measures = {one.name: one.measures for one in study.candidates}
    assert measures["constant"]["auroc"].value == pytest.approx(0.5, abs=0.05)
    assert measures["linear"]["auroc"].value > measures["single"]["auroc"].value + 0.03
    assert measures["linear"]["calibration_slope"].value == pytest.approx(1, abs=0.35)
    assert study.proposed.name != "constant"
    assert auroc(study.label, study.risk) == pytest.approx(study.proposed.measures["auroc"].value)


@pytest.mark.slow
def test_a_screener_of_a_plain_table_can_be_kept_as_text(found: External) -> None:
    screener = found.studies[0].screeners[0]

    again = from_text(screener.model.kind, screener.model.to_text())

    values = np.full((1, len(screener.spec.columns)), np.nan)
    assert again.margins(values) == screener.model.margins(values)


@pytest.mark.slow
def test_the_report_says_what_was_declared_and_left_out_in_both_languages(found: External) -> None:
    held = json.loads(as_json(found))

    assert held["rows"] == 1800
    assert held["data_hash"] == found.data_hash
    assert [study["split"] for study in held["studies"]] == ["folds", "later"]
    for language, words in (("zh", "外部数据评估"), ("en", "Judged on a table that is not ours")):
        page = as_html(found, language)
        assert words in page
        assert "imulated" in page or "模拟数据" in page
        assert "<script" not in page
        assert "http" not in page


@pytest.mark.slow
def test_the_same_table_gives_the_same_figures(table: Path, found: External) -> None:
    again = judged(table, "splits.folds.folds", 2)

    assert as_json(again) == as_json(found)


def at_the_desk(frame: pd.DataFrame, held: dict[str, Any], split: int) -> tuple[Desk, tuple[Part, ...]]:
    declaration = declare(held, "survey.toml")
    values = values_of(declaration, frame)
    label = label_of(declaration.outcomes[0], values)
    chosen = declaration.splits[split]
    desk = Desk(declaration, declaration.outcomes[0], chosen, values, label, TODAY, "code", SMALL)
    return desk, parts_of(chosen, values, label)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:::mlflow")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of SQLAlchemy, by MLflow's own use of it
def test_a_tracked_run_holds_every_candidate_with_its_interval(found: External, tmp_path: Path) -> None:
    database = track(found, tmp_path)

    with sqlite3.connect(database) as held:
        rows = held.execute("SELECT count(*) FROM metrics WHERE key IN ('auroc', 'auroc_low')").fetchone()
    held.close()
    assert rows == (2 * sum(len(study.candidates) for study in found.studies),)


def test_a_column_that_tells_the_outcome_stops_the_run_until_somebody_says_why() -> None:
    frame = survey(1500)
    frame["seen_by_doctor"] = np.where(frame["mood"] == 1, 1, 0)
    held = changed("columns.seen_by_doctor", "flag")
    desk, parts = at_the_desk(frame, held, 0)
    spec, _ = desk.spec(parts)

    with pytest.raises(TableError, match=r"\[outcomes.low\].*seen_by_doctor 1\.000.*strong = "):
        desk.stop_if_told(spec, desk.rows(spec))

    held["outcomes"]["low"]["strong"] = {"seen_by_doctor": "asked in the same visit"}
    desk, parts = at_the_desk(frame, held, 0)

    assert "seen_by_doctor" in desk.spec(parts)[0].columns
    assert desk.stop_if_told(spec, desk.rows(spec)).split()[0] != "seen_by_doctor"


def test_a_column_nobody_was_asked_about_on_one_side_is_not_read() -> None:
    frame = survey(3000)
    frame.loc[frame["wave"] < 2023, "quarrels"] = None

    (folds, parts), (later, waves) = (
        at_the_desk(frame, changed("name", "survey"), split) for split in (0, 1)
    )

    assert "quarrels" in folds.spec(parts)[0].columns
    assert later.spec(waves)[1] == ("quarrels",)


def test_a_column_that_few_schools_were_asked_about_is_read() -> None:
    frame = survey(3000)
    frame.loc[frame["school"] > "s002", "quarrels"] = None

    desk, parts = at_the_desk(frame, changed("name", "survey"), 0)

    assert any(np.isnan(desk.values.columns["quarrels"][part.judge]).all() for part in parts)
    assert "quarrels" in desk.spec(parts)[0].columns


def test_an_outcome_that_is_not_declared_is_refused(table: Path) -> None:
    with pytest.raises(TableError, match="No outcome is called 'mood'; survey declares low, unseen"):
        judged(table, outcome="mood")


def test_the_declaration_beside_a_table_is_found_and_a_missing_one_is_said(tmp_path: Path) -> None:
    data = tmp_path / "county.csv"
    with pytest.raises(
        TableError, match=r"--declaration \(oulad, yrbs ship\), or begin with --sketch county.toml"
    ):
        declaration_beside(data)

    (tmp_path / "county.toml").write_text("", encoding="utf-8")

    assert declaration_beside(data) == str(tmp_path / "county.toml")
    assert declaration_beside(tmp_path / "yrbs") == "yrbs"


def test_a_sketch_fills_in_what_can_be_seen_and_is_refused_until_a_person_decides(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIAOHU_HOME", str(tmp_path / "home"))
    to = tmp_path / "sketch.toml"

    assert main(["external", "--data", str(table), "--sketch", str(to)], now) == 0

    text = to.read_text(encoding="utf-8")
    assert '"sleep_hours" = { type = "number" }' in text
    assert '"lives_with" = { type = "category", levels = ["' in text
    with pytest.raises(TableError, match="has the key 'undecided'"):
        read_declaration(str(to))
    assert main(["external", "--data", str(table), "--sketch", str(to)], now) == 1
    assert "is there already" in capsys.readouterr().out


def test_the_command_says_what_is_wrong_and_ends_with_1(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIAOHU_HOME", str(tmp_path / "home"))

    assert main(["external", "--data", str(table)], now) == 1

    assert "No declaration describes survey.csv" in capsys.readouterr().out
