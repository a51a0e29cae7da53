"""What every feature owes to the law and to children, listed feature by feature. Pure.

A feature that asks for a forbidden input or rests on a known proxy refuses to be declared
(`features.language`). Here the whole list is checked again as it stands, and written down for those who
must answer for it: which department says so on what legal basis, when it is forgotten, and what it
leans towards although it does not ask for it. A leaning is no reason for refusal; it is what the
fairness audit looks at, and what a person should have in mind who reads the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.catalogue import FEATURES
from features.language import DeclarationError, Department, Feature, Source, Text
from features.sources import CivilAffairs, Community, Education, Health, Instruments, Justice, Police, Welfare

# Nothing is held against a family for longer, except a date that is no event: of birth, of arrival.
LONGEST_MEMORY_DAYS = 1825


class ConstitutionError(DeclarationError):
    """A feature that may not be computed; the message says which and why."""


@dataclass(frozen=True)
class Leaning:
    """What features of these sources lean towards, and why they may stay.

    With `columns` only features that read one of them are meant.
    """

    title: Text
    sources: tuple[Source, ...]
    why: Text
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.columns:
            if not any(name in [column.name for column in source.columns] for source in self.sources):
                raise DeclarationError(f"The leaning {self.title.en} names no column {name} of its sources.")

    def of(self, feature: Feature) -> bool:
        """Whether this feature leans so."""
        if feature.source not in self.sources:
            return False
        return not self.columns or bool(set(self.columns) & set(feature.columns_used))


LEANINGS: tuple[Leaning, ...] = (
    Leaning(
        Text("流动经历", "Having moved"),
        (Police.residence, Police.residence_permits, Education.transfers),
        Text(
            "服务对象都曾流动，只问新近与频繁；到来年数方向不限",
            "everybody in scope has moved: it asks how lately and how often; years here have no direction",
        ),
    ),
    Leaning(
        Text("家庭形态", "Form of the family"),
        (Police.household_changes, Justice.custody_cases, Justice.legal_aid, Police.residence),
        Text(
            "单亲、再婚不是过错；只记两年内的变故或谁在照料",
            "one parent or a second marriage is no fault; it tells a loss of two years or who gives care",
        ),
        ("kind", "matter", "living_with"),
    ),
    Leaning(
        Text("贫困", "Poverty"),
        (
            CivilAffairs.low_income, CivilAffairs.temporary_aid, Welfare.housing_aid,
            Welfare.parent_employment, Welfare.parent_insurance, Welfare.large_bills,
            CivilAffairs.unsupported_children,
        ),
        Text(
            "领取救助不应成为风险；仅在有研究依据时定方向，并须比较各组的提示率",
            "taking help must not become risk: a direction is set only where a study supports it, and the"
            " audit compares groups",
        ),
    ),
    Leaning(
        Text("残疾与疾病", "Disability and illness"),
        (
            Welfare.disability_cards, Welfare.rehabilitation, Health.guardian_illness, Health.visits,
            Health.child_disorder_management,
        ),
        Text(
            "说明所需照料，不说明照料好坏；保密者从不作为原因显示",
            "it tells how much care is needed, not how good the care is; what is confidential is never shown",
        ),
    ),
    Leaning(
        Text("被看见的多少", "Being watched"),
        (
            CivilAffairs.care_visits, CivilAffairs.guardianship_assessments, Community.grid_reports,
            Community.hotline_calls, Education.counsellor_visits, CivilAffairs.key_care_ledger,
            Justice.guardianship_urgings, Education.schooling_followups,
        ),
        Text(
            "谁常被走访，谁的记录就多；用占比而不只用次数，抽查估计漏掉的儿童",
            "who is visited more is recorded more: shares stand beside counts, and random checks estimate"
            " whom nobody looked at",
        ),
    ),
    Leaning(
        Text("学校记录习惯", "A school's diligence"),
        (
            Education.absences, Education.bullying_reports, Education.family_contacts,
            Education.counsellor_visits, Education.term_results, Instruments.instrument_results,
        ),
        Text(
            "记得勤的学校显得问题多；学校与学校类型本身不作特征，并按学校类型比较",
            "a school that writes more seems worse: school and type of school are no features, and the audit"
            " compares by type",
        ),
    ),
    Leaning(
        Text("愿意开口的多少", "Who speaks up"),
        (Community.self_declarations,),
        Text(
            "最需要的家庭往往最少申报；没有申报按不知处理，申报绝不因此吃亏",
            "those in most need declare least: not having declared is not known, and nobody fares worse"
            " for it",
        ),
    ),
    Leaning(
        Text("户籍所在地", "Place of registration"),
        (Welfare.insurance, Health.vaccinations, Health.checkups, Education.enrolments),
        Text(
            "在老家参保、接种、体检或就读的，本地看不见；空缺不等于没有，不知即不知",
            "what was done back home is not seen here: a gap is no omission, and not known stays not known",
        ),
    ),
    Leaning(
        Text("监护人的行为", "A guardian's conduct"),
        (Police.guardian_custody, Police.admonitions, Justice.family_orders, Justice.guardianship_urgings),
        Text(
            "只涉及监护人，绝不涉及儿童本人；到期即忘",
            "it concerns the guardian and never the child, and is forgotten in time",
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Article:
    """One feature before the constitution. `forgotten_after_days` is None for a date that does not lapse."""

    feature: Feature
    department: Department
    legal_basis: Text
    forgotten_after_days: int | None
    leanings: tuple[Leaning, ...]


def constitution(features: Sequence[Feature] = FEATURES) -> tuple[Article, ...]:
    """An article for each feature, in their order; ConstitutionError for one that must not be there."""
    return tuple(_article(feature) for feature in features)


def _article(feature: Feature) -> Article:
    try:
        feature.check()
    except DeclarationError as error:
        raise ConstitutionError(str(error)) from None
    window = feature.form.window
    if window is not None and window.days > LONGEST_MEMORY_DAYS:
        raise ConstitutionError(
            f"Feature {feature.name} would be forgotten after {window.days} days;"
            f" {LONGEST_MEMORY_DAYS} are allowed."
        )
    return Article(
        feature=feature,
        department=feature.source.department,
        legal_basis=feature.source.legal_basis,
        forgotten_after_days=None if window is None else window.days,
        leanings=tuple(leaning for leaning in LEANINGS if leaning.of(feature)),
    )
