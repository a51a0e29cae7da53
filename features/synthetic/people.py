"""Households and children: who lives in the county from when to when, and under what name."""

from dataclasses import dataclass

import numpy as np

from features.language import Department
from features.synthetic import names
from features.synthetic.guardians import (
    RENAMED_AFTER,
    RENAMED_AFTER_OTHERS,
    Guardians,
    like_a_twin,
    raise_guardians,
)
from features.synthetic.preset import Population
from features.synthetic.timeline import Array, Timeline

NEVER = np.datetime64("2200-01-01", "D")
YEAR = 365.25
# Departments go on delivering for a while after a child's sixteenth birthday, so that the label
# windows of fifteen-year-olds are not cut off by the records ending.
LAST_AGE_YEARS = 16.75
# Of every so many households one is registered without a number.
UNNUMBERED = 25


def student_numbers(people: "People") -> Array:
    """G and the ID number; children without one have a temporary number of their own."""
    births = [str(day).replace("-", "") for day in people.birth]
    return np.array(
        [
            f"G{number}" if number else f"L{names.COUNTY}{born}{child % 10_000:04d}"
            for child, (number, born) in enumerate(zip(people.id_number, births, strict=True))
        ],
        dtype=object,
    )


def household_numbers(people: "People") -> Array:
    """The number each child's household is registered under; of some households none was written down."""
    return np.array(
        ["" if home % UNNUMBERED == 0 else f"{names.COUNTY}{home:07d}" for home in people.household],
        dtype=object,
    )


@dataclass(frozen=True)
class People:
    """Children, one row each, and households, one row each. Dates are days; `left` may be NEVER.

    `ends` is when a child drops out of every department's sight: left, or grown up. `new_name` is the
    name from `renamed` on; for children never renamed it is the name they have, and `renamed` NEVER.
    """

    household: Array
    birth: Array
    arrived: Array
    left: Array
    ends: Array
    girl: Array
    name: Array
    id_number: Array
    hukou_area: Array
    home_arrived: Array
    home_area: Array
    standing: Array
    leaving_unreported: Array
    twin: Array
    new_name: Array
    renamed: Array
    guardians: Guardians

    def name_written(self, child: Array, on: Array, department: Department) -> Array:
        """The name a department writes for these children on these days."""
        late = RENAMED_AFTER.get(department, RENAMED_AFTER_OTHERS)
        written: Array = np.where(on >= self.renamed[child] + late, self.new_name[child], self.name[child])
        return written

    @property
    def children(self) -> int:
        """How many children."""
        return len(self.household)

    @property
    def households(self) -> int:
        """How many households."""
        return len(self.home_area)


def _days(years: Array) -> Array:
    return np.round(years * YEAR).astype("timedelta64[D]")


def settle(rng: np.random.Generator, preset: Population, timeline: Timeline, children: int) -> People:
    """People enough that `children` children below sixteen live in the county on an average day.

    Households arrive at an even pace for twenty years and stay as long as they stay; of those
    that are ever here in the span, the first so many are kept.
    """
    start, until = np.datetime64(timeline.start, "D"), np.datetime64(timeline.until, "D")
    # Names and twins have streams of their own, so that lives do not change with them.
    twins, titles = rng.spawn(2)
    count = children * 4 + 40
    span_years = (until - start).astype(int) / YEAR
    home_arrived = until - _days(rng.random(count) * (16 + span_years))
    short = rng.random(count) < preset.short_stay_share
    stay = np.where(
        short, rng.uniform(0.3, 2.0, count), rng.exponential(1 / preset.leave_per_year, count) + 0.3
    )
    home_left = home_arrived + _days(stay)

    size = rng.choice(len(preset.household_sizes), count, p=preset.household_sizes) + 1
    household = np.repeat(np.arange(count), size)
    order = np.arange(len(household)) - np.repeat(np.cumsum(size) - size, size)
    eldest = rng.triangular(-11.0, 0.0, 2.0, count)
    gap = np.where(order > 0, rng.triangular(1.2, 3.0, 7.0, len(household)), 0.0)
    is_twin = (order == 1) & (twins.random(len(household)) < preset.twins)
    gap = np.where(is_twin, 0.0, gap)
    total = np.cumsum(gap)
    birth_offset = eldest[household] + total - total[(np.cumsum(size) - size)[household]]
    birth = home_arrived[household] + _days(birth_offset)
    later = (rng.random(len(household)) < preset.joined_later_share) & (birth_offset < 0)
    joined = home_arrived[household] + np.where(later, _days(rng.exponential(1.2, len(household))), 0).astype(
        "timedelta64[D]"
    )
    arrived = np.maximum(joined, birth)
    left = home_left[household]
    grown = birth + _days(np.full(len(birth), LAST_AGE_YEARS))
    ends = np.minimum(left, grown)

    here = (arrived + 1 < ends) & (ends > start) & (arrived < until)
    below16 = np.minimum(ends, birth + _days(np.full(len(birth), 16.0)))
    lived = np.minimum(below16, until) - np.maximum(arrived, start)
    lived_days = np.where(here, np.maximum(lived.astype(int), 0), 0)
    wanted = children * (until - start).astype(int)
    by_household = np.cumsum(np.bincount(household, weights=lived_days, minlength=count))
    kept_households = int(np.searchsorted(by_household, wanted)) + 1
    keep = here & (household < kept_households)
    used, household = np.unique(household[keep], return_inverse=True)
    is_twin = is_twin[keep]
    birth, arrived, left, ends = birth[keep], arrived[keep], left[keep], ends[keep]
    left = np.where(left > until + 400, NEVER, left)

    girl = rng.random(len(household)) < preset.girls
    home_hukou = names.hukou(rng, len(used), preset.hukou_outside, preset.hukou_same_city)
    hukou_area = home_hukou[household]
    id_number = names.id_numbers(rng, hukou_area, birth, girl)
    id_number = np.where(rng.random(len(girl)) < preset.without_id_number, "", id_number)
    surname = names.surnames(rng, len(used))
    given = names.given_names(rng, girl)
    for place in np.flatnonzero(is_twin & (np.roll(household, 1) == household)):
        # The other twin stands just before; the girl's or boy's name follows the first one's.
        given[place] = like_a_twin(given[place - 1], given[place])
    eldest = np.full(len(used), NEVER)
    np.minimum.at(eldest, household, birth)
    renamed = np.where(
        titles.random(len(girl)) < preset.renamed,
        arrived
        + np.floor(titles.random(len(girl)) * (np.minimum(ends, until) - arrived).astype(int)).astype(int),
        NEVER,
    )
    # A new surname after a parent married again, as often as a new given name.
    new_surname = titles.random(len(girl)) < 0.5
    new_name = np.where(
        new_surname,
        names.surnames(titles, len(girl)) + given,
        surname[household] + names.given_names(titles, girl),
    )
    name = surname[household] + given
    return People(
        household=household,
        birth=birth,
        arrived=arrived,
        left=left,
        ends=ends,
        girl=girl,
        name=name,
        id_number=id_number,
        hukou_area=hukou_area,
        home_arrived=home_arrived[used],
        home_area=names.areas(rng, len(used)),
        standing=rng.standard_normal(len(used)),
        leaving_unreported=rng.random(len(used)) < preset.unreported_leaving,
        twin=is_twin,
        new_name=np.where(renamed < NEVER, new_name, name),
        renamed=renamed,
        guardians=raise_guardians(titles, surname, home_hukou, eldest),
    )
