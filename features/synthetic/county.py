"""Writes the simulated county: what every department would deliver, and apart from it the truth."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from features.language import AtLeast, AtMost, Department, Fact, OneOf
from features.outcomes import OUTCOMES
from features.sources import SOURCES
from features.synthetic.community_records import (
    disabled_records,
    grid_records,
    housing_records,
    labour_records,
    women_youth_records,
)
from features.synthetic.deliveries import calendar, send, send_unknown_file
from features.synthetic.facts import establish
from features.synthetic.family_records import (
    civil_affairs_records,
    court_records,
    justice_records,
    police_records,
    procuratorate_records,
)
from features.synthetic.health_records import health_records, insurance_records
from features.synthetic.latents import latents
from features.synthetic.life import live
from features.synthetic.people import settle
from features.synthetic.preset import Preset
from features.synthetic.records import County, Records
from features.synthetic.school_records import school_records
from features.synthetic.timeline import Array, Timeline
from features.synthetic.truth import write_truth

Recorder = Callable[[County], list[Records]]
RECORDERS: Mapping[Department, Recorder] = {
    Department.POLICE: police_records,
    Department.EDUCATION: school_records,
    Department.HEALTH: health_records,
    Department.CIVIL_AFFAIRS: civil_affairs_records,
    Department.JUSTICE: justice_records,
    Department.INSURANCE: insurance_records,
    Department.DISABLED: disabled_records,
    Department.LABOUR: labour_records,
    Department.HOUSING: housing_records,
    Department.WOMEN_YOUTH: women_youth_records,
    Department.GRID: grid_records,
    Department.COURT: court_records,
    Department.PROCURATORATE: procuratorate_records,
}


class CountyError(ValueError):
    """A county that cannot be written; the message says why in one sentence."""


@dataclass(frozen=True)
class CountySummary:
    """What was written. All of it is simulated."""

    start: date
    until: date
    children: int
    households: int
    rows: Mapping[str, int]
    files: int
    spoiled: Mapping[str, int]
    corrected: int
    late: int
    last_delivery: date

    def __str__(self) -> str:
        return (
            f"simulated county, {self.start} to {self.until}: {self.children:,} children of"
            f" {self.households:,} households over the years; {sum(self.rows.values()):,} rows of"
            f" {len(self.rows)} sources in {self.files} files, of them {self.corrected:,} corrections,"
            f" {self.late:,} delivered late and {sum(self.spoiled.values()):,} with a mistake in them"
        )


def write_county(
    folder: Path,
    truth_folder: Path,
    preset: Preset,
    children: int,
    years: int,
    until: date,
    seed: int,
    progress: Callable[[str], None],
) -> CountySummary:
    """Write the deliveries of a simulated county; the same arguments write the same bytes.

    `children` is how many live in the county on an average day. Refuses a folder that already
    holds something, because deliveries of two counties must not mix.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise CountyError(f"A county is only written into an empty folder, and {folder.name} is not empty.")
    if children < 1 or years < 1:
        raise CountyError("A county needs at least one child and one year.")
    county = simulate(preset, children, years, until, seed)
    progress(f"{county.people.children:,} simulated children of {county.people.households:,} households")
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    spoiled: dict[str, int] = {}
    files = corrected = late = 0
    hidden: list[pd.DataFrame] = []
    facts: dict[str, list[Records]] = {outcome.name: [] for outcome in OUTCOMES}
    for department, recorder in RECORDERS.items():
        delivered = 0
        for records in recorder(replace(county, rng=_generator(seed, str(department.value)))):
            hand = replace(county, rng=_generator(seed, records.source.name))
            sent = send(folder, hand, records, number=SOURCES.index(records.source) + 1)
            rows[records.source.name] = sent.rows
            delivered += sent.rows
            hidden.append(sent.hidden)
            files, corrected, late = files + sent.files, corrected + sent.corrected, late + sent.late
            for kind, count in sent.spoiled.items():
                spoiled[kind] = spoiled.get(kind, 0) + count
            for outcome in OUTCOMES:
                facts[outcome.name] += [
                    _only(records, fact) for fact in outcome.facts if fact.source is records.source
                ]
        progress(f"{department.title.en}: {delivered:,} rows")
    send_unknown_file(folder, county.timeline)
    write_truth(truth_folder, county, facts, hidden)
    return CountySummary(
        start=county.timeline.start,
        until=until,
        children=county.people.children,
        households=county.people.households,
        rows=rows,
        files=files + 1,
        spoiled=spoiled,
        corrected=corrected,
        late=late,
        last_delivery=calendar(county.timeline, Department.POLICE)[-1],
    )


def simulate(preset: Preset, children: int, years: int, until: date, seed: int) -> County:
    """The county as it is lived, before any department writes anything down."""
    timeline = Timeline.ending(until, years)
    people = settle(_generator(seed, "people"), preset.population, timeline, children)
    life = live(_generator(seed, "life"), people, timeline, preset.population, preset.circumstances)
    drawn = latents(_generator(seed, "latents"), people, life, timeline.month_starts, preset.severity)
    established = establish(_generator(seed, "facts"), people, life, drawn, preset)
    return County(preset, timeline, people, life, established, _generator(seed, "records"))


def _generator(seed: int, name: str) -> np.random.Generator:
    """Its own stream for each part, so that a change in one leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _only(records: Records, fact: Fact) -> Records:
    """The records that establish a fact."""
    kept: Array = np.ones(len(records.child), dtype=bool)
    for condition in fact.where:
        cells = records.values[condition.column]
        if isinstance(condition, OneOf):
            kept &= np.isin(cells.astype(str), condition.values)
        elif isinstance(condition, AtLeast):
            kept &= cells >= condition.limit
        elif isinstance(condition, AtMost):
            kept &= cells <= condition.limit
    return Records(
        source=records.source,
        child=records.child[kept],
        occurred=records.occurred[kept],
        recorded=records.recorded[kept],
        values={},
    )
