"""What records imply of the 20 services: one declaration each, and a reason where records cannot tell.

A rule says by which records a service is implied and by which it would be seen to be given. It finds
that nobody shows the service, never that the child was refused it: a person asks, helps to apply, or
notes why not. Nothing is computed here but the worked examples' meaning (`judged`), the slow and
obvious way; `features.entitlements` is the fast one, and tests hold the two together.

    implied, shown                          → given
    implied, not shown, all sources heard   → found
    implied, not shown, a source silent     → cannot tell
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from features.language import (
    EXAMPLE_AS_OF,
    AtLeast,
    AtMost,
    DeclarationError,
    Example,
    Fact,
    OneOf,
    Source,
    Text,
    declared,
)
from features.reference import Record, example_records, satisfies, standing
from features.services import SERVICES, service
from features.sources import (
    CivilAffairs,
    Community,
    Education,
    Health,
    Justice,
    Police,
    Welfare,
    source_named,
)


class State(Enum):
    """What is known of one service for one child to whom it is implied."""

    GIVEN = "given"
    FOUND = "found"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Sign:
    """Records by which something is seen: those of `fact`, of the last `days` if given.

    With `latest` only the child's newest record of the source is looked at: a state that ended does not
    count because it once was.
    """

    fact: Fact
    days: int | None = None
    latest: bool = False

    @property
    def source(self) -> Source:
        """The source of the records."""
        return self.fact.source


@dataclass(frozen=True)
class Case:
    """A worked example: the child's age, its records by source name, who is silent, and what follows.

    `expect` is None where the service is not implied at all.
    """

    age: float
    records: Mapping[str, tuple[str, ...]]
    expect: State | None
    silent: tuple[str, ...] = ()

    def as_records(self) -> dict[str, list[Record]]:
        """The records as the reference reads them."""
        return {
            name: example_records(Example(*lines, expect=None), source_named(name))
            for name, lines in self.records.items()
        }


@dataclass(frozen=True, kw_only=True)
class Entitlement:
    """One service that records can imply: any of `implied_by` and all of `also`, for children of `ages`.

    Without either, age alone implies it. It is given where any of `shown_by` is seen, with
    `since_implied` only after the newest record that implies it. `limits` says what even then is not seen.
    """

    service: str
    implied_by: tuple[Sign, ...] = ()
    also: tuple[Sign, ...] = ()
    shown_by: tuple[Sign, ...]
    since_implied: bool = False
    ages: tuple[float, float] = (0, 16)
    finding: Text
    ask: Text
    basis: Text
    limits: Text
    examples: tuple[Case, ...]
    name: str = field(default="", compare=False)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)

    def __post_init__(self) -> None:
        service(self.service)
        if not self.shown_by:
            raise DeclarationError(f"Service {self.service}: a rule says by which records it would be seen.")
        if not {State.FOUND, State.GIVEN, State.CANNOT_TELL} <= {case.expect for case in self.examples}:
            raise DeclarationError(f"Service {self.service}: examples show found, given and cannot tell.")
        for case in self.examples:
            case.as_records()


@dataclass(frozen=True)
class NotDecidable:
    """A service of which no records can tell whether a child should have it or has it, and why."""

    service: str
    why: Text


# --- the meaning ----------------------------------------------------------------------------------


def seen(sign: Sign, records: Mapping[str, Sequence[Record]], as_of: date) -> list[Record]:
    """The records by which a sign is seen on a date, earliest first."""
    there = [each for each in standing(records.get(sign.source.name, ()), as_of) if each.occurred_on < as_of]
    if sign.latest:
        there = there[-1:]
    return [
        record
        for record in there
        if (sign.days is None or (as_of - record.occurred_on).days <= sign.days)
        and all(satisfies(record, condition) for condition in sign.fact.where)
    ]


def judged(
    rule: Entitlement,
    age: float,
    records: Mapping[str, Sequence[Record]],
    as_of: date,
    silent: Collection[str] = (),
) -> State | None:
    """What a rule says of a child with these records; None where it implies nothing."""
    if not rule.ages[0] <= age < rule.ages[1]:
        return None
    implying = [record for sign in rule.implied_by for record in seen(sign, records, as_of)]
    if (rule.implied_by and not implying) or not all(seen(sign, records, as_of) for sign in rule.also):
        return None
    since = max((record.occurred_on for record in implying), default=None) if rule.since_implied else None
    for sign in rule.shown_by:
        for record in seen(sign, records, as_of):
            if since is None or record.occurred_on > since:
                return State.GIVEN
    if any(sign.source.name in silent for sign in rule.shown_by):
        return State.CANNOT_TELL
    return State.FOUND


# --- the rules ------------------------------------------------------------------------------------

_ENROLLED = 400  # one record a school year, and a month of delay
_CODE = "浙民儿〔2024〕124号清单"


def _basis(number: int, more: str = "", more_en: str = "") -> Text:
    return Text(
        f"{_CODE}第{number}项{more and '；' + more}",
        f"Zhejiang service list no. {number}{more_en and '; ' + more_en}",
    )


class Entitlements:
    early_health = Entitlement(
        service="A01",
        shown_by=(Sign(Fact(source=Health.checkups), 365), Sign(Fact(source=Health.vaccinations, where=(OneOf("state", "on_time", "late"),)), 365)),
        ages=(0, 6),
        finding=Text("6岁以下，一年内没有体检或接种记录", "Below 6, and no health check or vaccination within a year"),
        ask=Text("告知就近的体检与接种点", "Tell the family where checks and vaccinations are near by"),
        basis=_basis(1, "疫苗管理法第四十八条", "Vaccine Administration Law, art. 48"),
        limits=Text("在外地体检、接种的看不到；托育不在数据之内", "Checks made elsewhere are not seen; nurseries are not in the data"),
        examples=(
            Case(3, {}, State.FOUND),
            Case(3, {"checkups": ("occurred | growth", "100 | normal")}, State.GIVEN),
            Case(3, {"vaccinations": ("occurred | state", "100 | missed")}, State.FOUND),
            Case(3, {}, State.CANNOT_TELL, silent=("vaccinations",)),
            Case(6, {}, None),
        ),
    )  # fmt: skip
    preschool = Entitlement(
        service="A02",
        shown_by=(Sign(Fact(source=Education.enrolments), _ENROLLED),),
        ages=(3.6, 6),
        finding=Text("学前适龄，没有在园记录", "Of preschool age, and in no kindergarten"),
        ask=Text("自愿入园；告知就近普惠园与资助", "Voluntary; tell the family of public kindergartens and subsidies"),
        basis=_basis(2),
        limits=Text("在外地入园的看不到", "Kindergartens elsewhere are not seen"),
        examples=(
            Case(5, {}, State.FOUND),
            Case(5, {"enrolments": ("occurred | stage", "200 | kindergarten")}, State.GIVEN),
            Case(5, {"enrolments": ("occurred | stage", "500 | kindergarten")}, State.FOUND),
            Case(5, {}, State.CANNOT_TELL, silent=("enrolments",)),
        ),
    )  # fmt: skip
    compulsory_school = Entitlement(
        service="B03",
        shown_by=(Sign(Fact(source=Education.enrolments), _ENROLLED),),
        ages=(7, 15),
        finding=Text("义务教育适龄，没有学籍记录", "Of compulsory school age, and on no school roll"),
        ask=Text("核实是否在校；未入学的协助就近入学", "Find out whether at school; help to enrol near by if not"),
        basis=_basis(3, "义务教育法第十一、十二条", "Compulsory Education Law, arts. 11 and 12"),
        limits=Text("学籍留在外地的看不到", "A school roll elsewhere is not seen"),
        examples=(
            Case(9, {}, State.FOUND),
            Case(9, {"enrolments": ("occurred | stage", "200 | primary")}, State.GIVEN),
            Case(9, {}, State.CANNOT_TELL, silent=("enrolments",)),
            Case(15, {}, None),
        ),
    )  # fmt: skip
    health_services = Entitlement(
        service="C06",
        shown_by=(Sign(Fact(source=Health.checkups), 730),),
        ages=(6, 16),
        finding=Text("两年内没有健康体检记录", "No health check within two years"),
        ask=Text("问学校体检是否参加；告知家庭医生签约", "Ask about the school's check; tell of the family doctor"),
        basis=_basis(6, "国家基本公共卫生服务规范", "National basic public health service norm"),
        limits=Text("家庭医生签约不在数据之内", "Contracts with family doctors are not in the data"),
        examples=(
            Case(9, {}, State.FOUND),
            Case(9, {"checkups": ("occurred | growth", "700 | -")}, State.GIVEN),
            Case(9, {}, State.CANNOT_TELL, silent=("checkups",)),
        ),
    )  # fmt: skip
    insurance = Entitlement(
        service="C07",
        shown_by=(Sign(Fact(source=Welfare.insurance, where=(OneOf("state", "insured"),)), latest=True),),
        finding=Text("没有参保，或已经断保", "Not insured, or insurance lapsed"),
        ask=Text("问是否在户籍地参保；协助参保", "Ask about insurance in the home area; help to insure"),
        basis=_basis(7),
        limits=Text("在户籍地参保的看不到", "Insurance in the home area is not seen"),
        examples=(
            Case(9, {"insurance": ("occurred | state", "400 | insured", "100 | lapsed")}, State.FOUND),
            Case(9, {"insurance": ("occurred | state", "400 | insured")}, State.GIVEN),
            Case(9, {}, State.FOUND),
            Case(9, {}, State.CANNOT_TELL, silent=("insurance",)),
        ),
    )  # fmt: skip
    disorder_management = Entitlement(
        service="C08",
        implied_by=(Sign(Fact(source=Health.visits, where=(OneOf("block", "F20-F29"),)), 730),),
        shown_by=(Sign(Fact(source=Health.child_disorder_management, where=(OneOf("event", "entered", "followed_up"),)), 730),),
        finding=Text("有严重精神障碍类目的就诊，没有健康管理记录", "Visits in the block of serious mental disorders, and no health management"),
        ask=Text("由卫健核实诊断与知情同意后决定是否纳入", "The health commission checks diagnosis and consent before anything else"),
        basis=_basis(8, "精神卫生法第五十五条", "Mental Health Law, art. 55"),
        limits=Text("类目段不是诊断；是否在家居住看不到", "A block is no diagnosis; whether the child lives at home is not seen"),
        examples=(
            Case(14, {"visits": ("occurred | block", "60 | F20-F29")}, State.FOUND),
            Case(14, {"visits": ("occurred | block", "60 | F40-F48")}, None),
            Case(14, {"visits": ("occurred | block", "60 | F20-F29"), "child_disorder_management": ("occurred | event", "30 | entered")}, State.GIVEN),
            Case(14, {"visits": ("occurred | block", "60 | F20-F29")}, State.CANNOT_TELL, silent=("child_disorder_management",)),
        ),
    )  # fmt: skip
    housing = Entitlement(
        service="D09",
        implied_by=(Sign(Fact(source=CivilAffairs.low_income, where=(OneOf("status", "minimum_living", "near_minimum", "extreme_hardship"),)), latest=True),),
        also=(Sign(Fact(source=Police.residence, where=(OneOf("dwelling", "rented", "dormitory", "worksite"),)), latest=True),),
        shown_by=(Sign(Fact(source=Welfare.housing_aid), 1095),),
        finding=Text("低收入且租住、住宿舍或工棚，没有住房保障记录", "Low income, in a rented home, dormitory or shed, and no housing aid"),
        ask=Text("问住房情况；协助申请实物配租或租赁补贴", "Ask about the home; help to apply for a dwelling or rent subsidy"),
        basis=_basis(9),
        limits=Text("是否符合本地住房条件看不到", "Whether the local conditions are met is not seen"),
        examples=(
            Case(9, {"low_income": ("occurred | status", "300 | minimum_living"), "residence": ("occurred | dwelling", "500 | rented")}, State.FOUND),
            Case(9, {"low_income": ("occurred | status", "300 | minimum_living"), "residence": ("occurred | dwelling", "500 | owned")}, None),
            Case(9, {"low_income": ("occurred | status", "300 | minimum_living", "100 | ended"), "residence": ("occurred | dwelling", "500 | rented")}, None),
            Case(9, {"low_income": ("occurred | status", "300 | near_minimum"), "residence": ("occurred | dwelling", "500 | rented"), "housing_aid": ("occurred | kind", "50 | rent_subsidy")}, State.GIVEN),
            Case(9, {"low_income": ("occurred | status", "300 | minimum_living"), "residence": ("occurred | dwelling", "500 | worksite")}, State.CANNOT_TELL, silent=("housing_aid",)),
        ),
    )  # fmt: skip
    basic_living = Entitlement(
        service="E10",
        implied_by=(Sign(Fact(source=CivilAffairs.guardianship_measures, where=(OneOf("kind", "long_term"),)), 1825),),
        shown_by=(Sign(Fact(source=CivilAffairs.unsupported_children, where=(OneOf("status", "orphan", "unsupported"),)), latest=True),),
        finding=Text("民政长期监护，没有孤儿或事实无人抚养认定", "In long-term guardianship, and not recognised as orphan or unsupported"),
        ask=Text("核实是否符合认定条件，协助申请（省内通办、跨省通办）", "See whether the conditions are met; help to apply"),
        basis=_basis(10, "未成年人保护法第九十四条", "Law on the Protection of Minors, art. 94"),
        limits=Text("父母双方失联、服刑等其他情形不在规则之内", "Parents both missing or in prison are not in the rule"),
        examples=(
            Case(9, {"guardianship_measures": ("occurred | kind", "200 | long_term")}, State.FOUND),
            Case(9, {"guardianship_measures": ("occurred | kind", "200 | temporary")}, None),
            Case(9, {"guardianship_measures": ("occurred | kind", "200 | long_term"), "unsupported_children": ("occurred | status", "150 | unsupported")}, State.GIVEN),
            Case(9, {"guardianship_measures": ("occurred | kind", "200 | long_term")}, State.CANNOT_TELL, silent=("unsupported_children",)),
        ),
    )  # fmt: skip
    rehabilitation = Entitlement(
        service="E11",
        implied_by=(Sign(Fact(source=Welfare.disability_cards, where=(OneOf("who", "child"), AtMost("level", 2)))),),
        shown_by=(Sign(Fact(source=Welfare.rehabilitation, where=(OneOf("event", "applied", "served"),)), 730),),
        finding=Text("儿童持一、二级残疾人证，没有康复救助记录", "A disability card of level 1 or 2, and no rehabilitation"),
        ask=Text("问康复需要与两项补贴；协助申请、接受本地康复申请", "Ask about rehabilitation and both subsidies; help to apply, accept claims here"),
        basis=_basis(11, "残疾人保障法第十五条", "Law on Disabled Persons, art. 15"),
        limits=Text("两项补贴在户籍地发放，不在数据之内", "The two subsidies are paid in the home area and are not in the data"),
        examples=(
            Case(9, {"disability_cards": ("occurred | who | level", "900 | child | 2")}, State.FOUND),
            Case(9, {"disability_cards": ("occurred | who | level", "900 | guardian | 1")}, None),
            Case(9, {"disability_cards": ("occurred | who | level", "900 | child | 3")}, None),
            Case(9, {"disability_cards": ("occurred | who | level", "900 | child | 1"), "rehabilitation": ("occurred | kind | event", "90 | hearing | served")}, State.GIVEN),
            Case(9, {"disability_cards": ("occurred | who | level", "900 | child | 1"), "rehabilitation": ("occurred | kind | event", "90 | hearing | broken_off")}, State.FOUND),
            Case(9, {"disability_cards": ("occurred | who | level", "900 | child | 2")}, State.CANNOT_TELL, silent=("rehabilitation",)),
        ),
    )  # fmt: skip
    disabled_schooling = Entitlement(
        service="E12",
        implied_by=(Sign(Fact(source=Welfare.disability_cards, where=(OneOf("who", "child"),))),),
        shown_by=(Sign(Fact(source=Education.enrolments), _ENROLLED),),
        ages=(6.7, 16),
        finding=Text("残疾儿童适龄，没有学籍记录", "A child with a disability, of school age, on no school roll"),
        ask=Text("与教育、残联商定随班就读、特教学校或送教上门", "Settle school, special school or teaching at home with education and federation"),
        basis=_basis(12, "残疾人教育条例第十二条", "Regulation on the education of disabled persons, art. 12"),
        limits=Text("送教上门不在数据之内", "Teaching at home is not in the data"),
        examples=(
            Case(9, {"disability_cards": ("occurred | who", "900 | child")}, State.FOUND),
            Case(9, {"disability_cards": ("occurred | who", "900 | child"), "enrolments": ("occurred | stage", "100 | primary")}, State.GIVEN),
            Case(9, {"disability_cards": ("occurred | who", "900 | child")}, State.CANNOT_TELL, silent=("enrolments",)),
        ),
    )  # fmt: skip
    minimum_living = Entitlement(
        service="E13",
        implied_by=(Sign(Fact(source=Welfare.parent_employment, where=(OneOf("state", "none_works"),)), 730, latest=True),),
        shown_by=(Sign(Fact(source=CivilAffairs.low_income, where=(OneOf("status", "minimum_living", "near_minimum", "extreme_hardship"),)), latest=True),),
        finding=Text("父母均无稳定就业，没有社会救助身份", "Neither parent has stable work, and no social assistance"),
        ask=Text("问家庭收入；符合条件的协助向户籍地申请", "Ask about the income; help to apply in the home area if it qualifies"),
        basis=_basis(13, "社会救助暂行办法第九条", "Interim measures on social assistance, art. 9"),
        limits=Text("收入与财产不在数据之内；户籍地的低保看不到", "Income and property are not in the data; aid in the home area is not seen"),
        examples=(
            Case(9, {"parent_employment": ("occurred | state", "100 | none_works")}, State.FOUND),
            Case(9, {"parent_employment": ("occurred | state", "300 | none_works", "100 | one_works")}, None),
            Case(9, {"parent_employment": ("occurred | state", "100 | none_works"), "low_income": ("occurred | status", "90 | near_minimum")}, State.GIVEN),
            Case(9, {"parent_employment": ("occurred | state", "100 | none_works")}, State.CANNOT_TELL, silent=("low_income",)),
        ),
    )  # fmt: skip
    temporary_aid = Entitlement(
        service="E15",
        implied_by=(Sign(Fact(source=Welfare.large_bills, where=(AtLeast("amount_yuan", 10_000),)), 365),),
        shown_by=(Sign(Fact(source=CivilAffairs.temporary_aid), 365),),
        since_implied=True,
        finding=Text("一年内个人负担万元以上医疗费，之后没有临时救助", "A medical bill of 10,000 yuan or more within a year, and no aid since"),
        ask=Text("问家庭是否因此困难；符合条件的协助申请", "Ask whether the family is in need for it; help to apply"),
        basis=_basis(15, "社会救助暂行办法第四十七条", "Interim measures on social assistance, art. 47"),
        limits=Text("家庭收入不在数据之内", "The income is not in the data"),
        examples=(
            Case(9, {"large_bills": ("occurred | who | amount_yuan", "100 | child | 20000")}, State.FOUND),
            Case(9, {"large_bills": ("occurred | who | amount_yuan", "100 | child | 4000")}, None),
            Case(9, {"large_bills": ("occurred | who | amount_yuan", "100 | child | 20000"), "temporary_aid": ("occurred | amount_yuan", "60 | 3000")}, State.GIVEN),
            Case(9, {"large_bills": ("occurred | who | amount_yuan", "100 | child | 20000"), "temporary_aid": ("occurred | amount_yuan", "160 | 3000")}, State.FOUND),
            Case(9, {"large_bills": ("occurred | who | amount_yuan", "100 | child | 20000")}, State.CANNOT_TELL, silent=("temporary_aid",)),
        ),
    )  # fmt: skip
    guardianship_support = Entitlement(
        service="F16",
        implied_by=(
            Sign(Fact(source=Police.admonitions), 365),
            Sign(Fact(source=Justice.family_orders), 365),
            Sign(Fact(source=Community.grid_reports, where=(OneOf("kind", "unattended", "neglect", "abuse"), OneOf("verified", "substantiated"))), 365),
        ),
        shown_by=(Sign(Fact(source=CivilAffairs.guardianship_assessments), 365), Sign(Fact(source=CivilAffairs.guardianship_measures), 365)),
        since_implied=True,
        finding=Text("一年内有告诫书、指导令或核实的监护报告，之后没有监护评估或措施", "An admonition, order or verified report within a year, and no assessment or measure since"),
        ask=Text("组织家庭监护能力评估，衔接家庭教育指导", "Have guardianship assessed, and offer family education"),
        basis=_basis(16, "未成年人保护法第四十三条；浙江省未成年人家庭监护能力评估办法（试行）", "Law on the Protection of Minors, art. 43; Zhejiang trial measures on guardianship assessment"),
        limits=Text("没有登记的指导与帮扶看不到", "Guidance that nobody noted is not seen"),
        examples=(
            Case(9, {"admonitions": ("occurred | victim", "100 | child")}, State.FOUND),
            Case(9, {"grid_reports": ("occurred | kind | verified", "100 | neglect | open")}, None),
            Case(9, {"admonitions": ("occurred | victim", "100 | child"), "guardianship_assessments": ("occurred | conclusion", "60 | adequate")}, State.GIVEN),
            Case(9, {"admonitions": ("occurred | victim", "100 | child"), "guardianship_assessments": ("occurred | conclusion", "160 | adequate")}, State.FOUND),
            Case(9, {"admonitions": ("occurred | victim", "100 | child")}, State.CANNOT_TELL, silent=("guardianship_measures",)),
        ),
    )  # fmt: skip
    mental_health = Entitlement(
        service="F17",
        implied_by=(
            Sign(Fact(source=Community.hotline_calls, where=(OneOf("topic", "psychological"),)), 365),
            Sign(Fact(source=Health.visits, where=(OneOf("block", "F30-F39", "F40-F48", "F90-F98"),)), 365),
        ),
        shown_by=(
            Sign(Fact(source=Education.counsellor_visits), 365),
            Sign(Fact(source=Health.visits, where=(OneOf("block", "F30-F39", "F40-F48", "F90-F98"),)), 365),
        ),
        since_implied=True,
        finding=Text("一年内有心理热线来电或相关就诊，之后没有辅导或复诊", "A call to a psychological line or such a visit within a year, and nothing since"),
        ask=Text("自愿为先；问是否需要辅导，告知热线与门诊", "Voluntary; ask whether support is wanted, name hotline and clinic"),
        basis=_basis(17, "精神卫生法第四条、第十六条", "Mental Health Law, arts. 4 and 16"),
        limits=Text("校外的心理服务看不到", "Services outside school and hospital are not seen"),
        examples=(
            Case(13, {"hotline_calls": ("occurred | topic", "100 | psychological")}, State.FOUND),
            Case(13, {"hotline_calls": ("occurred | topic", "100 | study")}, None),
            Case(13, {"hotline_calls": ("occurred | topic", "100 | psychological"), "counsellor_visits": ("occurred | level", "60 | routine")}, State.GIVEN),
            Case(13, {"visits": ("occurred | block", "100 | F40-F48")}, State.FOUND),
            Case(13, {"hotline_calls": ("occurred | topic", "100 | psychological")}, State.CANNOT_TELL, silent=("counsellor_visits",)),
        ),
    )  # fmt: skip


class CannotTell:
    senior_high = NotDecidable("B04", Text("资助与减免不由任何来源表提供；是否愿意就读也不该由记录推断", "No source delivers grants or waivers; and whether a young person wants to go is not for records to infer"))  # fmt: skip
    vocational = NotDecidable("B05", Text("学籍中普高与中职同为一个学段，助学金不由任何来源表提供", "The school roll does not tell senior high from vocational schools, and no source delivers grants"))  # fmt: skip
    extreme_hardship = NotDecidable("E14", Text("特困以户籍地规则与家计调查认定，两者都不在数据之内", "Decided by the home area's rules and a means test, neither of which is in the data"))  # fmt: skip
    culture = NotDecidable("F18", Text("活动不逐人登记，也不应逐人登记", "Activities are not noted by child, nor should they be"))  # fmt: skip
    law_and_safety = NotDecidable("F19", Text("面向全体的教育，不逐人登记", "Taught to all, and not noted by child"))  # fmt: skip
    integration = NotDecidable("F20", Text("活动不逐人登记；父母就业服务的结果不由任何来源表提供", "Activities are not noted by child; no source delivers what job services led to"))  # fmt: skip


ENTITLEMENTS: tuple[Entitlement, ...] = declared(Entitlements, Entitlement)
NOT_DECIDABLE: tuple[NotDecidable, ...] = declared(CannotTell, NotDecidable)

_told = sorted([each.service for each in ENTITLEMENTS] + [each.service for each in NOT_DECIDABLE])
if _told != [each.code for each in SERVICES]:
    raise DeclarationError("Every service of the list has one rule, or one reason why records cannot tell.")

__all__ = [
    "ENTITLEMENTS",
    "EXAMPLE_AS_OF",
    "NOT_DECIDABLE",
    "Case",
    "Entitlement",
    "NotDecidable",
    "Sign",
    "State",
    "judged",
    "seen",
]
