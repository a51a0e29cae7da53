"""The objections a department is asked to look into, as a table for it: one template for each department.

Like every table it is asked for with a purpose, allowed by a second person and fetched once. It holds what
the department needs to find and check a record, and the words of who objects; the answer is entered in the
case.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from sqlalchemy.orm import Session

from features.language import Department, Text
from features.person_numbers import masked_name
from features.sources import SOURCES, source_named
from serving.review.case import Objector, coded
from serving.review.export_templates import Column, Template, Value
from serving.review.objections import Stage, listed
from serving.review.permissions import Actor
from serving.review.working_days import day_in_china

# What the queue itself keeps is no department's to check.
DEPARTMENTS: Mapping[str, Department] = {
    source.department.value: source.department
    for source in SOURCES
    if source.department is not Department.REVIEW
}
OBJECTIONS = "objections"
_COLUMNS = (
    Column("异议编号", "row_id"),
    Column("信息类别", "source"),
    Column("记录编号", "record_id"),
    Column("发生日期", "occurred_on"),
    Column("获知日期", "known_on"),
    Column("儿童姓名", "name"),
    Column("提出人", "raised_by"),
    Column("提出日期", "raised_on"),
    Column("哪里不对", "wrong"),
)


def objection_templates() -> Mapping[str, Template]:
    """One table for each department that delivers records."""
    return {
        f"{OBJECTIONS}_{code}": Template(
            id=f"{OBJECTIONS}_{code}",
            title=Text(f"异议清单：{department.title.zh}", f"Objections: {department.title.en}"),
            modelled_on=Text("本系统的异议清单", "Our own list of objections"),
            columns=_COLUMNS,
            answers=(),
            only=code,
            of=OBJECTIONS,
        )
        for code, department in DEPARTMENTS.items()
    }


def objection_rows(
    session: Session,
    actor: Actor,
    template: Template,
    area_prefix: str,
    names_of: Callable[[Collection[str]], Mapping[str, str]],
    *,
    full_names: bool,
) -> Iterator[Mapping[str, Value]]:
    """The objections of the template's department in the area that wait for its answer."""
    sources = [source.name for source in SOURCES if source.department is DEPARTMENTS[template.only]]
    found = [
        each
        for each in listed(session, actor, sources, Stage.ASKED, most=None)
        if each.case.area_code.startswith(area_prefix)
    ]
    names = names_of({each.row.child_key for each in found})
    for each in found:
        row, name = each.row, names.get(each.row.child_key, "")
        yield {
            "row_id": row.id,
            "source": source_named(row.source).title.zh,
            "record_id": row.record_id,
            "occurred_on": row.occurred_on,
            "known_on": row.known_on,
            "name": name if full_names or not name else masked_name(name),
            "raised_by": coded(Objector, row.raised_by).title.zh,
            "raised_on": day_in_china(row.recorded_at),
            "wrong": row.wrong,
        }
