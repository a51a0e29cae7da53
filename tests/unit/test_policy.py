"""One weekly release, by example."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from features.triggers import Triggers
from models.policy import Candidate, Lane, PolicyError, TriggerHit, choose, tier_of
from models.rules import RuleFinding
from tests.support_models import AREAS, DUE_DAYS, child, policy, screening

TODAY = date(2026, 10, 12)
ROUND = date(2026, 10, 1)


def candidate(number, percentile=97.0, band="raised", area=AREAS[0], **changes):
    said = screening(child(number), as_of=ROUND, percentile=percentile, band=band)
    return replace(Candidate(child(number), ROUND, area + "001", (said,)), **changes)


def released(candidates, hits=(), seed=1, policy_=None, **more):
    return choose(
        policy_ or policy(least_draws=0, audit_share=0.0),
        candidates, list(hits), released_on=TODAY, rng=Random(seed), due_days=DUE_DAYS, **more,
    )  # fmt: skip


def hit(number, trigger=Triggers.suspected_abuse, record="r1", day=TODAY):
    return TriggerHit(child(number), trigger, record, day)


def test_the_children_placed_highest_fill_the_capacity_of_their_town():
    made = [candidate(number, percentile=90.0 + number) for number in range(6)]

    release = released(made)

    assert [alert.child_key for alert in release.alerts] == [child(5), child(4), child(3)]
    assert [alert.rank for alert in release.alerts] == [1, 2, 3]
    assert release.waiting == 3


def test_a_town_with_its_own_capacity_keeps_to_it():
    made = [candidate(number) for number in range(6)]

    release = released(made, policy_=policy(least_draws=0, audit_share=0.0, area_capacity={AREAS[0]: 5}))

    assert len(release.alerts) == 5


def test_the_greater_of_two_percentiles_ranks_a_child():
    low = screening(child(1), as_of=ROUND, percentile=80.0, screener="guardianship")
    both = candidate(1, percentile=99.0)
    both = replace(both, screenings=(low, *both.screenings))
    single = candidate(2, percentile=98.0)

    release = released([single, both])

    assert [alert.child_key for alert in release.alerts] == [child(1), child(2)]
    assert release.alerts[0].screener == "psychological"
    assert release.alerts[0].screening == both.screenings[1].key


def test_of_equal_first_percentiles_the_second_decides():
    def child_with(number, second):
        other = screening(child(number), as_of=ROUND, percentile=second, screener="guardianship")
        made = candidate(number, percentile=99.0)
        return replace(made, screenings=(*made.screenings, other))

    release = released([child_with(1, 85.0), child_with(2, 95.0), child_with(3, 90.0)])

    assert [alert.child_key for alert in release.alerts] == [child(2), child(3), child(1)]


def test_free_capacity_is_not_spent_on_a_child_at_no_more_risk_than_others():
    release = released([candidate(1, band="usual")])

    assert release.alerts == ()


def test_ties_do_not_favour_the_lower_key_in_every_round():
    firsts = set()
    for month in range(1, 13):
        day = date(2026, month, 1)
        made = [
            Candidate(child(n), day, AREAS[0] + "001", (screening(child(n), as_of=day),)) for n in range(2)
        ]
        release = choose(
            policy(least_draws=0, audit_share=0.0, capacity_per_area=1),
            made, [], released_on=day, rng=Random(1), due_days=DUE_DAYS,
        )  # fmt: skip
        firsts.add(release.alerts[0].child_key)

    assert firsts == {child(0), child(1)}


@pytest.mark.parametrize(
    ("band", "percentile", "tier", "days"),
    [("high", 99.5, "second", 7), ("high", 98.0, "third", 14), ("raised", 99.5, "watch", 30)],
)
def test_band_and_place_set_the_tier_and_the_tier_sets_the_clock(band, percentile, tier, days):
    [alert] = released([candidate(1, percentile, band)]).alerts

    assert (alert.tier, alert.due_days) == (tier, days)


def test_a_screening_below_the_least_band_or_abstained_has_no_tier():
    assert tier_of(policy(), screening(band="usual")) is None
    assert tier_of(policy(), screening(band="high", abstained="age_unknown")) is None


def test_a_hard_trigger_comes_first_and_spends_no_capacity():
    made = [candidate(number) for number in range(3)]

    release = released(made, [hit(9)])

    assert release.alerts[0].lane is Lane.TRIGGER
    assert (release.alerts[0].tier, release.alerts[0].due_days) == ("first", 3)
    assert Counter(alert.lane for alert in release.alerts) == {Lane.TRIGGER: 1, Lane.MODEL: 3}


def test_a_request_is_worded_as_one_and_follows_the_triggers():
    release = released([], [hit(1, Triggers.asked_for_help, "r1"), hit(2, Triggers.suspected_abuse, "r2")])

    assert [(alert.lane, alert.tier) for alert in release.alerts] == [
        (Lane.TRIGGER, "first"), (Lane.REQUEST, "second"),
    ]  # fmt: skip


def test_a_trigger_opens_work_once_per_record():
    release = released(
        [], [hit(1, record="r1"), hit(1, record="r2")], raised={(hit(1).child_key, "suspected_abuse", "r1")}
    )

    assert [alert.trigger_record for alert in release.alerts] == ["r2"]


def test_a_record_given_to_another_child_opens_work_for_that_child():
    release = released([], [hit(2, record="r1")], raised={(hit(1).child_key, "suspected_abuse", "r1")})

    assert [alert.child_key for alert in release.alerts] == [hit(2).child_key]


def test_a_child_with_a_trigger_takes_no_place_in_the_ranking():
    release = released([candidate(1), candidate(2)], [hit(1)])

    assert [(alert.child_key, alert.lane) for alert in release.alerts] == [
        (child(1), Lane.TRIGGER), (child(2), Lane.MODEL),
    ]  # fmt: skip


def test_a_family_is_left_in_peace_for_ninety_days():
    made = [candidate(1)]

    resting = released(made, disposed_on={child(1): TODAY - timedelta(days=89)})
    rested = released(made, disposed_on={child(1): TODAY - timedelta(days=90)})

    assert (resting.alerts, resting.resting) == ((), 1)
    assert [alert.child_key for alert in rested.alerts] == [child(1)]


def test_before_any_champion_reds_rank_before_yellows():
    def by_rules(number, reds, yellows):
        return Candidate(child(number), ROUND, AREAS[0] + "001", (), RuleFinding(reds, yellows))

    release = released([by_rules(1, 0, 5), by_rules(2, 1, 0), by_rules(3, 0, 0), by_rules(4, 1, 2)])

    assert [(alert.child_key, alert.tier) for alert in release.alerts] == [
        (child(4), "third"), (child(2), "third"), (child(1), "watch"),
    ]  # fmt: skip
    assert {alert.lane for alert in release.alerts} == {Lane.RULE}


def test_a_child_a_screener_speaks_of_is_not_ranked_by_rules():
    said = candidate(1, band="usual", rules=RuleFinding(3, 3))

    assert released([said]).alerts == ()


def test_at_least_one_child_is_drawn_from_everybody_else():
    made = [candidate(number, band="usual") for number in range(50)]

    [draw] = released(made, policy_=policy()).alerts

    assert draw.lane is Lane.AUDIT
    assert draw.draw_probability == pytest.approx(1 / 50)
    assert draw.screening is not None


def test_the_slice_is_a_twentieth_of_capacity():
    made = [candidate(n, band="usual", area=f"3301090{n % 20:02d}") for n in range(600)]

    release = released(made, policy_=policy())

    assert len(release.alerts) == 3
    assert release.alerts[0].draw_probability == pytest.approx(3 / 600)


def test_every_child_is_drawn_equally_often():
    made = [candidate(n, band="usual", area=AREAS[0] if n < 39 else AREAS[1]) for n in range(40)]
    numbers = policy(least_draws=4, audit_share=0.0, capacity_per_area=10)

    drawn = Counter(
        alert.child_key for seed in range(3000) for alert in released(made, seed=seed, policy_=numbers).alerts
    )

    # 4 of 40 in each of 3000 releases: 300 each, standard deviation 16.4
    assert len(drawn) == 40
    assert max(abs(number - 300) for number in drawn.values()) < 4 * 16.4


def test_a_draw_takes_the_place_of_the_lowest_ranked_in_a_full_town():
    made = [candidate(n, percentile=99.0 - n) for n in range(3)] + [candidate(9, band="usual")]

    release = released(made, policy_=policy())

    assert {alert.child_key for alert in release.alerts} == {child(0), child(1), child(9)}


def test_a_town_without_capacity_is_not_drawn_from():
    made = [candidate(n, band="usual") for n in range(5)]

    assert released(made, policy_=policy(area_capacity={AREAS[0]: 0})).alerts == ()


def test_fewer_are_drawn_where_a_towns_share_would_not_fit():
    """Four draws of forty children in one town would be four there; its capacity holds three."""
    made = [candidate(n, band="usual") for n in range(40)]

    release = released(made, policy_=policy(least_draws=4, audit_share=0.0))

    assert [alert.draw_probability for alert in release.alerts] == [pytest.approx(3 / 40)] * 3


def test_a_child_no_screener_spoke_of_is_not_drawn():
    unheard = replace(candidate(1), screenings=(screening(child(1), as_of=ROUND, abstained="age_unknown"),))

    assert released([unheard], policy_=policy()).alerts == ()


def test_a_child_standing_twice_is_refused():
    with pytest.raises(PolicyError, match="stands twice"):
        released([candidate(1), candidate(1)])


def test_an_area_code_without_a_town_is_refused():
    with pytest.raises(PolicyError, match="at least nine digits"):
        released([replace(candidate(1), area_code="330109")])


def test_a_tier_the_jurisdiction_lacks_is_refused():
    with pytest.raises(PolicyError, match="has no tier watch"):
        choose(
            policy(), [], [], released_on=TODAY, rng=Random(1), due_days={"first": 1, "second": 2, "third": 3}
        )
