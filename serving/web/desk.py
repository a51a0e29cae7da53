"""One shape for the pages of a desk: at a glance, lists, and forms made from declared sheets.

Emergency openings and requests about personal data are pages of this shape; their views fill it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from serving.review.case import Incomplete
from serving.review.records import Sheet
from serving.web.components import Fact, Link, Tab, Table
from serving.web.deps import Deps
from serving.web.pages import Frame, Problem
from serving.web.record_forms import RecordForm, field_id, record_form
from serving.web.text import translator

Given = Mapping[str, str]


@dataclass(frozen=True)
class DeskPage:
    """`forms` come with what was in them if one was not taken; `sends` are buttons without blanks."""

    frame: Frame
    heading: str
    back: Link | None = None
    notice: str = ""
    refusal: str = ""
    problems: tuple[Problem, ...] = ()
    tabs: tuple[Tab, ...] = ()
    hint: str = ""
    links: tuple[Link, ...] = ()
    facts: tuple[Fact, ...] = ()
    notes: tuple[Fact, ...] = ()
    tables: tuple[Table, ...] = ()
    forms: tuple[RecordForm, ...] = ()
    version: int = 0


@dataclass(frozen=True)
class Returned:
    """A form that was not taken: what was in it, the sentence for each field, or one for the whole."""

    verb: str
    given: Given
    errors: Given
    refusal: str = ""


def returned(sheet: Sheet, given: Given, incomplete: Incomplete, language: str) -> Returned:
    """The form with what is wrong beside each field."""
    errors = {each.field: each.sentence[language] for each in incomplete.problems if each.field}
    return Returned(sheet.verb, given, errors)


def desk_form(sheet: Sheet, action: str, deps: Deps, language: str, back: Returned | None) -> RecordForm:
    """The form of a sheet, filled if it came back."""
    mine = back if back is not None and back.verb == sheet.verb else None
    return record_form(
        sheet, language=language, action=action, today=deps.today(), t=translator(language),
        values=mine.given if mine else None, errors=mine.errors if mine else None,
    )  # fmt: skip


def desk_problems(back: Returned | None) -> tuple[Problem, ...]:
    """The error summary of a form that came back."""
    if back is None:
        return ()
    return tuple(Problem(sentence, field_id(back.verb, name)) for name, sentence in back.errors.items())
