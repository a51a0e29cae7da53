"""Ledger, assessments, reports, referrals and plans on a real store: who may, what is kept, what the log says."""

import json
from datetime import date

import pytest
from sqlalchemy import func, select

from features.sources import source_named
from serving.review import audit, outbox, record_actions
from serving.review.acting import NotFound
from serving.review.case import Incomplete, Refused, Role
from serving.review.record_store import TABLES, Changed, about_case
from serving.review.record_tables import (
    AssessmentRow,
    LedgerEntry,
    PlanAction,
    PlanRow,
    RecordStep,
    ReferralRow,
    ReportRow,
)
from serving.review.records import Kind
from serving.review.tables import AuditEvent
from tests import support_records as records
from tests import support_review as support
from tests.support_records import a_case, doing


@pytest.fixture
def director(store):
    return support.add_account(store, Role.CHILD_DIRECTOR)


@pytest.fixture
def supervisor(store):
    return support.add_account(store, Role.SUPERVISOR)


@pytest.fixture
def assessor(store):
    return support.add_account(store, Role.ASSESSOR)


@pytest.fixture
def case_id(store):
    return a_case(store)


def do(store, actor, kind, record_id, verb, version=None, **given):
    with store.write() as session:
        row = session.get(TABLES[kind], record_id)
        seen = row.version if version is None else version
        return record_actions.do(session, doing(actor), kind, record_id, seen, verb, given)


def one(store, table, record_id):
    with store.read() as session:
        return session.get(table, record_id)


def events(store):
    with store.read() as session:
        return session.scalars(select(AuditEvent).order_by(AuditEvent.number)).all()


# --- every kind -----------------------------------------------------------------------------------------


def made_by_kind(store, director, assessor, supervisor, case_id):
    return {
        Kind.LEDGER: records.enter(store, director, case_id),
        Kind.ASSESSMENT: records.assess(store, assessor, supervisor, case_id),
        Kind.REPORT: records.report(store, director, case_id),
        Kind.REFERRAL: records.refer(store, director, case_id),
        Kind.PLAN: records.plan(store, director, case_id),
    }


FIRST_STEPS = {
    Kind.LEDGER: ("care_contact", {"happened_on": "2026-10-06", "met": "guardian", "note": "打过电话"}),
    Kind.ASSESSMENT: ("sign_assessment", {}),
    Kind.REPORT: ("receipt", {"from": "police", "happened_on": "2026-10-06", "number": "公 12 号"}),
    Kind.REFERRAL: ("accept_referral", {"happened_on": "2026-10-06", "note": "已受理"}),
    Kind.PLAN: ("end_plan", {"happened_on": "2026-10-06", "note": "目标达到"}),
}


def test_a_record_of_another_area_does_not_exist(store, director, assessor, supervisor, case_id):
    made = made_by_kind(store, director, assessor, supervisor, case_id)
    stranger = support.add_account(
        store, Role.SUPERVISOR, username="elsewhere", area_prefix=support.ELSEWHERE
    )

    for kind, record_id in made.items():
        verb, given = FIRST_STEPS[kind]
        with pytest.raises(NotFound):
            do(store, stranger, kind, record_id, verb, **given)
    with store.read() as session, pytest.raises(NotFound):
        about_case(session, stranger, case_id)


def test_whoever_saw_an_older_version_changes_nothing(store, director, assessor, supervisor, case_id):
    made = made_by_kind(store, director, assessor, supervisor, case_id)
    before = len(events(store))

    for kind, record_id in made.items():
        verb, given = FIRST_STEPS[kind]
        actor = supervisor if kind is Kind.ASSESSMENT else director
        with pytest.raises(Changed):
            do(store, actor, kind, record_id, verb, version=7, **given)

    assert len(events(store)) == before
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(RecordStep)) == 0


def test_the_log_has_one_event_for_each_act_and_nothing_anybody_wrote(
    store, director, assessor, supervisor, case_id
):
    before = len(events(store))
    made = made_by_kind(store, director, assessor, supervisor, case_id)
    for kind, record_id in made.items():
        verb, given = FIRST_STEPS[kind]
        do(store, supervisor if kind is Kind.ASSESSMENT else director, kind, record_id, verb, **given)

    written = events(store)[before:]

    assert len(written) == 10
    assert {event.subject.split("-")[0] for event in written} == {kind.value for kind in Kind}
    said = json.dumps([event.detail for event in written], ensure_ascii=False)
    for words in (
        "停工",
        "夜班",
        "男童",
        "电话",
        "公 12 号",
        "大人在家",
        "说说话",
        "母亲",
        "c-one",
        "insufficient",
    ):
        assert words not in said
    with store.read() as session:
        audit.verify(session)


# --- ledger ---------------------------------------------------------------------------------------------


