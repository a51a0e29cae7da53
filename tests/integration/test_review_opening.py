"""From alerts to cases: one child one case, nothing twice, hard triggers first, audit draws not told apart."""

from datetime import date

import pytest
from sqlalchemy import func, select

from models.policy import Lane
from serving.review import audit, opening, outbox, queries, worked
from serving.review.case import Role
from serving.review.permissions import Actor
from serving.review.tables import AlertRow, AuditEvent, Case, Release, Round
from tests import support_review as support
from tests.support_review import NOW, ROUND, TODAY, alert, open_cases

EVERYWHERE = Actor("u", Role.SCREENER, "")


def order(store, actor=EVERYWHERE):
    with store.read() as session:
        return [case.child_key for case in queries.queue(session, actor)]


def case_of(store, child_key):
    with store.read() as session:
        return session.scalars(select(Case).where(Case.child_key == child_key)).one()


def test_one_child_with_two_risks_gets_one_case(store):
    done = open_cases(store, [alert("c-one"), alert("c-one", screener="guardianship")])

    assert (done.alerts, done.opened, done.joined) == (2, 1, 0)
    with store.read() as session:
        case = session.scalars(select(Case)).one()
        assert [row.screener for row in queries.alerts_of(session, [case.id])[case.id]] == [
            "psychological",
            "guardianship",
        ]


def test_raising_the_same_alerts_again_opens_nothing(store):
    alerts = [alert("c-one"), alert("c-two", Lane.TRIGGER), alert("c-three", Lane.AUDIT)]
    open_cases(store, alerts)

    again = open_cases(store, alerts)

    assert (again.alerts, again.opened, again.joined, again.known_before) == (0, 0, 0, 3)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(AlertRow)) == 3
        assert len(outbox.pending(session)) == 3


def test_an_alert_given_twice_in_one_call_is_raised_once(store):
    done = open_cases(store, [alert("c-one"), alert("c-one")])

    assert (done.alerts, done.known_before) == (1, 1)


def test_a_hard_trigger_is_known_by_its_record_whatever_the_round(store):
    one = alert("c-one", Lane.TRIGGER)
    open_cases(store, [one])

    def raise_later(given):
        with store.write() as session:
            opening.open_round(session, round_id="later", as_of=date(2027, 4, 1), screeners={}, now=NOW)
            return opening.open_cases(
                session,
                [given],
                round_id="later",
                children={},
                tier_days=support.TIER_DAYS,
                now=NOW,
                today=TODAY,
            )

    again = raise_later(one)
    other = raise_later(alert("c-one", Lane.TRIGGER, trigger_record="another record"))

    assert (again.alerts, again.known_before) == (0, 1)
    assert (other.alerts, other.joined) == (1, 1)
    with store.read() as session:
        raised = worked.raised_triggers(session)
    assert raised == {
        ("c-one", "domestic_violence_admonition", "record of c-one"),
        ("c-one", "domestic_violence_admonition", "another record"),
    }


def test_the_queue_runs_triggers_then_requests_then_tier_date_and_rank(store):
    open_cases(
        store,
        [
            alert("second", tier="second", due_days=7, rank=3),
            alert("first-late", tier="first", due_days=3, rank=2),
            alert("first-early", tier="first", due_days=3, rank=1),
            alert("watch", tier="watch", due_days=30, rank=4),
            alert("asked", Lane.REQUEST),
            alert("harmed", Lane.TRIGGER),
        ],
    )

    assert order(store) == ["harmed", "asked", "first-early", "first-late", "second", "watch"]


def test_no_screener_can_put_a_child_before_a_hard_trigger(store):
    open_cases(store, [alert("model", tier="first", due_days=0, rank=1)])
    open_cases(store, [alert("harmed", Lane.TRIGGER, tier="watch", due_days=30)], release=2)

    assert order(store) == ["harmed", "model"]


def test_a_duty_to_report_is_due_today_and_other_dates_follow_the_tier(store):
    open_cases(
        store,
        [
            alert("abuse", Lane.TRIGGER, trigger="suspected_abuse"),
            alert("admonition", Lane.TRIGGER),
            alert("third"),
            alert("tier only", due_days=None, tier="second"),
            alert("nothing", due_days=None, tier=None),
            alert("trigger, nothing", Lane.TRIGGER, due_days=None, tier=None),
        ],
    )

    # The seventh is still National Day; the tenth, a Saturday, is worked in exchange.
    due = {key: case_of(store, key).due_on for key in order(store)}
    assert due == {
        "abuse": TODAY,
        "admonition": date(2026, 10, 10),
        "third": date(2026, 10, 26),
        "tier only": date(2026, 10, 15),
        "nothing": date(2026, 11, 17),
        "trigger, nothing": date(2026, 10, 10),
    }


