"""What police, courts and civil affairs write down about the county's families."""

import numpy as np

from features.sources import CivilAffairs, Justice, Police
from features.synthetic.life import NEVER_MONTH, village_after_moves
from features.synthetic.people import NEVER
from features.synthetic.records import County, Records, alike, join, logistic, pick
from features.synthetic.timeline import Array

RENEWAL_MONTHS = 12  # a status is recognised for a year at a time
DWELLINGS = ("owned", "rented", "dormitory", "worksite")
DWELLING_SHARES = (0.22, 0.66, 0.09, 0.03)


def police_records(county: County) -> list[Records]:
    """Records of all police sources."""
    return [
        _residence(county), _household_changes(county), _admonitions(county), _missing(county),
        _custody(county),
    ]  # fmt: skip


def justice_records(county: County) -> list[Records]:
    """Records of courts and procuratorate."""
    return [_custody_cases(county), _family_orders(county)]


def civil_affairs_records(county: County) -> list[Records]:
    """Records of civil affairs."""
    return [
        _low_income(county), _temporary_aid(county), _care_visits(county), _assessments(county),
        _measures(county),
    ]  # fmt: skip


def _residence(county: County) -> Records:
    people, life, rng = county.people, county.life, county.rng
    carers = np.array(list(county.preset.circumstances.carers), dtype=object)
    everyone = np.arange(people.children)
    offset = int(county.timeline.months[0].astype(int))
    registered = people.arrived + np.floor(rng.exponential(12, people.children)).astype(int)
    registered = np.where(registered < people.ends, registered, people.arrived)
    # A household moves together: one village for all its children.
    child, month = np.nonzero(life.moves & life.present & (life.age > 0))
    place = people.household[child] * life.moves.shape[1] + month
    where, back = np.unique(place, return_inverse=True)
    village = village_after_moves(rng, len(where))[back]
    moved_on = county.day_within(child, month) + rng.integers(0, 20, len(child))
    kept = (moved_on < people.ends[child]) & (moved_on > registered[child])
    child, village, moved_on = child[kept], village[kept], moved_on[kept]

    left = np.flatnonzero(
        (people.left < NEVER) & (people.left <= people.ends) & ~people.leaving_unreported[people.household]
    )
    left_day = people.left[left] + np.floor(rng.exponential(20, len(left))).astype(int)
    whose = np.concatenate([everyone, child, left])
    day = np.concatenate([registered, moved_on, left_day])
    order = np.lexsort((day, whose))
    area = np.concatenate([people.home_area[people.household], village, np.full(len(left), "", dtype=object)])
    whose, day, area = whose[order], day[order], area[order]
    is_leaving = (area == "") & (day >= people.left[whose])
    for place in np.flatnonzero(area == ""):
        area[place] = area[place - 1]
    at = np.clip(day.astype("datetime64[M]").astype(int) - offset, 0, life.age.shape[1] - 1)
    dwelling = pick(rng, DWELLINGS, DWELLING_SHARES, people.households)[people.household]
    blank = county.preset.paperwork.blank_optional
    return county.note_stock(
        Police.residence, whose, day,
        birth_on=people.birth[whose],
        sex=np.where(people.girl[whose], "female", "male").astype(object),
        area_code=area,
        hukou_area=people.hukou_area[whose],
        arrived_on=people.arrived[whose],
        left_on=np.where(is_leaving, people.left[whose], np.datetime64("NaT", "D")),
        living_with=county.blanked(carers[life.carer[whose, at]], 2 * blank),
        dwelling=county.blanked(dwelling[whose], blank),
    )  # fmt: skip


def _begun(county: County, onset: Array, share: float) -> tuple[Array, Array]:
    """(child, day) of onsets within a child's stay, a share of them known."""
    people = county.people
    child = np.flatnonzero((onset >= 0) & (onset < NEVER_MONTH))
    month = np.minimum(onset[child], county.life.age.shape[1] - 1)
    here = county.life.present[child, month] & (onset[child] == month)
    # A household's event is noted for all its children or for none: one draw a household.
    noted = (county.rng.random(people.households) < share)[people.household[child]]
    child, month = child[here & noted], month[here & noted]
    return child, county.day_within(child, month)


