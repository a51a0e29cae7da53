"""What one delivered cell means, in every form a department writes it."""

from datetime import date

import pytest

from features.cells import LONGEST_TEXT, UNREADABLE, plain, read_date, read_flag, read_number, reader
from features.language import Code, Column, Kind, Text
from features.sources import SOURCES

TITLE = Text("列", "Column")


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-01", "2024-3-1", "2024/3/1", "2024/03/01", "2024.3.1", "20240301", "2024年3月1日", "2024年03月01日",
        "2024-03-01 00:00:00", "2024-03-01T13:45:00", "2024/3/1 0:00", "2024-03-01 00:00:00.000000",
    ],
)  # fmt: skip
def test_a_date_is_read_in_every_usual_form(text):
    assert read_date(text) == date(2024, 3, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30", "2023-02-29", "2024-13-01", "20241301", "2024-00-10", "1899-12-31", "2100-01-01", "24-3-1",
        "2024-3", "2024/3-1", "3/1/2024", "45352", "2024年3月", "2024-03-01 noon", "不详", "2024-03-011",
    ],
)  # fmt: skip
def test_what_is_no_date_is_not_guessed_at(text):
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3.0),
        ("-2", -2.0),
        ("3.50", 3.5),
        ("1,200", 1200.0),
        ("1,200.5", 1200.5),
        ("1e+15", 1e15),
        ("+7", 7.0),
    ],
)
def test_a_number_is_read_with_or_without_thousands(text, number):
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["三", "3元", "1,20", "12,34", "nan", "inf", "1.2.3", "1e999", "--3", ""])
def test_what_is_no_number_is_not_guessed_at(text):
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("text", "flag"),
    [("是", "yes"), ("1", "yes"), ("Y", "yes"), ("y", "yes"), ("Yes", "yes"), ("true", "yes"), ("1.0", "yes"),
     ("否", "no"), ("0", "no"), ("N", "no"), ("no", "no"), ("False", "no"), ("有", None), ("2", None)],
)  # fmt: skip
def test_a_flag_is_yes_or_no_and_nothing_else(text, flag):
    assert read_flag(text) == flag


@pytest.mark.parametrize("text", [None, "", "  ", "　", "NULL", "null", "None", "NaN", "-", "/", "\\N"])
def test_a_cell_that_says_nothing_is_empty(text):
    assert plain(text) is None


def test_a_cell_loses_outer_blanks_and_full_width_forms():
    assert plain("　２０２４-０３-０１ ") == "2024-03-01"


@pytest.mark.parametrize(
    ("kind", "text", "meaning"),
    [
        (Kind.DATE, "2024年3月1日", "2024-03-01"),
        (Kind.DATE, "2024-02-30", UNREADABLE),
        (Kind.FLAG, "是", "yes"),
        (Kind.FLAG, "也许", UNREADABLE),
        (Kind.INTEGER, "3.0", "3"),
        (Kind.INTEGER, "3.5", UNREADABLE),
        (Kind.INTEGER, "三", UNREADABLE),
        (Kind.NUMBER, "1,200", "1200.0"),
        (Kind.NUMBER, "很多", UNREADABLE),
        (Kind.TEXT, "330109", "330109"),
        (Kind.TEXT, "x" * LONGEST_TEXT, "x" * LONGEST_TEXT),
        (Kind.TEXT, "x" * (LONGEST_TEXT + 1), UNREADABLE),
        (Kind.TEXT, "一行\n又一行", UNREADABLE),
    ],
)
def test_a_meaning_is_always_written_the_same_way(kind, text, meaning):
    assert reader(Column("column", TITLE, kind))(text) == meaning


def test_a_code_is_read_in_every_delivered_form_and_no_other():
    code = Code("unexplained", Text("无故缺勤", "Unexplained"), ("3", "旷课"))
    read = reader(Column("kind", TITLE, Kind.CODE, (code,)))

    assert [read(text) for text in ("unexplained", "无故缺勤", "3", "旷课", "UNEXPLAINED")] == [
        "unexplained"
    ] * 5
    assert [read(text) for text in ("4", "Unexplained absence", "旷")] == [UNREADABLE] * 3


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_declared_form_of_a_code_is_read_as_that_code(source):
    for column in source.columns:
        if column.kind is Kind.CODE:
            read = reader(column)
            for code in column.codes:
                assert {read(plain(form)) for form in code.forms} == {code.value}
