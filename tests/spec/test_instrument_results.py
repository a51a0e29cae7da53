"""What is kept of a delivered form? The derivation of instrument results, case by case."""

import pytest

from features.cells import read_answers
from features.language import Use
from features.meanings import derived
from features.outcomes import OUTCOMES
from features.sources import Instruments
from features.sources.instruments import TO_REPEAT
from models.screeners import Screeners
from tests.support_instruments import compact, form

SOURCE = Instruments.instrument_results
COLUMNS = [column.name for column in SOURCE.delivered_columns[5:]]


def kept(instrument="phq9", answers=None, informant="self", **cells):
    """What is derived of a row; every cell not given is empty."""
    row = dict.fromkeys(COLUMNS) | {"instrument": instrument, "informant": informant} | cells
    row["answers"] = compact(answers) if isinstance(answers, dict) else answers
    return derived(SOURCE, row)


def test_of_answers_total_band_and_level_are_kept_and_no_answer():
    found = kept(answers=form("phq9", 1, i9=0))

    assert found.refused is None
    assert found.cells == {
        "state": "scored", "total": "8", "band": "mild", "level": "1", "at_cut_off": "no",
        "internalising": None, "externalising": None, "norms": "kroenke_2001", "safety_item": "no",
    }  # fmt: skip


def test_what_is_for_intake_only_never_stands_in_the_lake():
    lake = {column.name for column in SOURCE.lake_columns}

    assert {column.name for column in SOURCE.columns if column.use is Use.INTAKE} == {
        "answers", "pupil_age", "validity_passed",
    }  # fmt: skip
    assert lake == {
        "instrument", "informant", "norms", "total", "safety_item", "state", "band", "level", "at_cut_off",
        "internalising", "externalising",
    }  # fmt: skip


def test_a_total_scored_at_school_is_placed_by_the_same_bands():
    found = kept("sdq", informant="parent", total="17")

    assert (found.cells["band"], found.cells["level"], found.cells["at_cut_off"]) == ("raised", "2", "yes")
    assert found.cells["norms"] == "cn_shanghai_2008"
    assert found.cells["internalising"] is None
    assert found.cells["safety_item"] is None


def test_the_schools_own_norms_are_used_where_it_names_them():
    found = kept("sdq", informant="parent", total="17", norms="cn_8_provinces_2013")

    assert (found.cells["band"], found.cells["norms"]) == ("borderline", "cn_8_provinces_2013")


def test_sdq_halves_are_kept_of_answers():
    answers = form("sdq", 0, i3=2, i8=1, i6=2, i5=1, i2=2)

    cells = kept("sdq", answers, informant="parent").cells

    # Emotional 3, peers 2 and 4 of the reversed; conduct 1 and 2, attention 2 and 4.
    assert (cells["internalising"], cells["externalising"]) == ("9", "9")


# --- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        ({}, "nothing_answered:answers"),
        ({"answers": form("phq9") | {10: 0}}, "unfitting_answers:answers"),
        ({"answers": form("phq9", i3=4)}, "unfitting_answers:answers"),
        ({"instrument": "cssrs", "answers": {1: 0, 2: 0, 3: 0, 6: 0, 7: 0} | {12: 0}}, "unfitting_answers:answers"),
        ({"informant": "parent", "total": "3"}, "unfitting_form:informant"),
        ({"norms": "cn_shanghai_2008", "total": "3"}, "unfitting_norms:norms"),
        ({"total": "28"}, "impossible_total:total"),
        ({"instrument": "k10", "total": "9"}, "impossible_total:total"),
        ({"answers": form("phq9", 1, i9=0), "total": "9"}, "total_disagrees:total"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_a_rule_that_is_declared(row, refused):
    found = kept(**row)

    assert found.refused == refused
    assert refused in SOURCE.derive.refusals
    assert found.cells == {}


def test_every_declared_refusal_is_tried_here():
    tried = {
        "nothing_answered:answers", "unfitting_answers:answers", "unfitting_form:informant",
        "unfitting_norms:norms", "impossible_total:total", "total_disagrees:total",
    }  # fmt: skip

    assert set(SOURCE.derive.refusals) == tried


def test_a_total_that_agrees_with_its_answers_is_accepted():
    assert kept(answers=form("phq9", 1, i9=0), total="8").cells["total"] == "8"


def test_nothing_is_derived_of_a_row_whose_own_cells_are_not_as_declared():
    for spoiled in ({"total": "?"}, {"total": "101"}, {"instrument": None}, {"answers": "?"}):
        assert kept(**({"total": "8", "safety_item": "yes"} | spoiled)) == derived(SOURCE, {})


# --- no result is no value ---------------------------------------------------------------------------

LIES = dict.fromkeys(range(82, 101, 2), 1)


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"instrument": "mht", "answers": form("mht", 1) | LIES}, "invalid"),
        ({"instrument": "mht", "answers": form("mht", 0), "validity_passed": "no"}, "invalid"),
        ({"instrument": "mht", "total": "70", "validity_passed": "no"}, "invalid"),
        ({"instrument": "mht", "total": "70"}, "unverified"),
        ({"instrument": "mht", "answers": form("mht", 0, left_out=(1,))}, "incomplete"),
        ({"answers": form("phq9", 3, left_out=(1, 2, 3))}, "incomplete"),
        ({"answers": form("phq9", 3), "pupil_age": "9"}, "not_for_age"),
        ({"total": "20", "pupil_age": "9"}, "not_for_age"),
        ({"safety_item": "no"}, "safety_only"),
    ],
)
def test_a_form_without_a_result_has_no_total_no_band_and_no_level(row, state):
    found = kept(**row)

    assert found.refused is None
    assert found.cells["state"] == state
    assert found.cells["total"] is None
    assert not {"band", "level", "at_cut_off", "internalising", "externalising"} & set(found.cells)


