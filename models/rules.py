"""The published rule set: what ranks children before any screener has been promoted. Pure.

The form is that of a registered public data product (浙爱童, Chun'an): each rule turns one fact yellow or
red, reds count before yellows. The thresholds it publishes are kept where we hold the same fact; the rest
are ours and say so. What is not known lights no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from features.catalogue.family import FamilyFeatures
from features.catalogue.guardians import GuardianFeatures
from features.catalogue.health import HealthFeatures
from features.catalogue.school import SchoolFeatures
from features.language import DeclarationError, Feature, Text


@dataclass(frozen=True)
class Rule:
    """One fact and from where it counts. `basis` says whether the threshold is published or ours."""

    feature: Feature
    at_least: float
    level: Literal["yellow", "red"]
    title: Text
    basis: str

    def __post_init__(self) -> None:
        if self.feature.sensitive:
            raise DeclarationError(f"The rule {self.title.en} would use a sensitive feature.")


@dataclass(frozen=True)
class RuleFinding:
    """What the rules found in one child: how many red, how many yellow, and which."""

    reds: int
    yellows: int
    rules: tuple[Rule, ...] = ()


def _ours(feature: Feature, at_least: float, level: Literal["yellow", "red"], zh: str, en: str) -> Rule:
    return Rule(
        feature, at_least, level, Text(zh, en), "ours: the product publishes no threshold for this fact"
    )


def _published(
    feature: Feature, at_least: float, level: Literal["yellow", "red"], zh: str, en: str, where: str
) -> Rule:
    return Rule(feature, at_least, level, Text(zh, en), where)


_CHUNAN = "浙爱童 (Chun'an, registered data product)"
_HUMIAO = "浙里护苗 (province), signal named without a level"

RULES: tuple[Rule, ...] = (
    # family
    _published(
        FamilyFeatures.parents_divorced_730d,
        1,
        "yellow",
        "家庭变故：父母离婚",
        "A change in the family: divorce",
        _HUMIAO,
    ),
    _published(
        FamilyFeatures.parent_or_guardian_lost_730d,
        1,
        "red",
        "家庭变故：父母死亡或监护人变更",
        "A change in the family: a parent or guardian lost",
        _HUMIAO,
    ),
    _ours(
        FamilyFeatures.lives_without_parents_1825d, 1, "yellow", "不与父母同住", "Lives with neither parent"
    ),
    _ours(FamilyFeatures.left_unattended_365d, 1, "red", "走访见无人照料", "Found unattended at a visit"),
    _ours(FamilyFeatures.on_assistance_1825d, 1, "yellow", "家庭享受社会救助", "The family is on assistance"),
    _published(
        GuardianFeatures.guardian_largest_bill_yuan_730d,
        3000,
        "yellow",
        "监护人单次医疗费用3000元及以上",
        "A guardian's bill of 3,000 yuan or more",
        _CHUNAN,
    ),
    _published(
        GuardianFeatures.guardian_largest_bill_yuan_730d,
        5000,
        "red",
        "监护人单次医疗费用5000元及以上",
        "A guardian's bill of 5,000 yuan or more",
        _CHUNAN,
    ),
    _published(
        GuardianFeatures.family_orders_730d,
        1,
        "yellow",
        "监护人受训诫或家庭教育指导",
        "A reprimand of, or order to, the guardians",
        _CHUNAN,
    ),
    _ours(GuardianFeatures.admonitions_730d, 1, "red", "家庭暴力告诫书", "A domestic-violence admonition"),
    _ours(
        GuardianFeatures.substantiated_reports_730d,
        1,
        "red",
        "属实的照料问题报告",
        "A substantiated report about care",
    ),
    _ours(
        GuardianFeatures.conflict_reports_365d,
        1,
        "yellow",
        "家庭冲突或困难报告",
        "A report of conflict or hardship",
    ),
    _ours(
        GuardianFeatures.weak_guardianship_730d,
        1,
        "red",
        "监护评估为不足、不当或缺失",
        "Guardianship assessed as weak",
    ),
    _ours(
        GuardianFeatures.missing_found_730d,
        1,
        "red",
        "曾走失、流浪或离家出走",
        "Was missing, vagrant or away from home",
    ),
    # school
    _ours(
        SchoolFeatures.absences_unexplained_90d,
        3,
        "yellow",
        "90天内无故缺勤3天及以上",
        "3 or more days of unexplained absence in 90",
    ),
    _ours(
        SchoolFeatures.absences_unexplained_90d,
        10,
        "red",
        "90天内无故缺勤10天及以上",
        "10 or more days of unexplained absence in 90",
    ),
    _ours(
        SchoolFeatures.failed_subjects_365d,
        2,
        "yellow",
        "一学期两门及以上不合格",
        "Two or more subjects failed in a term",
    ),
    _ours(SchoolFeatures.bullied_365d, 1, "yellow", "被欺凌登记", "Reported as bullied"),
    _ours(SchoolFeatures.bullied_seriously_730d, 1, "red", "严重欺凌登记", "Reported as seriously bullied"),
    _ours(
        SchoolFeatures.counsellor_attention_730d,
        1,
        "yellow",
        "辅导员建议重点关注",
        "The counsellor asked for attention",
    ),
    _published(SchoolFeatures.school_leave_730d, 1, "yellow", "休学", "On leave from school", _HUMIAO),
    _ours(SchoolFeatures.out_of_school_730d, 1, "red", "辍学", "Dropped out of school"),
    # health
    _ours(
        HealthFeatures.short_sleep_checkups_730d,
        1,
        "yellow",
        "体检见睡眠不足",
        "A health check found too little sleep",
    ),
    _published(
        HealthFeatures.own_bills_yuan_730d,
        10000,
        "yellow",
        "儿童大额医疗费用合计1万元及以上",
        "The child's own bills of 10,000 yuan or more",
        _CHUNAN,
    ),
    _published(
        HealthFeatures.own_bills_yuan_730d,
        50000,
        "red",
        "儿童大额医疗费用合计5万元以上",
        "The child's own bills above 50,000 yuan",
        _CHUNAN,
    ),
)


def find(values: Mapping[str, float | None], rules: tuple[Rule, ...] = RULES) -> RuleFinding:
    """Apply the rules to one child's feature values; None or NaN is not known and lights nothing.

    A feature counts once, at its most pressing level.
    """
    lit: dict[str, Rule] = {}
    for rule in rules:
        value = values.get(rule.feature.name)
        if value is None or not value >= rule.at_least:
            continue
        other = lit.get(rule.feature.name)
        if other is None or (rule.level == "red" and other.level == "yellow"):
            lit[rule.feature.name] = rule
    found = tuple(sorted(lit.values(), key=lambda rule: (rule.level != "red", rules.index(rule))))
    reds = sum(rule.level == "red" for rule in found)
    return RuleFinding(reds, len(found) - reds, found)
