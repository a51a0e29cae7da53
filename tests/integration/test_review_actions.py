"""The verbs on a real store: each checks, changes, logs once; the lake learns; areas stay apart."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.policy import Lane
from serving.review import actions, audit, listing, outbox, queries, worked
from serving.review.case import (
    RISKS,
    Conflict,
    Disposition,
    Incomplete,
    Met,
    Refused,
    Role,
    View,
)
from serving.review.listing import Asked, Which
from serving.review.tables import AuditEvent, Case, DispositionRow, FactRow, OutboxRow, ViewRow
from tests import support_review as support
from tests.support_review import COUNTY, ELSEWHERE, NOW, TODAY, TOWN, VILLAGE, alert, open_cases

CONFIRMED = dict.fromkeys(RISKS, Disposition.CONFIRMED)


@pytest.fixture
def worker(store):
    return support.add_account(store)


@pytest.fixture
def supervisor(store):
    return support.add_account(store, Role.SUPERVISOR)


def do(store, verb, actor, case, **given):
    """One verb in one transaction, with the version of the case as it was seen."""
    if verb is not actions.claim:
        given.setdefault("today", TODAY)
    with store.write() as session:
        return verb(session, actor=actor, case_id=case.id, version=case.version, now=NOW, **given)


def waiting_case(store, **changes):
    open_cases(store, [alert("c-one", **changes)])
    with store.read() as session:
        return session.scalars(select(Case)).one()


def claimed(store, actor, **changes):
    return do(store, actions.claim, actor, waiting_case(store, **changes))


def visited(store, actor, case, **changes):
    given = {"happened_on": TODAY, "met": Met.BOTH, "note": "家里整洁"} | changes
    return do(store, actions.record_visit, actor, case, **given)


def closed(store, actor):
    case = visited(store, actor, claimed(store, actor))
    return do(store, actions.dispose, actor, case, dispositions=CONFIRMED, reason="走访所见")


def count(store, table):
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def refusal(store, verb, actor, case, **given):
    with pytest.raises(Refused) as refused:
        do(store, verb, actor, case, **given)
    return refused.value.sentence.en


# --- the way of a case ------------------------------------------------------------------------------


def test_a_case_goes_from_the_queue_to_a_conclusion_with_one_event_for_each_step(store, worker):
    case = closed(store, worker)

    assert (case.status, case.holder_id, case.closed_at) == ("closed", worker.account_id, NOW)
    with store.read() as session:
        events = [(event.verb, event.actor) for event in audit.history(session, case.id)]
        assert audit.verify(session) > 0
    mine = worker.account_id
    assert events == [
        ("open_case", "system"),
        ("claim", mine),
        ("record_visit", mine),
        ("dispose", mine),
    ]


def test_a_conclusion_reaches_the_lake_as_one_record_for_each_risk(store, worker):
    case = closed(store, worker)

    with store.read() as session:
        sent = [row.record for row in outbox.pending(session) if row.source == "dispositions"]
    assert sent == [
        {
            "record_id": f"{case.id}-{risk}",
            "child_key": "c-one",
            "occurred_on": TODAY,
            "risk": risk,
            "disposition": "confirmed",
            "visited": "yes",
            "case_id": case.id,
        }
        for risk in ("psychological", "guardianship")
    ]


def test_a_conclusion_after_a_contact_only_does_not_count_as_after_a_visit(store, worker):
    case = do(
        store,
        actions.record_contact,
        worker,
        claimed(store, worker),
        happened_on=TODAY,
        met=Met.GUARDIAN,
        note="电话",
    )
    do(store, actions.dispose, worker, case, dispositions=CONFIRMED, reason="电话了解")

    with store.read() as session:
        sent = [row.record["visited"] for row in outbox.pending(session) if row.source == "dispositions"]
    assert sent == ["no", "no"]


def test_a_visit_that_reached_nobody_closes_nothing(store, worker):
    case = visited(store, worker, claimed(store, worker), met=Met.NOBODY)

    said = refusal(store, actions.dispose, worker, case, dispositions=CONFIRMED, reason="x")

    assert said == "First record a visit or a contact that reached somebody."


def test_a_case_put_back_and_taken_by_another_keeps_its_facts(store, worker, supervisor):
    case = visited(store, worker, claimed(store, worker))
    case = do(store, actions.return_to_queue, worker, case, reason="调岗")
    assert (case.status, case.holder_id) == ("waiting", None)

    case = do(store, actions.claim, supervisor, case)
    case = do(store, actions.dispose, supervisor, case, dispositions=CONFIRMED, reason="已走访")

    assert case.status == "closed"


def test_a_reopened_case_closes_only_with_a_new_fact_and_corrects_its_conclusion(store, worker, supervisor):
    case = do(store, actions.reopen, supervisor, closed(store, worker), reason="家长来电")
    assert (case.status, case.holder_id, case.closed_at) == ("waiting", None, None)
    case = do(store, actions.claim, worker, case)

    said = refusal(store, actions.dispose, worker, case, dispositions=CONFIRMED, reason="x")
    assert said == "First record a visit or a contact that reached somebody."

    with store.write() as session:
        case = actions.record_visit(
            session,
            actor=worker,
            case_id=case.id,
            version=case.version,
            happened_on=TODAY,
            met=Met.CHILD,
            note="再访",
            now=NOW + timedelta(minutes=5),
            today=TODAY,
        )
    changed = dict.fromkeys(RISKS, Disposition.NOT_CONFIRMED)
    do(store, actions.dispose, worker, case, dispositions=changed, reason="情况已变")

    with store.read() as session:
        sent = [row.record for row in outbox.pending(session) if row.source == "dispositions"]
    numbers = [record["record_id"] for record in sent]
    assert numbers[:2] == numbers[2:]
    assert [record["disposition"] for record in sent] == ["confirmed"] * 2 + ["not_confirmed"] * 2
    assert count(store, DispositionRow) == 4


def test_a_case_is_not_reopened_beside_another_open_case_of_the_child(store, worker, supervisor):
    case = closed(store, worker)
    open_cases(store, [alert("c-one", Lane.TRIGGER)], release=2)

    said = refusal(store, actions.reopen, supervisor, case, reason="再看")

    assert said == "The child already has an open case; go on there."


def test_a_child_whose_case_is_closed_gets_a_new_one(store, worker):
    first = closed(store, worker)

    open_cases(store, [alert("c-one", Lane.TRIGGER)], release=2)

    with store.read() as session:
        cases = session.scalars(select(Case).order_by(Case.opened_at, Case.id)).all()
        assert {case.status for case in cases} == {"closed", "waiting"}
        assert worked.closed_on(session) == {"c-one": NOW}
    assert first.id in {case.id for case in cases}


# --- assigning -----------------------------------------------------------------------------------------


def test_a_supervisor_assigns_a_waiting_case_and_moves_a_held_one_with_a_reason(store, worker, supervisor):
    other = support.add_account(store, username="second")
    case = do(store, actions.assign, supervisor, waiting_case(store), person=worker.account_id, reason="")
    assert (case.status, case.holder_id) == ("claimed", worker.account_id)

    with pytest.raises(Incomplete) as incomplete:
        do(store, actions.assign, supervisor, case, person=other.account_id, reason="")
    assert [problem.field for problem in incomplete.value.problems] == ["reason"]
    case = do(store, actions.assign, supervisor, case, person=other.account_id, reason="请假")

    assert case.holder_id == other.account_id
    with store.read() as session:
        last = audit.history(session, case.id)[-1]
        assert last.detail == {"to": other.account_id}
        assert queries.notes_of(session, case.id) == {last.number: "请假"}


def test_a_case_is_assigned_only_to_who_works_in_its_area(store, supervisor):
    case = waiting_case(store)
    far = support.add_account(store, username="far", area_prefix=ELSEWHERE)
    manager = support.add_account(store, Role.MANAGER)

    def said(person):
        with pytest.raises(Incomplete) as incomplete:
            do(store, actions.assign, supervisor, case, person=person, reason="")
        return [(problem.field, problem.sentence.en) for problem in incomplete.value.problems]

    assert said(far.account_id) == [("person", "This member of staff does not work in the area.")]
    assert said(manager.account_id) == [("person", "Choose a member of staff.")]
    assert said("nobody") == [("person", "Choose a member of staff.")]
    with store.read() as session:
        assert [one.role for one in queries.assignable(queries.colleagues(session), VILLAGE)] == [
            Role.SUPERVISOR
        ]


# --- refusals ---------------------------------------------------------------------------------------------


def test_whoever_comes_second_is_told_and_changes_nothing(store, worker, supervisor):
    case = waiting_case(store)
    do(store, actions.claim, worker, case)
    before = count(store, AuditEvent)

    with pytest.raises(Conflict) as conflict:
        do(store, actions.claim, supervisor, case)

    assert conflict.value.sentence.zh == "这件个案刚刚被别人更改过，您的操作没有保存。请看过最新内容后再试。"
    assert count(store, AuditEvent) == before


def test_a_refused_step_leaves_nothing_behind(store, worker):
    case = claimed(store, worker)
    counted = {table: count(store, table) for table in (AuditEvent, FactRow, OutboxRow, DispositionRow)}

    with pytest.raises(Incomplete):
        visited(store, worker, case, note=" ")
    with pytest.raises(Refused):
        do(store, actions.dispose, worker, case, dispositions=CONFIRMED, reason="x")

    assert {table: count(store, table) for table in counted} == counted


def test_another_worker_cannot_act_on_a_held_case(store, worker):
    other = support.add_account(store, username="second")
    case = claimed(store, worker)

    said = refusal(store, actions.return_to_queue, other, case, reason="x")

    assert said == "Somebody else holds this case; ask a supervisor to assign it to you."


@pytest.mark.parametrize(
    ("role", "prefix"),
    [
        (Role.CHILD_DIRECTOR, ELSEWHERE),
        (Role.CHILD_DIRECTOR, "330109001002"),
        (Role.SUPERVISOR, "330109002"),
        (Role.SCREENER, "330110"),
        (Role.MANAGER, "330110"),
    ],
)
def test_a_case_outside_ones_area_does_not_exist(store, role, prefix):
    case = waiting_case(store)
    stranger = support.add_account(store, role, area_prefix=prefix)

    with pytest.raises(actions.NotFound):
        do(store, actions.claim, stranger, case)
    with store.write() as session, pytest.raises(actions.NotFound):
        actions.reveal_name(session, actor=stranger, case_id=case.id, now=NOW)
    with store.write() as session:
        assert queries.case_for(session, stranger, case.id) is None
        assert queries.queue(session, stranger) == []
        assert listing.count(session, stranger, Asked(Which.WAITING), TODAY) == 0
        if role is not Role.MANAGER:
            assert actions.claim_next(session, actor=stranger, now=NOW) is None


def test_a_case_that_is_not_there_is_refused_alike(store, worker):
    with store.write() as session, pytest.raises(actions.NotFound):
        actions.claim(session, actor=worker, case_id="aaaaaaaaaa", version=1, now=NOW)


def test_the_query_sees_the_same_areas_as_the_rule(store):
    open_cases(
        store,
        [alert("here"), alert("there"), alert("nowhere")],
        areas={"here": VILLAGE, "there": ELSEWHERE, "nowhere": ""},
    )
    seen = {}
    for name, role, prefix in (
        ("village", Role.CHILD_DIRECTOR, VILLAGE),
        ("town", Role.SUPERVISOR, TOWN),
        ("county", Role.SCREENER, COUNTY),
        ("all", Role.MANAGER, ""),
        ("wild", Role.MANAGER, "33%"),
    ):
        actor = actions.Actor(name, role, prefix)
        with store.read() as session:
            seen[name] = {case.child_key for case in queries.queue(session, actor)}

    assert seen == {
        "village": {"here"},
        "town": {"here"},
        "county": {"here", "there", "nowhere"},
        "all": {"here", "there"},
        "wild": set(),
    }


# --- names ------------------------------------------------------------------------------------------------


def test_showing_a_name_is_logged(store, worker):
    case = claimed(store, worker)

    with store.write() as session:
        assert actions.reveal_name(session, actor=worker, case_id=case.id, now=NOW) == "c-one"

    with store.read() as session:
        assert audit.history(session, case.id)[-1].verb == "reveal_name"


def test_a_name_is_not_shown_to_who_does_not_hold_the_case(store, worker):
    case = waiting_case(store)

    with store.write() as session, pytest.raises(Refused) as refused:
        actions.reveal_name(session, actor=worker, case_id=case.id, now=NOW)

    assert refused.value.sentence.en == "Only who holds the case, supervisors and screeners may see the name."


# --- decide, then reveal ------------------------------------------------------------------------------------


def shown(store, case, actor):
    with store.read() as session:
        return queries.reasons_shown(session, session.get_one(Case, case.id), actor)


def test_reasons_are_hidden_from_everybody_until_the_holder_has_given_a_view(store, worker, supervisor):
    case = claimed(store, worker, blind=True)
    assert not shown(store, case, worker)
    assert not shown(store, case, supervisor)

    case = visited(store, worker, case)
    assert not shown(store, case, worker)
    said = refusal(store, actions.dispose, worker, case, dispositions=CONFIRMED, reason="x")
    assert said == "This case needs your own view first."

    case = do(store, actions.record_view, worker, case, view=View.NO_CONCERN, note="")
    assert shown(store, case, worker)
    assert shown(store, case, supervisor)
    assert count(store, ViewRow) == 1
    case = do(store, actions.dispose, worker, case, dispositions=CONFIRMED, reason="x")
    assert case.status == "closed"


def test_whoever_takes_the_case_over_gives_a_view_of_their_own(store, worker, supervisor):
    case = claimed(store, worker, blind=True)
    case = do(store, actions.record_view, worker, case, view=View.CONCERN, note="")
    case = do(store, actions.assign, supervisor, case, person=supervisor.account_id, reason="接手")

    assert shown(store, case, worker)
    assert not shown(store, case, supervisor)
    with store.read() as session:
        assert queries.state_of(session, session.get_one(Case, case.id)).awaits_view


def test_a_closed_case_hides_nothing(store, worker):
    case = claimed(store, worker, blind=True)
    case = do(store, actions.record_view, worker, case, view=View.CANNOT_TELL, note="")
    case = do(
        store, actions.dispose, worker, visited(store, worker, case), dispositions=CONFIRMED, reason="x"
    )

    assert shown(store, case, support.add_account(store, Role.MANAGER))


def test_the_next_case_is_the_first_of_the_queue_in_ones_area(store, worker):
    open_cases(
        store,
        [alert("harmed elsewhere", Lane.TRIGGER), alert("model"), alert("asked", Lane.REQUEST)],
        areas={"harmed elsewhere": ELSEWHERE},
    )

    with store.write() as session:
        first = actions.claim_next(session, actor=worker, now=NOW)
        second = actions.claim_next(session, actor=worker, now=NOW)
        third = actions.claim_next(session, actor=worker, now=NOW)

    assert (first.child_key, second.child_key, third) == ("asked", "model", None)
    with store.read() as session:
        assert [case.child_key for case in queries.held(session, worker)] == ["asked", "model"]
        boss = support.Actor("boss", Role.SUPERVISOR, TOWN)
        assert [case.child_key for case in listing.part(session, boss, Asked(Which.OTHERS), TODAY).cases] == [
            "asked",
            "model",
        ]