def test_an_mht_total_counts_only_with_a_passed_validity_scale():
    found = kept("mht", total="70", validity_passed="yes")

    assert (found.cells["state"], found.cells["band"], found.cells["level"]) == (
        "scored",
        "key_attention",
        "2",
    )


def test_what_is_void_unverified_unfinished_or_faulty_is_to_be_repeated():
    assert TO_REPEAT == ("invalid", "unverified", "incomplete", "unscorable")


# --- safety items ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        {"answers": form("phq9", 0, i9=1)},
        {"answers": {9: 3}},  # all else is missing
        {"answers": form("phq9", 0, i1=9, i9=1)},  # another answer is out of range
        {"answers": form("phq9", 0, i9=1), "total": "20"},  # the total disagrees
        {"answers": form("phq9", 0, i9=1), "pupil_age": "8"},
        {"total": "1", "safety_item": "yes"},
        {"total": "28", "safety_item": "yes"},
        {"safety_item": "yes"},
        {"answers": form("phq9", 0), "safety_item": "yes"},  # whoever delivered it says so
        {"answers": form("phq9", 0, i9=1), "safety_item": "no"},  # the answers say so
        {"instrument": "mht", "answers": form("mht", 1) | LIES},
        {"instrument": "mht", "answers": {85: 1}},
        {"instrument": "cssrs", "answers": {1: 1}},
        {"instrument": "cssrs", "answers": {1: 0, 2: 0, 4: 1, 6: 0}},  # contradicts itself
    ],
)
def test_a_positive_safety_item_comes_in_whatever_else_is_wrong(row):
    found = kept(**row)

    assert found.refused is None
    assert found.cells["safety_item"] == "yes"


def test_a_faulty_row_that_comes_in_for_its_safety_item_has_no_result():
    for row in ({"answers": form("phq9", 3, i1=9)}, {"answers": form("phq9", 3), "total": "2"}):
        found = kept(**row)

        assert (found.cells["state"], found.cells["total"]) == ("unscorable", None)


def test_answers_to_another_instruments_items_say_nothing_of_safety():
    assert kept(answers=form("mht", 1)).refused == "unfitting_answers:answers"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"answers": form("phq9", 0, left_out=(9,))}, None),  # not asked is not no
        ({"answers": form("phq9", 0)}, "no"),
        ({"total": "3"}, None),
        ({"total": "3", "safety_item": "no"}, "no"),
        ({"instrument": "gad7", "answers": form("gad7", 0)}, None),  # it has none
        ({"instrument": "cssrs", "answers": {1: 0, 2: 0, 6: 0}}, "no"),
        ({"instrument": "cssrs", "answers": {1: 0, 2: 0}}, None),
    ],
)
def test_a_safety_item_is_negative_only_if_it_was_asked(row, said):
    assert kept(**row).cells["safety_item"] == said


def test_the_crisis_screener_has_a_band_and_no_level():
    cells = kept("cssrs", {1: 1, 2: 1, 3: 1, 4: 1, 5: 0, 6: 0}).cells

    assert (cells["state"], cells["band"], cells["total"]) == ("scored", "high", "3")
    assert cells["level"] is None
    assert cells["at_cut_off"] is None


# --- answers as text -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("1:0 2:3", {1: 0, 2: 3}),
        ("2=3;1=0", {1: 0, 2: 3}),
        ("1:0,2:3、3:1", {1: 0, 2: 3, 3: 1}),
        (" 01:0\t2:3 ;", {1: 0, 2: 3}),
        ("1:-1", {1: -1}),
        ("1:0 1:2", None),
        ("0123", None),
        ("1:", None),
        ("1:0 甲", None),
        ("", None),
    ],
)
def test_answers_are_read_by_item_number_or_not_at_all(text, answers):
    assert read_answers(text) == answers


# --- who may use it ------------------------------------------------------------------------------------


def test_no_outcome_is_established_by_an_instrument():
    assert all(fact.source is not SOURCE for outcome in OUTCOMES for fact in outcome.facts)


def test_instruments_feed_the_psychological_screener_only():
    fed = {
        name: sum(feature.source is SOURCE for feature in spec.features)
        for name, spec in (
            ("psychological", Screeners.psychological),
            ("guardianship", Screeners.guardianship),
        )
    }

    assert fed == {"psychological": 15, "guardianship": 0}


def test_a_safety_item_is_no_feature():
    for feature in Screeners.psychological.features:
        if feature.source is SOURCE:
            assert "safety_item" not in feature.columns_used
            assert "band" not in feature.columns_used
