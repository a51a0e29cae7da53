"""What hotlines, grid workers, labour, housing and the disabled persons' federation write down."""

import numpy as np

from features.sources import Community, Welfare
from features.synthetic.records import County, Records, alike, join, pick


def grid_records(county: County) -> list[Records]:
    """Records of the community grid."""
    life, signals, rng = county.life, county.preset.signals, county.rng
    guard = county.guardianship
    parts = []
    for kinds, shares, checks, rate in (
        (
            ("conflict",),
            (1.0,),
            (0.5, 0.25, 0.25),
            signals.conflict_reports * np.exp(signals.conflict_pull * guard),
        ),
        (("hardship",), (1.0,), (0.6, 0.2, 0.2), 0.0008 + 0.012 * life.hardship),
        (
            ("unattended", "neglect", "abuse"),
            (0.6, 0.3, 0.1),
            (0.0, 0.7, 0.3),
            (signals.doubtful_reports + 0.003 * life.unattended) * np.exp(0.4 * guard),
        ),
    ):
        child, _, day = county.happen(rate)
        verified = pick(rng, ("substantiated", "unsubstantiated", "open"), checks, len(child))
        parts.append((child, day, pick(rng, kinds, shares, len(child)), verified))
    child, month = county.established.facts["grid"]
    alone = life.unattended[child, month]
    kind = np.where(
        alone & (rng.random(len(child)) < 0.7),
        "unattended",
        pick(rng, ("unattended", "neglect", "abuse"), (0.35, 0.5, 0.15), len(child)),
    ).astype(object)
    parts.append((child, county.day_within(child, month), kind, alike("substantiated", len(child))))
    child, day, kind, verified = join(*parts)
    return [county.note(Community.grid_reports, child, day, kind=kind, verified=verified)]


def women_youth_records(county: County) -> list[Records]:
    """Records of hotlines and of family-education sessions."""
    life, signals, rng = county.life, county.preset.signals, county.rng
    psych, guard = county.psychological, county.guardianship
    old_enough = life.age >= 6
    parts = []
    for word, rate in (
        ("psychological", signals.hotline * np.exp(signals.hotline_pull * psych)),
        ("family_conflict", signals.hotline * np.exp(signals.hotline_pull * guard)),
        ("study", np.full(psych.shape, 0.0008)),
        ("rights", 0.0002 * np.exp(0.4 * guard)),
    ):
        child, _, day = county.happen(old_enough * rate)
        parts.append((child, day, alike(word, len(child))))
    child, day, topic = join(*parts)
    calls = county.note(Community.hotline_calls, child, day, topic=topic)
    interested = 0.5 * rng.standard_normal(county.people.households)[county.people.household]
    child, _, day = county.happen(0.008 * np.exp(interested[:, None] - 0.25 * guard))
    return [calls, county.note(Community.family_sessions, child, day)]


def disabled_records(county: County) -> list[Records]:
    """Disability cards of children and guardians."""
    people, life, rng = county.people, county.life, county.rng
    own = np.flatnonzero(life.disabled & (rng.random(people.children) < 0.85))
    guardian = np.flatnonzero(life.guardian_disabled)
    whose = np.concatenate([own, guardian])
    years = np.concatenate([rng.uniform(1.5, 7.0, len(own)), rng.uniform(-10.0, 10.0, len(guardian))])
    issued = people.birth[whose] + np.round(years * 365.25).astype(int)
    # A card issued elsewhere is entered here when the family has arrived.
    seen = np.maximum(issued, people.arrived[whose])
    here = seen < people.ends[whose]
    who = np.array(["child"] * len(own) + ["guardian"] * len(guardian), dtype=object)
    level = rng.integers(1, 5, len(whose)).astype(float)
    return [
        county.note_stock(Welfare.disability_cards, whose[here], seen[here], who=who[here], level=level[here])
    ]


def labour_records(county: County) -> list[Records]:
    """Changes in the employment of parents: noisy news of hardship."""
    people, life, rng = county.people, county.life, county.rng
    first = np.maximum(people.arrived, county.start - np.timedelta64(200, "D"))
    everyone = np.flatnonzero(people.ends > first)
    month = np.clip(
        first[everyone].astype("datetime64[M]").astype(int) - int(county.timeline.months[0].astype(int)),
        0,
        life.age.shape[1] - 1,
    )
    steady = pick(rng, ("both_work", "one_works", "none_works"), (0.62, 0.33, 0.05), people.households)[
        people.household
    ]
    troubled = pick(rng, ("both_work", "one_works", "none_works"), (0.15, 0.45, 0.40), people.households)[
        people.household
    ]
    state = np.where(life.hardship[everyone, month], troubled[everyone], steady[everyone])
    change, when = np.nonzero(
        (life.hardship[:, 1:] != life.hardship[:, :-1]) & life.present[:, 1:] & life.present[:, :-1]
    )
    noted = rng.random(len(change)) < 0.6
    change, when = change[noted], when[noted] + 1
    changed = np.where(life.hardship[change, when], troubled[change], steady[change])
    random, _, day = county.happen(np.full(life.age.shape, 0.006))
    other = pick(rng, ("both_work", "one_works", "none_works"), (0.6, 0.35, 0.05), len(random))
    later, later_day = (
        np.concatenate([change, random]),
        np.concatenate([county.day_within(change, when), day]),
    )
    in_span = later_day >= county.start
    return [
        county.note_stock(
            Welfare.parent_employment,
            np.concatenate([everyone, later[in_span]]),
            np.concatenate([first[everyone], later_day[in_span]]),
            state=np.concatenate([state, np.concatenate([changed, other])[in_span]]),
        )
    ]


def housing_records(county: County) -> list[Records]:
    """Grants of housing aid."""
    child, _, day = county.happen(0.0008 + 0.006 * county.life.hardship)
    kind = pick(county.rng, ("allocated", "rent_subsidy"), (0.3, 0.7), len(child))
    return [county.note(Welfare.housing_aid, child, day, kind=kind)]
