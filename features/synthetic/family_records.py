"""What police, courts and civil affairs write down about the county's families."""

import numpy as np

from features.sources import CivilAffairs, Justice, Police
from features.synthetic.life import NEVER_MONTH, village_after_moves
from features.synthetic.people import NEVER
from features.synthetic.records import County, Records, alike, join, logistic
from features.synthetic.register_records import (
    guardianship_urgings,
    key_care_ledger,
    legal_aid,
    residence_permits,
    unsupported_children,
)
from features.synthetic.timeline import Array

RENEWAL_MONTHS = 12  # a status is recognised for a year at a time


def police_records(county: County) -> list[Records]:
    """Records of all police sources."""
    return [
        _residence(county), _household_changes(county), _admonitions(county), _missing(county),
        _custody(county), residence_permits(county),
    ]  # fmt: skip


def court_records(county: County) -> list[Records]:
    """Records of the courts."""
    return [_custody_cases(county), _family_orders(county)]


def procuratorate_records(county: County) -> list[Records]:
    """Records of the procuratorate."""
    return [guardianship_urgings(county)]


def justice_records(county: County) -> list[Records]:
    """Records of the justice bureau."""
    return [legal_aid(county)]


def civil_affairs_records(county: County) -> list[Records]:
    """Records of civil affairs."""
    return [
        _low_income(county), _temporary_aid(county), _care_visits(county), _assessments(county),
        _measures(county), unsupported_children(county), key_care_ledger(county),
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
    dwelling = county.mix("dwelling", people.households)[people.household]
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
    life, people, habits = county.life, county.people, county.preset.habits
    parts = []
    for word, onset, share in (
        ("divorced", life.divorced, habits.divorce_noted),
        ("remarried", life.remarried, habits.remarriage_noted),
        ("parent_died", life.parent_died, habits.death_noted),
    ):
        child, day = _begun(county, onset, share)
        parts.append((child, day, alike(word, len(child))))
    child, _, day = county.happen(np.full(life.age.shape, habits.guardian_changed))
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
    births = np.array([day for _, day in elder], dtype="datetime64[D]") + county.rng.integers(
        5, 40, len(elder)
    )
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
    victim = county.mix("admonition victim", len(child))
    return county.note(Police.admonitions, child, day, victim=victim)


def _missing(county: County) -> Records:
    habits = county.preset.habits
    pull = (
        habits.missing_by_guardianship * county.guardianship
        + habits.missing_by_psychological * county.psychological
    )
    child, _, day = county.happen(habits.missing * np.exp(pull) * (county.life.age >= 3))
    return county.note(Police.missing_found, child, day, kind=county.mix("missing", len(child)))


def _custody(county: County) -> Records:
    life, people, habits = county.life, county.people, county.preset.habits
    child, month = np.nonzero(life.custody & life.present)
    known = (county.rng.random(people.households) < habits.custody_noted)[people.household[child]]
    child, month = child[known], month[known]
    who = county.mix("guardian in custody", people.households)[people.household[child]]
    return county.note(Police.guardian_custody, child, county.day_within(child, month), who=who)


def _custody_cases(county: County) -> Records:
    habits = county.preset.habits
    child, divorced = _begun(county, county.life.divorced, habits.divorce_in_court)
    filed = divorced - county.rng.integers(20, 150, len(child))
    kind = county.mix("divorce case", len(child))
    apart = county.life.carer > 0
    rate = habits.other_case * np.exp(habits.other_case_pull * county.guardianship) * apart
    other, _, day = county.happen(rate)
    others = county.mix("other custody case", len(other))
    child, filed = np.concatenate([child, other]), np.concatenate([filed, day])
    here = filed >= county.people.arrived[child]
    return county.note(
        Justice.custody_cases, child[here], filed[here], kind=np.concatenate([kind, others])[here]
    )


def _family_orders(county: County) -> Records:
    child, _, day = _fact(county, "order")
    kind = county.mix("family order", len(child))
    return county.note(Justice.family_orders, child, day, kind=kind)


def _low_income(county: County) -> Records:
    life, people, rng = county.life, county.people, county.rng
    applies = (rng.random(people.households) < county.preset.circumstances.hardship_recognised)[
        people.household
    ]
    status_of_home = county.mix("assistance", people.households)
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
    whose = np.concatenate([child, out])
    days = np.concatenate([day, out_day])
    cells = np.concatenate([status, alike("ended", len(out))])
    here = days < people.ends[whose]
    return county.note_stock(CivilAffairs.low_income, whose[here], days[here], status=cells[here])


def _temporary_aid(county: County) -> Records:
    life, habits = county.life, county.preset.habits
    is_ill = life.state(life.guardian_ill)
    rate = habits.aid + habits.aid_in_hardship * life.hardship + habits.aid_in_illness * is_ill
    child, month, day = county.happen(rate)
    reason = county.mix("aid reason", len(child))
    reason = np.where(is_ill[child, month] & (reason != "accident"), "illness", reason)
    amount = np.round(county.rng.gamma(2.0, habits.aid_mean_yuan / 2, len(child)) + 300, -2)
    return county.note(
        CivilAffairs.temporary_aid,
        child,
        day,
        amount_yuan=np.minimum(amount, 60000),
        reason=county.blanked(reason, county.preset.paperwork.blank_optional),
    )


def _care_visits(county: County) -> Records:
    life, signals, habits = county.life, county.preset.signals, county.preset.habits
    diligence = habits.visit_diligence * county.rng.standard_normal(county.people.households)
    diligence = diligence[county.people.household]
    concern = habits.visit_concern * county.guardianship
    concern = concern + habits.visit_listed * county.watched
    child, month, day = county.happen(signals.care_visits * np.exp(diligence[:, None] + concern))
    guard, psych = county.guardianship[child, month], county.psychological[child, month]
    pull, blank = signals.care_items_pull, signals.care_item_blank
    alone, night, poor = (state[child, month] for state in (life.unattended, life.night_shift, life.hardship))
    present = habits.present_base - pull * guard + habits.present_at_night_work * night
    left_alone = habits.alone_base + 0.8 * pull * guard + habits.alone_when_so * alone
    asked = habits.help_base + 0.5 * pull * guard + habits.help_in_hardship * poor
    return county.note(
        CivilAffairs.care_visits, child, day,
        guardian_present=county.flags(logistic(present), blank / 2),
        unattended=county.flags(logistic(left_alone), blank),
        carer_over_65=county.flags(habits.old_carer_of_grandparents * (life.carer[child, month] == 3), blank),
        night_shift=county.flags(np.where(night, habits.night_work_seen, habits.night_work_mistaken), blank),
        weekly_talk=county.flags(logistic(habits.talk_base - pull * guard - 0.1 * psych), blank),
        asked_for_help=county.flags(logistic(asked), blank),
    )  # fmt: skip


def _assessments(county: County) -> Records:
    habits = county.preset.habits
    rate = habits.assessment * np.exp(habits.assessment_pull * county.guardianship)
    child, month, day = county.happen(rate)
    weak = logistic(habits.insufficient_base + habits.insufficient_pull * county.guardianship[child, month])
    conclusion = np.where(county.rng.random(len(child)) < weak, "insufficient", "adequate").astype(object)
    found, _, found_on = _fact(county, "assessment")
    grave = county.mix("grave assessment", len(found))
    child, day = np.concatenate([child, found]), np.concatenate([day, found_on])
    return county.note(
        CivilAffairs.guardianship_assessments, child, day, conclusion=np.concatenate([conclusion, grave])
    )


def _measures(county: County) -> Records:
    child, _, day = _fact(county, "measure")
    kind = county.mix("measure", len(child))
    return county.note(CivilAffairs.guardianship_measures, child, day, kind=kind)
