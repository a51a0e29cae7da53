"""What the health commission and medical insurance write down about the county's children."""

import numpy as np

from features.sources import Health, Welfare
from features.synthetic.life import NEVER_MONTH
from features.synthetic.records import County, Records, alike, join, logistic
from features.synthetic.register_records import child_disorder_management
from features.synthetic.timeline import Array

# Months of age at which the schedule has a dose, roughly, and check-ups.
DOSE_MONTHS = (1, 2, 3, 4, 5, 6, 8, 9, 18, 24, 36, 48, 72)
CHECKUP_MONTHS = (1, 3, 6, 8, 12, 18, 24, 30, 36, 48, 60, 72)


def health_records(county: County) -> list[Records]:
    """Records of all health sources."""
    return [
        _visits(county), _checkups(county), _vaccinations(county), _guardian_illness(county),
        child_disorder_management(county),
    ]  # fmt: skip


def insurance_records(county: County) -> list[Records]:
    """Records of medical insurance."""
    return [_insurance(county), _large_bills(county)]


def _visits(county: County) -> Records:
    life, signals, habits = county.life, county.preset.signals, county.preset.habits
    psych, guard = county.psychological, county.guardianship
    disabled = life.disabled[:, None] * np.ones_like(psych)
    frailty = habits.frailty * county.rng.standard_normal(county.people.children)[:, None]
    used = np.exp(
        frailty + habits.visits_by_standing * county.people.standing[county.people.household][:, None]
    )
    parts = []
    everyday = signals.clinic_visits * np.clip(2.2 - 0.16 * life.age, 0.6, 2.2)
    child, month, day = county.happen(used * everyday)
    parts.append((child, month, day, county.mix("everyday visit", len(child))))
    for word, rate in (
        ("R00-R99", signals.symptoms * np.exp(signals.symptoms_pull * psych)),
        ("S00-T98", signals.injuries * np.exp(signals.injuries_pull * guard)),
        ("F80-F89", habits.developmental + habits.developmental_disabled * disabled),
        ("F70-F79", habits.intellectual_disabled * disabled),
    ):
        child, month, day = county.happen(used * rate)
        parts.append((child, month, day, alike(word, len(child))))
    for child, month in (county.established.facts["clinic"], county.established.follow_ups):
        older = life.age[child, month] >= 12
        below, above = county.mix("finding below 12", len(child)), county.mix("finding from 12", len(child))
        block = np.where(older, above, below)
        parts.append((child, month, county.day_within(child, month), block))
    child, _, day, block = join(*parts)
    setting = county.mix("setting", len(child))
    return county.note(Health.visits, child, day, setting=setting, block=block)


def _due(county: County, ages: tuple[int, ...]) -> tuple[Array, Array]:
    """(child, month) in which a child reaches one of these ages in months."""
    whole = np.floor(county.life.age * 12).astype(int)
    before = np.floor(county.life.age * 12 - 1).astype(int)
    due = np.zeros(whole.shape, dtype=bool)
    for months in ages:
        due |= (before < months) & (whole >= months)
    child, month = np.nonzero(due & county.life.present)
    return child, month


def _checkups(county: County) -> Records:
    life, signals, habits, rng = county.life, county.preset.signals, county.preset.habits, county.rng
    child, month = _due(county, CHECKUP_MONTHS)
    calendar = county.timeline.months.astype(int) % 12
    pupils = np.nonzero(life.present & (life.stage >= 2) & (calendar == 9)[None, :])
    child, month = np.concatenate([child, pupils[0]]), np.concatenate([month, pupils[1]])
    missed = logistic(
        habits.checkup_missed_base + signals.checkup_missed_pull * county.guardianship[child, month]
    )
    went = rng.random(len(child)) >= missed
    child, month = child[went], month[went]
    age = life.age[child, month]
    psych, guard = county.psychological[child, month], county.guardianship[child, month]
    sleep = np.clip(11.5 - 0.22 * age, 8.2, 11.5) - signals.sleep_pull * psych
    sleep = sleep - 0.8 * (life.short_sleeper[child] & (age >= 6))
    sleep = sleep + habits.measured_noise * rng.standard_normal(len(child))
    screen = 0.4 + 0.11 * age + 1.0 * life.long_screen[child] + signals.screen_pull * psych + 0.1 * guard
    screen = screen + habits.measured_noise * rng.standard_normal(len(child))
    growth = county.mix("growth", len(child))
    vision = county.flags(np.clip(0.05 + 0.045 * (age - 5), 0.02, 0.6))
    blank = county.preset.paperwork.blank_optional
    return county.note(
        Health.checkups, child, county.day_within(child, month),
        growth=county.blanked(growth, blank),
        poor_vision=np.where(age < 4, "", vision),
        sleep_hours=county.blanked(np.clip(np.round(sleep * 2) / 2, 4, 14), habits.sleep_blank),
        screen_hours=county.blanked(np.clip(np.round(screen * 2) / 2, 0, 10), habits.screen_blank),
    )  # fmt: skip


