"""What hotlines, grid workers, labour, housing and the disabled persons' federation write down."""

import numpy as np

from features.sources import Community, Welfare
from features.synthetic.records import County, Records, alike, join
from features.synthetic.register_records import (
    hotline_lines,
    parent_insurance,
    rehabilitation,
    self_declarations,
)


def grid_records(county: County) -> list[Records]:
    """Records of the community grid."""
    life, signals, habits = county.life, county.preset.signals, county.preset.habits
    guard = county.guardianship
    doubtful = signals.doubtful_reports + habits.doubtful_when_alone * life.unattended
    parts = []
    for kind, rate in (
        ("conflict", signals.conflict_reports * np.exp(signals.conflict_pull * guard)),
        ("hardship", habits.hardship_report + habits.hardship_report_when_so * life.hardship),
        ("doubtful", doubtful * np.exp(habits.doubtful_pull * guard)),
    ):
        child, _, day = county.happen(rate)
        verified = county.mix(f"{kind} check", len(child))
        noticed = county.mix("doubtful report", len(child)) if kind == "doubtful" else alike(kind, len(child))
        parts.append((child, day, noticed, verified))
    child, month = county.established.facts["grid"]
    noticed = county.mix("substantiated report", len(child))
    noticed = np.where(life.unattended[child, month] & (noticed != "abuse"), "unattended", noticed)
    parts.append((child, county.day_within(child, month), noticed, alike("substantiated", len(child))))
    child, day, noticed, verified = join(*parts)
    return [
        county.note(Community.grid_reports, child, day, kind=noticed, verified=verified),
        self_declarations(county),
    ]


def women_youth_records(county: County) -> list[Records]:
    """Records of hotlines and of family-education sessions."""
    life, signals, habits = county.life, county.preset.signals, county.preset.habits
    psych, guard = county.psychological, county.guardianship
    old_enough = life.age >= 6
    parts = []
    for word, rate in (
        ("psychological", signals.hotline * np.exp(signals.hotline_pull * psych)),
        ("family_conflict", signals.hotline * np.exp(signals.hotline_pull * guard)),
        ("study", np.full(psych.shape, habits.study_call)),
        ("rights", habits.rights_call * np.exp(habits.doubtful_pull * guard)),
    ):
        child, _, day = county.happen(old_enough * rate)
        parts.append((child, day, alike(word, len(child))))
    child, day, topic = join(*parts)
    calls = county.note(
        Community.hotline_calls, child, day, topic=topic, line=hotline_lines(county, topic, day)
    )
    keen = habits.visit_diligence * county.rng.standard_normal(county.people.households)
    keen = keen[county.people.household][:, None]
    child, _, day = county.happen(habits.session * np.exp(keen + habits.session_pull * guard))
    return [calls, county.note(Community.family_sessions, child, day)]


def disabled_records(county: County) -> list[Records]:
    """Disability cards of children and guardians."""
    people, life, rng = county.people, county.life, county.rng
    own = np.flatnonzero(life.disabled & (rng.random(people.children) < county.preset.habits.card_held))
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
        county.note_stock(
            Welfare.disability_cards, whose[here], seen[here], who=who[here], level=level[here]
        ),
        rehabilitation(county),
    ]


def labour_records(county: County) -> list[Records]:
    """Changes in the employment of parents: noisy news of hardship."""
    people, life, habits = county.people, county.life, county.preset.habits
    first = np.maximum(people.arrived, county.start - np.timedelta64(200, "D"))
    everyone = np.flatnonzero(people.ends > first)
    month = np.clip(
        first[everyone].astype("datetime64[M]").astype(int) - int(county.timeline.months[0].astype(int)),
        0,
        life.age.shape[1] - 1,
    )
    steady = county.mix("steady work", people.households)[people.household]
    troubled = county.mix("troubled work", people.households)[people.household]
    state = np.where(life.hardship[everyone, month], troubled[everyone], steady[everyone])
    change, when = np.nonzero(
        (life.hardship[:, 1:] != life.hardship[:, :-1]) & life.present[:, 1:] & life.present[:, :-1]
    )
    noted = county.rng.random(len(change)) < habits.work_change_noted
    change, when = change[noted], when[noted] + 1
    changed = np.where(life.hardship[change, when], troubled[change], steady[change])
    random, _, day = county.happen(np.full(life.age.shape, habits.other_work_change))
    other = county.mix("other work", len(random))
    later = np.concatenate([change, random])
    later_day = np.concatenate([county.day_within(change, when), day])
    in_span = later_day >= county.start
    return [
        county.note_stock(
            Welfare.parent_employment,
            np.concatenate([everyone, later[in_span]]),
            np.concatenate([first[everyone], later_day[in_span]]),
            state=np.concatenate([state, np.concatenate([changed, other])[in_span]]),
        ),
        parent_insurance(county),
    ]


def housing_records(county: County) -> list[Records]:
    """Grants of housing aid."""
    habits = county.preset.habits
    child, _, day = county.happen(habits.housing_aid + habits.housing_aid_in_hardship * county.life.hardship)
    return [county.note(Welfare.housing_aid, child, day, kind=county.mix("housing aid", len(child)))]