def _household_changes(county: County) -> Records:
    life, people, rng = county.life, county.people, county.rng
    parts = []
    for word, onset, share in (
        ("divorced", life.divorced, 0.8),
        ("remarried", life.remarried, 0.7),
        ("parent_died", life.parent_died, 0.95),
    ):
        child, day = _begun(county, onset, share)
        parts.append((child, day, alike(word, len(child))))
    child, _, day = county.happen(np.full(life.age.shape, 0.0006))
    parts.append((child, day, alike("guardian_changed", len(child))))
    # The elder children of a household in which another is born here.
    born_here = np.flatnonzero(people.birth == people.arrived)
    by_home: dict[int, list[int]] = {}
    for one in range(people.children):
        by_home.setdefault(int(people.household[one]), []).append(one)
    elder = [
        (other, people.birth[one])
        for one in born_here
        for other in by_home[int(people.household[one])]
        if people.birth[other] < people.birth[one]
        and people.arrived[other] < people.birth[one] < people.ends[other]
    ]
    siblings = np.array([other for other, _ in elder], dtype=int)
    births = np.array([day for _, day in elder], dtype="datetime64[D]") + rng.integers(5, 40, len(elder))
    parts.append((siblings, births, alike("sibling_born", len(elder))))
    child, day, kind = join(*parts)
    return county.note(Police.household_changes, child, day, kind=kind)


def _fact(county: County, channel: str) -> tuple[Array, Array, Array]:
    """(child, month, day); a household's children share the day."""
    child, month = county.established.facts[channel]
    days = county.rng.random((county.people.households, 1))[county.people.household[child], 0]
    starts, lengths = county.timeline.month_starts[month], county.timeline.month_lengths[month]
    day = starts + np.floor(days * lengths).astype(int)
    people = county.people
    day = np.minimum(
        np.maximum(day, people.arrived[child]), np.maximum(people.ends[child] - 1, people.arrived[child])
    )
    return child, month, day


def _admonitions(county: County) -> Records:
    child, _, day = _fact(county, "admonition")
    victim = pick(county.rng, ("child", "parent", "other"), (0.25, 0.65, 0.10), len(child))
    return county.note(Police.admonitions, child, day, victim=victim)


def _missing(county: County) -> Records:
    rate = 0.00020 * np.exp(0.4 * county.guardianship + 0.3 * county.psychological) * (county.life.age >= 3)
    child, _, day = county.happen(rate)
    kind = pick(county.rng, ("missing", "vagrant", "left_home"), (0.5, 0.08, 0.42), len(child))
    return county.note(Police.missing_found, child, day, kind=kind)


def _custody(county: County) -> Records:
    life, rng = county.life, county.rng
    child, month = np.nonzero(life.custody & life.present)
    known = (rng.random(county.people.households) < 0.8)[county.people.household[child]]
    child, month = child[known], month[known]
    who = pick(rng, ("father", "mother", "other"), (0.85, 0.10, 0.05), county.people.households)[
        county.people.household[child]
    ]
    return county.note(Police.guardian_custody, child, county.day_within(child, month), who=who)


def _custody_cases(county: County) -> Records:
    rng = county.rng
    child, divorced = _begun(county, county.life.divorced, 0.45)
    filed = divorced - rng.integers(20, 150, len(child))
    kind = pick(rng, ("divorce", "custody"), (0.75, 0.25), len(child))
    rate = 0.0004 * np.exp(0.4 * county.guardianship) * (county.life.carer > 0)
    other, _, day = county.happen(rate)
    others = pick(rng, ("custody", "support", "legal_aid"), (0.3, 0.5, 0.2), len(other))
    child, filed = np.concatenate([child, other]), np.concatenate([filed, day])
    here = filed >= county.people.arrived[child]
    return county.note(
        Justice.custody_cases, child[here], filed[here], kind=np.concatenate([kind, others])[here]
    )


def _family_orders(county: County) -> Records:
    child, _, day = _fact(county, "order")
    kind = pick(county.rng, ("reprimand", "education_order"), (0.4, 0.6), len(child))
    return county.note(Justice.family_orders, child, day, kind=kind)


