"""Every number the simulated county is made from, each with where it comes from.

"S71" and the like are the published studies the comment names in words; "assumed" marks a figure
for which none was found. A preset proves software, never validity: no rate here says how real
children fare, and everything made from it must say "simulated".
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


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
    without_id_number: float = 0.005  # new-borns, unregistered and foreign children: assumed
    moves_per_year: float = 0.10  # within the county: assumed
    girls: float = 0.46  # boys are more numerous among migrant children: census order of size


@dataclass(frozen=True)
class Circumstances:
    """How common each circumstance is: shares on a day, or chances a year."""

    divorced_share: float = 0.06  # with the yearly chance below 8 to 9 %: 8.35 % of rural junior pupils
    divorced_per_year: float = 0.011
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
    household_spread: tuple[float, float] = (0.40, 1.02)
    drift_spread: tuple[float, float] = (0.68, 0.33)  # slowly varying: child, household
    drift_half_year: float = 0.65  # autocorrelation after six months: assumed
    shared: float = 0.56  # correlation of the parts; 0.3 to 0.4 of the whole severities
    age_psychological: tuple[float, ...] = (-0.9, -0.25, 0.0)  # below 3, 3 to 5, from 6: assumed
    positive_cut: float = 2.28  # SDQ-abnormal 12 % in base, 21 % (Guangzhou) in high, 9 % in low
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
    grid: float = -7.05  # substantiated report of being unattended, neglected or abused
    assessment: float = -7.55  # an assessment at improper or absent
    measure: float = -9.9  # temporary or long-term guardianship
    admonition: float = -8.0  # per household
    order: float = -8.3  # reprimand or order, per household
    sibling_included: float = 0.75  # a household's fact is noted for each child with this chance
    village_spread: float = 0.35  # grid workers differ
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
    care_items_pull: float = 1.05
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
    blank_optional: float = 0.03  # optional cells nobody filled in


@dataclass(frozen=True)
class Preset:
    """One county's numbers. Presets differ in how common severity is, in nothing else."""

    name: str
    population: Population = field(default_factory=Population)
    circumstances: Circumstances = field(default_factory=Circumstances)
    severity: Severity = field(default_factory=Severity)
    facts: Facts = field(default_factory=Facts)
    signals: Signals = field(default_factory=Signals)
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
