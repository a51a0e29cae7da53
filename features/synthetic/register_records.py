"""Registers the departments keep of the county's families: permits, ledgers, orders, forms, services.

Every one of them sees the same lives as the other records do, and none sees all: a permit needs steady
work, insurance a contract, a declaration a family that wishes to declare.
"""

import numpy as np

from features.sources import CivilAffairs, Community, Education, Health, Justice, Police, Welfare
from features.synthetic.life import JUNIOR, NEVER_MONTH, PRIMARY
from features.synthetic.people import NEVER
from features.synthetic.records import County, Records, alike, join, logistic
from features.synthetic.timeline import Array

HALF_YEAR, YEAR = 183, 365
PERMIT_YEARS = 12
LEDGER_LASTS = 3 * HALF_YEAR
NEITHER_PARENT = 3  # carers from here on are not parents
# 12356 became the national line on this day; calls before it went to the province's.
NATIONAL_LINE_FROM = np.datetime64("2025-05-01")
LEVELS = np.array(["watch", "third", "second", "first"], dtype=object)
LEVEL_CUTS = (0.6, 1.6, 2.8)


def _month(county: County, day: Array) -> Array:
    """Place of each day's month, kept within the county's months."""
    place: Array = day.astype("datetime64[M]").astype(int) - int(county.timeline.months[0].astype(int))
    clipped: Array = np.clip(place, 0, county.life.age.shape[1] - 1)
    return clipped


def _of_home(county: County, share: Array | float) -> Array:
    """One draw a household with these chances, told to each of its children."""
    people = county.people
    drawn: Array = (county.rng.random(people.households) < share)[people.household]
    return drawn


def residence_permits(county: County) -> Records:
    """Issues, yearly renewals and cancellations; renewals are missed where life is unsteady."""
    people, life, rng, numbers = county.people, county.life, county.rng, county.preset.registers
    holds = _of_home(county, logistic(numbers.permit_base + numbers.permit_by_standing * people.standing))
    wait = np.floor(rng.exponential(30 * numbers.permit_wait_months, people.households)).astype(int)
    first = people.home_arrived[people.household] + HALF_YEAR + wait[people.household]
    draws = rng.random((people.households, PERMIT_YEARS))[people.household]
    late = rng.integers(-20, 60, (people.households, PERMIT_YEARS))[people.household]
    parts = []
    stands = np.zeros(people.children, dtype=bool)
    for year in range(PERMIT_YEARS):
        day = first + YEAR * year + (late[:, year] if year else 0)
        here = holds & (day >= people.arrived) & (day < people.ends)
        month = _month(county, day)
        everyone = np.arange(people.children)
        steady = logistic(
            numbers.renew_base
            + numbers.renew_hardship * life.hardship[everyone, month]
            + numbers.renew_pull * county.guardianship[everyone, month]
        )
        kept = here & (draws[:, year] < (1.0 if year == 0 else steady))
        child = np.flatnonzero(kept)
        parts.append((child, day[child], np.where(stands[child], "renewed", "issued").astype(object)))
        stands = np.where(here, kept, stands)
    gone = (
        stands
        & (people.left < NEVER)
        & (people.left <= people.ends)
        & ~people.leaving_unreported[people.household]
    )
    child = np.flatnonzero(gone & _of_home(county, numbers.cancelled_on_leaving))
    parts.append((child, people.left[child], alike("cancelled", len(child))))
    child, day, event = join(*parts)
    recent = day >= county.start - 2 * YEAR
    child, day, event = child[recent], day[recent], event[recent]
    ground = county.mix("permit ground", people.households)[people.household[child]]
    holder = county.mix("permit holder", people.households)[people.household[child]]
    return county.note_stock(
        Police.residence_permits, child, day,
        event=event,
        ground=county.blanked(ground, county.preset.paperwork.blank_optional),
        holder=holder,
    )  # fmt: skip


