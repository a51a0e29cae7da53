"""A department's objections as a table: asked for, allowed by a second person, and nobody else's in it."""

import csv
import io

import pytest
from sqlalchemy import select

from features.sources import source_named
from serving.review import exports
from serving.review.case import Answer, Objector, Refused, Role, Verb
from serving.review.exports import Looked, Purpose
from serving.review.life_tables import ObjectionRow
from serving.review.objection_tables import DEPARTMENTS, objection_templates
from tests import support_review as support
from tests.support_life import do
from tests.support_review import COUNTY, ELSEWHERE, NOW, TODAY, VILLAGE, alert, open_cases

TEMPLATES = objection_templates()
LOOKED = Looked(
    lambda keys: {key: support.NAMES[key] for key in keys if key in support.NAMES}, lambda _: None
)


@pytest.fixture
def people(store):
    people = {role: support.add_account(store, role) for role in (Role.SCREENER, Role.MANAGER)}
    open_cases(
        store, [alert("c-one"), alert("c-two"), alert("c-three")],
        areas={"c-one": VILLAGE, "c-two": VILLAGE, "c-three": ELSEWHERE},
    )  # fmt: skip
    for child, source in (
        ("c-one", "absences"),
        ("c-one", "residence"),
        ("c-two", "absences"),
        ("c-three", "absences"),
    ):
        do(
            store, Verb.OBJECT, people[Role.SCREENER], child_key=child, raised_by=Objector.GUARDIAN,
            record=(source, f"r of {child}"), wrong=f"=不对 {child}",
        )  # fmt: skip
    return people


def fetched(store, people, department, *, area=COUNTY, full_names=False):
    template = TEMPLATES[f"objections_{department}"]
    asker, other = people[Role.SCREENER], people[Role.MANAGER]
    with store.write() as session:
        row = exports.ask(
            session, actor=asker, template=template, area_prefix=area, full_names=full_names,
            purpose=Purpose.VERIFY, words="请核实", now=NOW,
        )  # fmt: skip
        number = row.id
    with store.write() as session:
        with pytest.raises(Refused):
            exports.fetch(
                session, actor=asker, number=number, version=1, templates=TEMPLATES, looked=LOOKED, now=NOW
            )
        row = exports.decide(session, actor=other, number=number, version=1, approve=True, words="", now=NOW)
        version = row.version
    with store.write() as session:
        found = exports.fetch(
            session, actor=asker, number=number, version=version, templates=TEMPLATES, looked=LOOKED, now=NOW
        )
    return list(csv.DictReader(io.StringIO(found.content.decode("utf-8-sig"))))


def test_a_department_gets_what_it_is_asked_and_nothing_of_another(store, people):
    rows = fetched(store, people, "education")

    assert {row["记录编号"] for row in rows} == {"r of c-one", "r of c-two", "r of c-three"}
    assert {row["信息类别"] for row in rows} == {source_named("absences").title.zh}
    one = next(row for row in rows if row["记录编号"] == "r of c-one")
    assert (one["儿童姓名"], one["提出人"], one["提出日期"]) == ("张*", "监护人", TODAY.isoformat())
    # Words that a spreadsheet would read as a formula are handed over as words.
    assert one["哪里不对"] == "'=不对 c-one"
    assert [row["记录编号"] for row in fetched(store, people, "police")] == ["r of c-one"]


def test_the_table_ends_with_its_area_and_names_are_full_only_if_so_allowed(store, people):
    rows = fetched(store, people, "education", area=VILLAGE, full_names=True)

    assert {row["儿童姓名"] for row in rows} == {support.NAMES["c-one"], support.NAMES["c-two"]}


def test_what_the_department_has_answered_is_asked_no_more(store, people):
    with store.read() as session:
        row = session.scalars(select(ObjectionRow).where(ObjectionRow.child_key == "c-two")).one()
    do(
        store, Verb.ANSWER_OBJECTION, people[Role.SCREENER], child_key="c-two", objection=row.id,
        answer=Answer.STANDS, answered_on=TODAY, reason="无误",
    )  # fmt: skip

    assert {each["记录编号"] for each in fetched(store, people, "education")} == {
        "r of c-one",
        "r of c-three",
    }


def test_every_department_that_delivers_has_a_table_and_the_queue_has_none():
    assert {template.only for template in TEMPLATES.values()} == set(DEPARTMENTS)
    assert "review" not in DEPARTMENTS
    assert all(not template.answers and template.wants_names for template in TEMPLATES.values())
