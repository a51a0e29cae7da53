"""Each department's own way of writing a record down: titles, codes, dates, flags, files.

Titles, aliases and delivered forms come from the declarations; only the choice among them is made
here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.language import Code, Column, Department, Kind, Source
from features.sources import Community, Health, Welfare
from features.synthetic.timeline import Array

# Deliveries after which a department goes over to another of the declared forms of its codes.
FORM_KEPT_FOR = 5


@dataclass(frozen=True)
class Style:
    """How one department exports."""

    folder_in_chinese: bool
    files_in_chinese: bool
    encoding: str
    dates: str
    flags: tuple[str, str]
    code_form: int
    alias: int  # 0 = the declared titles, n = the n-th alias where there is one
    lower_case_x: bool = False


STYLES: Mapping[Department, Style] = {
    Department.POLICE: Style(True, True, "gb18030", "slash", ("是", "否"), 1, 1),
    Department.EDUCATION: Style(False, False, "utf-8-sig", "dash", ("1", "0"), 0, 2),
    Department.HEALTH: Style(True, True, "utf-8", "plain", ("Y", "N"), 0, 3),
    Department.CIVIL_AFFAIRS: Style(True, True, "gb18030", "chinese", ("是", "否"), 2, 0, lower_case_x=True),
    Department.JUSTICE: Style(False, True, "utf-8", "dash", ("是", "否"), 0, 0),
    Department.INSURANCE: Style(False, False, "utf-8", "mixed", ("yes", "no"), 1, 3),
    Department.DISABLED: Style(True, True, "utf-8", "slash", ("是", "否"), 0, 4),
    Department.LABOUR: Style(False, False, "utf-8", "dash", ("1", "0"), 1, 0),
    Department.HOUSING: Style(False, True, "gb18030", "chinese", ("是", "否"), 0, 2),
    Department.WOMEN_YOUTH: Style(True, True, "utf-8-sig", "slash", ("是", "否"), 0, 1),
    Department.GRID: Style(True, False, "utf-8", "dash", ("是", "否"), 1, 1),
    Department.COURT: Style(True, True, "gb18030", "dash", ("是", "否"), 1, 0),
    Department.PROCURATORATE: Style(True, True, "utf-8", "chinese", ("是", "否"), 0, 1),
}
# Departments with a data platform hand over Parquet.
PARQUET: tuple[Source, ...] = (Health.visits, Welfare.insurance, Welfare.large_bills)
# The file that came without one of its required columns, once.
FILE_LACKING = Community.family_sessions
COLUMN_LACKING = "recorded_on"

DATE_FORMS: Mapping[str, str] = {
    "dash": "{year}-{month:02d}-{day:02d}",
    "slash": "{year}/{month}/{day}",
    "plain": "{year}{month:02d}{day:02d}",
    "chinese": "{year}年{month}月{day}日",
}


def folder_name(department: Department) -> str:
    """The department's delivery folder."""
    return department.title.zh if STYLES[department].folder_in_chinese else str(department.value)


def file_name(source: Source) -> str:
    """The file of a source in one delivery."""
    stem = source.title.zh if STYLES[source.department].files_in_chinese else source.name
    return f"{stem}.parquet" if source in PARQUET else f"{stem}.csv"


def column_title(column: Column, style: Style) -> str:
    """The title under which the department delivers the column."""
    if style.alias and column.aliases:
        return column.aliases[(style.alias - 1) % len(column.aliases)]
    return column.title.zh


def delivered_forms(code: Code) -> tuple[str, ...]:
    """Forms in which departments write a code; our own value only where it is the world's (ICD-10)."""
    return code.forms[1:] if code.delivered else code.forms


def date_text(year: int, month: int, day: int, form: str) -> str:
    """A date, possible or not, in one of the department's forms."""
    return DATE_FORMS[form].format(year=year, month=month, day=day)


def date_form(style: Style, row: int) -> str:
    """The form of a date; "mixed" departments change from row to row."""
    return ("slash", "dash", "plain")[row % 3] if style.dates == "mixed" else style.dates


def _dates(days: Array, style: Style) -> Array:
    unique, back = np.unique(days, return_inverse=True)
    forms = ("slash", "dash", "plain") if style.dates == "mixed" else (style.dates,)
    texts = [
        np.array(["" if np.isnat(day) else date_text(*_parts(day), form) for day in unique], dtype=object)[
            back
        ]
        for form in forms
    ]
    row = np.arange(len(days)) % len(forms)
    written: Array = np.select([row == place for place in range(len(forms))], texts)
    return written


def _parts(day: np.datetime64) -> tuple[int, int, int]:
    year, month, number = str(day).split("-")
    return int(year), int(month), int(number)


def _codes(column: Column, values: Array, form: Array) -> Array:
    unique, back = np.unique(values.astype(str), return_inverse=True)
    tables = [[""] if not value else list(delivered_forms(column.code(value))) for value in unique]
    width = max((len(table) for table in tables), default=1)
    grid = np.array([[table[place % len(table)] for place in range(width)] for table in tables], dtype=object)
    return grid[back, form % width] if len(values) else values


def _numbers(column: Column, values: Array) -> Array:
    whole = column.kind is Kind.INTEGER
    return np.array(
        [
            ""
            if np.isnan(value)
            else f"{value:.0f}"
            if whole
            else f"{value:g}"
            if value < 1000
            else f"{value:.2f}"
            for value in values
        ],
        dtype=object,
    )


def written(column: Column, values: Array, delivery: Array, style: Style) -> Array:
    """The cells of a column as the department writes them."""
    if column.kind is Kind.DATE:
        return _dates(values, style)
    if column.kind is Kind.CODE:
        return _codes(column, values, style.code_form + delivery // FORM_KEPT_FOR)
    if column.kind is Kind.FLAG:
        return np.where(values == "yes", style.flags[0], np.where(values == "no", style.flags[1], "")).astype(
            object
        )
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        return _numbers(column, values)
    return values.astype(object)
