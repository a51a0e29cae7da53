"""What one cell of a delivery means: a date, number, flag or code in any form a department writes it.

Pure. Nothing is guessed: a cell that does not read as what its column declares becomes `UNREADABLE`,
and the contract refuses its row. The value itself goes no further, so that no report, result or log
of the contract check can hold it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date

from features.language import Column, Kind

UNREADABLE = "?"
# Stands in the place of a text that names or numbers a person where no person may be named.
PERSONAL = "!"
# All that is said of an ID number outside the identity store; an empty cell says nothing.
VALID, INVALID, ADULT = "valid", "invalid", "adult"
LONGEST_TEXT = 64
EARLIEST, LATEST = date(1900, 1, 1), date(2099, 12, 31)

# Ways in which databases and clerks write "nothing here".
_EMPTY = frozenset(("", "null", "none", "nan", "nat", "n/a", "\\n", "-", "--", "—", "/"))
_FLAGS = {
    **dict.fromkeys(("是", "1", "1.0", "y", "yes", "true"), "yes"),
    **dict.fromkeys(("否", "0", "0.0", "n", "no", "false"), "no"),
}
_DAY = re.compile(
    r"(\d{4})(?:(?P<mark>[-/.])(\d{1,2})(?P=mark)(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_BETWEEN_ANSWERS = re.compile(r"[\s,;、]+")
_ANSWER = re.compile(r"(\d{1,3})[:=](-?\d{1,3})")
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,2})?")


def as_declared(column: Column, cell: str | None) -> bool:
    """Whether the contract will find nothing wrong with a cell of this meaning itself."""
    if cell is None:
        return not column.required
    if cell in (UNREADABLE, PERSONAL):
        return False
    low, high = column.minimum, column.maximum
    return (low is None or float(cell) >= low) and (high is None or float(cell) <= high)


def plain(text: str | None) -> str | None:
    """The cell without outer blanks and in half-width characters; None if it says nothing."""
    if text is None:
        return None
    text = unicodedata.normalize("NFKC", text).strip()
    return None if text.lower() in _EMPTY else text


def read_date(text: str) -> date | None:
    """A calendar date from 1900 to 2099 in one of the usual forms, without any time of day; None if none."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    year, *parts = (part for part in found.groups() if part is not None and part.isdigit())
    try:
        day = date(int(year), int(parts[0]), int(parts[1]))
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def read_number(text: str) -> float | None:
    """A finite decimal number, thousands separated by commas or not; None if it is none."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text.replace(",", ""))
    return number if math.isfinite(number) else None


def read_flag(text: str) -> str | None:
    """Yes or no in any of the delivered forms; None if it is neither."""
    return _FLAGS.get(text.lower())


def read_answers(text: str) -> dict[int, int] | None:
    """Answers by item number in a text like “1:0 2:3”, in order; None if it is none or names an item twice.

    Items not answered are left out. Between answers stand blanks, commas or semicolons.
    """
    found = [_ANSWER.fullmatch(part) for part in _BETWEEN_ANSWERS.split(text.strip(" ,;、"))]
    pairs = [(int(each[1]), int(each[2])) for each in found if each]
    answers = dict(sorted(pairs))
    return answers if len(answers) == len(found) else None


def reader(column: Column) -> Callable[[str], str]:
    """A function from a plain cell of this column to the one way we write its meaning, or `UNREADABLE`.

    Dates come as 2024-03-01, numbers as Python writes them, flags as yes or no, codes as our value,
    answers as 1:0 2:3 in the order of the items.
    """
    if column.kind is Kind.DATE:
        return lambda text: day.isoformat() if (day := read_date(text)) else UNREADABLE
    if column.kind is Kind.FLAG:
        return lambda text: read_flag(text) or UNREADABLE
    if column.kind is Kind.CODE:
        values = {
            unicodedata.normalize("NFKC", form).lower(): code.value
            for code in column.codes
            for form in code.forms
        }
        return lambda text: values.get(text.lower(), UNREADABLE)
    if column.kind is Kind.INTEGER:
        return lambda text: (
            str(int(n)) if (n := read_number(text)) is not None and n == int(n) else UNREADABLE
        )
    if column.kind is Kind.NUMBER:
        return lambda text: repr(n) if (n := read_number(text)) is not None else UNREADABLE
    if column.kind is Kind.ANSWERS:
        return lambda text: (
            " ".join(f"{item}:{answer}" for item, answer in answers.items())
            if (answers := read_answers(text)) is not None
            else UNREADABLE
        )
    return lambda text: text if len(text) <= LONGEST_TEXT and text.isprintable() else UNREADABLE
