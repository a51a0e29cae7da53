"""What has been kept long enough goes, in one place and counted; what is open or recent stays."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from serving.review import audit, retention, webhooks
from serving.review.access_tables import RightsRow
from serving.review.case import Role
from serving.review.machine_tables import WebhookMessage
from serving.review.record_tables import LedgerEntry
from serving.review.retention import CHILDREN, DRAFTS, KEPT, SESSIONS, retain, retain_daily
from serving.review.tables import AuditEvent, Case, WebSession
from serving.review.webhooks import Event
from tests import support_review as support
from tests.support_review import NOW, TODAY, VILLAGE, add_account, alert, open_cases

LATER = NOW + CHILDREN.keeps + timedelta(days=30)


@pytest.fixture
def closed(store):
    """Three children whose cases closed today."""
    open_cases(store, [alert(key) for key in ("c-one", "c-two", "c-three")])
    support.add_screenings(store, [support.screening("c-one")])
    with store.write() as session:
        for case in session.scalars(select(Case)):
            case.status, case.closed_at = "closed", NOW
    return store


def counts(found):
    return {over.kept.name: over.count for over in found}


def children(store):
    with store.read() as session:
        return sorted(set(session.scalars(select(Case.child_key))))


def test_nothing_is_over_its_time_at_once(closed):
    assert counts(retain(closed, NOW, do=True)) == {kept.name: 0 for kept in KEPT}


def test_a_dry_run_counts_and_changes_nothing(closed):
    assert counts(retain(closed, LATER, do=False))["children"] == 3
    assert children(closed) == ["c-one", "c-three", "c-two"]
    with closed.read() as session:
        assert session.scalar(select(func.count()).where(AuditEvent.verb == "retain")) == 0


def test_what_is_over_goes_and_one_event_says_how_much(closed):
    retain(closed, LATER, do=True)

    assert children(closed) == ["deleted"]
    with closed.read() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.verb == "retain")).one()
        assert event.detail == {
            "sessions": 0, "drafts": 0, "outbox": 0, "delivered": 0, "dead": 0, "children": 3,
        }  # fmt: skip
        assert audit.verify(session)


@pytest.mark.parametrize("still", ["case", "ledger", "request", "round"])
def test_a_child_with_something_open_or_recent_stays_whole(closed, still):
    me = add_account(closed, Role.SCREENER).account_id
    with closed.write() as session:
        if still == "case":
            case = session.scalars(select(Case).where(Case.child_key == "c-two")).one()
            case.status, case.closed_at = "waiting", None
        if still == "ledger":
            session.add(
                LedgerEntry(
                    child_key="c-two", area_code=VILLAGE, state="open", categories=["hardship"], basis="case",
                    note="", entered_on=TODAY, contacted_on=TODAY, visited_on=TODAY, made_by=me, made_at=NOW,
                )
            )  # fmt: skip
        if still == "request":
            session.add(
                RightsRow(
                    child_key="c-two", area_code=VILLAGE, right="view", asked_by="guardian", identity="card",
                    wish="", received_on=TODAY, due_on=TODAY, due_provisional=False, state="open", version=1,
                    answer="", made_by=me, made_at=NOW,
                )
            )  # fmt: skip
    if still == "round":
        with closed.write() as session:
            from serving.review import screenings

            screenings.add_screenings(
                session, [support.screening("c-two")], now=LATER - timedelta(days=40), round_id=support.ROUND
            )

    retain(closed, LATER, do=True)

    assert children(closed) == ["c-two", "deleted"]


def test_sessions_go_some_time_after_their_end(store):
    account = add_account(store)
    with store.write() as session:
        for number, days in enumerate((-1, 1)):
            ended = NOW - SESSIONS.keeps + timedelta(days=days)
            session.add(
                WebSession(
                    token_hash=str(number), account_id=account.account_id, csrf_token="t", created_at=ended,
                    expires_at=ended,
                )
            )  # fmt: skip

    retain(store, NOW, do=True)

    with store.read() as session:
        assert session.scalars(select(WebSession.token_hash)).all() == ["1"]


def test_the_worker_does_it_once_a_day(store):
    assert retain_daily(store, NOW) is not None
    assert retain_daily(store, NOW + timedelta(hours=3)) is None
    assert retain_daily(store, NOW + timedelta(days=1)) is not None


def test_the_report_says_of_every_period_whether_a_document_states_it():
    said = "\n".join(retention.lines([retention.Over(kept, 2, let_go=True) for kept in KEPT], TODAY))

    assert said.count("no document states a period") == 6
    assert "let go: 2" in said
    assert DRAFTS.title.en in said


def test_messages_that_were_taken_or_given_up_go_in_their_time_and_what_waits_stays(store):
    with store.write() as session:
        webhooks.add(
            session, url="https://a.example.org/", title="x", events=[Event.CASE_CLOSED.value], area_prefix="",
            internal=False, now=NOW,
        )  # fmt: skip
        for once in ("taken", "dead", "waits"):
            webhooks.announce(session, Event.CASE_CLOSED, once=once, child_key=once, case_id=None, now=NOW)
        for message in session.scalars(select(WebhookMessage)):
            if message.child_key != "waits":
                message.next_at = None
            message.delivered_at = NOW if message.child_key == "taken" else None
            message.dead_at = NOW if message.child_key == "dead" else None

    def left(days):
        found = counts(retain(store, NOW + timedelta(days=days), do=True))
        with store.read() as session:
            kept = set(session.scalars(select(WebhookMessage.child_key)))
        return found["delivered"], found["dead"], kept

    assert left(29) == (0, 0, {"taken", "dead", "waits"})
    assert left(31) == (1, 0, {"dead", "waits"})
    assert left(181) == (0, 1, {"waits"})
    assert left(4000) == (0, 0, {"waits"})