def test_a_child_stands_in_the_ledger_once_and_may_come_back_after_leaving(store, director, case_id):
    first = records.enter(store, director, case_id)
    with pytest.raises(Refused, match="in the ledger already"):
        records.enter(store, director, case_id)

    do(
        store, director, Kind.LEDGER, first, "leave_ledger",
        happened_on="2026-10-06", reason="improved", note="父亲复工",
    )  # fmt: skip
    again = records.enter(store, director, case_id, entered_on="2026-10-06")

    assert one(store, LedgerEntry, first).left_on == date(2026, 10, 6)
    assert one(store, LedgerEntry, again).state == "open"


def test_a_review_changes_the_categories_and_nothing_happens_before_entry(store, director, case_id):
    entry = records.enter(store, director, case_id)

    do(
        store, director, Kind.LEDGER, entry, "review_ledger",
        happened_on="2026-10-01", note="重病已愈", **{"categories-guardianship": "yes"},
    )  # fmt: skip

    row = one(store, LedgerEntry, entry)
    assert (row.categories, row.reviewed_on, row.version) == (["guardianship"], date(2026, 10, 1), 2)
    with pytest.raises(Incomplete, match="before the record began"):
        do(
            store, director, Kind.LEDGER, entry, "care_contact",
            happened_on="2026-06-30", met="child", note="…",
        )  # fmt: skip


def test_only_the_jurisdictions_categories_can_be_given(store, director, case_id):
    with pytest.raises(Incomplete, match="Categories"):
        records.enter(store, director, case_id, **{"categories-hardship": "", "categories-made_up": "yes"})


def for_the_lake(store):
    with store.read() as session:
        return [row for row in outbox.pending(session) if row.source == "assessments"]


# --- assessments ----------------------------------------------------------------------------------------


def test_an_assessment_takes_two_people_and_counts_once_both_have_signed(
    store, assessor, supervisor, case_id
):
    made = records.assess(store, assessor, supervisor, case_id)
    row = one(store, AssessmentRow, made)
    assert (row.state, row.capability_score, row.risk_score) == ("awaits_second", 66.7, 33.3)

    with pytest.raises(Refused, match="Only the second assessor"):
        do(store, assessor, Kind.ASSESSMENT, made, "sign_assessment")
    assert for_the_lake(store) == []
    do(store, supervisor, Kind.ASSESSMENT, made, "sign_assessment")

    assert one(store, AssessmentRow, made).state == "signed"


def test_only_date_kind_and_level_of_an_assessment_leave_for_the_lake(store, assessor, supervisor, case_id):
    signed = records.assess(store, assessor, supervisor, case_id)
    do(store, supervisor, Kind.ASSESSMENT, signed, "sign_assessment")
    settled = records.assess(store, assessor, supervisor, case_id)
    absent = {"conclusion": "absent", "level": "first", "note": "祖母已回老家"}
    do(store, supervisor, Kind.ASSESSMENT, settled, "dispute_assessment", **absent)
    screener = support.add_account(store, Role.SCREENER)
    do(store, screener, Kind.ASSESSMENT, settled, "settle_dispute", **absent)

    waiting = for_the_lake(store)
    common = {"child_key": "c-one", "occurred_on": date(2026, 10, 5), "case_id": case_id}
    assert [row.record for row in waiting] == [
        {"record_id": f"assessment-{signed}", "conclusion": "insufficient", "level": "second", **common},
        {"record_id": f"assessment-{settled}", "conclusion": "absent", "level": "first", **common},
    ]
    columns = {column.name for column in source_named("assessments").lake_columns}
    assert columns == {"conclusion", "level", "case_id"}


def test_nobody_is_their_own_second(store, assessor, supervisor, case_id):
    with pytest.raises(Incomplete, match="Second assessor"):
        records.assess(store, assessor, assessor, case_id)


def test_a_dispute_is_settled_by_somebody_who_was_not_of_the_team(store, assessor, supervisor, case_id):
    made = records.assess(store, assessor, supervisor, case_id)
    do(
        store, supervisor, Kind.ASSESSMENT, made, "dispute_assessment",
        conclusion="absent", level="first", note="祖母已回老家",
    )  # fmt: skip
    settled = {"conclusion": "absent", "level": "first", "note": "以走访为准"}

    with pytest.raises(Refused, match="of the team cannot settle"):
        do(store, supervisor, Kind.ASSESSMENT, made, "settle_dispute", **settled)
    screener = support.add_account(store, Role.SCREENER)
    do(store, screener, Kind.ASSESSMENT, made, "settle_dispute", **settled)

    row = one(store, AssessmentRow, made)
    assert (row.state, row.conclusion) == ("settled", "insufficient")
    with store.read() as session:
        steps = session.scalars(select(RecordStep).order_by(RecordStep.id)).all()
    assert [(step.verb, step.code, step.number) for step in steps] == [
        ("dispute_assessment", "absent", "first"),
        ("settle_dispute", "absent", "first"),
    ]