def _low_income(county: County) -> Records:
    life, people, rng = county.life, county.people, county.rng
    applies = (rng.random(people.households) < county.preset.circumstances.hardship_recognised)[
        people.household
    ]
    status_of_home = pick(
        rng,
        ("minimum_living", "near_minimum", "extreme_hardship", "unsupported"),
        (0.55, 0.36, 0.05, 0.04),
        people.households,
    )
    seen = life.hardship & applies[:, None] & life.present
    start_month = int((np.datetime64(county.timeline.start, "M") - county.timeline.months[0]).astype(int))
    began = np.zeros(seen.shape, dtype=bool)
    began[:, 1:] = seen[:, 1:] & ~seen[:, :-1]
    began[:, :start_month] = False
    began[:, start_month] = seen[:, start_month]
    ended = np.zeros(seen.shape, dtype=bool)
    ended[:, start_month + 1 :] = (
        ~seen[:, start_month + 1 :] & seen[:, start_month:-1] & life.present[:, start_month + 1 :]
    )
    # What has begun is recognised again every year while it lasts.
    held = np.zeros(seen.shape, dtype=int)
    for now in range(start_month, seen.shape[1]):
        held[:, now] = np.where(seen[:, now], np.where(began[:, now], 1, held[:, now - 1] + 1), 0)
    child, month = np.nonzero(seen & (held % RENEWAL_MONTHS == 1))
    day = county.day_within(child, month) + np.where(began[child, month], rng.integers(0, 90, len(child)), 0)
    status = status_of_home[people.household[child]]
    out, when = np.nonzero(ended)
    out_day = county.day_within(out, when) + rng.integers(90, 180, len(out))
    orphan = np.flatnonzero(rng.random(people.children) < 0.001)
    orphan_day = np.maximum(people.arrived[orphan], county.start - np.timedelta64(200, "D"))
    whose = np.concatenate([child, out, orphan])
    days = np.concatenate([day, out_day, orphan_day])
    cells = np.concatenate([status, alike("ended", len(out)), alike("orphan", len(orphan))])
    here = days < people.ends[whose]
    return county.note_stock(CivilAffairs.low_income, whose[here], days[here], status=cells[here])


def _temporary_aid(county: County) -> Records:
    life, rng = county.life, county.rng
    rate = 0.0008 + 0.010 * life.hardship + 0.006 * life.state(life.guardian_ill)
    child, month, day = county.happen(rate)
    ill = life.state(life.guardian_ill)[child, month]
    reason = np.where(
        ill & (rng.random(len(child)) < 0.7),
        "illness",
        pick(rng, ("accident", "income", "other"), (0.2, 0.5, 0.3), len(child)),
    ).astype(object)
    amount = np.round(rng.gamma(2.0, 1600, len(child)) + 300, -2)
    return county.note(
        CivilAffairs.temporary_aid,
        child,
        day,
        amount_yuan=np.minimum(amount, 60000),
        reason=county.blanked(reason, 0.05),
    )


def _care_visits(county: County) -> Records:
    life, signals, rng = county.life, county.preset.signals, county.rng
    diligence = 0.5 * rng.standard_normal(county.people.households)[county.people.household]
    concern = 0.15 * county.guardianship
    child, month, day = county.happen(signals.care_visits * np.exp(diligence[:, None] + concern))
    guard, psych = county.guardianship[child, month], county.psychological[child, month]
    pull, blank = signals.care_items_pull, signals.care_item_blank
    alone, night, poor = (state[child, month] for state in (life.unattended, life.night_shift, life.hardship))
    return county.note(
        CivilAffairs.care_visits, child, day,
        guardian_present=county.flags(logistic(1.9 - pull * guard - 0.3 * night), blank / 2),
        unattended=county.flags(logistic(-6.0 + 0.8 * pull * guard + 2.5 * alone), blank),
        carer_over_65=county.flags(np.where(life.carer[child, month] == 3, 0.45, 0.03), blank),
        night_shift=county.flags(np.where(night, 0.75, 0.05), blank),
        weekly_talk=county.flags(logistic(1.4 - pull * guard - 0.1 * psych), blank),
        asked_for_help=county.flags(logistic(-5.7 + 0.5 * pull * guard + 0.8 * poor), blank),
    )  # fmt: skip


def _assessments(county: County) -> Records:
    rate = 0.0025 * np.exp(0.35 * county.guardianship)
    child, month, day = county.happen(rate)
    weak = logistic(-1.0 + 0.6 * county.guardianship[child, month])
    conclusion = np.where(county.rng.random(len(child)) < weak, "insufficient", "adequate").astype(object)
    found, _, found_on = _fact(county, "assessment")
    grave = pick(county.rng, ("improper", "absent"), (0.75, 0.25), len(found))
    child, day = np.concatenate([child, found]), np.concatenate([day, found_on])
    return county.note(
        CivilAffairs.guardianship_assessments, child, day, conclusion=np.concatenate([conclusion, grave])
    )


def _measures(county: County) -> Records:
    child, _, day = _fact(county, "measure")
    kind = pick(county.rng, ("temporary", "long_term"), (0.9, 0.1), len(child))
    return county.note(CivilAffairs.guardianship_measures, child, day, kind=kind)
