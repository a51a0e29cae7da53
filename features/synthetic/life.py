"""What happens to households and children month by month: circumstances, schooling, moves.

Everything here is what is so, not what a department knows. Arrays named `..._state` are
children (or households) × months; onsets are month indices, NEVER_MONTH for what never happens.
"""

from dataclasses import dataclass

import numpy as np

from features.synthetic import names
from features.synthetic.people import YEAR, People
from features.synthetic.preset import Circumstances, Population
from features.synthetic.timeline import Array, Timeline

NEVER_MONTH = 10**6
# Stages of school by age on 1 September.
NO_SCHOOL, KINDERGARTEN, PRIMARY, JUNIOR, SENIOR = range(5)
STAGE_NAMES = ("", "kindergarten", "primary", "junior", "senior")
FIRST_AGES = {KINDERGARTEN: 3, PRIMARY: 6, JUNIOR: 12, SENIOR: 15}
KINDERGARTEN_ATTENDED = 0.9
SCHOOL_TYPES = ("public", "private", "migrant")
SCHOOL_TYPE_SHARES = (0.70, 0.08, 0.22)
SCHOOLS_PER_TYPE = 14


@dataclass(frozen=True)
class Life:
    """The county's months as lived."""

    present: Array
    age: Array
    stage: Array
    grade: Array
    school: Array
    school_type: Array
    boarding: Array
    in_term: Array
    divorced: Array
    remarried: Array
    parent_died: Array
    guardian_ill: Array
    guardian_mental: Array
    custody: Array
    guardian_disabled: Array
    hardship: Array
    night_shift: Array
    carer: Array
    unattended: Array
    disabled: Array
    transfers: Array
    moves: Array
    bullied: Array
    short_sleeper: Array
    long_screen: Array
    uninsured: Array
    ability: Array

    def state(self, onset: Array) -> Array:
        """Children × months: whether what began in month `onset` has begun."""
        months = np.arange(self.present.shape[1])
        begun: Array = months[None, :] >= onset[:, None]
        return begun


def _onset(rng: np.random.Generator, count: int, months: int, share: float, per_year: float) -> Array:
    """Months of first happening: at once (month -1) for `share`, else by a yearly chance."""
    wait = np.floor(rng.exponential(12 / per_year, count)) if per_year > 0 else np.full(count, NEVER_MONTH)
    onset = np.where(rng.random(count) < share, -1, wait)
    return np.where(onset < months, onset, NEVER_MONTH).astype(int)


def _switching(rng: np.random.Generator, start: Array, on: Array, off: float, months: int) -> Array:
    """A state that comes and goes, entities × months, by monthly chances."""
    state = np.zeros((len(start), months), dtype=bool)
    now = rng.random(len(start)) < start
    for month in range(months):
        draw = rng.random(len(start))
        now = np.where(now, draw >= off, draw < on)
        state[:, month] = now
    return state


def recently(happened: Array, months: int) -> Array:
    """Whether it happened in this month or one of the `months` - 1 before."""
    counts = np.cumsum(happened, axis=1)
    earlier = np.zeros_like(counts)
    earlier[:, months:] = counts[:, :-months]
    happened_recently: Array = (counts - earlier) > 0
    return happened_recently


def _schooling(
    rng: np.random.Generator, people: People, starts: Array, preset: Circumstances
) -> dict[str, Array]:
    """Stage, grade and school of each child in each month."""
    calendar = starts.astype("datetime64[M]").astype(int)
    year, month = 1970 + calendar // 12, calendar % 12 + 1
    september = np.array(
        [f"{y if m >= 9 else y - 1}-09-01" for y, m in zip(year, month, strict=True)], "datetime64[D]"
    )
    at_september = np.floor((september[None, :] - people.birth[:, None]).astype(int) / YEAR).astype(int)
    stage = np.zeros(at_september.shape, dtype=np.int8)
    grade = np.zeros(at_september.shape, dtype=np.int8)
    attends = rng.random(people.children) < KINDERGARTEN_ATTENDED
    for code, first in FIRST_AGES.items():
        reached = at_september >= first
        if code == KINDERGARTEN:
            reached &= attends[:, None]
        stage[reached] = code
        grade[reached] = (at_september - first + 1)[reached]
    type_of_household = rng.choice(3, people.households, p=SCHOOL_TYPE_SHARES)
    kind = type_of_household[people.household]
    place = np.unique(people.home_area[people.household], return_inverse=True)[1]
    school = ((kind[:, None] * SCHOOLS_PER_TYPE + place[:, None] % SCHOOLS_PER_TYPE) * 5 + stage).astype(int)
    boards = rng.random(people.children)
    boarding = ((stage == JUNIOR) & (boards < preset.boarding_junior)[:, None]) | (
        (stage == SENIOR) & (boards < preset.boarding_senior)[:, None]
    )
    in_term = ~np.isin(month, (7, 8)) & (month != 2)
    return {
        "stage": stage, "grade": grade, "school": school, "school_type": kind,
        "boarding": boarding, "in_term": in_term,
    }  # fmt: skip


