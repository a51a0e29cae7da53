"""Every item a reader of a prediction study may ask is answered, and each answer names where to check it."""

from pathlib import Path

import pytest

from evaluation.study import STUDY, StudyError, read_study
from evaluation.tripod import FIELDS, ItemError, answers, items, read_items
from features.language import Text

ROOT = Path(__file__).parents[2]
# The numbers of TRIPOD+AI, table 2 of the statement.
NUMBERS = [
    "1",
    "2",
    "3a",
    "3b",
    "3c",
    "4",
    "5a",
    "5b",
    "6a",
    "6b",
    "6c",
    "7",
    "8a",
    "8b",
    "8c",
    "9a",
    "9b",
    "9c",
    "10",
    "11",
    "12a",
    "12b",
    "12c",
    "12d",
    "12e",
    "12f",
    "12g",
    "13",
    "14",
    "15",
    "16",
    "17",
    "18a",
    "18b",
    "18c",
    "18d",
    "18e",
    "18f",
    "19",
    "20a",
    "20b",
    "20c",
    "21",
    "22",
    "23a",
    "23b",
    "24",
    "25",
    "26",
    "27a",
    "27b",
    "27c",
]
FACTS = {language: {name: f"<{name}>" for name in FIELDS} for language in ("zh", "en")}


def test_every_item_of_the_statement_is_there_in_its_order():
    assert [item.number for item in items()] == NUMBERS


@pytest.mark.parametrize("item", items(), ids=lambda item: item.number)
def test_an_item_names_an_artefact_that_exists(item):
    if not item.at.startswith("#") and item.at != "study.toml":
        assert (ROOT / item.at).is_file()


def test_a_file_anchor_is_named_only_by_what_the_deployment_states():
    assert {item.number for item in items() if item.at == "study.toml"} == {
        item.number for item in items() if item.stated
    }


def test_every_field_is_used_and_every_statement_is_asked_for():
    said = "".join(item.says.zh + item.says.en for item in items() if item.says)
    assert [name for name in FIELDS if f"{{{name}}}" not in said] == []
    assert {item.stated for item in items() if item.stated} == set(STUDY)


def test_all_answers_are_filled_and_hold_what_was_computed():
    found = {answer.item.number: answer for answer in answers(FACTS, {}, simulated=False)}
    assert list(found) == NUMBERS
    assert "<sets>" in found["21"].text.zh
    assert "<sets>" in found["21"].text.en
    assert not found["21"].open


def test_what_nobody_stated_is_shown_as_open_and_says_where_to_state_it():
    found = {answer.item.number: answer for answer in answers(FACTS, {}, simulated=False)}
    assert {number for number, answer in found.items() if answer.open} == {
        item.number for item in items() if item.stated
    }
    assert "study.toml" in found["17"].text.en


def test_a_statement_takes_the_place_of_the_gap():
    said = Text("已批准", "Approved")
    found = {a.item.number: a for a in answers(FACTS, {"ethics": said}, simulated=False)}
    assert (found["17"].text, found["17"].open) == (said, False)


def test_a_simulated_county_has_nothing_to_state():
    assert not any(answer.open for answer in answers(FACTS, {}, simulated=True))


def test_a_missing_field_stops_the_answers():
    short = {language: {k: v for k, v in FACTS[language].items() if k != "sets"} for language in FACTS}
    with pytest.raises(ItemError, match="sets"):
        answers(short, {}, simulated=False)


def test_an_answer_that_comes_out_empty_stops_the_answers():
    empty = {language: {**FACTS[language], "labels": "  "} for language in FACTS}
    with pytest.raises(ItemError, match="20a"):
        answers(empty, {}, simulated=False)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ('says = { zh = "{nobody}", en = "x" }\nat = "#top"', "nobody"),
        ("", "has a sentence"),
        ('stated = "weather"', "weather"),
        ('stated = "ethics"\nsays = { zh = "x", en = "x" }', "has a sentence"),
    ],
)
def test_an_item_that_cannot_be_answered_does_not_load(row, why):
    with pytest.raises(ItemError, match=why):
        read_items(f'[[item]]\nnumber = "9z"\nasks = {{ zh = "问", en = "asks" }}\n{row}\n')


def test_no_statement_is_no_error(tmp_path):
    assert read_study(tmp_path / "study.toml") == {}


def test_a_statement_is_read_in_both_languages(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text('[funding]\nzh = "无"\nen = "None"\n', encoding="utf-8")
    assert read_study(path) == {"funding": Text("无", "None")}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[weather]\nzh = 'x'\nen = 'x'\n", "weather"),
        ("[funding]\nzh = 'x'\n", "needs zh and en"),
        ("[funding]\nzh = ' '\nen = 'x'\n", "both languages"),
        ("funding = 1\n", "needs zh and en"),
        ("[funding\n", "cannot be read"),
    ],
)
def test_a_statement_that_cannot_be_used_says_which_line(tmp_path, text, why):
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=why):
        read_study(path)
