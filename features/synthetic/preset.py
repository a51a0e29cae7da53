"""Every number the simulated county is made from, each with where it comes from.

A comment names the study or document in words; "assumed" marks a figure for which none was found.
Mixes and shapes that only fill a record's cells stand in `Habits`. A preset proves software, never
validity: no rate here says how real children fare, and everything made from it must say "simulated".
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from features.synthetic.register_preset import REGISTER_MIXES, Registers


@dataclass(frozen=True)
class Population:
    """Who lives in the county and for how long."""

    household_sizes: tuple[float, ...] = (0.46, 0.42, 0.12)  # one, two, three children: assumed
    leave_per_year: float = 0.07  # households moving on: assumed, stays of a good ten years
    short_stay_share: float = 0.15  # leave within two years: assumed
    joined_later_share: float = 0.15  # children sent for after their parents settled: assumed
    hukou_outside: float = 0.85  # other counties: brief of the demonstration county
    hukou_same_city: float = 0.08  # other districts of the same city
    unreported_leaving: float = 0.08  # never signed off at the police: assumed
    twins: float = 0.02  # of second children born with the first: about one birth in ninety is of twins
    renamed: float = 0.015  # children given another name while they are here: assumed
    without_id_number: float = 0.005  # new-borns, unregistered and foreign children: assumed
    moves_per_year: float = 0.10  # within the county: assumed
    girls: float = 0.46  # boys are more numerous among migrant children: census order of size


@dataclass(frozen=True)
class Circumstances:
    """How common each circumstance is: shares on a day, or chances a year."""

    divorced_share: float = 0.05  # with the yearly chance below 8 to 9 %: 8.35 % of rural junior pupils
    divorced_per_year: float = 0.008
    remarried_per_year: float = 0.15  # of the divorced: assumed
    parent_died_per_year: float = 0.001  # assumed
    carers: Mapping[str, float] = field(
        default_factory=lambda: {
            "both_parents": 0.76,
            "mother": 0.08,
            "father": 0.05,
            "grandparents": 0.07,
            "other_relative": 0.03,
            "others": 0.01,
        }  # assumed; a fifth of migrant children are apart from one parent at least
    )
    guardian_ill_share: float = 0.03  # 3 to 6 % parental illness
    guardian_ill_per_year: float = 0.005
    guardian_mental_share: float = 0.22  # of the ill: assumed
    hardship_share: float = 0.08  # no stable income; 3 to 5 % are recognised as poor
    hardship_on_per_year: float = 0.03
    hardship_off_per_year: float = 0.30
    hardship_recognised: float = 0.5  # the rest never apply: 3 to 5 % hold a status
    night_shift_share: float = 0.18  # both parents, assumed
    night_shift_per_year: float = 0.06
    unattended_share: float = 0.22  # 15 to 35 % of 6 to 12 after school: no study found, to be varied
    young_unattended_share: float = 0.05  # below 8 and alone: assumed
    custody_per_year: float = 0.0025  # guardian in custody or drug treatment: assumed
    disabled_share: float = 0.015  # 1 to 2 % of children
    guardian_disabled_share: float = 0.02  # assumed
    transfer_per_year: float = 0.08  # with arrivals and moves 10 to 15 % a year
    transfer_after_move: float = 0.6
    bullied_per_year: float = 0.055  # 2.89 % (Zhejiang pupils) to 8 % (county census)
    boarding_junior: float = 0.10  # assumed
    boarding_senior: float = 0.45
    short_sleeper_share: float = 0.22  # assumed
    long_screen_share: float = 0.35  # two hours or more: assumed
    uninsured_per_year: float = 0.035  # lapses of medical insurance: assumed


# ln OR per circumstance, before shrinking. Cross-sectional and same-reporter, hence shrunk.
PSYCHOLOGICAL_EFFECTS: Mapping[str, float] = {
    "parents_away": math.log(1.52),  # 111 studies of children left behind: depression
    "transferred": math.log(1.318),  # Jinghong, PHQ-9: school transfer
    "guardian_ill": math.log(1.65),  # Jinghong: father ill 1.611, mother ill 1.701
    "divorced": math.log(1.290),  # Jinghong
    "remarried": math.log(1.658),  # Jinghong
    "hardship": math.log(1.348),  # Jinghong: no stable income
    "junior": math.log(1.85),  # Jinghong: junior against primary
    "senior": math.log(2.055),  # Jinghong
    "boarding": math.log(0.814),  # Jinghong
    "adolescent_girl": math.log(1.76),  # Zhejiang, GAD-7 >= 10
    "poor_grades": math.log(1.20),  # Zhejiang
    "bullied": math.log(3.34),  # Anhui 2020; 2.77 in the meta-analysis, 6.42 in Anhui 2023
    "short_sleep": math.log(1.48),  # Anhui 2020: too little sleep
    "long_screen": math.log(1.35),  # two hours of screen or more
    "newly_arrived": math.log(1.40),  # U-shaped length of residence, Beijing: size assumed
    "long_resident": math.log(1.15),  # rises again after eight years: size assumed
    "disabled": math.log(1.50),  # no usable Chinese figure: assumed
    "long_absence": math.log(3.0),  # 10.8 in a clinic sample, cause both ways: taken much lower
}
# Log-odds, before shrinking: assumptions anchored loosely to the neglect studies.
GUARDIANSHIP_EFFECTS: Mapping[str, float] = {
    "sole_guardian": 0.9,
    "night_shift": 0.4,
    "hardship": 0.6,
    "guardian_ill": 0.6,
    "custody": 1.4,
    "disabled": 0.4,
    "young_unattended": 1.2,
    "unattended": 0.4,  # above eight: assumed
    "long_absence": 1.1,
    "uninsured": 0.4,
    "admonished": 1.5,
    "substantiated": 1.6,
}


@dataclass(frozen=True)
class Severity:
    """The two latent severities, in log-odds.

    Their spreads are assumed, so that a perfect forecaster of the simulated hazards would reach an
    AUROC of 0.80 to 0.88, and records alone far less.
    """

    psychological_effects: Mapping[str, float] = field(default_factory=lambda: PSYCHOLOGICAL_EFFECTS)
    guardianship_effects: Mapping[str, float] = field(default_factory=lambda: GUARDIANSHIP_EFFECTS)
    shrink: float = 0.7  # most odds ratios are cross-sectional: shrunk by 30 to 50 %
    psychological_mean: float = 0.0  # what tells the three presets apart
    guardianship_mean: float = 0.0
    child_spread: tuple[float, float] = (0.80, 0.35)  # psychological, guardianship
    household_spread: tuple[float, float] = (0.42, 1.10)
    drift_spread: tuple[float, float] = (0.68, 0.33)  # slowly varying: child, household
    drift_half_year: float = 0.65  # autocorrelation after six months: assumed
    psychological_per_year: float = 0.04  # the whole county's, about the middle of the span: assumed
    shared: float = 0.56  # correlation of the parts; 0.3 to 0.4 of the whole severities
    age_psychological: tuple[float, ...] = (-0.9, -0.25, 0.0)  # below 3, 3 to 5, from 6: assumed
    positive_cut: float = 2.28  # SDQ-abnormal 12 % in base, 21 % (Guangzhou) in high, 9 % in low
    visit_cuts: tuple[float, float] = (2.1, 3.1)  # from here on a visitor finds need: one in ten, in twenty
    visitor_spread: float = 0.6  # two visitors do not see the same
    rater_spread: float = 1.0  # parent and self agree at r of 0.3 to 0.4 only


@dataclass(frozen=True)
class Facts:
    """How severity becomes a dated fact. Not every severe child ever becomes one."""

    clinic: float = -6.72  # log chance a month of a clinic's finding at severity 0
    crisis: float = -6.90  # ... of a counsellor's crisis record
    seeking_spread: float = 0.35  # families differ in taking a child to a clinic
    seeking_by_standing: float = 0.25  # better-off families more: assumed
    counsellor_spread: float = 0.35  # schools differ in noticing
    counsellor_migrant: float = -0.6  # private schools for migrant children have fewer counsellors
    follow_ups: float = 0.06  # further visits a month in the year after a finding
    contact_boost: float = 0.2  # once known, seen again sooner
    safety_share: float = 0.35  # of crisis records with the safety item positive: assumed
    grid: float = -7.24  # substantiated report of being unattended, neglected or abused
    assessment: float = -7.80  # an assessment at improper or absent
    measure: float = -10.05  # temporary or long-term guardianship
    admonition: float = -8.15  # per household
    order: float = -8.4  # reprimand or order, per household
    sibling_included: float = 0.75  # a household's fact is noted for each child with this chance
    village_spread: float = 0.35  # grid workers differ
    listed: float = -6.9  # log chance a month of entering the key-care ledger at severity 0
    listed_by_guardianship: float = 0.70
    listed_by_psychological: float = 0.30
    listed_in_hardship: float = 1.2
    listed_when_disabled: float = 1.6
    listed_months: int = 18  # how long an entry keeps people looking
    watched_boost: float = 0.35  # what is looked for is found: reports and assessments of those listed
    memory_months: int = 24  # how long an admonition or report weighs on severity
    ceiling: float = 0.25  # no month is more dangerous than this


@dataclass(frozen=True)
class Signals:
    """Monthly rates of what departments see, and how strongly severity moves them (per log-odds)."""

    sick: float = 0.24
    sick_pull: float = 0.22
    personal: float = 0.10
    personal_pull: float = 0.15
    unexplained: float = 0.07
    unexplained_psychological: float = 0.60
    unexplained_guardianship: float = 0.55
    absence_habit: float = 0.38  # children differ for reasons of their own
    school_recording: float = 0.30  # schools differ in noting
    recording_per_year: float = 0.05  # and note more from year to year: rounds are not alike
    migrant_school_recording: float = 0.55  # these under-report
    grades_pull: float = 0.42
    routine: float = 0.018
    routine_pull: float = 0.70
    attention: float = 0.0055
    attention_pull: float = 0.95
    sick_leave: float = 0.0006
    sick_leave_pull: float = 0.7
    dropout: float = 0.0005
    dropout_pull: float = 0.7
    bullied_reported: float = 0.45
    took_part_base: float = 1.7
    took_part_pull: float = 1.0
    symptoms: float = 0.042  # R block: head and stomach aches without a finding
    symptoms_pull: float = 0.5
    injuries: float = 0.022
    injuries_pull: float = 0.42
    clinic_visits: float = 0.12  # everything else, falling with age
    sleep_pull: float = 0.42  # hours
    screen_pull: float = 0.40  # hours
    hotline: float = 0.0010
    hotline_pull: float = 0.85
    conflict_reports: float = 0.005
    conflict_pull: float = 0.9
    doubtful_reports: float = 0.002  # of neglect or being unattended, open or not substantiated
    care_visits: float = 0.26
    care_items_pull: float = 0.95
    care_item_blank: float = 0.18
    vaccination_pull: float = 0.6
    checkup_missed_pull: float = 0.5  # sicker families miss check-ups


@dataclass(frozen=True)
class Paperwork:
    """What departments do to records between the child and the delivery: all rates assumed."""

    lag_days: float = 5.0  # mean days from happening to being written down
    slow_share: float = 0.03  # written down weeks or months later
    slow_days: float = 70.0
    held_once: float = 0.02  # delivered a quarter late
    held_twice: float = 0.006  # two quarters late
    corrected: float = 0.025  # delivered again later with a changed value or date
    missing_cell: float = 0.0020
    unknown_code: float = 0.0020
    impossible_date: float = 0.0015
    invalid_id_number: float = 0.0020
    out_of_range: float = 0.0030  # of rows of sources with a range
    duplicated: float = 0.0015
    guardian_number: float = 0.0010  # a guardian's number where the child's should stand
    name_variant: float = 0.0030  # a homophone, two characters swapped, a blank inside
    number_left_out: float = 0.05  # hotlines, grid workers, forms filled in by hand
    blank_optional: float = 0.03  # optional cells nobody filled in


# How often each code occurs where nothing else decides it: all assumed, in whole or rounded shares.
MIXES: Mapping[str, Mapping[str, float]] = {
    "dwelling": {"owned": 0.22, "rented": 0.66, "dormitory": 0.09, "worksite": 0.03},
    "admonition victim": {"child": 0.25, "parent": 0.65, "other": 0.10},
    "missing": {"missing": 0.5, "vagrant": 0.08, "left_home": 0.42},
    "guardian in custody": {"father": 0.85, "mother": 0.10, "other": 0.05},
    "divorce case": {"divorce": 0.75, "custody": 0.25},
    "other custody case": {"custody": 0.4, "support": 0.6},
    "family order": {"reprimand": 0.4, "education_order": 0.6},
    "assistance": {"minimum_living": 0.58, "near_minimum": 0.37, "extreme_hardship": 0.05},
    "aid reason": {"accident": 0.2, "income": 0.5, "other": 0.3},
    "grave assessment": {"improper": 0.75, "absent": 0.25},
    "measure": {"temporary": 0.9, "long_term": 0.1},
    "bullying": {"minor": 0.8, "serious": 0.2},
    "setting": {"outpatient": 0.88, "emergency": 0.09, "inpatient": 0.03},
    "everyday visit": {"J00-J99": 0.62, "K00-K93": 0.16, "Z00-Z99": 0.17, "G00-G99": 0.05},
    # Below twelve mostly behaviour, from twelve mostly mood and anxiety.
    "finding below 12": {
        "F20-F29": 0.005, "F30-F39": 0.07, "F40-F48": 0.20,
        "F50-F59": 0.02, "F60-F69": 0.005, "F90-F98": 0.70,
    },
    "finding from 12": {
        "F20-F29": 0.03, "F30-F39": 0.38, "F40-F48": 0.34, "F50-F59": 0.04, "F60-F69": 0.03, "F90-F98": 0.18,
    },
    "growth": {"normal": 0.74, "thin": 0.05, "stunted": 0.04, "overweight": 0.10, "obese": 0.07},
    "conflict check": {"substantiated": 0.5, "unsubstantiated": 0.25, "open": 0.25},
    "hardship check": {"substantiated": 0.6, "unsubstantiated": 0.2, "open": 0.2},
    "doubtful check": {"unsubstantiated": 0.7, "open": 0.3},
    "doubtful report": {"unattended": 0.6, "neglect": 0.3, "abuse": 0.1},
    "substantiated report": {"unattended": 0.35, "neglect": 0.5, "abuse": 0.15},
    "steady work": {"both_work": 0.62, "one_works": 0.33, "none_works": 0.05},
    "troubled work": {"both_work": 0.15, "one_works": 0.45, "none_works": 0.40},
    "other work": {"both_work": 0.60, "one_works": 0.35, "none_works": 0.05},
    "housing aid": {"allocated": 0.3, "rent_subsidy": 0.7},
    **REGISTER_MIXES,
}  # fmt: skip


@dataclass(frozen=True)
class Habits:
    """What else departments note, how often and in what shape. Rates are a child's, a month; all assumed."""

    mixes: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: MIXES)
    # police and courts
    divorce_noted: float = 0.8
    remarriage_noted: float = 0.7
    death_noted: float = 0.95
    guardian_changed: float = 0.0006
    missing: float = 0.0002
    missing_by_guardianship: float = 0.4
    missing_by_psychological: float = 0.3
    custody_noted: float = 0.8
    divorce_in_court: float = 0.45
    other_case: float = 0.0004
    other_case_pull: float = 0.4
    # civil affairs
    aid: float = 0.0008
    aid_in_hardship: float = 0.010
    aid_in_illness: float = 0.006
    aid_mean_yuan: float = 3200
    visit_diligence: float = 0.5
    visit_concern: float = 0.15
    visit_listed: float = 0.7  # those on the ledger are visited twice as often
    present_base: float = 1.9
    present_at_night_work: float = -0.3
    alone_base: float = -6.0
    alone_when_so: float = 2.5
    old_carer_of_grandparents: float = 0.45
    night_work_seen: float = 0.75
    night_work_mistaken: float = 0.05
    talk_base: float = 1.4
    help_base: float = -5.7
    help_in_hardship: float = 0.8
    assessment: float = 0.0025
    assessment_pull: float = 0.35
    insufficient_base: float = -1.0
    insufficient_pull: float = 0.6
    # schools
    enrolment_missing: tuple[float, float] = (0.015, 0.07)  # schools at large, schools for migrant children
    leaving_reported: float = 0.8
    kindergarten_sickness: float = 1.5
    long_absence_days: float = 2.0
    whole_day: float = 0.65
    grades_noise: float = 0.45
    results_missing: tuple[float, float] = (0.03, 0.15)
    safety_at_attention: float = 0.02
    meeting_held: float = 0.8
    home_visit: float = 0.018
    call: float = 0.04
    took_part_at_night_work: float = -0.4
    # health and insurance
    frailty: float = 0.5
    visits_by_standing: float = 0.15
    developmental: float = 0.0006
    developmental_disabled: float = 0.03
    intellectual_disabled: float = 0.02
    checkup_missed_base: float = -1.8
    measured_noise: float = 0.7  # hours of sleep and screen as parents tell them
    sleep_blank: float = 0.12
    screen_blank: float = 0.15
    dose_missed_base: float = -3.6
    dose_late_base: float = -2.0
    illness_registered: float = 0.7
    bill: float = 0.0012
    bill_disabled: float = 0.006
    bill_ill: float = 0.02
    bill_by_standing: float = -0.3  # the better-off settle elsewhere: their bills are absent
    bill_mean_yuan: float = 9000
    # community and the rest
    hardship_report: float = 0.0008
    hardship_report_when_so: float = 0.012
    doubtful_when_alone: float = 0.003
    doubtful_pull: float = 0.4
    study_call: float = 0.0008
    rights_call: float = 0.0002
    session: float = 0.008
    session_pull: float = -0.25
    card_held: float = 0.85
    work_change_noted: float = 0.6
    other_work_change: float = 0.006
    housing_aid: float = 0.0008
    housing_aid_in_hardship: float = 0.006


@dataclass(frozen=True)
class Preset:
    """One county's numbers. Presets differ in how common severity is, in nothing else."""

    name: str
    population: Population = field(default_factory=Population)
    circumstances: Circumstances = field(default_factory=Circumstances)
    severity: Severity = field(default_factory=Severity)
    facts: Facts = field(default_factory=Facts)
    signals: Signals = field(default_factory=Signals)
    habits: Habits = field(default_factory=Habits)
    registers: Registers = field(default_factory=Registers)
    paperwork: Paperwork = field(default_factory=Paperwork)


BASE = Preset("base")
PRESETS: Mapping[str, Preset] = {
    "base": BASE,
    "high": replace(
        BASE,
        name="high",
        severity=replace(BASE.severity, psychological_mean=0.58, guardianship_mean=0.4),
    ),
    "low": replace(
        BASE,
        name="low",
        severity=replace(BASE.severity, psychological_mean=-0.26, guardianship_mean=-0.25),
    ),
}
