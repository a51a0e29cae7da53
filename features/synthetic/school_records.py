"""What schools write down about the county's children."""

import numpy as np

from features.sources import Education
from features.synthetic.instrument_records import instrument_records
from features.synthetic.life import KINDERGARTEN, PRIMARY, SCHOOL_TYPES, SENIOR, STAGE_NAMES
from features.synthetic.names import COUNTY
from features.synthetic.records import County, Records, alike, join, logistic
from features.synthetic.register_records import schooling_followups
from features.synthetic.timeline import Array

MIGRANT = 2


def school_records(county: County) -> list[Records]:
    """Records of all education sources."""
    recording = _recording(county)
    return [
        _enrolments(county),
        _transfers(county),
        _absences(county, recording),
        _term_results(county),
        _counsellor_visits(county, recording),
        _bullying(county, recording),
        _family_contacts(county, recording),
        instrument_records(county),
        schooling_followups(county),
    ]


def _recording(county: County) -> Array:
    """How diligently each child's school notes things, in logs; children × months."""
    signals, life = county.preset.signals, county.life
    schools = signals.school_recording * county.rng.standard_normal(int(life.school.max()) + 1)
    under = np.where(life.school_type == MIGRANT, np.log(signals.migrant_school_recording), 0.0)
    years = (np.arange(life.age.shape[1]) - life.age.shape[1] / 2) / 12
    noted: Array = schools[life.school] + under[:, None] + signals.recording_per_year * years[None, :]
    return noted


def _school_day(days: Array) -> Array:
    """The Friday before a weekend, the day itself otherwise."""
    weekday = (days.astype(int) + 3) % 7
    moved: Array = days - np.maximum(weekday - 4, 0)
    return moved


def _enrolments(county: County) -> Records:
    life, people, rng, habits = county.life, county.people, county.rng, county.preset.habits
    september = county.timeline.months.astype(int) % 12 == 8
    arriving = np.zeros(life.present.shape, dtype=bool)
    arriving[:, 1:] = life.present[:, 1:] & ~life.present[:, :-1]
    arriving[:, :-1] |= life.transfers[:, :-1] & (life.stage[:, :-1] == life.stage[:, 1:])
    # The enrolment that stood on the first day of the records counts as stock.
    enrolled = life.present & (life.stage >= KINDERGARTEN) & (september[None, :] | arriving)
    child, month = np.nonzero(enrolled)
    day = np.where(
        september[month],
        county.timeline.month_starts[month] + rng.integers(0, 4, len(child)),
        county.day_within(child, month),
    )
    day = np.minimum(
        np.maximum(day, people.arrived[child]), np.maximum(people.ends[child] - 1, people.arrived[child])
    )
    missing = np.array(habits.enrolment_missing)[(life.school_type[child] == MIGRANT).astype(int)]
    known = rng.random(len(child)) >= missing
    latest = day >= county.start - np.timedelta64(31, "D")
    kept = known & latest
    child, month, day = child[kept], month[kept], day[kept]
    boarding = np.where(life.boarding[child, month], "yes", "no").astype(object)
    return county.note_stock(
        Education.enrolments, child, day,
        stage=np.array(STAGE_NAMES, dtype=object)[life.stage[child, month]],
        grade=life.grade[child, month].astype(float),
        school_type=np.array(SCHOOL_TYPES, dtype=object)[life.school_type[child]],
        boarding=county.blanked(boarding, county.preset.paperwork.blank_optional),
        school_code=np.array([f"{COUNTY}{code:04d}" for code in life.school[child, month]], dtype=object),
    )  # fmt: skip


def _transfers(county: County) -> Records:
    life, signals, habits, rng = county.life, county.preset.signals, county.preset.habits, county.rng
    at_school = life.stage >= PRIMARY
    child, month = np.nonzero(life.transfers & life.present)
    moved = (child, month, county.day_within(child, month), alike("in", len(child)))
    leaving = life.present[:, :-1] & ~life.present[:, 1:] & at_school[:, :-1] & (life.age[:, :-1] < 16.0)
    child, month = np.nonzero(leaving)
    reported = rng.random(len(child)) < habits.leaving_reported
    child, month = child[reported], month[reported]
    gone = (child, month, county.day_within(child, month), alike("out", len(child)))
    sick = county.happen(
        at_school * signals.sick_leave * np.exp(signals.sick_leave_pull * county.psychological)
    )
    sick_leave = (*sick, alike("sick_leave", len(sick[0])))
    rate = (
        at_school
        * signals.dropout
        * np.exp(signals.dropout_pull * county.guardianship + 0.3 * county.psychological)
    )
    other = county.happen(rate)
    late_stage = life.stage[other[0], other[1]] == SENIOR
    kinds = np.where(late_stage & (rng.random(len(other[0])) < 0.5), "dropout", "other_leave").astype(object)
    child, _, day, kind = join(moved, gone, sick_leave, (*other, kinds))
    returning = (kind == "sick_leave") | (kind == "other_leave")
    back = day[returning] + rng.integers(60, 200, int(returning.sum()))
    still_here = back < county.people.ends[child[returning]]
    child = np.concatenate([child, child[returning][still_here]])
    day = np.concatenate([day, back[still_here]])
    kind = np.concatenate([kind, np.full(int(still_here.sum()), "return", dtype=object)])
    return county.note(Education.transfers, child, _school_day(day), kind=kind)


