"""What a screener refuses, when it declines to speak, and what its bands and reasons show."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from features.catalogue import FEATURES
from models.calibration import Calibration, CalibrationError, calibrate, fit_line
from models.champions import champion_folder, copy_champions, export_champion, load_champions
from models.explanation import Evidence, family_reasons, with_evidence
from models.facts import already_positive
from models.screener import Screener, ScreenerError
from tests.support_models import DATES, newest_rows, screener, screening, training_record

SILENT = {day: frozenset() for day in DATES}


def test_a_matrix_without_a_feature_is_refused_by_its_name():
    with pytest.raises(ScreenerError, match="lacks columns: bullied_365d"):
        screener().screen(newest_rows().head(3).drop(columns=["bullied_365d"]), SILENT)


def test_screening_a_date_without_saying_who_was_silent_is_refused():
    with pytest.raises(ScreenerError, match="Say which sources were silent on 2025-10-01"):
        screener().screen(newest_rows().head(1), {})


def test_without_an_age_the_screener_says_nothing():
    rows = newest_rows().head(2).assign(age_years=[np.nan, 9.0])

    silent, spoke = screener().screen(rows, SILENT)

    assert silent.abstained == "age_unknown"
    assert math.isnan(silent.risk)
    assert silent.reasons == ()
    assert spoke.abstained is None


def test_with_most_features_unknown_the_screener_says_nothing():
    columns = [name for name in screener().spec.columns if name != "age_years"]
    rows = newest_rows().head(1)
    rows = rows.assign(**dict.fromkeys(columns[: math.ceil(len(columns) * 0.6)], np.nan))

    [said] = screener().screen(rows, SILENT)

    assert said.abstained == "too_little_known"


def test_a_child_the_screener_does_not_speak_of_moves_nobodys_place():
    rows = newest_rows().head(40)
    unheard = rows.assign(age_years=[np.nan] * 20 + rows["age_years"].tolist()[20:])

    alone = screener().screen(rows.tail(20), SILENT)
    among = screener().screen(unheard, SILENT)[20:]

    assert [s.percentile for s in among] == [s.percentile for s in alone]


def test_a_single_child_is_placed_among_the_cohort_the_screener_was_calibrated_on():
    row = newest_rows().sort_values("bullied_365d").tail(1)

    [alone] = screener().screen(row, SILENT)
    [placed] = screener().screen(row, SILENT, among=screener().reference)

    assert alone.percentile == 50
    assert placed.percentile > 90


def test_a_band_follows_the_risk_and_not_the_company():
    rows = newest_rows()

    for said in screener().screen(rows, SILENT):
        times = said.risk / screener().base_rate
        assert said.band == ("high" if times >= 4 else "raised" if times >= 2 else "usual")


def test_evidence_stands_beside_known_values_only():
    record = (Evidence("school_reports", "r1", DATES[0], DATES[1]),)

    def evidence(child_key, as_of):
        return {feature.name: record for feature in FEATURES}

    rows = newest_rows().head(1).assign(sleep_hours_latest_365d=[np.nan])
    [said] = screener().screen(rows, SILENT, evidence)

    told = {reason.feature: reason for family in said.reasons for reason in family.features}
    known = [name for name, reason in told.items() if reason.value is not None]
    assert all(told[name].evidence == (record if name in known else ()) for name in told)
    assert "bullied_365d" in known
    assert "sleep_hours_latest_365d" not in known
    assert any(told[name].contribution == 0 for name in known)
    assert with_evidence(screener().screen(rows, SILENT)[0].reasons, evidence("", DATES[0])) == said.reasons


def test_a_sensitive_feature_counts_in_its_family_and_is_not_shown():
    shown = next(f for f in FEATURES if f.name == "guardian_bodily_illness_1825d")
    hidden = next(f for f in FEATURES if f.name == "guardian_mental_illness_1825d")

    [reason] = family_reasons((shown, hidden), (0.25, 0.5), (1.0, 1.0))

    assert reason.contribution == 0.75
    assert [feature.feature for feature in reason.features] == ["guardian_bodily_illness_1825d"]


def test_a_screener_trained_on_another_meaning_is_refused(tmp_path):
    screener().save(tmp_path)
    path = tmp_path / "screener.json"
    notes = json.loads(path.read_text(encoding="utf-8"))
    notes["features"]["bullied_365d"] = "0" * 64
    path.write_text(json.dumps(notes), encoding="utf-8")

    with pytest.raises(ScreenerError, match=r"since declared otherwise \(bullied_365d\): train it again"):
        Screener.load(tmp_path)


def test_a_screener_nobody_declares_any_more_is_refused(tmp_path):
    screener().save(tmp_path)

    with pytest.raises(ScreenerError, match="No screener is declared under the name 'psychological'"):
        Screener.load(tmp_path, known=())


def test_a_folder_without_a_screener_is_refused(tmp_path):
    with pytest.raises(ScreenerError, match="no screener in the folder"):
        Screener.load(tmp_path)


def test_a_screener_without_a_rate_or_a_cohort_is_refused():
    made = screener()
    for rate, reference in ((0.0, [1.0]), (0.1, [])):
        with pytest.raises(ScreenerError, match="needs a base rate"):
            Screener(made.spec, made.model, made.calibration, rate, reference, training_record())


def test_the_version_changes_with_the_data_it_was_made_from():
    made = screener()

    def version(**changes):
        record = replace(made.training, **changes)
        return Screener(
            made.spec, made.model, made.calibration, made.base_rate, made.reference, record
        ).version

    assert version() == made.version
    assert version(data_hash="0" * 64) != made.version


def test_before_any_promotion_there_are_no_champions(tmp_path):
    assert load_champions(tmp_path) == {}
    assert champion_folder(tmp_path, "psychological") is None


def test_a_promoted_screener_is_the_one_loaded_and_the_earlier_one_stays(tmp_path):
    first, second = screener(), Screener(
        screener().spec, screener().model, screener().calibration, 0.2, screener().reference,
        screener().training,
    )  # fmt: skip
    for made in (first, second):
        made.save(tmp_path / "out" / made.version)
        export_champion(tmp_path / "out" / made.version, tmp_path / "champions")

    champions = load_champions(tmp_path / "champions")

    assert {name: made.version for name, made in champions.items()} == {"psychological": second.version}
    assert (tmp_path / "champions" / "psychological" / first.version / "margin.txt").is_file()
    assert not list((tmp_path / "champions").rglob("*.part"))


@pytest.mark.parametrize("file", ["margin.txt", "screener.json"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_files_that_were_cut_off_are_refused_and_never_asked(tmp_path, file, share):
    """LightGBM reads a text that was cut off without a word, and ends the process when it predicts."""
    screener().save(tmp_path)
    whole = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(whole[: int(share * len(whole))])

    with pytest.raises(ScreenerError, match=r"not those that were saved|is damaged"):
        Screener.load(tmp_path)


def test_a_champion_that_holds_another_version_is_refused(tmp_path):
    first, second = screener(), Screener(
        screener().spec, screener().model, screener().calibration, 0.2, screener().reference,
        screener().training,
    )  # fmt: skip
    for made in (first, second):
        made.save(tmp_path / "out" / made.version)
        export_champion(tmp_path / "out" / made.version, tmp_path / "champions")
    second.save(tmp_path / "champions" / "psychological" / second.version)
    first.save(tmp_path / "champions" / "psychological" / second.version)

    with pytest.raises(ScreenerError, match=f"should be version {second.version}"):
        load_champions(tmp_path / "champions")


def test_a_half_written_export_is_begun_again(tmp_path):
    screener().save(tmp_path / "out")
    half = tmp_path / "champions" / "psychological" / f".{screener().version}.part"
    half.mkdir(parents=True)
    (half / "margin.txt").write_text("cut off", encoding="utf-8")

    export_champion(tmp_path / "out", tmp_path / "champions")

    assert load_champions(tmp_path / "champions")["psychological"].version == screener().version


def test_only_the_version_in_use_is_copied(tmp_path):
    screener().save(tmp_path / "out")
    export_champion(tmp_path / "out", tmp_path / "champions")
    (tmp_path / "champions" / "psychological" / "older").mkdir()

    copied = copy_champions(tmp_path / "champions", tmp_path / "bundle")

    assert copied == ("psychological",)
    assert sorted(path.name for path in (tmp_path / "bundle" / "psychological").iterdir()) == sorted(
        [screener().version, "current.txt"]
    )


def test_a_pointer_to_nowhere_is_refused(tmp_path):
    (tmp_path / "psychological").mkdir()
    (tmp_path / "psychological" / "current.txt").write_text("gone\n", encoding="utf-8")

    with pytest.raises(ScreenerError, match="points to version 'gone'"):
        load_champions(tmp_path)


def test_margins_that_fall_as_the_outcome_rises_are_refused():
    rng = np.random.default_rng(1)
    margins = rng.normal(size=400)
    label = (rng.random(400) < 1 / (1 + np.exp(margins))).astype(float)

    with pytest.raises(CalibrationError, match="do not rise with the outcome"):
        calibrate(margins, label, [str(n) for n in range(400)], rng)


@pytest.mark.parametrize(
    ("margins", "label", "sentence"),
    [
        ([0.0, 1.0], [0.0, 0.0], "children with the outcome and children without"),
        ([1.0, 1.0], [0.0, 1.0], "All margins are equal"),
    ],
)
def test_a_set_no_line_can_be_drawn_through_is_refused(margins, label, sentence):
    with pytest.raises(CalibrationError, match=sentence):
        fit_line(np.array(margins), np.array(label))


def test_margins_that_separate_the_outcome_still_have_a_finite_line():
    slope, intercept = fit_line(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0.0, 0.0, 1.0, 1.0]))

    assert 0 < slope < 10
    assert abs(intercept) < 1e-6


def test_a_calibration_without_resamples_shows_no_range():
    with pytest.raises(CalibrationError, match="has no range to show"):
        Calibration(1.0, 0.0, ()).bounds(np.array([0.0]))


def test_a_finding_of_the_last_year_leaves_the_child_out_and_an_older_one_does_not():
    from datetime import timedelta

    import pandas as pd

    as_of = DATES[-1]
    found = pd.DataFrame(
        {
            "child_key": ["new", "old", "late"],
            "record_id": ["1", "2", "3"],
            "version": 1,
            "occurred_on": [as_of - timedelta(days=days) for days in (365, 366, 5)],
            "known_on": [as_of - timedelta(days=1), as_of - timedelta(days=1), as_of],
            "superseded_on": None,
            "block": "F30-F39",
        }
    )

    left_out = already_positive({"visits": found}, screener().spec.outcome, [as_of])

    # screeners of the tests look back a day only; the declared one looks back a year
    from models.screeners import Screeners

    assert left_out[as_of] == frozenset()
    declared = already_positive({"visits": found}, Screeners.psychological.outcome, [as_of])
    assert declared[as_of] == frozenset({"new"})


def test_the_key_of_a_screening_names_who_when_and_by_what():
    assert screening("c9").key == "psychological:0123456789ab:2026-10-01:c9"


def test_without_anything_from_what_it_must_know_the_screener_says_nothing_and_tells_what_was_missing():
    rows = newest_rows().head(2)
    spec = screener().spec
    assert spec.must_know == ("school",)
    school = [spec.columns[place] for place in spec.places_of("school")]
    unheard = rows.assign(**dict.fromkeys(school, np.nan))
    one_heard = unheard.assign(**{school[0]: 0.0})

    silent, spoke = screener().screen(unheard, SILENT)[0], screener().screen(one_heard, SILENT)[0]

    assert (silent.abstained, spoke.abstained) == ("needed_unknown", None)
    assert {screener().spec.features[place].family.name for place in spec.places_of("school")} <= {
        *silent.coverage.unknown_families
    }
    assert 0.5 < silent.coverage.share < spoke.coverage.share < 1


def test_the_age_alone_does_not_count_as_hearing_of_the_family():
    spec = screener("guardianship").spec

    assert spec.must_know == ("family",)
    assert "age_years" not in [spec.columns[place] for place in spec.places_of("family")]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"must_know": ("nobody",)}, "no feature is of nobody"),
        ({"least_known_share": 1.5}, "lies between 0 and 1"),
    ],
)
def test_a_screener_that_must_know_what_it_does_not_read_is_refused(changes, sentence):
    from features.language import DeclarationError

    with pytest.raises(DeclarationError, match=sentence):
        replace(screener().spec, **changes)


def test_a_screener_saved_by_an_earlier_version_is_refused_with_what_to_do(tmp_path):
    screener().save(tmp_path)
    path = tmp_path / "screener.json"
    notes = json.loads(path.read_text(encoding="utf-8"))
    del notes["kind"]
    path.write_text(json.dumps(notes), encoding="utf-8")

    with pytest.raises(ScreenerError, match="saved by an earlier version: train it again"):
        Screener.load(tmp_path)