def test_a_new_assessment_names_the_one_before_and_leaves_it_as_it_was(store, assessor, supervisor, case_id):
    first = records.assess(store, assessor, supervisor, case_id)
    second = records.assess(store, assessor, supervisor, case_id, conclusion="improper")

    assert one(store, AssessmentRow, second).replaces == first
    assert one(store, AssessmentRow, first).conclusion == "insufficient"


# --- mandatory reports ----------------------------------------------------------------------------------


def test_a_report_needs_no_case_and_no_child_and_is_open_to_everybody(store):
    for role in Role:
        actor = support.add_account(store, role, username=f"one {role.value}")
        made = records.report(store, actor)
        row = one(store, ReportRow, made)
        assert (row.child_key, row.case_id, row.state) == (None, None, "open")
        assert row.area_code == actor.area_prefix


def test_a_report_is_open_until_every_receipt_is_in(store, director, case_id):
    made = records.report(store, director, case_id)
    for authority, state in (("police", "open"), ("civil_affairs", "answered")):
        do(
            store, director, Kind.REPORT, made, "receipt",
            **{"from": authority, "happened_on": "2026-10-06", "number": "1"},
        )  # fmt: skip
        assert one(store, ReportRow, made).state == state

    do(store, director, Kind.REPORT, made, "chain_step", step="reprimand", happened_on="2026-10-06")
    assert one(store, ReportRow, made).state == "open"
    with pytest.raises(Incomplete, match="From"):
        do(
            store, director, Kind.REPORT, made, "receipt",
            **{"from": "police", "happened_on": "2026-10-06", "number": "2"},
        )  # fmt: skip


# --- referrals ------------------------------------------------------------------------------------------


def test_a_refused_consent_is_kept_and_nothing_is_sent(store, director, case_id):
    made = records.refer(store, director, case_id, consent="refused", answer_by="")

    row = one(store, ReferralRow, made)
    assert (row.state, row.answer_by) == ("consent_refused", None)
    with pytest.raises(Refused, match="not possible while"):
        do(store, director, Kind.REFERRAL, made, "accept_referral", happened_on="2026-10-06")


def test_the_path_goes_on_from_prevention_to_treatment_and_keeps_whence(store, director, case_id):
    made = records.refer(store, director, case_id)
    do(store, director, Kind.REFERRAL, made, "accept_referral", happened_on="2026-10-06")
    new = do(
        store, director, Kind.REFERRAL, made, "refer_on",
        **(records.REFER | {"channel": "medical", "stage": "treatment"}),
    )  # fmt: skip

    assert (new.follows, new.stage, new.state) == (made, "treatment", "sent")
    assert one(store, ReferralRow, made).state == "accepted"


def test_a_line_of_another_jurisdiction_cannot_be_chosen(store, director, case_id):
    with store.write() as session, pytest.raises(Incomplete, match="Led to"):
        record_actions.refer(
            session,
            doing(director, profile="xiamen"),
            about_case(session, director, case_id),
            records.REFER,
        )


# --- plans ----------------------------------------------------------------------------------------------


def test_a_changed_plan_is_a_new_edition_that_carries_over_what_is_not_done(store, director, case_id):
    first = records.plan(store, director, case_id, what_2="买药", who_2="父亲", by_2="2026-10-10")
    with store.read() as session:
        actions = session.scalars(select(PlanAction).order_by(PlanAction.id)).all()
    do(
        store, director, Kind.PLAN, first, "end_action",
        action=str(actions[0].id), ended="done", happened_on="2026-10-06",
    )  # fmt: skip

    new = do(
        store, director, Kind.PLAN, first, "change_plan",
        **(records.PLAN | {"goals": "夜里有人", "what_1": "", "who_1": "", "by_1": ""}),
    )  # fmt: skip

    assert (new.edition, new.replaces, new.note) == (2, first, "夜里有人")
    before = one(store, PlanRow, first)
    assert (before.state, before.note) == ("replaced", "每天有大人在家")
    with store.read() as session:
        carried = session.scalars(select(PlanAction).where(PlanAction.plan_id == new.id)).all()
    assert [(action.what, action.carried_from) for action in carried] == [("买药", actions[1].id)]


def test_a_child_has_one_plan_at_a_time(store, director, case_id):
    made = records.plan(store, director, case_id)
    with pytest.raises(Refused, match="has a plan already"):
        records.plan(store, director, case_id)

    do(store, director, Kind.PLAN, made, "end_plan", happened_on="2026-10-06", note="搬走")
    records.plan(store, director, case_id)


def test_an_unknown_step_is_not_found(store, director, case_id):
    made = records.plan(store, director, case_id)

    with pytest.raises(NotFound):
        do(store, director, Kind.PLAN, made, "receipt")
