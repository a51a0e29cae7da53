"""Several cases of the queue at once: given to somebody, or set aside; what became of each is said.

Every case keeps its own rules, version and audit event: one that is refused stops no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from serving.review import queries, staff
from serving.review.case import COORDINATORS, SNOOZE_DAYS
from serving.review.permissions import Actor
from serving.review.teamwork import Became
from serving.web import lines
from serving.web.components import Cell, Link, Table
from serving.web.giving import person_field
from serving.web.pages import Field, Frame, Problem
from serving.web.text import translator

_TICK = "case_"
# At most as many as a part of the list holds, and some.
_MOST = 100


@dataclass(frozen=True)
class Bulk:
    """What stands below a list whose lines can be ticked. `query`: the list that is worked on."""

    ticked: frozenset[str]
    person: Field
    until: Field
    reason: Field
    problems: tuple[Problem, ...]
    query: str


@dataclass(frozen=True)
class BulkPage:
    """What became of each case."""

    frame: Frame
    done: str
    refused: str
    table: Table
    back: Link


def ticked(values: Mapping[str, str]) -> list[tuple[str, int]]:
    """The cases ticked in a form, with the versions seen."""
    return [
        (name.removeprefix(_TICK), int(version))
        for name, version in values.items()
        if name.startswith(_TICK) and version.isdigit()
    ][:_MOST]


def bulk_form(
    session: Session,
    actor: Actor,
    today: date,
    language: str,
    query: str,
    values: Mapping[str, str],
    errors: Mapping[str, str],
) -> Bulk | None:
    """The form below the list, come back filled where something was missing; None for who may not."""
    if actor.role not in COORDINATORS:
        return None
    t = translator(language)
    last = (today + timedelta(days=SNOOZE_DAYS)).isoformat()

    def field(name: str, kind: str, label: str, hint: str) -> Field:
        return Field(f"bulk-{name}", name, kind, t(label), values.get(name, ""), hint, errors.get(name, ""))

    return Bulk(
        ticked=frozenset(case_id for case_id, _ in ticked(values)),
        person=person_field(
            staff.team(session, actor, today),
            language,
            values,
            errors,
            field_id="bulk-person",
            by_suggestion=True,
        ),
        until=field("until", "date", "field.until", t("field.until.hint", day=last)),
        reason=field("reason", "long", "field.reason", t("bulk.reason_hint")),
        problems=tuple(Problem(sentence, f"bulk-{name}") for name, sentence in errors.items()),
        query=query,
    )


def bulk_page(
    session: Session, actor: Actor, frame: Frame, became: Sequence[Became], done_wording: str, back: str
) -> BulkPage:
    """What became of each of these cases."""
    language, t = frame.language, translator(frame.language)
    names = queries.display_names(session)
    refused = [one for one in became if one.refused is not None]

    def said(one: Became) -> str:
        if one.refused is not None:
            return one.refused[language]
        if one.holder:
            return t("bulk.assigned_to", name=names.get(one.holder, ""))
        return t("bulk.set_aside", day=one.until.isoformat() if one.until else "")

    return BulkPage(
        frame=frame,
        done=t(done_wording, count=len(became) - len(refused)),
        refused=t("bulk.refused", count=len(refused)) if refused else "",
        table=Table(
            t("bulk.became"),
            (t("column.case"), t("column.what")),
            tuple(
                (
                    Cell(one.case_id, address=lines.case_address(one.case_id) if one.is_there else ""),
                    Cell(said(one)),
                )
                for one in became
            ),
        ),
        back=Link(back, t("bulk.back")),
    )
