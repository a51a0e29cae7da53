"""Builders for tests of tables for other platforms: a small template and filled sheets of it."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from serving.review.export_templates import Template, template_of

TODAY = date(2026, 10, 6)


def column(title: str, field: str, **more: Any) -> dict[str, Any]:
    """A column as a file declares it."""
    return {"title": title, "field": field, **more}


def said(**changes: Any) -> dict[str, Any]:
    """A template as a file declares it."""
    return {
        "id": "small",
        "title": {"zh": "小表", "en": "Small"},
        "modelled_on": {"zh": "仿制", "en": "Modelled"},
        "column": [column("编号", "row_id"), column("姓名", "name")],
        "answer": [
            column("结果", "result", codes={"属实": "confirmed", "不属实": "not_confirmed"}),
            column("日子", "answered_on"),
            column("备注", "note"),
        ],
    } | changes


def table(**changes: Any) -> Template:
    """The small template."""
    return template_of(said(**changes))


def sheet(*rows: tuple[str, str, str, str]) -> bytes:
    """A filled sheet of the small template: number, result, day and note of each row."""
    out = io.StringIO()
    csv.writer(out).writerows([("编号", "结果", "日子", "备注"), *rows])
    return out.getvalue().encode()
