"""Numbers of the registers departments keep: permits, ledgers, forms. All assumed unless a comment says.

A preset takes them whole; they stand apart from `preset` because none of them moves a severity.
"""

from collections.abc import Mapping
from dataclasses import dataclass

REGISTER_MIXES: Mapping[str, Mapping[str, float]] = {
    "permit ground": {"work": 0.62, "home": 0.26, "school": 0.12},
    "permit holder": {"guardian": 0.8, "child": 0.2},
    "out of school": {"illness": 0.14, "weary": 0.42, "hardship": 0.08, "moved": 0.22, "other": 0.14},
    "urging": {"left_alone": 0.55, "schooling": 0.15, "unsafe": 0.30},
    "aid in dispute": {"support": 0.65, "custody": 0.35},
    "orphan living": {"relatives": 0.85, "foster": 0.05, "institution": 0.10},
    "rehabilitation": {
        "vision": 0.05, "hearing": 0.12, "speech": 0.10,
        "physical": 0.28, "intellectual": 0.25, "autism": 0.20,
    },
    "mind line": {"province_mind": 0.45, "youth": 0.20, "national_mind": 0.35},
    "other line": {"province_mind": 0.15, "youth": 0.75, "national_mind": 0.10},
    "help wished for": {"care": 0.34, "study": 0.30, "company": 0.14, "livelihood": 0.08, "papers": 0.14},
    "help in hardship": {"care": 0.20, "study": 0.15, "company": 0.10, "livelihood": 0.40, "papers": 0.15},
}  # fmt: skip


@dataclass(frozen=True)
class Registers:
    """Who is entered where, and how strongly severity moves it (per log-odds). Rates are a month."""

    # residence permits: who lives unsteadily holds none, and a renewal missed is a sign of the same
    permit_base: float = 0.9
    permit_by_standing: float = 0.6
    permit_wait_months: float = 8.0  # beyond the half-year the regulation asks for
    renew_base: float = 2.0
    renew_hardship: float = -0.7
    renew_pull: float = -0.35
    cancelled_on_leaving: float = 0.35
    # out of school
    absence_followed_up: float = 0.4
    never_enrolled: float = 0.012  # of children arriving at school age
    back_base: float = 1.2
    back_pull: float = -0.5
    # procuratorate and legal aid
    urging: float = 0.00015
    urging_pull: float = 0.8
    aid_in_dispute: float = 0.0006
    aid_in_dispute_pull: float = 0.3
    aid_after_violence: float = 0.15
    aid_for_injury: float = 0.00008
    aid_for_wages: float = 0.0012  # in hardship
    # a child's own management: a small part of those a clinic saw
    managed: float = 0.10
    managed_from_years: float = 10
    follow_up_missed_base: float = -1.6
    follow_up_missed_pull: float = 0.6
    # unsupported children
    orphans: float = 0.001
    unsupported_after_custody: float = 0.35  # where one parent is left at most
    unsupported_after_death: float = 0.5
    unsupported_among_apart: float = 0.02  # of households where neither parent lives
    # key-care ledger
    review_kept: float = 0.7
    level_noise: float = 0.9
    # rehabilitation is used by those who know the way to it
    rehabilitated: float = 0.45
    rehabilitation_by_standing: float = 0.4
    broken_off: float = 0.03
    broken_off_pull: float = 0.5
    # parents' social insurance: work without a contract leaves no record at all
    insured_base: float = 0.5
    insured_by_standing: float = 0.6
    stopped_in_hardship: float = 0.65
    benefit: float = 0.2
    insurance_churn: float = 0.007
    # families' own declarations: those in most need declare least and understate
    declared: float = 0.022
    declared_by_standing: float = 0.3
    declared_pull: float = -0.25
    hours_mean: float = 9.0
    understated: float = 0.55
    hours_slip: float = 0.06
    nobody_admitted: float = 0.25
    help_base: float = -3.1
    help_hardship: float = 0.9
    help_pull: float = 0.35
    help_psychological: float = 0.25
    help_unattended: float = 0.5