def _absences(county: County, recording: Array) -> Records:
    life, signals, habits, rng = county.life, county.preset.signals, county.preset.habits, county.rng
    psych, guard = county.psychological, county.guardianship
    habit = signals.absence_habit * rng.standard_normal(county.people.children)[:, None]
    in_term = (life.in_term[None, :] & (life.stage >= KINDERGARTEN)) * np.exp(recording + habit)
    young = np.where(life.stage == KINDERGARTEN, habits.kindergarten_sickness, 1.0)
    long = county.established.severity.covariates["long_absence"]
    parts = []
    for word, rate in (
        ("sick", young * signals.sick * np.exp(signals.sick_pull * psych)),
        ("personal", signals.personal * np.exp(signals.personal_pull * guard)),
        (
            "unexplained",
            signals.unexplained
            * np.exp(signals.unexplained_psychological * psych + signals.unexplained_guardianship * guard)
            + habits.long_absence_days * long,
        ),
    ):
        child, month, day = county.happen(in_term * rate)
        parts.append((child, month, day, alike(word, len(child))))
    child, _, day, kind = join(*parts)
    sessions = np.where(
        rng.random(len(child)) < habits.whole_day,
        rng.integers(5, 8, len(child)),
        rng.integers(1, 5, len(child)),
    )
    return county.note(
        Education.absences,
        child,
        _school_day(day),
        kind=kind,
        sessions=county.blanked(sessions.astype(float), county.preset.paperwork.blank_optional),
    )


def _term_results(county: County) -> Records:
    life, signals, habits, rng = county.life, county.preset.signals, county.preset.habits, county.rng
    calendar = county.timeline.months.astype(int) % 12
    assessed = life.present & (life.stage >= PRIMARY) & np.isin(calendar, (0, 5))[None, :]
    child, month = np.nonzero(assessed)
    day = county.timeline.month_starts[month] + 20 + rng.integers(0, 8, len(child))
    here = (day >= county.people.arrived[child]) & (day < county.people.ends[child])
    child, month, day = child[here], month[here], day[here]
    pull = signals.grades_pull * county.psychological[child, month] + 0.08 * county.guardianship[child, month]
    standing = (life.ability[child] - pull + habits.grades_noise * rng.standard_normal(len(child))) / 1.2
    percentile = np.round(100 * logistic(1.7 * standing), 1)
    failed = rng.poisson(np.clip((25 - percentile) / 12, 0.01, 3.0))
    skipped = np.array(habits.results_missing)[(life.school_type[child] == MIGRANT).astype(int)]
    percentile = np.where(rng.random(len(child)) < skipped, np.nan, percentile)
    return county.note(
        Education.term_results,
        child,
        day,
        percentile=percentile,
        failed_subjects=np.minimum(failed, 8).astype(float),
    )


def _counsellor_visits(county: County, recording: Array) -> Records:
    life, facts, signals = county.life, county.preset.facts, county.preset.signals
    psych = county.psychological
    seen = (life.stage >= PRIMARY) * np.exp(recording)
    parts = []
    for word, rate in (
        ("routine", signals.routine * np.exp(signals.routine_pull * psych)),
        ("attention", signals.attention * np.exp(signals.attention_pull * psych)),
    ):
        child, month, day = county.happen(seen * rate)
        parts.append((child, month, day, alike(word, len(child))))
    child, month = county.established.facts["crisis"]
    parts.append((child, month, county.day_within(child, month), alike("crisis", len(child))))
    child, _, day, level = join(*parts)
    chance = np.where(
        level == "crisis",
        facts.safety_share,
        np.where(level == "attention", county.preset.habits.safety_at_attention, 0.0),
    )
    asked = level != "routine"
    safety = np.where(asked, county.flags(chance), "")
    return county.note(Education.counsellor_visits, child, _school_day(day), level=level, safety_item=safety)


def _bullying(county: County, recording: Array) -> Records:
    life, signals, rng = county.life, county.preset.signals, county.rng
    child, month = np.nonzero(life.bullied & life.present)
    noted = rng.random(len(child)) < np.minimum(
        signals.bullied_reported * np.exp(recording[child, month]), 0.9
    )
    child, month = child[noted], month[noted]
    severity = county.mix("bullying", len(child))
    return county.note(
        Education.bullying_reports, child, _school_day(county.day_within(child, month)), severity=severity
    )


def _family_contacts(county: County, recording: Array) -> Records:
    life, signals, habits = county.life, county.preset.signals, county.preset.habits
    calendar = county.timeline.months.astype(int) % 12
    at_school = life.stage >= KINDERGARTEN
    meeting = (at_school & np.isin(calendar, (3, 10))[None, :]) * habits.meeting_held
    meeting = meeting * np.minimum(np.exp(recording), 1.0)
    parts = []
    for word, rate in (
        ("meeting", meeting),
        ("home_visit", at_school * habits.home_visit * np.exp(recording)),
        (
            "call",
            at_school * life.in_term[None, :] * habits.call * np.exp(recording + 0.15 * county.psychological),
        ),
    ):
        child, month, day = county.happen(rate)
        parts.append((child, month, day, alike(word, len(child))))
    child, month, day, kind = join(*parts)
    odds = signals.took_part_base - signals.took_part_pull * county.guardianship[child, month]
    odds = (
        odds
        + habits.took_part_at_night_work * life.night_shift[child, month]
        + np.where(kind == "call", 0.5, 0.0)
    )
    return county.note(
        Education.family_contacts, child, _school_day(day), kind=kind, took_part=county.flags(logistic(odds))
    )
