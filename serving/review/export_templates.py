"""Tables that other platforms want, each declared in a file: columns, our fields, dates, codes, and answers.

A county adapts one by writing a file, not code; the files that come with this are modelled on published
descriptions. What goes into a cell is never read as a formula by whoever opens the table, and what comes
back is read row by row: a row that cannot be taken says which cell and why, and holds up no other. Pure: no
store, no clock.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from features.language import Text, Worded
from features.sources import Education
from serving.review.case import Status
from serving.review.records import a_date

HERE = Path(__file__).parents[1] / "exports"
ROWS_AT_MOST = 10_000
NOTE_AT_MOST = 500
# A cell that begins so may be read as a formula; full-width signs too, by programs set to Chinese.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d")
_STAGES = tuple(code.value for code in Education.enrolments.column("stage").codes)
CAME_BY = ("trigger", "request", "screening", "entitlement")

# Our fields, and the codes a field can have; empty: it is no coded field. `tier` has those of the profile.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "row_id": (),
    "name": (),
    "area_code": (),
    "area": (),
    "age": (),
    "stage": _STAGES,
    "status": tuple(status.value for status in Status if status is not Status.CLOSED),
    "tier": (),
    "came_by": CAME_BY,
    "opened_on": (),
    "due_on": (),
    "contacted_on": (),
    "in_ledger": ("yes", "no"),
}
DAYS = frozenset({"opened_on", "due_on", "contacted_on"})
ANSWERS = ("result", "answered_on", "note")

Value = str | date | None


class Result(Worded):
    """What another platform answered about a row. The values are stored."""

    CONFIRMED = ("confirmed", "属实或已办理", "Confirmed or done")
    PARTLY = ("partly", "部分属实", "Confirmed in part")
    NOT_CONFIRMED = ("not_confirmed", "不属实或不符合", "Not confirmed or not entitled")
    UNCLEAR = ("unclear", "无法核实或待办", "Cannot be told yet")


class TemplateError(ValueError):
    """A template that cannot be used; the message names the file and says what was wanted."""


class CellRefused(ValueError):
    """A value the template has no words for."""


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, which field of ours, how a date or a code is written."""

    title: str
    field: str
    format: str = _DATES[0]
    codes: Mapping[str, str] | None = None

    def cell(self, value: Value) -> str:
        """The value as this column writes it. CellRefused if there is a code without words."""
        if value is None or value == "":
            return ""
        if isinstance(value, date):
            return value.strftime(self.format)
        if self.codes is None:
            return value
        if value not in self.codes:
            raise CellRefused(value)
        return self.codes[value]


@dataclass(frozen=True)
class Template:
    """One table. `only`: a yes-or-no field that a row must have as yes; of objections, the department.

    `of`: what its rows are, cases unless said otherwise. A file declares tables of cases.
    """

    id: str
    title: Text
    modelled_on: Text
    columns: tuple[Column, ...]
    answers: tuple[Column, ...]
    only: str = ""
    of: str = "cases"

    @property
    def wants_names(self) -> bool:
        """Whether a column holds names, masked or not."""
        return any(column.field == "name" for column in self.columns)

    def column(self, field: str) -> Column:
        """The column of a field; KeyError if there is none."""
        for column in (*self.columns, *self.answers):
            if column.field == field:
                return column
        raise KeyError(field)


@dataclass(frozen=True)
class Answered:
    """What one row came back with."""

    line: int
    row_id: str
    result: Result
    answered_on: date
    note: str


@dataclass(frozen=True)
class RowError:
    """Why a row was not taken: its line in the file, the heading of the column, and the reason."""

    line: int
    column: str
    reason: Text


def read_templates(folders: Iterable[Path]) -> Mapping[str, Template]:
    """The templates of these folders by id; a later folder's counts. Raises TemplateError."""
    found: dict[str, Template] = {}
    for folder in folders:
        for file in sorted(folder.glob("*.toml")):
            try:
                template = template_of(tomllib.loads(file.read_text(encoding="utf-8")))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError, TemplateError) as error:
                raise TemplateError(f"{file.name}: {error}") from None
            found[template.id] = template
    return found