def _vaccinations(county: County) -> Records:
    signals, habits, rng = county.preset.signals, county.preset.habits, county.rng
    child, month = _due(county, DOSE_MONTHS)
    pull = signals.vaccination_pull * county.guardianship[child, month]
    draw = rng.random(len(child))
    missed, late = logistic(habits.dose_missed_base + pull), logistic(habits.dose_late_base + pull)
    state = np.where(draw < missed, "missed", np.where(draw < missed + late, "late", "on_time")).astype(
        object
    )
    return county.note(Health.vaccinations, child, county.day_within(child, month), state=state)


def _guardian_illness(county: County) -> Records:
    life, rng, people = county.life, county.rng, county.people
    onset = life.guardian_ill
    registered = rng.random(people.households) < county.preset.habits.illness_registered
    child = np.flatnonzero((onset < NEVER_MONTH) & registered[people.household])
    began = np.maximum(county.timeline.month_starts[np.maximum(onset[child], 0)], people.arrived[child])
    day = began + rng.integers(0, 60, len(child))
    here = day < people.ends[child]
    child, day = child[here], day[here]
    kind = np.where(life.guardian_mental[child], "mental", "physical").astype(object)
    return county.note_stock(Health.guardian_illness, child, day, kind=kind)


def _insurance(county: County) -> Records:
    life, people = county.life, county.people
    first = np.maximum(people.arrived, county.start - np.timedelta64(300, "D"))
    child = np.flatnonzero(people.ends > first)
    month = np.clip(
        first[child].astype("datetime64[M]").astype(int) - int(county.timeline.months[0].astype(int)),
        0,
        life.age.shape[1] - 1,
    )
    state = np.where(life.uninsured[child, month], "lapsed", "insured").astype(object)
    change, when = np.nonzero(
        (life.uninsured[:, 1:] != life.uninsured[:, :-1]) & life.present[:, 1:] & life.present[:, :-1]
    )
    changed = np.where(life.uninsured[change, when + 1], "lapsed", "insured").astype(object)
    # Insured by the year: every January says again who is.
    january = (county.timeline.months.astype(int) % 12 == 0)[None, :]
    again, anew = np.nonzero(january[:, 1:] & life.present[:, 1:] & life.present[:, :-1])
    renewed = np.where(life.uninsured[again, anew + 1], "lapsed", "insured").astype(object)
    change, when = np.concatenate([change, again]), np.concatenate([when, anew])
    changed = np.concatenate([changed, renewed])
    later = county.day_within(change, when + 1)
    in_span = later >= county.start
    return county.note_stock(
        Welfare.insurance,
        np.concatenate([child, change[in_span]]),
        np.concatenate([first[child], later[in_span]]),
        state=np.concatenate([state, changed[in_span]]),
    )


def _large_bills(county: County) -> Records:
    life, people, habits = county.life, county.people, county.preset.habits
    ill = life.state(life.guardian_ill)
    # Better-off families settle abroad or privately: their bills are absent more often.
    shown = np.exp(habits.bill_by_standing * people.standing[people.household])[:, None]
    disabled = life.disabled[:, None] * np.ones_like(life.age)
    own = county.happen(shown * (habits.bill + habits.bill_disabled * disabled))
    guardian = county.happen(shown * (habits.bill + habits.bill_ill * ill))
    child = np.concatenate([own[0], guardian[0]])
    day = np.concatenate([own[2], guardian[2]])
    who = np.array(["child"] * len(own[0]) + ["guardian"] * len(guardian[0]), dtype=object)
    amount = np.round(3000 + county.rng.exponential(habits.bill_mean_yuan, len(child)), 2)
    return county.note(Welfare.large_bills, child, day, who=who, amount_yuan=amount)
