"""Forms of records, made from their declared entries. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from serving.review.records import Blank, Fill, Sheet, When, box
from serving.web.pages import Choice, Field
from serving.web.text import Translate

_KINDS = {
    Fill.DAY: "date",
    Fill.LINE: "text",
    Fill.LONG: "long",
    Fill.ONE: "radio",
    Fill.PICK: "select",
    Fill.SEVERAL: "checks",
}


@dataclass(frozen=True)
class RecordForm:
    """The form of one entry; `open` if it came back with something missing."""

    verb: str
    title: str
    action: str
    help: str
    fields: tuple[Field, ...]
    open: bool = False


def record_form(
    entry: Sheet,
    *,
    language: str,
    action: str,
    today: date,
    t: Translate,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> RecordForm:
    """The form; given `errors` it comes back filled with `values`, a message at each field."""
    return RecordForm(
        verb=entry.verb,
        title=entry.title[language],
        action=action,
        help=entry.help[language] if entry.help else "",
        fields=tuple(
            _field(entry, blank, language, today, t, values or {}, errors or {}) for blank in entry.blanks
        ),
        open=bool(errors),
    )


def field_id(verb: str, name: str) -> str:
    """The id of a field on a page with several forms."""
    return f"{verb}-{name}"


def _field(
    entry: Sheet,
    blank: Blank,
    language: str,
    today: date,
    t: Translate,
    values: Mapping[str, str],
    errors: Mapping[str, str],
) -> Field:
    usual = today.isoformat() if blank.fill is Fill.DAY and blank.when is When.PAST and blank.required else ""
    value = values.get(blank.name, "" if errors else usual)
    choices = tuple(
        Choice(
            code,
            title[language],
            bool(values.get(box(blank.name, code))) if blank.fill is Fill.SEVERAL else code == value,
        )
        for code, title in blank.choices
    )
    if blank.fill is Fill.PICK and "" not in {code for code, _ in blank.choices}:
        choices = (Choice("", t("support.choose"), not value), *choices)
    return Field(
        id=field_id(entry.verb, blank.name),
        name=blank.name,
        kind=_KINDS[blank.fill],
        label=blank.title[language],
        value=value,
        hint=blank.hint[language] if blank.hint else "",
        error=errors.get(blank.name, ""),
        choices=choices,
        part=blank.part[language] if blank.part else "",
    )