def schooling_followups(county: County) -> Records:
    """Children of school age looked for by school, most of them brought back."""
    life, rng, numbers = county.life, county.rng, county.preset.registers
    compulsory = life.present & ((life.stage == PRIMARY) | (life.stage == JUNIOR))
    long = county.established.severity.covariates["long_absence"]
    began = np.zeros(long.shape, dtype=bool)
    began[:, 1:] = long[:, 1:] & ~long[:, :-1]
    arriving = np.zeros(long.shape, dtype=bool)
    arriving[:, 1:] = life.present[:, 1:] & ~life.present[:, :-1]
    leaving = county.preset.signals.dropout * np.exp(
        county.preset.signals.dropout_pull * county.guardianship + 0.3 * county.psychological
    )
    parts = []
    for word, rate in (
        ("long_absent", numbers.absence_followed_up * began),
        ("not_enrolled", numbers.never_enrolled * arriving),
        ("left_school", leaving),
    ):
        child, month, day = county.happen(compulsory * rate)
        parts.append((child, month, day, alike(word, len(child))))
    child, month, day, situation = join(*parts)
    back = logistic(numbers.back_base + numbers.back_pull * county.guardianship[child, month])
    draw = rng.random(len(child))
    away = rng.choice(
        np.array(["still_out", "at_home", "moved_away"], dtype=object), len(child), p=(0.6, 0.1, 0.3)
    )
    reason = county.mix("out of school", len(child))
    reason = np.where(life.hardship[child, month] & (draw > 0.7), "hardship", reason)
    return county.note(
        Education.schooling_followups, child, day,
        situation=situation,
        reason=county.blanked(reason, 2 * county.preset.paperwork.blank_optional),
        result=np.where(draw < back, "returned", away),
    )  # fmt: skip


def guardianship_urgings(county: County) -> Records:
    """Urgings of the procuratorate; rare, and rarer where nobody told it."""
    numbers = county.preset.registers
    child, month, day = county.happen(numbers.urging * np.exp(numbers.urging_pull * county.guardianship))
    better = county.rng.random(len(child)) < logistic(0.6 - 0.5 * county.guardianship[child, month])
    worse = county.rng.random(len(child)) < 0.4
    followed = np.where(better, "improved", np.where(worse, "unchanged", "partly")).astype(object)
    return county.note(
        Justice.guardianship_urgings, child, day,
        reason=county.mix("urging", len(child)), followed=county.blanked(followed, 0.3),
    )  # fmt: skip


def legal_aid(county: County) -> Records:
    """Grants of legal aid: disputes of parents apart, violence, injuries, unpaid wages."""
    life, numbers, rng = county.life, county.preset.registers, county.rng
    apart = (
        (life.carer > 0) * numbers.aid_in_dispute * np.exp(numbers.aid_in_dispute_pull * county.guardianship)
    )
    child, _, day = county.happen(apart)
    parts = [(child, day, county.mix("aid in dispute", len(child)))]
    harmed, when = county.established.facts["admonition"]
    helped = rng.random(len(harmed)) < numbers.aid_after_violence
    harmed, when = harmed[helped], when[helped]
    after = county.day_within(harmed, when) + rng.integers(5, 90, len(harmed))
    here = after < county.people.ends[harmed]
    parts.append((harmed[here], after[here], alike("violence", int(here.sum()))))
    for word, rate in (
        ("injury", np.full(life.age.shape, numbers.aid_for_injury)),
        ("wages", numbers.aid_for_wages * life.hardship),
    ):
        child, _, day = county.happen(rate)
        parts.append((child, day, alike(word, len(child))))
    child, day, matter = join(*parts)
    return county.note(Justice.legal_aid, child, day, matter=matter)


def child_disorder_management(county: County) -> Records:
    """A small part of the children a clinic saw, followed up every quarter or lost from sight."""
    numbers, rng, people = county.preset.registers, county.rng, county.people
    child, month = county.established.facts["clinic"]
    entered = (county.life.age[child, month] >= numbers.managed_from_years) & (
        rng.random(len(child)) < numbers.managed
    )
    child, month = child[entered], month[entered]
    began = county.day_within(child, month) + rng.integers(20, 90, len(child))
    quarters = rng.integers(2, 13, len(child))
    parts = [(child, began, alike("entered", len(child)))]
    for quarter in range(1, 13):
        kept = quarters >= quarter
        whose, day = child[kept], began[kept] + 91 * quarter + rng.integers(-10, 20, int(kept.sum()))
        missed = logistic(
            numbers.follow_up_missed_base
            + numbers.follow_up_missed_pull * county.guardianship[whose, _month(county, day)]
        )
        event = np.where(rng.random(len(whose)) < missed, "missed", "followed_up").astype(object)
        parts.append((whose, day, np.where(quarters[kept] == quarter, "ended", event)))
    whose, day, event = join(*parts)
    here = day < people.ends[whose]
    return county.note(Health.child_disorder_management, whose[here], day[here], event=event[here])