def live(
    rng: np.random.Generator,
    people: People,
    timeline: Timeline,
    population: Population,
    preset: Circumstances,
) -> Life:
    """Draw every circumstance of every month."""
    starts, months = timeline.month_starts, len(timeline.months)
    homes, home = people.households, people.household
    present = (people.arrived[:, None] < starts[None, :] + timeline.month_lengths[None, :]) & (
        people.ends[:, None] > starts[None, :]
    )
    age = (starts[None, :] - people.birth[:, None]).astype(int) / YEAR

    divorced = _onset(rng, homes, months, preset.divorced_share, preset.divorced_per_year)
    wait = np.floor(rng.exponential(12 / preset.remarried_per_year, homes)).astype(int)
    remarried = np.where(divorced < NEVER_MONTH, divorced + wait + 1, NEVER_MONTH)
    ill = _onset(rng, homes, months, preset.guardian_ill_share, preset.guardian_ill_per_year)
    poor = 1 / (1 + np.exp(people.standing))  # between 0 and 1, about a half
    tilt = poor / poor.mean()
    hardship = _switching(
        rng,
        preset.hardship_share * tilt,
        preset.hardship_on_per_year / 12 * tilt,
        preset.hardship_off_per_year / 12,
        months,
    )
    night = _switching(
        rng,
        np.full(homes, preset.night_shift_share),
        np.full(homes, preset.night_shift_per_year / 12),
        preset.night_shift_per_year / 12 * (1 - preset.night_shift_share) / preset.night_shift_share,
        months,
    )
    custody = rng.random((homes, months)) < preset.custody_per_year / 12

    carers = list(preset.carers)
    carer = rng.choice(len(carers), homes, p=list(preset.carers.values()))
    alone_carer = np.where(rng.random(homes) < 0.8, carers.index("mother"), carers.index("father"))
    carer = np.where((divorced < 0) & (carer == 0), alone_carer, carer)
    carer_by_month = np.repeat(carer[:, None], months, axis=1)
    apart = np.arange(months)[None, :] >= divorced[:, None]
    carer_by_month = np.where(apart & (carer_by_month == 0), alone_carer[:, None], carer_by_month)

    after_school = rng.random(people.children)
    chance = np.where(night, 1.8, 0.8)[home] * np.where(carer_by_month > 2, 1.3, 1.0)[home]
    unattended = ((age >= 6) & (age < 13) & (after_school[:, None] < preset.unattended_share * chance)) | (
        (age >= 2) & (age < 8) & (after_school[:, None] < preset.young_unattended_share * chance)
    )

    school = _schooling(rng, people, starts, preset)
    moves = (rng.random((homes, months)) < population.moves_per_year / 12)[home]
    moved_school = moves & (rng.random(moves.shape) < preset.transfer_after_move)
    arrival_month = (people.arrived[:, None] >= starts[None, :]) & (
        people.arrived[:, None] < starts[None, :] + timeline.month_lengths[None, :]
    )
    transfers = (school["stage"] >= PRIMARY) & (
        moved_school | arrival_month | (rng.random(moves.shape) < preset.transfer_per_year / 12)
    )
    bullied = (school["stage"] >= PRIMARY) & (rng.random(moves.shape) < preset.bullied_per_year / 12)
    uninsured = _switching(
        rng,
        np.full(people.children, 0.05),
        preset.uninsured_per_year / 12 * tilt[home],
        1 / 10,
        months,
    )
    ability = 0.35 * people.standing[home] + rng.standard_normal(people.children)
    return Life(
        present=present & (people.arrived[:, None] < people.ends[:, None]),
        age=age,
        divorced=divorced[home],
        remarried=remarried[home],
        parent_died=_onset(rng, homes, months, 0.0, preset.parent_died_per_year)[home],
        guardian_ill=ill[home],
        guardian_mental=(rng.random(homes) < preset.guardian_mental_share)[home],
        custody=custody[home],
        guardian_disabled=(rng.random(homes) < preset.guardian_disabled_share)[home],
        hardship=hardship[home],
        night_shift=night[home],
        carer=carer_by_month[home],
        unattended=unattended,
        disabled=rng.random(people.children) < preset.disabled_share,
        transfers=transfers,
        moves=moves,
        bullied=bullied,
        short_sleeper=rng.random(people.children) < preset.short_sleeper_share,
        long_screen=rng.random(people.children) < preset.long_screen_share,
        uninsured=uninsured,
        ability=ability,
        **school,
    )


def village_after_moves(rng: np.random.Generator, moved: int) -> Array:
    """Where a move within the county leads."""
    return names.areas(rng, moved)
