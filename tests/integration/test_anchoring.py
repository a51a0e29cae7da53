"""The lot that decides who sees the reasons first, and what it shows of how far they sway people."""

from random import Random

import pytest
from sqlalchemy import select

from models.policy import Lane
from serving.review import audit, opening, queries
from serving.review.anchoring import Share, anchoring, found_something, wilson
from serving.review.case import RISKS, Disposition, Met, Verb, View
from serving.review.opening import DECIDE_FIRST, REVEAL_FIRST, Lots
from serving.review.tables import Case
from tests import support_review as support
from tests.support_life import case_now, do
from tests.support_review import AS_OF, NOW, ROUND, TIER_DAYS, TODAY, alert, facts


@pytest.fixture
def store(tmp_path):
    store = support.open_store(tmp_path)
    yield store
    store.close()


def drawn(store, alerts, share=1.0, seed=3):
    """Cases of these alerts, opened with a lot."""
    with store.write() as session:
        opening.open_round(session, round_id=ROUND, as_of=AS_OF, screeners={}, now=NOW)
        opening.open_cases(
            session,
            alerts,
            round_id=ROUND,
            children={one.child_key: facts() for one in alerts},
            tier_days=TIER_DAYS,
            now=NOW,
            today=TODAY,
            lots=Lots(share, Random(seed)),
        )
    with store.read() as session:
        return {case.child_key: case for case in session.scalars(select(Case))}


def test_half_of_the_drawn_cases_hide_the_reasons_and_all_ask_for_a_view(store):
    cases = drawn(store, [alert(f"c-{number}") for number in range(40)])
    orders = [case.view_order for case in cases.values()]

    assert set(orders) == {DECIDE_FIRST, REVEAL_FIRST}
    assert 10 <= orders.count(DECIDE_FIRST) <= 30
    for case in cases.values():
        hidden = case.view_order == DECIDE_FIRST
        assert (case.asks_view, case.reveal_after_view) == (True, hidden)
        assert (case.rank is None) is hidden
        with store.read() as session:
            assert audit.history(session, case.id)[0].detail == {"order": case.view_order}


def test_only_what_a_screener_ranked_is_drawn(store):
    cases = drawn(
        store,
        [
            alert("trigger", Lane.TRIGGER),
            alert("request", Lane.REQUEST),
            alert("audit", Lane.AUDIT),
            alert("beside", blind=True),
            alert("model"),
        ],
    )

    assert {key for key, case in cases.items() if case.view_order is not None} == {"model"}
    assert (cases["audit"].asks_view, cases["beside"].asks_view) == (True, True)
    assert not cases["trigger"].asks_view


def test_without_a_share_nobody_is_asked(store):
    cases = drawn(store, [alert(f"c-{number}") for number in range(10)], share=0.0)

    assert not any(case.asks_view for case in cases.values())


def test_views_and_conclusions_are_counted_by_the_order_of_the_lot(store):
    actor = support.add_account(store)
    cases = drawn(store, [alert(f"c-{number}") for number in range(12)])
    chosen = {DECIDE_FIRST: [], REVEAL_FIRST: []}
    for key, case in cases.items():
        chosen[case.view_order].append(key)
    # Decided first: one view of two agrees. Revealed first: both do. One more cannot tell.
    plan = [
        (chosen[DECIDE_FIRST][0], View.CONCERN, Disposition.CONFIRMED),
        (chosen[DECIDE_FIRST][1], View.NO_CONCERN, Disposition.CONFIRMED),
        (chosen[REVEAL_FIRST][0], View.CONCERN, Disposition.WORTH_RAISING),
        (chosen[REVEAL_FIRST][1], View.NO_CONCERN, Disposition.NOT_CONFIRMED),
        (chosen[REVEAL_FIRST][2], View.CANNOT_TELL, Disposition.CONFIRMED),
    ]
    for key, view, disposition in plan:
        do(store, Verb.CLAIM, actor, child_key=key)
        do(store, Verb.RECORD_VIEW, actor, child_key=key, view=view)
        do(store, Verb.RECORD_VISIT, actor, child_key=key, happened_on=TODAY, met=Met.BOTH, note="见到")
        do(
            store, Verb.DISPOSE, actor, child_key=key, reason="所见",
            dispositions=dict.fromkeys(RISKS, disposition),
        )  # fmt: skip

    with store.read() as session:
        found = anchoring(session)
        elsewhere = anchoring(session, area_prefix="9")
        after = [
            row.after_reasons
            for key, _, _ in plan
            for row in queries.views_of(session, case_now(store, key).id)
        ]

    assert (found.decided_first.count, found.decided_first.of) == (1, 2)
    assert (found.revealed_first.count, found.revealed_first.of) == (2, 2)
    assert found.difference == 0.5
    assert found.undecided == 1
    assert (found.concern_decided_first.count, found.concern_revealed_first.count) == (1, 1)
    assert elsewhere.decided_first == Share(0, 0, None, None, None)
    assert elsewhere.difference is None
    assert after == [False, False, True, True, True]


def test_the_interval_is_wilsons():
    share = wilson(8, 10)

    assert share.share == 0.8
    assert share.low == pytest.approx(0.4902, abs=1e-4)
    assert share.high == pytest.approx(0.9433, abs=1e-4)
    assert wilson(0, 5).low == 0.0
    assert wilson(5, 5).high == 1.0


def test_what_was_found_is_something_nothing_or_not_to_be_told():
    confirmed, not_confirmed, cannot = (
        Disposition.CONFIRMED,
        Disposition.NOT_CONFIRMED,
        Disposition.CANNOT_TELL,
    )

    assert found_something([not_confirmed, confirmed]) is True
    assert found_something([not_confirmed, not_confirmed]) is False
    assert found_something([not_confirmed, cannot]) is None
    assert found_something([]) is None
