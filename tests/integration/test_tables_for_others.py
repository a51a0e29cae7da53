"""Tables for other platforms: asked for, allowed by a second person, fetched once; and their answers taken in."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from features.language import Text
from models.policy import Lane
from serving.review import audit, export_answers, exported, exports, forgetting
from serving.review.access import Group, Reach, roles_that_see
from serving.review.acting import NotFound
from serving.review.case import Conflict, Refused, Role
from serving.review.door_tables import ExportAnswer
from serving.review.export_answers import Done
from serving.review.export_templates import CAME_BY
from serving.review.exports import EXPORTERS, FETCH_WITHIN, ExportState, Looked, Purpose
from serving.review.forgetting import forget
from serving.review.permissions import Actor
from serving.review.record_tables import LedgerEntry
from serving.review.tables import AuditEvent, Case
from tests import support_review as support
from tests.support_exports import column, sheet, table
from tests.support_review import COUNTY, ELSEWHERE, NOW, TODAY, TOWN, VILLAGE, alert, open_cases

LOOKED = Looked(
    lambda keys: {key: support.NAMES[key] for key in keys if key in support.NAMES},
    lambda code: Text("一社区", "Community 1") if code == VILLAGE else None,
)
FULL = table(
    column=[
        column("编号", "row_id"), column("姓名", "name"), column("地", "area"), column("来由", "came_by", codes={one: one for one in CAME_BY}),
        column("等级", "tier", codes={"first": "一", "third": "三"}), column("台账", "in_ledger", codes={"yes": "是", "no": "否"}),
        column("最迟", "due_on"),
    ]
)  # fmt: skip
TEMPLATES = {FULL.id: FULL}


@pytest.fixture
def people(store):
    return {
        "asks": support.add_account(store, Role.SCREENER),
        "allows": support.add_account(store, Role.MANAGER),
        "elsewhere": support.add_account(store, Role.MANAGER, username="far", area_prefix="440300"),
    }


@pytest.fixture
def cases(store):
    open_cases(
        store,
        [alert("c-one"), alert("c-two", Lane.AUDIT), alert("c-three", Lane.TRIGGER)],
        areas={"c-one": VILLAGE, "c-two": VILLAGE, "c-three": ELSEWHERE},
    )
    with store.read() as session:
        return {case.child_key: case.id for case in session.scalars(select(Case))}


def ask(store, actor, template=FULL, now=NOW, **changes):
    given = {
        "area_prefix": COUNTY,
        "full_names": False,
        "purpose": Purpose.UPDATE,
        "words": "报市局",
    } | changes
    with store.write() as session:
        row = exports.ask(session, actor=actor, template=template, now=now, **given)
        return row.id, row.version


def decide(store, actor, request, *, approve=True, now=NOW):
    with store.write() as session:
        row = exports.decide(
            session, actor=actor, number=request[0], version=request[1], approve=approve, words="好", now=now
        )
        return row.id, row.version


def fetch(store, actor, request, now=NOW, templates=TEMPLATES):
    with store.write() as session:
        found = exports.fetch(
            session,
            actor=actor,
            number=request[0],
            version=request[1],
            templates=templates,
            looked=LOOKED,
            now=now,
        )
    return list(csv.DictReader(io.StringIO(found.content.decode("utf-8-sig"))))


def events(store, *, but=("create_account", "open_round", "open_case", "release")):
    with store.read() as session:
        audit.verify(session)
        found = session.scalars(select(AuditEvent).order_by(AuditEvent.number)).all()
        return [(one.verb, one.subject, one.detail) for one in found if one.verb not in but]


def test_a_table_goes_from_asked_to_approved_to_fetched_once_and_each_is_in_the_log(store, people, cases):
    request = decide(store, people["allows"], ask(store, people["asks"]))

    rows = fetch(store, people["asks"], request)

    assert {row["编号"]: (row["姓名"], row["地"], row["来由"]) for row in rows} == {
        cases["c-one"]: ("张*", "一社区", "screening"),
        cases["c-two"]: ("李*", "一社区", "screening"),
        cases["c-three"]: ("欧*", "", "trigger"),
    }
    detail = {"template": "small", "area_prefix": COUNTY, "full_names": False, "purpose": "update"}
    assert events(store) == [
        ("ask_export", f"export:{request[0]}", detail),
        ("approve_export", f"export:{request[0]}", detail),
        ("fetch_export", f"export:{request[0]}", detail | {"rows": 3}),
    ]
    with pytest.raises(Refused, match="Fetched"):
        fetch(store, people["asks"], (request[0], request[1] + 1))


def test_the_lot_that_drew_a_child_is_in_no_table(store, people, cases):
    rows = fetch(store, people["asks"], decide(store, people["allows"], ask(store, people["asks"])))

    assert "audit" not in str(rows)


def test_nobody_allows_what_they_asked_for_themselves(store, people, cases):
    request = ask(store, people["asks"])

    with pytest.raises(Refused, match="second person"):
        decide(store, people["asks"], request)
    with pytest.raises(Refused, match="Waits for a second person"):
        fetch(store, people["asks"], request)


def test_what_was_not_allowed_is_never_fetched(store, people, cases):
    request = decide(store, people["allows"], ask(store, people["asks"]), approve=False)

    with pytest.raises(Refused, match="Not approved"):
        fetch(store, people["asks"], request)
    with pytest.raises(Refused, match="Not approved"):
        decide(store, people["allows"], request)


def test_only_who_asked_fetches_and_only_within_a_week(store, people, cases):
    request = decide(store, people["allows"], ask(store, people["asks"]))

    with pytest.raises(Refused, match="Only who asked"):
        fetch(store, people["allows"], request)
    with pytest.raises(Refused, match="over 7 days ago"):
        fetch(store, people["asks"], request, now=NOW + FETCH_WITHIN + timedelta(seconds=1))
    assert len(fetch(store, people["asks"], request, now=NOW + FETCH_WITHIN)) == 3


def test_a_request_changed_meanwhile_is_looked_at_again(store, people, cases):
    request = ask(store, people["asks"])
    decide(store, people["allows"], request)

    with pytest.raises(Conflict):
        decide(store, people["allows"], request)


def test_full_names_are_for_who_may_see_them_and_says_so(store, people, cases):
    with pytest.raises(Refused, match="masked names only"):
        ask(store, people["allows"], full_names=True)

    rows = fetch(
        store, people["asks"], decide(store, people["allows"], ask(store, people["asks"], full_names=True))
    )

    assert {row["姓名"] for row in rows} == {"张小明", "李安", "欧阳静"}


@pytest.mark.parametrize("role", [role for role in Role if role not in EXPORTERS])
def test_other_roles_neither_ask_nor_decide_nor_take_in(store, people, cases, role):
    actor = support.add_account(store, role, area_prefix=COUNTY)
    request = ask(store, people["asks"])

    with pytest.raises(Refused, match="county screeners and managers"):
        ask(store, actor)
    with pytest.raises(Refused, match="county screeners and managers"):
        decide(store, actor, request)
    with pytest.raises(Refused, match="county screeners and managers"), store.write() as session:
        export_answers.take_in(session, actor=actor, template=FULL, content=b"", now=NOW, today=TODAY)


def test_a_table_holds_the_area_that_was_asked_for_and_no_other(store, people, cases):
    rows = fetch(
        store, people["asks"], decide(store, people["allows"], ask(store, people["asks"], area_prefix=TOWN))
    )

    assert {row["编号"] for row in rows} == {cases["c-one"], cases["c-two"]}
    for area in ("", "440300", "33%", "abc"):
        with pytest.raises(Refused, match="not yours"):
            ask(store, people["asks"], area_prefix=area)


def test_requests_of_another_area_are_not_there(store, people, cases):
    request = ask(store, people["asks"])

    with pytest.raises(NotFound):
        decide(store, people["elsewhere"], request)
    with store.read() as session:
        assert exports.visible(session, people["elsewhere"]) == []
        assert [row.state for row in exports.visible(session, people["allows"])] == [ExportState.ASKED.value]


def test_a_table_of_the_ledger_holds_only_who_is_in_it(store, people, cases):
    with store.write() as session:
        session.add(
            LedgerEntry(
                child_key="c-two", area_code=VILLAGE, case_id=cases["c-two"], state="open", categories=["x"], basis="x",
                note="", entered_on=TODAY, contacted_on=TODAY, visited_on=TODAY, made_by=people["asks"].account_id,
                made_at=NOW,)
        )  # fmt: skip
    columns = [column("编号", "row_id"), column("台账", "in_ledger", codes={"yes": "是", "no": "否"})]
    template = table(only="in_ledger", column=columns)
    request = decide(store, people["allows"], ask(store, people["asks"], template))

    rows = fetch(store, people["asks"], request, templates={template.id: template})

    assert [(row["编号"], row["台账"]) for row in rows] == [(cases["c-two"], "是")]


def test_a_code_the_template_has_no_words_for_stops_the_table_and_leaves_the_request(store, people, cases):
    template = table(column=[column("编号", "row_id"), column("等级", "tier", codes={"first": "一"})])
    request = decide(store, people["allows"], ask(store, people["asks"], template))

    with pytest.raises(Refused, match="no words for the code “third”"):
        fetch(store, people["asks"], request, templates={template.id: template})
    with pytest.raises(Refused, match="template of this table is gone"):
        fetch(store, people["asks"], request, templates={})
    assert len(fetch(store, people["asks"], request)) == 3


# --- answers ---------------------------------------------------------------------------------------------


def take_in(store, actor, *rows, now=NOW):
    with store.write() as session:
        return export_answers.take_in(
            session, actor=actor, template=FULL, content=sheet(*rows), now=now, today=TODAY
        )


def answers(store, case_id):
    with store.read() as session:
        return [(row.result, row.note) for row in export_answers.latest(session, case_id)]


def test_answers_are_taken_in_row_by_row_and_wrong_rows_hold_up_no_other(store, people, cases):
    report = take_in(
        store, people["asks"],
        (cases["c-one"], "属实", "2026-10-05", "已上门"),
        ("nosuchcase", "属实", "2026-10-05", ""),
        (cases["c-three"], "?", "2026-10-05", ""),
        (cases["c-two"], "不属实", "2026-10-05", ""),
    )  # fmt: skip

    assert [(row.line, row.done) for row in report.rows] == [(2, Done.TAKEN), (5, Done.TAKEN)]
    assert [(error.line, error.column) for error in report.errors] == [(3, "编号"), (4, "结果")]
    assert answers(store, cases["c-one"]) == [("confirmed", "已上门")]
    assert answers(store, cases["c-three"]) == []
    counts = {"taken": 2, "changed": 0, "unchanged": 0, "refused": 2}
    assert events(store)[-1] == ("import_answers", "template:small", counts)
    assert ("import_answer", cases["c-one"], {"template": "small", "result": "confirmed"}) in events(store)


def test_a_note_cut_at_its_comma_is_refused_and_blank_cells_at_the_end_are_not(store, people, cases):
    report = take_in(
        store, people["asks"],
        (cases["c-one"], "属实", "2026-10-05", "奶奶在家", "母亲外出"),
        (cases["c-two"], "属实", "2026-10-05", "奶奶在家", "", ""),
    )  # fmt: skip

    assert [(error.line, error.column) for error in report.errors] == [(2, "")]
    assert answers(store, cases["c-one"]) == []
    assert answers(store, cases["c-two"]) == [("confirmed", "奶奶在家")]


def test_the_same_file_again_changes_nothing_and_another_answer_counts_from_then_on(store, people, cases):
    first = (cases["c-one"], "属实", "2026-10-05", "")
    take_in(store, people["asks"], first)

    again = take_in(store, people["asks"], first)
    changed = take_in(store, people["asks"], (cases["c-one"], "不属实", "2026-10-06", ""))

    assert [row.done for row in again.rows] == [Done.UNCHANGED]
    assert [row.done for row in changed.rows] == [Done.CHANGED]
    assert answers(store, cases["c-one"]) == [("not_confirmed", ""), ("confirmed", "")]


def test_an_answer_about_a_case_elsewhere_is_answered_like_one_about_none(store, people, cases):
    near = Actor(people["asks"].account_id, Role.SCREENER, TOWN)

    report = take_in(
        store, near, (cases["c-three"], "属实", "2026-10-05", ""), ("nothing", "属实", "2026-10-05", "")
    )

    assert {error.reason.en for error in report.errors} == {"No case of your area has this number."}
    assert report.rows == ()


def test_answers_go_with_a_child_that_is_deleted_by_right(store, people, cases):
    take_in(store, people["asks"], (cases["c-one"], "属实", "2026-10-05", "已上门"))

    forget(store, ["c-one"], NOW)

    with store.read() as session:
        assert session.scalars(select(ExportAnswer)).all() == []


# --- whose data went out ------------------------------------------------------------------------------------


def held_by_tables(store, *case_ids):
    with store.read() as session:
        return [row.id for row in exported.of_cases(session, case_ids)]


def test_a_fetched_table_keeps_whom_it_was_about_and_lets_go_with_the_child(store, people, cases):
    waiting = ask(store, people["asks"])
    request = decide(store, people["allows"], ask(store, people["asks"], area_prefix=VILLAGE))
    assert held_by_tables(store, *cases.values()) == []

    fetch(store, people["asks"], request)

    assert held_by_tables(store, cases["c-one"]) == [request[0]]
    assert held_by_tables(store, cases["c-two"]) == [request[0]]
    assert held_by_tables(store, cases["c-three"]) == []
    assert held_by_tables(store, *cases.values()) == [request[0]]
    assert waiting[0] != request[0]
    forgetting.forget(store, ["c-one"], NOW)
    assert held_by_tables(store, cases["c-one"]) == []
    assert held_by_tables(store, cases["c-two"]) == [request[0]]


def test_who_may_have_tables_made_is_read_from_the_table_of_access():
    assert roles_that_see(Group.EXPORTS, Reach.AREA) == EXPORTERS
