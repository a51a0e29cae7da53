"""Instrument results on their way in: scored at the door, answers left outside, safety items to a person."""

import json
from datetime import date, timedelta

from features.identity import Waiting
from features.link_store import Link
from features.linked_records import from_cells
from features.repeats import repeat_lines, to_repeat
from features.sources import Instruments
from features.triggers import TRIGGERS, Triggers
from serving.triggers import trigger_hits
from tests.support_instruments import compact, form
from tests.support_intake import TODAY, Home, row

SOURCE = Instruments.instrument_results
FILE = "education/2024-03-25/instrument_results.csv"
BLANK = dict.fromkeys(column.name for column in SOURCE.delivered_columns[7:])
LIES = dict.fromkeys(range(82, 101, 2), 1)


def result(n, instrument="phq9", answers=None, **cells):
    """A delivered form; nothing is given that a test does not give."""
    told = {**BLANK, "instrument": instrument, "informant": "self"} | cells
    return row(SOURCE, n, **(told | ({"answers": compact(answers)} if answers else {})))


def test_a_form_comes_in_scored_and_its_answers_stay_outside(tmp_path):
    home = Home.at(tmp_path)
    home.deliver(FILE, [result(1, answers=form("phq9", 2, i9=0)), result(2, "gad7", total="12")])

    report = home.take_in()

    first, second = home.records("instrument_results")
    assert report.accepted == 2
    assert (first["total"], first["band"], first["level"], first["norms"]) == (
        16.0,
        "moderately_severe",
        3.0,
        "kroenke_2001",
    )
    assert (second["total"], second["band"], second["level"]) == (12.0, "moderate", 2.0)
    assert not {"answers", "pupil_age", "validity_passed"} & set(first)
    told = compact(form("phq9", 2, i9=0))
    for path in (each for each in tmp_path.rglob("*") if each.is_file() and "deliveries" not in each.parts):
        assert told.encode() not in path.read_bytes(), path


def test_what_does_not_fit_is_refused_under_its_rule_with_its_row(tmp_path):
    home = Home.at(tmp_path)
    rows = [
        result(1, answers=form("phq9", 1, i9=0), total="9"),
        result(2, answers=form("phq9", 0) | {10: 1}),
        result(3, "gad7", total="22"),
        result(4, "gad7", total="3", informant="parent"),
        result(5, "gad7", total="3", norms="kroenke_2001"),
        result(6),
        row(SOURCE, 7, **{**BLANK, "instrument": "phq9", "informant": "self", "answers": "一二三"}),
    ]
    file = home.deliver(FILE, rows)

    report = home.take_in()

    assert (report.accepted, report.quarantined) == (0, 7)
    assert home.problems() == {
        (file, (2,), "total_disagrees:total"),
        (file, (3,), "unfitting_answers:answers"),
        (file, (4,), "impossible_total:total"),
        (file, (5,), "unfitting_form:informant"),
        (file, (6,), "unfitting_norms:norms"),
        (file, (7,), "nothing_answered:answers"),
        (file, (8,), "unreadable_answers:answers"),
    }
    words = json.dumps(
        json.loads((tmp_path / "reports" / "intake.json").read_text(encoding="utf-8")), ensure_ascii=False
    )
    assert "“总分”与逐题作答算出的总分不同" in words
    assert compact(form("phq9", 1, i9=0)) not in words


def test_the_same_file_twice_and_a_correction_of_the_answers(tmp_path):
    home = Home.at(tmp_path)
    home.deliver(FILE, [result(1, answers=form("phq9", 1, i9=0))])
    home.take_in()
    home.deliver("education/2024-06-25/instrument_results.csv", [result(1, answers=form("phq9", 2, i9=0))])

    assert home.take_in().new_files == 1
    assert home.take_in().new_files == 0

    assert [(each["version"], each["total"]) for each in home.records("instrument_results")] == [
        (1, 8.0),
        (2, 16.0),
    ]


def test_a_positive_safety_item_opens_a_trigger_whatever_else_is_wrong(tmp_path):
    home = Home.at(tmp_path)
    home.deliver(
        FILE,
        [
            result(1, answers=form("phq9", 0, i9=1)),
            result(2, answers={9: 2}),
            result(3, "mht", answers=form("mht", 0, i97=1) | LIES),
            result(4, answers=form("phq9", 0, i1=9, i9=3)),
            result(5, "cssrs", answers={1: 1, 2: 0, 6: 0}),
            result(6, answers=form("phq9", 3, i9=0)),
        ],
    )
    home.take_in()

    day = date(2024, 4, 1)
    hits = trigger_hits(home.lake.tables(), day, day)

    assert Triggers.safety_item_in_instrument in TRIGGERS
    assert {hit.record_id for hit in hits} == {f"R{n:05d}" for n in range(1, 6)}
    assert {hit.trigger for hit in hits} == {Triggers.safety_item_in_instrument}


def test_a_void_form_is_to_be_repeated_until_there_is_a_result(tmp_path):
    home = Home.at(tmp_path)
    home.deliver(
        FILE,
        [
            result(1, "mht", answers=form("mht") | LIES, occurred_on="2024-03-01"),
            result(2, "mht", answers=form("mht"), occurred_on="2024-03-01"),
            result(3, "phq9", answers=form("phq9", left_out=(1, 2, 3)), occurred_on="2024-02-20"),
        ],
    )
    received = date(2024, 3, 25)
    home.take_in(received)

    assert to_repeat(home.lake.tables(), received) == ()
    listed = to_repeat(home.lake.tables(), received + timedelta(days=1))
    assert [(each.record_id, each.state) for each in listed] == [
        ("R00003", "incomplete"),
        ("R00001", "invalid"),
    ]
    assert listed[1].text.zh == "心理健康诊断测验（MHT），学生本人，效度不合格"

    assert repeat_lines(home.lake.tables(), TODAY, simulated=True) == (
        "simulated: 2 forms of instruments without a result, by the school's record number",
        "  2024-02-20  R00003  PHQ-9问卷，学生本人，缺答过多 / PHQ-9 questionnaire, The pupil, Too many answers missing",
        "  2024-03-01  R00001  心理健康诊断测验（MHT），学生本人，效度不合格 / Mental Health Test (MHT), The pupil, Void by its validity scale",
    )

    again = row(
        SOURCE, 1, **{**BLANK, "instrument": "mht", "informant": "self", "answers": compact(form("mht"))}
    )
    home.deliver(
        "education/2024-06-25/instrument_results.csv",
        [{**again, "record_id": "R00009", "occurred_on": "2024-05-06", "recorded_on": "2024-05-07"}],
    )
    home.take_in()

    assert [each.record_id for each in to_repeat(home.lake.tables(), TODAY)] == ["R00003"]


def test_a_form_whose_child_is_found_later_is_scored_then_and_its_answers_stay_outside(tmp_path):
    waiting = Waiting(SOURCE.name, "R1", "d", TODAY, "no_id_number", result(1, answers=form("phq9", 1, i9=2)))
    link = Link(SOURCE.name, "R1", "child", 1.0, "a person", TODAY)

    linked = from_cells([(waiting, link)])[SOURCE.name].iloc[0].to_dict()

    assert (linked["child_key"], linked["total"], linked["band"], linked["level"]) == (
        "child",
        10,
        "moderate",
        2,
    )
    assert linked["safety_item"] == "yes"
    assert not {"answers", "pupil_age", "validity_passed"} & set(linked)


def test_nothing_is_to_be_repeated_where_no_school_delivered(tmp_path):
    assert to_repeat(Home.at(tmp_path).lake.tables(), TODAY) == ()