def template_of(said: Mapping[str, Any]) -> Template:
    """A template as its file declares it. TemplateError in plain words for whatever is wrong."""
    unknown = set(said) - {"id", "title", "modelled_on", "only", "column", "answer"}
    if unknown:
        raise TemplateError(f"unknown entries: {', '.join(sorted(unknown))}")
    name = said.get("id", "")
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        raise TemplateError("id must be plain letters, digits and underscores")
    columns = tuple(_column(one, FIELDS) for one in said.get("column", []))
    answers = tuple(_answer(one) for one in said.get("answer", []))
    titles = [column.title for column in (*columns, *answers)]
    fields = [column.field for column in (*columns, *answers)]
    if len(set(titles)) < len(titles) or len(set(fields)) < len(fields):
        raise TemplateError("each heading and each field may stand once")
    if "row_id" not in fields:
        raise TemplateError("one column must hold row_id, or no answer could find its row")
    if answers and not {"result", "answered_on"} <= set(fields):
        raise TemplateError("answers need result and answered_on")
    only = said.get("only", "")
    if only not in ("", "in_ledger"):
        raise TemplateError("only can be in_ledger")
    return Template(name, _both(said, "title"), _both(said, "modelled_on"), columns, answers, only)


def _both(said: Mapping[str, Any], name: str) -> Text:
    both = said.get(name)
    if not isinstance(both, dict) or not both.get("zh") or not both.get("en"):
        raise TemplateError(f"{name} needs zh and en")
    return Text(str(both["zh"]), str(both["en"]))


def _column(said: Mapping[str, Any], fields: Mapping[str, tuple[str, ...]]) -> Column:
    title, field, codes = said.get("title"), str(said.get("field")), said.get("codes")
    unknown = set(said) - {"title", "field", "format", "codes"}
    if unknown:
        raise TemplateError(f"unknown entries of a column: {', '.join(sorted(unknown))}")
    if not isinstance(title, str) or not title.strip() or as_text(title) != title:
        raise TemplateError("each column needs a title, which no program may read as a formula")
    if field not in fields:
        raise TemplateError(f"{title}: field must be one of {', '.join(fields)}")
    if said.get("format", _DATES[0]) not in _DATES:
        raise TemplateError(f"{title}: format must be one of {', '.join(_DATES)}")
    if codes is not None and not all(isinstance(word, str) for word in codes.values()):
        raise TemplateError(f"{title}: codes must be words")
    missing = set(fields[field]) - set(codes or {})
    if fields[field] and missing:
        raise TemplateError(f"{title}: no words for {', '.join(sorted(missing))}")
    return Column(title, field, said.get("format", _DATES[0]), codes)


def _answer(said: Mapping[str, Any]) -> Column:
    column = _column(said, dict.fromkeys(ANSWERS, ()))
    known = {result.value for result in Result}
    if column.field == "result" and not (column.codes and set(column.codes.values()) <= known):
        raise TemplateError(f"{column.title}: codes must lead from their words to {', '.join(sorted(known))}")
    return column


# --- out -------------------------------------------------------------------------------------------------


def as_text(cell: str) -> str:
    """The cell so that no program takes it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def written(template: Template, rows: Iterable[Mapping[str, Value]]) -> bytes:
    """The table as CSV, with the mark that makes Excel read it as UTF-8; columns for answers stay empty."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([column.title for column in (*template.columns, *template.answers)])
    for row in rows:
        cells = [as_text(column.cell(row.get(column.field))) for column in template.columns]
        writer.writerow([*cells, *("" for _ in template.answers)])
    return out.getvalue().encode("utf-8-sig")


# --- and back ----------------------------------------------------------------------------------------------


