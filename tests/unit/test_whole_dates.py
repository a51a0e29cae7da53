"""Dates stay in one piece, and marking them lets nothing through that would not have been escaped."""

import pytest
from jinja2 import Environment

from serving.web.whole_dates import whole_dates


def shown(text):
    made = Environment(autoescape=True)
    made.filters["whole_dates"] = whole_dates
    return made.from_string("{{ text | whole_dates }}").render(text=text)


@pytest.mark.parametrize("date", ["2026-10-06", "2026-10-06 09:30"])
def test_a_date_is_one_piece_wherever_it_stands(date):
    whole = f'<span class="date">{date}</span>'

    assert shown(f"到 {date}。") == f"到 {whole}。"
    assert shown(f"{date} – {date}") == f"{whole} – {whole}"


def test_what_is_no_date_is_left_as_it_was():
    assert shown("330109-22-2") == "330109-22-2"
    assert shown("") == ""


@pytest.mark.parametrize("text", ["<b>&", "<b>& 2026-10-06", "2026-10-06<b>&"])
def test_what_stands_beside_a_date_is_escaped_all_the_same(text):
    assert "<b>" not in shown(text)
    assert "&lt;b&gt;&amp;" in shown(text)
