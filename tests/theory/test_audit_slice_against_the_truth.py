"""The simulated county knows who has the outcome. The queue's own draws find the recall; naive figures do not.

Only this test reads the truth. Visits are simulated by it: a visited child with a fact in the label window is
confirmed, any other is not.
"""

from datetime import date, timedelta
from random import Random

import numpy as np
import pandas as pd
import pytest

from evaluation.selection import missed, visits_in
from models.policy import Candidate, Lane, choose
from tests.support_county import GAP_DAYS, HORIZON_DAYS, written_county
from tests.support_models import DUE_DAYS, policy, screening

pytestmark = pytest.mark.slow

AS_OF = date(2025, 4, 1)
WEEKS = 16


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    """The children in scope on one date: how severe they are, and whether a fact follows."""
    made = written_county(tmp_path_factory.mktemp("county"), children=3000, years=3)
    rounds = pd.read_parquet(made.truth / "rounds.parquet")
    facts = pd.read_parquet(made.truth / "facts.parquet")
    rows = rounds[rounds["in_scope"] & (pd.to_datetime(rounds["as_of"]).dt.date == AS_OF)]
    start = pd.Timestamp(AS_OF + timedelta(days=GAP_DAYS))
    after = facts[
        (facts["outcome"] == "psychological")
        & (pd.to_datetime(facts["occurred_on"]) >= start)
        & (pd.to_datetime(facts["occurred_on"]) < start + pd.Timedelta(days=HORIZON_DAYS))
    ]
    return rows.assign(happened=rows["child"].isin(after["child"])).reset_index(drop=True)


def queue(truth, seed):
    """Sixteen weekly releases of the real policy: what the lake would hold of alerts and dispositions."""
    rng = np.random.default_rng(seed)
    seen = truth["psychological_severity"].to_numpy() + rng.normal(0, 0.5, len(truth))
    places = 100 * np.argsort(np.argsort(seen)) / len(seen)
    happened = dict(zip(truth["child"].astype(str), truth["happened"], strict=True))
    candidates = [
        Candidate(
            str(child), AS_OF, f"33010900{number % 4}001",
            (screening(str(child), as_of=AS_OF, percentile=float(place), reasons=()),),
        )
        for number, (child, place) in enumerate(zip(truth["child"], places, strict=True))
    ]  # fmt: skip
    numbers = policy(capacity_per_area=4, audit_share=0.5)
    busy, alerts = set(), []
    for week in range(WEEKS):
        day = AS_OF + timedelta(days=7 * week)
        release = choose(
            numbers, candidates, [], released_on=day, rng=Random(seed * 100 + week), due_days=DUE_DAYS,
            open_cases=busy,
        )  # fmt: skip
        busy |= {alert.child_key for alert in release.alerts}
        alerts += [
            (alert.child_key, day, alert.lane.value, alert.draw_probability, f"{alert.child_key} {day}")
            for alert in release.alerts
        ]
    frame = pd.DataFrame(alerts, columns=["child_key", "occurred_on", "lane", "draw_probability", "case_id"])
    answers = frame.assign(
        risk="psychological",
        visited=True,
        disposition=["confirmed" if happened[key] else "not_confirmed" for key in frame["child_key"]],
    )
    return frame, answers


def test_the_queues_own_draws_cover_the_true_recall_and_rate_where_naive_figures_do_not(truth):
    true_rate = float(truth["happened"].mean())
    covered = {"recall": 0, "rate": 0, "naive_recall": 0, "naive_rate": 0}
    for seed in range(12):
        alerts, answers = queue(truth, seed)
        found = missed(visits_in(alerts, answers, "psychological", AS_OF, AS_OF + timedelta(days=365)))
        listed = set(alerts.loc[alerts["lane"] == Lane.MODEL.value, "child_key"])
        hit = truth["happened"] & truth["child"].astype(str).isin(listed)
        true_recall = float(hit.sum() / truth["happened"].sum())
        covered["recall"] += found.recall.low <= true_recall <= found.recall.high
        covered["rate"] += found.rate_population.low <= true_rate <= found.rate_population.high
        covered["naive_recall"] += abs(found.naive_recall - true_recall) < 0.1
        covered["naive_rate"] += found.rate_population.low <= found.naive_rate <= found.rate_population.high

    assert covered["recall"] >= 10, covered
    assert covered["rate"] >= 10, covered
    assert covered["naive_recall"] == 0, covered
    assert covered["naive_rate"] <= 2, covered