def unsupported_children(county: County) -> Records:
    """Orphans, and children whose parents cannot be counted on; recognised late, reviewed every year."""
    people, life, rng, numbers = county.people, county.life, county.rng, county.preset.registers
    everyone = np.arange(people.children)
    orphan = np.flatnonzero(rng.random(people.children) < numbers.orphans)
    first = np.maximum(people.arrived, county.start - np.timedelta64(200, "D"))
    apart = life.carer[everyone, _month(county, first)] >= NEITHER_PARENT
    unsupported = np.flatnonzero(apart & _of_home(county, numbers.unsupported_among_apart))
    parts = [
        (orphan, first[orphan], alike("orphan", len(orphan))),
        (unsupported, first[unsupported], alike("unsupported", len(unsupported))),
    ]
    held, when = np.nonzero(life.custody & life.present & (life.carer > 0))
    died = np.flatnonzero(life.parent_died < NEVER_MONTH)
    lost = np.clip(life.parent_died[died], 0, life.age.shape[1] - 1)
    here = life.present[died, lost] & (life.carer[died, lost] > 0)
    for child, month, share in (
        (held, when, numbers.unsupported_after_custody),
        (died[here], lost[here], numbers.unsupported_after_death),
    ):
        kept = _of_home(county, share)[child]
        child, month = child[kept], month[kept]
        day = county.day_within(child, month) + rng.integers(30, 240, len(child))
        parts.append((child, day, alike("unsupported", len(child))))
    child, day, status = join(*parts)
    years = rng.integers(1, 5, len(child))
    reviews = []
    for year in range(1, 4):
        again = np.flatnonzero(years > year)
        reviewed = day[again] + YEAR * year + rng.integers(-20, 40, len(again))
        reviews.append((child[again], reviewed, status[again]))
    ends = (status == "unsupported") & (rng.random(len(child)) < 0.5)
    over = (child[ends], day[ends] + YEAR * years[ends], alike("ended", int(ends.sum())))
    child, day, status = join((child, day, status), *reviews, over)
    here = day < people.ends[child]
    child, day, status = child[here], day[here], status[here]
    living = county.mix("orphan living", people.children)[child]
    return county.note_stock(
        CivilAffairs.unsupported_children, child, day,
        status=status, living=county.blanked(np.where(status == "ended", "", living), 0.1),
    )  # fmt: skip


def key_care_ledger(county: County) -> Records:
    """Entries, reviews and removals. Who is entered is looked at more, which `facts` knows."""
    life, rng, people, numbers = county.life, county.rng, county.people, county.preset.registers
    child, month = county.established.listed
    guard, psych = county.guardianship[child, month], county.psychological[child, month]
    draw = rng.random(len(child))
    category = np.select(
        [
            life.disabled[child] & (draw < 0.9),
            life.hardship[child, month] & (draw < 0.8),
            (psych > guard + 0.5) & (draw < 0.55),
            draw > 0.93,
            draw > 0.91,
        ],
        ["illness", "hardship", "mind", "asked", "vagrancy"],
        "guardianship",
    ).astype(object)
    seen = np.maximum(guard, 0.8 * psych) + numbers.level_noise * rng.standard_normal(len(child))
    level = LEVELS[np.digitize(seen, LEVEL_CUTS)]
    began = county.day_within(child, month) + rng.integers(0, 25, len(child))
    lasts = HALF_YEAR * rng.integers(1, 4, len(child))
    parts = [(child, began, alike("entered", len(child)), category, level)]
    for review in range(1, 4):
        day = began + HALF_YEAR * review + rng.integers(-15, 25, len(child))
        over = lasts <= HALF_YEAR * review
        last = lasts == HALF_YEAR * review
        kept = last | (~over & (rng.random(len(child)) < numbers.review_kept))
        eased = np.where(rng.random(len(child)) < 0.3, "watch", level).astype(object)
        event = np.where(last, "removed", "reviewed").astype(object)
        parts.append((child[kept], day[kept], event[kept], category[kept], eased[kept]))
    child, day, event, category, level = join(*parts)
    here = (day < people.ends[child]) & (day >= county.start - LEDGER_LASTS)
    return county.note_stock(
        CivilAffairs.key_care_ledger, child[here], day[here],
        event=event[here], category=category[here],
        level=county.blanked(level[here], county.preset.paperwork.blank_optional),
    )  # fmt: skip


def rehabilitation(county: County) -> Records:
    """What services did for children with disabilities: more where a family knows the way."""
    people, life, rng, numbers = county.people, county.life, county.rng, county.preset.registers
    disabled = life.disabled[:, None] & (life.age >= 1)
    reach = np.exp(numbers.rehabilitation_by_standing * people.standing[people.household])[:, None]
    used = (life.disabled & (rng.random(people.children) < 0.7))[:, None] & disabled
    child, _, day = county.happen(used * numbers.rehabilitated * reach)
    served = (
        child,
        day,
        alike("served", len(child)),
        np.minimum(rng.poisson(8, len(child)), 40).astype(float),
    )
    broken = county.happen(used * numbers.broken_off * np.exp(numbers.broken_off_pull * county.guardianship))
    applied = county.happen(disabled * 0.01)
    parts = [served]
    for word, (whose, _, when) in (("broken_off", broken), ("applied", applied)):
        parts.append((whose, when, alike(word, len(whose)), np.full(len(whose), np.nan)))
    child, day, event, sessions = join(*parts)
    kind = county.mix("rehabilitation", people.children)[child]
    return county.note(Welfare.rehabilitation, child, day, kind=kind, event=event, sessions=sessions)