def test_a_new_alert_joins_the_open_case_and_brings_it_forward(store):
    open_cases(store, [alert("c-one", tier="third", due_days=14, rank=9)])
    before = case_of(store, "c-one")

    done = open_cases(store, [alert("c-one", Lane.TRIGGER)], release=2)

    after = case_of(store, "c-one")
    assert (done.opened, done.joined) == (0, 1)
    assert after.id == before.id
    assert (after.queue_class, after.tier, after.due_on) == (0, "first", date(2026, 10, 10))
    assert after.version == before.version + 1


def test_an_alert_never_puts_a_case_back(store):
    open_cases(store, [alert("c-one", Lane.TRIGGER)])

    open_cases(store, [alert("c-one", tier="watch", due_days=30, rank=900)], release=2)

    case = case_of(store, "c-one")
    assert (case.queue_class, case.tier, case.due_on) == (0, "first", date(2026, 10, 10))


def test_an_audit_draw_and_its_model_cases_are_decided_before_they_are_revealed(store):
    open_cases(store, [alert("drawn", Lane.AUDIT), alert("beside", blind=True), alert("open")])

    assert {key: case_of(store, key).reveal_after_view for key in ("drawn", "beside", "open")} == {
        "drawn": True,
        "beside": True,
        "open": False,
    }


def test_a_draw_has_nothing_in_the_queue_that_a_model_case_beside_it_has_not(store):
    open_cases(store, [alert("drawn", Lane.AUDIT), alert("beside", blind=True, rank=1)])
    drawn, beside = case_of(store, "drawn"), case_of(store, "beside")

    for name in ("queue_class", "tier", "tier_order", "due_on", "rank", "reveal_after_view", "status"):
        assert getattr(drawn, name) == getattr(beside, name), name


@pytest.mark.parametrize("lane", [Lane.TRIGGER, Lane.REQUEST])
def test_a_hard_trigger_or_a_request_is_never_hidden(store, lane):
    open_cases(store, [alert("c-one", Lane.AUDIT), alert("c-one", lane), alert("c-two", Lane.AUDIT)])
    open_cases(store, [alert("c-two", lane)], release=2)

    assert not case_of(store, "c-one").reveal_after_view
    assert not case_of(store, "c-two").reveal_after_view


def test_every_alert_reaches_the_lake_with_its_lane_and_draw_probability(store):
    open_cases(store, [alert("c-one", Lane.AUDIT, draw_probability=0.02), alert("c-two", Lane.TRIGGER)])

    with store.read() as session:
        sent = [(row.source, row.record) for row in outbox.pending(session)]
    assert [(source, one["lane"], one["draw_probability"]) for source, one in sent] == [
        ("alerts", "audit", 0.02),
        ("alerts", "trigger", None),
    ]
    assert sent[0][1]["occurred_on"] == TODAY
    assert sent[0][1]["case_id"] == case_of(store, "c-one").id


def test_an_id_in_an_address_holds_nothing_of_the_child(store):
    open_cases(store, [alert("c-one")])

    case = case_of(store, "c-one")
    assert "c-one" not in case.id
    assert len(case.id) == 10
    assert case.id.isalnum()


def test_a_round_and_its_releases_are_kept(store):
    open_cases(store, [alert("c-one")])
    open_cases(store, [alert("c-two"), alert("c-three")], release=2)
    open_cases(store, [alert("c-four")], release=2)

    with store.write() as session:
        assert not opening.open_round(session, round_id=ROUND, as_of=TODAY, screeners={}, now=NOW)
        assert session.get_one(Round, ROUND).screeners == {"psychological": "v1", "guardianship": "v1"}
        counts = [(row.number, row.alerts, row.cases) for row in session.scalars(select(Release))]
        verbs = [event.verb for event in session.scalars(select(AuditEvent))]
        audit.verify(session)
    assert counts == [(1, 1, 1), (2, 3, 3)]
    assert verbs.count("open_case") == 4
    assert verbs.count("release") == 3


def test_what_policy_asks_of_the_queue(store):
    open_cases(store, [alert("c-one"), alert("c-two")])

    with store.read() as session:
        assert worked.open_children(session) == {"c-one", "c-two"}
        assert worked.closed_on(session) == {}
