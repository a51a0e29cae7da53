"""A weekly release, for candidates nobody thought of."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from features.triggers import TRIGGERS
from models.policy import Candidate, Lane, TriggerHit, choose
from models.rules import RuleFinding
from tests.support_models import AREAS, DUE_DAYS, child, policy, screening

TODAY = date(2026, 10, 12)
ROUND = date(2026, 10, 1)
QUICK = settings(max_examples=60, deadline=None)


@st.composite
def candidates(draw, most: int = 30):
    number = draw(st.integers(0, most))
    made = []
    for place in range(number):
        key = child(place)
        by_rules = draw(st.booleans()) and draw(st.booleans())
        places = () if by_rules else tuple(
            screening(
                key, as_of=ROUND, screener=name,
                percentile=draw(st.sampled_from([10.0, 50.0, 90.0, 99.5, 99.5])),
                band=draw(st.sampled_from(["usual", "raised", "high"])),
                abstained=draw(st.sampled_from([None, None, None, "age_unknown"])),
            )
            for name in ("psychological", "guardianship")
        )  # fmt: skip
        rules = RuleFinding(draw(st.integers(0, 2)), draw(st.integers(0, 2))) if by_rules else None
        made.append(Candidate(key, ROUND, draw(st.sampled_from(AREAS)) + "001", places, rules))
    return made


@st.composite
def trigger_hits(draw):
    return [
        TriggerHit(child(draw(st.integers(0, 40))), draw(st.sampled_from(TRIGGERS)), f"r{number}", TODAY)
        for number in range(draw(st.integers(0, 5)))
    ]


def released(made, hits=(), seed=1, policy_=None, **more):
    return choose(
        policy_ or policy(), made, list(hits), released_on=TODAY, rng=Random(seed), due_days=DUE_DAYS, **more
    )


@QUICK
@given(candidates(), trigger_hits(), st.integers(0, 4), st.integers(0, 9))
def test_no_area_gets_more_than_its_capacity(made, hits, capacity, seed):
    numbers = policy(capacity_per_area=capacity)

    release = released(made, hits, seed, numbers)

    taken = Counter(
        alert.area for alert in release.alerts if alert.lane in (Lane.MODEL, Lane.RULE, Lane.AUDIT)
    )
    assert all(number <= capacity for number in taken.values())


@QUICK
@given(candidates(), trigger_hits())
def test_every_trigger_comes_whatever_screeners_and_capacity_say(made, hits):
    release = released(
        made, hits, policy_=policy(capacity_per_area=0), open_cases=frozenset(child(n) for n in range(41))
    )

    told = {(alert.trigger, alert.trigger_record) for alert in release.alerts if alert.trigger}
    assert told == {(hit.trigger.name, hit.record_id) for hit in hits}


@QUICK
@given(candidates(), trigger_hits(), st.randoms(use_true_random=False), st.integers(0, 9))
def test_the_order_of_the_rows_changes_nothing(made, hits, shuffle, seed):
    before = released(made, hits, seed)
    mixed, mixed_hits = list(made), list(hits)
    shuffle.shuffle(mixed)
    shuffle.shuffle(mixed_hits)

    assert released(mixed, mixed_hits, seed) == before


@QUICK
@given(candidates(), trigger_hits(), st.integers(0, 9))
def test_the_same_week_is_released_alike_twice(made, hits, seed):
    assert released(made, hits, seed) == released(made, hits, seed)


@QUICK
@given(candidates(), trigger_hits(), st.integers(0, 9))
def test_nobody_is_alerted_twice_in_one_release(made, hits, seed):
    release = released(made, hits, seed)

    ranked = [alert.child_key for alert in release.alerts if alert.trigger is None]
    triggered = {alert.child_key for alert in release.alerts if alert.trigger}
    assert len(ranked) == len(set(ranked))
    assert not set(ranked) & triggered


@QUICK
@given(candidates(), st.sets(st.integers(0, 30)), st.integers(0, 9))
def test_a_child_with_an_open_case_or_lately_visited_rests(made, numbers, seed):
    keys = {child(number) for number in numbers}
    half = set(sorted(keys)[::2])
    lately = {key: TODAY - timedelta(days=89) for key in keys - half}

    release = released(made, seed=seed, open_cases=frozenset(half), disposed_on=lately)

    assert not {alert.child_key for alert in release.alerts} & keys
    assert release.resting == sum(c.child_key in keys for c in made)


@QUICK
@given(candidates(), st.integers(0, 9))
def test_an_expired_screening_alerts_nobody(made, seed):
    old = [replace(c, as_of=TODAY - timedelta(days=181)) for c in made]

    release = released(old, seed=seed)

    assert release.alerts == ()
    assert release.expired == len(made)


@QUICK
@given(candidates(), st.integers(0, 9))
def test_every_draw_carries_the_probability_it_was_drawn_with(made, seed):
    release = released(made, seed=seed)

    draws = [alert for alert in release.alerts if alert.lane is Lane.AUDIT]
    assert all(alert.draw_probability == len(draws) / release.drawn_from for alert in draws)
    assert all(alert.draw_probability is None for alert in release.alerts if alert.lane is not Lane.AUDIT)


@QUICK
@given(candidates(), st.integers(0, 9))
def test_every_draw_is_blind_and_stands_beside_a_blind_alert_of_its_tier(made, seed):
    release = released(made, seed=seed)

    draws = [alert for alert in release.alerts if alert.lane is Lane.AUDIT]
    ranked = [alert for alert in release.alerts if alert.lane in (Lane.MODEL, Lane.RULE)]
    beside = [alert for alert in ranked if alert.blind]
    assert all(alert.blind for alert in draws)
    assert len(beside) == min(len(draws), len(ranked))
    if len(beside) == len(draws):
        assert sorted(alert.tier for alert in beside) == sorted(alert.tier for alert in draws)


@QUICK
@given(candidates(), st.integers(0, 9))
def test_no_one_is_passed_over_for_a_child_of_lower_rank_in_the_same_area(made, seed):
    numbers = policy(least_draws=0, audit_share=0.0)

    release = released(made, seed=seed, policy_=numbers)

    chosen = {alert.child_key: alert for alert in release.alerts}
    best = {
        c.child_key: max(
            (s.percentile for s in c.screenings if s.abstained is None and s.band != "usual"), default=-1.0
        )
        for c in made
    }
    for candidate in made:
        if candidate.child_key in chosen or best[candidate.child_key] < 0:
            continue
        in_area = [c for c in made if c.area == candidate.area and c.child_key in chosen]
        assert len(in_area) == numbers.capacity(candidate.area)
        assert all(best[c.child_key] >= best[candidate.child_key] for c in in_area)