def parent_insurance(county: County) -> Records:
    """Each parent's insurance, if there ever was a contract; hardship shows as a stop, soon or late."""
    people, life, rng, numbers = county.people, county.life, county.rng, county.preset.registers
    first = np.maximum(people.arrived, county.start - np.timedelta64(200, "D"))
    turned, when = np.nonzero(
        (life.hardship[:, 1:] != life.hardship[:, :-1]) & life.present[:, 1:] & life.present[:, :-1]
    )
    when = when + 1
    parts = []
    for who in ("father", "mother"):
        formal = _of_home(
            county, logistic(numbers.insured_base + numbers.insured_by_standing * people.standing)
        )
        begins = np.flatnonzero(formal & (people.ends > first))
        parts.append((begins, first[begins], alike(who, len(begins)), alike("paying", len(begins))))
        noted = formal[turned] & _of_home(county, numbers.stopped_in_hardship)[turned]
        child, month = turned[noted], when[noted]
        day = county.day_within(child, month) + rng.integers(0, 60, len(child))
        stopped = np.where(rng.random(len(child)) < numbers.benefit, "unemployment", "stopped").astype(object)
        parts.append(
            (child, day, alike(who, len(child)), np.where(life.hardship[child, month], stopped, "paying"))
        )
        child, month, day = county.happen(formal[:, None] * numbers.insurance_churn)
        parts.append((child, day, alike(who, len(child)), alike("stopped", len(child))))
        parts.append(
            (
                child,
                day + rng.integers(30, 160, len(child)),
                alike(who, len(child)),
                alike("paying", len(child)),
            )
        )
    child, day, who_, state = join(*parts)
    here = (day < people.ends[child]) & (day >= first[child])
    return county.note_stock(
        Welfare.parent_insurance, child[here], day[here], who=who_[here], state=state[here]
    )


def self_declarations(county: County) -> Records:
    """What families say of themselves: of their own accord, and less than is so."""
    life, people, rng, numbers = county.life, county.people, county.rng, county.preset.registers
    willing = numbers.declared_by_standing * people.standing[people.household][:, None]
    rate = numbers.declared * np.exp(willing + numbers.declared_pull * county.guardianship)
    child, month, day = county.happen(rate)
    alone, poor = life.unattended[child, month], life.hardship[child, month]
    guard, psych = county.guardianship[child, month], county.psychological[child, month]
    hours = rng.gamma(2.0, numbers.hours_mean / 2, len(child)) * numbers.understated
    said = np.where(alone, hours, np.where(rng.random(len(child)) < numbers.hours_slip, hours / 2, 0.0))
    parent = np.where(life.carer[child, month] < NEITHER_PARENT, "parent", "relative")
    carer = np.where(life.carer[child, month] == NEITHER_PARENT, "grandparent", parent)
    admits = alone & (rng.random(len(child)) < numbers.nobody_admitted)
    carer = np.where(admits, np.where(rng.random(len(child)) < 0.5, "nobody", "sibling"), carer).astype(
        object
    )
    wishes = logistic(
        numbers.help_base + numbers.help_hardship * poor + numbers.help_pull * guard
        + numbers.help_psychological * psych + numbers.help_unattended * alone
    )  # fmt: skip
    wants = county.flags(wishes, county.preset.paperwork.blank_optional)
    need = np.where(
        poor, county.mix("help in hardship", len(child)), county.mix("help wished for", len(child))
    )
    blank = 2 * county.preset.paperwork.blank_optional
    return county.note(
        Community.self_declarations, child, day,
        birth_on=np.where(rng.random(len(child)) < blank, np.datetime64("NaT", "D"), people.birth[child]),
        carer=county.blanked(carer, blank),
        unattended_hours=county.blanked(np.minimum(np.round(said * 2) / 2, 60.0), 3 * blank),
        wants_help=wants,
        need=np.where(wants == "yes", need, ""),
    )  # fmt: skip


def hotline_lines(county: County, topic: Array, day: Array) -> Array:
    """Which line took each call; the national line only since there is one."""
    mind, other = county.mix("mind line", len(topic)), county.mix("other line", len(topic))
    line = np.where(topic == "psychological", mind, other)
    early = (line == "national_mind") & (day < NATIONAL_LINE_FROM)
    taken: Array = np.where(early, "province_mind", line).astype(object)
    return county.blanked(taken, county.preset.paperwork.blank_optional)
