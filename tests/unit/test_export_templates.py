"""Tables for other platforms: what a template may declare, what a cell may hold, and how answers are read back."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from serving.review.export_templates import (
    FIELDS,
    HERE,
    NOTE_AT_MOST,
    ROWS_AT_MOST,
    Answered,
    CellRefused,
    Result,
    TemplateError,
    as_text,
    read_back,
    read_templates,
    template_of,
    written,
)
from tests.support_exports import TODAY, column, said, sheet, table


def test_the_templates_that_come_with_this_say_that_they_are_modelled_on_descriptions():
    templates = read_templates([HERE])

    assert set(templates) == {"jianfu_zaixian", "zheli_humiao", "zhihui_minzheng"}
    for template in templates.values():
        assert "不是该平台的正式表样" in template.modelled_on.zh
        assert "not the platform's own form" in template.modelled_on.en
        assert {one.field for one in template.answers} == {"result", "answered_on", "note"}


def test_a_county_adapts_a_table_by_a_file_of_its_own(tmp_path):
    text = (HERE / "zheli_humiao.toml").read_text(encoding="utf-8").replace("任务编号", "工单号")
    (tmp_path / "ours.toml").write_text(text, encoding="utf-8")

    assert read_templates([HERE, tmp_path])["zheli_humiao"].columns[0].title == "工单号"
    assert len(read_templates([HERE, tmp_path])) == 3


REFUSED = {
    "no id": ({"id": "a b"}, "id must be plain letters"),
    "no Chinese": ({"title": {"en": "x"}}, "title needs zh and en"),
    "an unknown field": ({"column": [column("编号", "row_id"), column("证件号", "id_number")]}, "field must be one of"),
    "no row id": ({"column": [column("姓名", "name")]}, "must hold row_id"),
    "a heading twice": ({"column": [column("编号", "row_id"), column("编号", "name")]}, "may stand once"),
    "a code without words": (
        {"column": [column("编号", "row_id"), column("在台账", "in_ledger", codes={"yes": "是"})]}, "no words for no",
    ),
    "codes that are no words": (
        {"column": [column("编号", "row_id"), column("在台账", "in_ledger", codes={"yes": 1, "no": 2})]}, "must be words",
    ),
    "a date nobody writes": ({"column": [column("编号", "row_id", format="%H")]}, "format must be one of"),
    "a heading that is a formula": ({"column": [column("=1", "row_id")]}, "read as a formula"),
    "an answer that means nothing": (
        {"answer": [column("结果", "result", codes={"好": "fine"}), column("日期", "answered_on")]}, "codes must lead",
    ),
    "answers without a date": ({"answer": [column("结果", "result", codes={"好": "confirmed"})]}, "need result and"),
    "an unknown entry": ({"colour": "red"}, "unknown entries: colour"),
    "an unknown entry of a column": ({"column": [column("编号", "row_id", width=3)]}, "of a column: width"),
    "only of something": ({"only": "tier"}, "only can be in_ledger"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_template_that_cannot_be_used_is_refused_in_a_sentence(what):
    changes, sentence = REFUSED[what]

    with pytest.raises(TemplateError, match=sentence):
        template_of(said(**changes))


def test_the_file_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "ours.toml").write_text("id = [", encoding="utf-8")

    with pytest.raises(TemplateError, match=r"ours\.toml"):
        read_templates([tmp_path])


def test_no_field_tells_a_number_a_risk_or_what_staff_wrote():
    assert set(FIELDS) == {
        "row_id", "name", "area_code", "area", "age", "stage", "status", "tier", "came_by", "opened_on",
        "due_on", "contacted_on", "in_ledger",
    }  # fmt: skip


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_is_read_as_a_formula(begins):
    table = template_of(said())

    content = written(table, [{"row_id": f"{begins}HYPERLINK(1)", "name": "张"}])

    [_, row] = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert row[0] == f"'{begins}HYPERLINK(1)"
    assert as_text("plain -text") == "plain -text"


def test_a_table_is_written_for_excel_with_dates_and_codes_as_declared():
    columns = [
        column("编号", "row_id"), column("日期", "due_on", format="%Y年%m月%d日"),
        column("在台账", "in_ledger", codes={"yes": "是", "no": "否"}), column("联系", "contacted_on"),
    ]  # fmt: skip

    content = written(
        template_of(said(column=columns)),
        [{"row_id": "a", "due_on": date(2026, 10, 8), "in_ledger": "yes", "contacted_on": None}],
    )

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines() == [
        '"编号","日期","在台账","联系","结果","日子","备注"', '"a","2026年10月08日","是","","","",""',
    ]  # fmt: skip


def test_a_code_without_words_stops_the_table_and_does_not_leave_it_wrong():
    columns = [column("编号", "row_id"), column("等级", "tier", codes={"first": "一级"})]

    with pytest.raises(CellRefused, match="fourth"):
        written(template_of(said(column=columns)), [{"row_id": "a", "tier": "fourth"}])


def test_answers_come_back_row_by_row_and_a_wrong_row_holds_up_no_other():
    answered, errors, empty = read_back(
        table(),
        sheet(
            ("a", "属实", "2026-10-05", "已上门"),
            ("b", "大概", "2026-10-05", ""),
            ("c", "", "", ""),
            ("d", "不属实", "2026/10/4", ""),
            ("", "属实", "前天", "x" * (NOTE_AT_MOST + 1)),
            ("a", "不属实", "2026-10-05", ""),
            ("e", "属实", "2026-10-07", ""),
        ),
        TODAY,
    )

    assert answered == (
        Answered(2, "a", Result.CONFIRMED, date(2026, 10, 5), "已上门"),
        Answered(5, "d", Result.NOT_CONFIRMED, date(2026, 10, 4), ""),
    )
    assert empty == (4,)
    assert [(error.line, error.column, error.reason.en) for error in errors] == [
        (3, "结果", "Must be one of: 属实, 不属实."),
        (6, "编号", "The number of the row is missing."),
        (6, "日子", "No date; write it as 2026-10-08."),
        (6, "备注", "At most 500 characters."),
        (7, "编号", "This row is there twice."),
        (8, "日子", "The date cannot be after today."),
    ]


def test_every_line_of_a_file_is_taken_wrong_or_empty():
    rows = [(f"r{number}", "属实" if number % 3 else "?", "2026-10-05", "") for number in range(30)]
    rows += [("x", "", "", "")] * 5

    answered, errors, empty = read_back(table(), sheet(*rows), TODAY)

    assert len(answered) + len({error.line for error in errors}) + len(empty) == 35


def test_a_row_with_more_cells_than_the_head_is_refused_and_one_with_empty_cells_more_is_not():
    head, *_ = sheet().decode().splitlines()
    lines = (head, "a,属实,2026-10-05,奶奶说,孩子好", "b,属实,2026-10-05,好,,")

    [answered], [error], empty = read_back(table(), "\n".join(lines).encode(), TODAY)

    assert (answered.row_id, empty) == ("b", ())
    assert (error.line, error.column) == (2, "")
    assert "quotes" in error.reason.en


def test_a_note_that_was_guarded_on_its_way_out_comes_back_as_it_was_typed():
    [[answered], _, _] = read_back(table(), sheet(("a", "属实", "2026-10-05", "'-3 度")), TODAY)

    assert answered.note == "-3 度"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_saved_by_excel_is_read_in_either_encoding(encoding):
    [[answered], errors, _] = read_back(
        table(), sheet(("a", "属实", "2026年10月5日", "上门")).decode().encode(encoding), TODAY
    )

    assert (answered.note, errors) == ("上门", ())


FILES = {
    "no head": (b"", "head must have one column each: 编号, 结果, 日子, 备注"),
    "a column twice": ("编号,结果,结果,日子,备注\n".encode(), "one column each: 结果"),
    "no text at all": (b"\xff\xfe\x00\x81\x20", "Save the file as CSV UTF-8"),
    "a quote that never ends": ('编号,结果,日子,备注\na,"属实,2026-10-05,\n'.encode(), "this is no CSV"),
    "too many rows": (sheet(*[("a", "", "", "")] * (ROWS_AT_MOST + 1)), "At most 10000 rows"),
}


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_is_no_such_table_is_refused_whole(what):
    content, sentence = FILES[what]

    answered, [error], empty = read_back(table(), content, TODAY)

    assert (answered, empty, error.line) == ((), (), 1)
    assert sentence in error.reason.en


def test_a_table_without_names_asks_nobody_for_names():
    assert table().wants_names
    assert not table(column=[column("编号", "row_id")]).wants_names


def test_a_column_that_a_table_does_not_have_is_not_made_up():
    with pytest.raises(KeyError, match="age"):
        table().column("age")


def test_lines_with_nothing_in_them_are_no_rows():
    answered, errors, empty = read_back(table(), sheet(("a", "属实", "2026-10-05", "")) + b"\n,,,\n", TODAY)

    assert (len(answered), errors, empty) == (1, (), ())