def read_back(
    template: Template, content: bytes, today: date
) -> tuple[tuple[Answered, ...], tuple[RowError, ...], tuple[int, ...]]:
    """The rows with an answer, what is wrong with others, and the lines left without an answer."""
    try:
        lines = _lines(content)
        places = _places(template, lines[0][1] if lines else ())
    except _FileRefused as refused:
        return (), (RowError(1, "", refused.reason),), ()
    answered: list[Answered] = []
    errors: list[RowError] = []
    empty: list[int] = []
    seen: set[str] = set()
    for line, cells in lines[1:]:
        given = {field: _given(cells, place) for field, place in places.items()}
        if not any(given[field] for field in ANSWERS if field in given):
            empty.append(line)
            continue
        wrong = list(_wrong(template, line, given, today))
        if any(cell.strip() for cell in cells[len(lines[0][1]) :]):
            # A comma in a note without quotes ends the note: the rest of it would be lost without a word.
            wrong = [
                RowError(
                    line,
                    "",
                    Text(
                        "这一行的列比表头多；含逗号的内容请加引号。",
                        "This row has more cells than the head; put text with commas into quotes.",
                    ),
                )
            ]
        if not wrong and given["row_id"] in seen:
            wrong = [
                RowError(
                    line,
                    template.column("row_id").title,
                    Text("这一行与上面重复。", "This row is there twice."),
                )
            ]
        if wrong:
            errors += wrong
            continue
        seen.add(given["row_id"])
        answered.append(_answered(template, line, given))
    return tuple(answered), tuple(errors), tuple(empty)


class _FileRefused(ValueError):
    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


def _lines(content: bytes) -> list[tuple[int, Sequence[str]]]:
    """The lines that hold anything, each with its number in the file."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _FileRefused(Text("文件编码无法识别，请另存为 CSV UTF-8。", "Save the file as CSV UTF-8."))
    reader = csv.reader(io.StringIO(text.replace("\0", "")), strict=True)
    lines: list[tuple[int, Sequence[str]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((reader.line_num, cells))
            if len(lines) > ROWS_AT_MOST + 1:
                raise _FileRefused(
                    Text(f"一次最多 {ROWS_AT_MOST} 行。", f"At most {ROWS_AT_MOST} rows at a time.")
                )
    except csv.Error:
        raise _FileRefused(
            Text(f"第 {reader.line_num} 行起不是 CSV。", f"From line {reader.line_num} on this is no CSV.")
        ) from None
    return lines


def _places(template: Template, head: Sequence[str]) -> Mapping[str, int]:
    titles = [title.strip() for title in head]
    wanted = (template.column("row_id"), *template.answers)
    missing = [column.title for column in wanted if titles.count(column.title) != 1]
    if missing:
        raise _FileRefused(
            Text(
                f"表头应有且只有一列：{'、'.join(missing)}。",
                f"The head must have one column each: {', '.join(missing)}.",
            )
        )
    return {column.field: titles.index(column.title) for column in wanted}


def _given(cells: Sequence[str], place: int) -> str:
    cell = cells[place].strip() if place < len(cells) else ""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _wrong(template: Template, line: int, given: Mapping[str, str], today: date) -> Iterable[RowError]:
    def error(field: str, zh: str, en: str) -> RowError:
        return RowError(line, template.column(field).title, Text(zh, en))

    if not given["row_id"]:
        yield error("row_id", "缺少编号。", "The number of the row is missing.")
    codes = template.column("result").codes or {}
    if given["result"] not in codes:
        yield error("result", f"请填写：{'、'.join(codes)}。", f"Must be one of: {', '.join(codes)}.")
    day = a_date(given["answered_on"])
    if day is None:
        yield error("answered_on", "日期看不懂，例如 2026-10-08。", "No date; write it as 2026-10-08.")
    elif day > today:
        yield error("answered_on", "日期不能在今天之后。", "The date cannot be after today.")
    if len(given.get("note", "")) > NOTE_AT_MOST:
        yield error("note", f"最多 {NOTE_AT_MOST} 字。", f"At most {NOTE_AT_MOST} characters.")


def _answered(template: Template, line: int, given: Mapping[str, str]) -> Answered:
    codes = template.column("result").codes or {}
    day = a_date(given["answered_on"])
    assert day is not None, "_wrong lets no such row pass"
    result = next(one for one in Result if one.value == codes[given["result"]])
    return Answered(line, given["row_id"], result, day, given.get("note", ""))
