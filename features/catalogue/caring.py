"""How steady care, livelihood and help have been, and what services reached the family.

Data only. Shares and kinds say what a count cannot: a family visited often is not worse for it.
"""

from features.catalogue.families import FamilyLife
from features.language import (
    Aggregate,
    Aggregation,
    DaysSince,
    DistinctCount,
    Ever,
    Example,
    Feature,
    Latest,
    OneOf,
    Ratio,
    RiskDirection,
    Text,
    Window,
)
from features.sources import CivilAffairs, Community, Health, Police, Welfare


class CaringFeatures:
    guardian_present_share_730d = Feature(
        title=Text("近两年走访时监护人在场的占比", "Share of visits in the last two years with a guardian present"),
        family=FamilyLife.care, source=CivilAffairs.care_visits,
        form=Ratio(
            part=(OneOf("guardian_present", "yes"),),
            window=Window(730),
            where=(OneOf("guardian_present", "yes", "no"),),
        ),
        risk=RiskDirection.FALLS, unit="share", when_no_records=None, actionable=True,
        why="A sole or absent guardian is assumed at log-odds +0.9 for guardianship; a share does not grow with the number of visits, as a count of missed ones does.",
        examples=(
            Example(
                "occurred | known | guardian_present",
                "731      | 721   | yes",
                "730      | 720   | yes",
                "592      | 582   | no",
                "454      | 444   | no",
                "316      | 306   | no",
                "178      | 168   | -",
                "10       | 0     | yes",
                expect=0.25,
            ),
            Example("occurred | known | guardian_present", "731 | 721 | yes", expect=None),
        ),
    )  # fmt: skip

    unattended_share_730d = Feature(
        title=Text("近两年走访见无人照料的占比", "Share of visits in the last two years that found the child left unattended"),
        family=FamilyLife.care, source=CivilAffairs.care_visits,
        form=Ratio(
            part=(OneOf("unattended", "yes"),), window=Window(730), where=(OneOf("unattended", "yes", "no"),)
        ),
        risk=RiskDirection.RISES, unit="share", when_no_records=None, actionable=True,
        why="Being left unattended below 8 is assumed at log-odds +1.2 for guardianship; one afternoon alone differs from a habit, and where nobody looked it counts for neither.",
        examples=(
            Example(
                "occurred | known | unattended",
                "731      | 721   | yes",
                "730      | 720   | yes",
                "592      | 582   | no",
                "454      | 444   | no",
                "316      | 306   | no",
                "178      | 168   | -",
                "10       | 0     | yes",
                expect=0.25,
            ),
            Example("occurred | known | unattended", "731 | 721 | yes", expect=None),
        ),
    )  # fmt: skip

    carer_over_65_365d = Feature(
        title=Text("近一年最近走访照料人是否年逾65岁", "Whether the carer was over 65 at the latest visit in the last year"),
        family=FamilyLife.care, source=CivilAffairs.care_visits,
        form=Latest(column="carer_over_65", window=Window(365), among=("yes",)),
        risk=RiskDirection.EITHER, unit="yes_no", when_no_records=None, actionable=True,
        why="An old carer may need help themselves, and may also be the steadiest person at home; no Chinese figure tells the two apart, so the direction is left open.",
        examples=(
            Example("occurred | known | carer_over_65", "365 | 357 | yes", "8 | 0 | no", expect=1),
            Example("occurred | known | carer_over_65", "366 | 358 | yes", expect=None),
            Example(
                "occurred | known | carer_over_65",
                "273      | 265   | yes",
                "121      | 113   | no",
                "60       | 52    | -",
                expect=0,
            ),
        ),
    )  # fmt: skip

    weekly_talk_share_730d = Feature(
        title=Text("近两年走访见父母每周与儿童交流的占比", "Share of visits in the last two years that found parents talking with the child weekly"),
        family=FamilyLife.care, source=CivilAffairs.care_visits,
        form=Ratio(
            part=(OneOf("weekly_talk", "yes"),), window=Window(730), where=(OneOf("weekly_talk", "yes", "no"),)
        ),
        risk=RiskDirection.FALLS, unit="share", when_no_records=None, actionable=True,
        why="Seldom talking with the parents raises difficulties (Guangdong migrants, adjusted), and the gap after divorce vanishes where parent and child talk; several visits say more than the latest.",
        examples=(
            Example(
                "occurred | known | weekly_talk",
                "731      | 721   | yes",
                "730      | 720   | yes",
                "592      | 582   | no",
                "454      | 444   | no",
                "316      | 306   | no",
                "178      | 168   | -",
                "10       | 0     | yes",
                expect=0.25,
            ),
            Example("occurred | known | weekly_talk", "731 | 721 | yes", expect=None),
        ),
    )  # fmt: skip

    days_since_family_session_730d = Feature(
        title=Text("近两年家长最近参加家庭教育指导距今天数", "Days since a guardian last attended a family-education session, within two years"),
        family=FamilyLife.care, source=Community.family_sessions,
        form=DaysSince(window=Window(730)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, actionable=True,
        why="How long a service of the provincial list (no. 16) has not reached the family; guardians in difficulty are also sent there, so the direction is left open.",
        examples=(
            Example("occurred | known", "730 | 716", "14 | 0", expect=730),
            Example("occurred | known", "731 | 717", expect=None),
            Example("occurred | known", "486 | 472", "146 | 132", expect=146),
        ),
    )  # fmt: skip

    aid_reasons_730d = Feature(
        title=Text("近两年临时救助的原因种类数", "Kinds of reason for temporary aid in the last two years"),
        family=FamilyLife.livelihood, source=CivilAffairs.temporary_aid,
        form=DistinctCount(
            column="reason", window=Window(730), where=(OneOf("reason", "illness", "accident", "income"),)
        ),
        risk=RiskDirection.RISES, unit="kinds",
        why="No stable income goes with depressive symptoms (OR 1.348) and illness of a parent more (1.6 to 1.7, Jinghong); different blows in two years leave less to fall back on.",
        examples=(
            Example(
                "occurred | known | reason",
                "730      | 710   | illness",
                "365      | 345   | accident",
                "243      | 223   | accident",
                "182      | 162   | -",
                expect=2,
            ),
            Example(
                "occurred | known | reason",
                "731      | 711   | income",
                "547      | 527   | illness",
                "365      | 345   | illness",
                "243      | 223   | other",
                "20       | 0     | income",
                expect=1,
            ),
            Example(expect=0),
            Example("occurred | known | reason", "500 | 480 | income", "90 | 70 | illness", expect=2),
        ),
    )  # fmt: skip

    days_since_temporary_aid_730d = Feature(
        title=Text("近两年最近一次临时救助距今天数", "Days since temporary aid was last granted, within two years"),
        family=FamilyLife.livelihood, source=CivilAffairs.temporary_aid,
        form=DaysSince(window=Window(730)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, actionable=True,
        why="Recent aid marks a recent blow and that help came; older aid may be over or may have run out. The direction is left open, and what followed is worth asking.",
        examples=(
            Example("occurred | known | reason", "730 | 710 | illness", "20 | 0 | illness", expect=730),
            Example("occurred | known | reason", "731 | 711 | illness", expect=None),
            Example("occurred | known | reason", "486 | 466 | illness", "146 | 126 | other", expect=146),
        ),
    )  # fmt: skip

    assistance_ended_730d = Feature(
        title=Text("近两年社会救助身份是否退出", "Whether the family's assistance ended in the last two years"),
        family=FamilyLife.livelihood, source=CivilAffairs.low_income,
        form=Ever(window=Window(730), where=(OneOf("status", "ended"),)),
        risk=RiskDirection.EITHER, unit="yes_no", actionable=True,
        why="Assistance ends when a family is better off, and also when papers lapse; no effect size was found, so the direction is left open and a visit can ask which it was.",
        examples=(
            Example("occurred | known | status", "730 | 710 | ended", expect=1),
            Example(
                "occurred | known | status",
                "731      | 711   | ended",
                "395      | 375   | minimum_living",
                "20       | 0     | ended",
                expect=0,
            ),
            Example("occurred | known | status", "486 | 466 | ended", "146 | 126 | ended", expect=1),
        ),
    )  # fmt: skip

    unsupported_status_1825d = Feature(
        title=Text("近五年最近保障身份是否为孤儿或事实无人抚养", "Whether the child is an orphan or de facto unsupported by the latest status in the last five years"),
        family=FamilyLife.livelihood, source=CivilAffairs.unsupported_children,
        form=Latest(column="status", window=Window(1825), among=("unsupported", "orphan")),
        risk=RiskDirection.RISES, unit="yes_no",
        why="These statuses say that no parent can be counted on (a sole or absent guardian is assumed at log-odds +0.9), which a minimum allowance alone does not.",
        examples=(
            Example("occurred | known | status", "1825 | 1805 | orphan", "20 | 0 | ended", expect=1),
            Example("occurred | known | status", "1826 | 1806 | orphan", expect=0),
            Example("occurred | known | status", "1368 | 1348 | orphan", "608 | 588 | ended", expect=0),
            Example(
                "record | occurred | known | status",
                "1      | 150      | 130   | ended",
                "2      | 90       | 70    | unsupported",
                "2      | 420      | 30    | unsupported",
                expect=0,
            ),
            Example("occurred | known | status", "456 | 436 | unsupported", expect=1),
        ),
    )  # fmt: skip

    workless_share_1825d = Feature(
        title=Text("近五年就业变动中父母均无稳定就业的占比", "Share of employment changes in the last five years that left neither parent with stable work"),
        family=FamilyLife.livelihood, source=Welfare.parent_employment,
        form=Ratio(part=(OneOf("state", "none_works"),), window=Window(1825)),
        risk=RiskDirection.RISES, unit="share", when_no_records=None, actionable=True,
        why="No stable income goes with depressive symptoms (OR 1.348, 1.004 to 1.809, Jinghong); losing work again and again differs from once, which the latest state cannot tell.",
        examples=(
            Example(
                "occurred | known | state",
                "1826     | 1796  | none_works",
                "1825     | 1795  | none_works",
                "1389     | 1359  | one_works",
                "953      | 923   | both_work",
                "517      | 487   | one_works",
                "30       | 0     | none_works",
                expect=0.25,
            ),
            Example("occurred | known | state", "1826 | 1796 | none_works", expect=None),
        ),
    )  # fmt: skip

    allocated_dwelling_1825d = Feature(
        title=Text("近五年是否获实物配租", "Whether the family was allocated a dwelling in the last five years"),
        family=FamilyLife.livelihood, source=Welfare.housing_aid,
        form=Ever(window=Window(1825), where=(OneOf("kind", "allocated"),)),
        risk=RiskDirection.EITHER, unit="yes_no",
        why="An allocated dwelling steadies a family that was found poor (service no. 9 of the provincial list); no effect size was found, so the direction is left open.",
        examples=(
            Example("occurred | known | kind", "1825 | 1795 | allocated", expect=1),
            Example(
                "occurred | known | kind",
                "1826     | 1796  | allocated",
                "953      | 923   | rent_subsidy",
                "30       | 0     | allocated",
                expect=0,
            ),
            Example("occurred | known | kind", "1216 | 1186 | allocated", "365 | 335 | allocated", expect=1),
        ),
    )  # fmt: skip

    days_since_guardian_illness_1825d = Feature(
        title=Text("近五年监护人最近一次纳入重大躯体疾病管理距今天数", "Days since a guardian last came under management for serious physical illness, within five years"),
        family=FamilyLife.guardian_health, source=Health.guardian_illness,
        form=DaysSince(window=Window(1825), where=(OneOf("kind", "physical"),)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, actionable=True,
        why="A parent's illness goes with depressive symptoms (OR 1.611 and 1.701, Jinghong), but whether the first months or the long years weigh more is not known; the direction is left open.",
        examples=(
            Example(
                "occurred | known | kind",
                "1825     | 1780  | physical",
                "968      | 923   | mental",
                "45       | 0     | physical",
                expect=1825,
            ),
            Example("occurred | known | kind", "1826 | 1781 | physical", expect=None),
            Example("occurred | known | kind", "1216 | 1171 | physical", "365 | 320 | physical", expect=365),
        ),
    )  # fmt: skip

    guardian_disability_level_1825d = Feature(
        title=Text("近五年监护人残疾证所记最重等级（1级最重）", "Most severe level on a guardian's disability card in the last five years (1 is most severe)"),
        family=FamilyLife.guardian_health, source=Welfare.disability_cards,
        form=Aggregate(
            of=Aggregation.MIN, column="level", window=Window(1825), where=(OneOf("who", "guardian"),)
        ),
        risk=RiskDirection.EITHER, unit="level", when_no_records=None,
        why="How far a disability limits care; known only where a guardian holds a card, and no Chinese figure orders the levels by risk, so the direction is left open.",
        examples=(
            Example(
                "occurred | known | level | who",
                "1826     | 1796  | 1     | guardian",
                "1825     | 1795  | 2     | guardian",
                "1389     | 1359  | 4     | guardian",
                "953      | 923   | 1     | child",
                "517      | 487   | -     | guardian",
                "30       | 0     | 1     | guardian",
                expect=2,
            ),
            Example(expect=None),
        ),
    )  # fmt: skip

    guardian_bills_yuan_365d = Feature(
        title=Text("近一年监护人大额医疗费用合计（元）", "Guardians' large medical bills in the last year (yuan)"),
        family=FamilyLife.guardian_health, source=Welfare.large_bills,
        form=Aggregate(
            of=Aggregation.SUM, column="amount_yuan", window=Window(365), where=(OneOf("who", "guardian"),)
        ),
        risk=RiskDirection.RISES, unit="yuan", actionable=True,
        why="A parent's illness goes with depressive symptoms (OR 1.611 and 1.701, Jinghong), hardship with neglect; many bills can weigh more than one large one.",
        examples=(
            Example(
                "occurred | known | amount_yuan | who",
                "366      | 336   | 90000       | guardian",
                "365      | 335   | 4000        | guardian",
                "294      | 264   | 6500.5      | guardian",
                "223      | 193   | 40000       | child",
                "152      | 122   | -           | guardian",
                "30       | 0     | 8000        | guardian",
                expect=10500.5,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    grid_report_kinds_730d = Feature(
        title=Text("近两年未被否定的网格报告种类数", "Kinds of grid report not ruled out in the last two years"),
        family=FamilyLife.concern, source=Community.grid_reports,
        form=DistinctCount(
            column="kind", window=Window(730), where=(OneOf("verified", "substantiated", "open"),)
        ),
        risk=RiskDirection.RISES, unit="kinds", actionable=True,
        why="A prior substantiated report is assumed at log-odds +1.6; hardship, conflict and being alone noticed together say more than one worry reported thrice. Some kinds establish the outcome.",
        examples=(
            Example(
                "occurred | known | kind     | verified",
                "730      | 720   | conflict | substantiated",
                "365      | 355   | hardship | open",
                "243      | 233   | hardship | open",
                expect=2,
            ),
            Example(
                "occurred | known | kind     | verified",
                "731      | 721   | neglect  | open",
                "547      | 537   | conflict | substantiated",
                "365      | 355   | conflict | substantiated",
                "243      | 233   | neglect  | unsubstantiated",
                "10       | 0     | neglect  | open",
                expect=1,
            ),
            Example(expect=0),
            Example(
                "occurred | known | kind       | verified",
                "400      | 390   | unattended | open",
                "90       | 80    | conflict   | substantiated",
                expect=2,
            ),
        ),
    )  # fmt: skip

    days_since_grid_report_730d = Feature(
        title=Text("近两年最近一次未被否定的网格报告距今天数", "Days since the latest grid report not ruled out, within two years"),
        family=FamilyLife.concern, source=Community.grid_reports,
        form=DaysSince(window=Window(730), where=(OneOf("verified", "substantiated", "open"),)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, actionable=True,
        why="A fresh report may be the height of trouble or the moment help began; no figure for relapse was found, so the direction is left open. A report ruled out does not count.",
        examples=(
            Example(
                "occurred | known | kind     | verified",
                "730      | 720   | conflict | substantiated",
                "385      | 375   | abuse    | unsubstantiated",
                "10       | 0     | conflict | substantiated",
                expect=730,
            ),
            Example("occurred | known | kind | verified", "731 | 721 | conflict | substantiated", expect=None),
            Example(
                "occurred | known | kind     | verified",
                "486      | 476   | conflict | substantiated",
                "146      | 136   | conflict | open",
                expect=146,
            ),
        ),
    )  # fmt: skip

    hotline_topics_730d = Feature(
        title=Text("近两年热线来电的主题种类数", "Kinds of hotline topic in the last two years"),
        family=FamilyLife.concern, source=Community.hotline_calls,
        form=DistinctCount(column="topic", window=Window(730)),
        risk=RiskDirection.RISES, unit="kinds", actionable=True,
        why="Callers' loneliness and sadness go with anxiety (OR 2.51 to 8.35, Zhejiang pupils); worries of several kinds point beyond one quarrel, though no figure exists for calling.",
        examples=(
            Example(
                "occurred | known | topic",
                "730      | 723   | study",
                "365      | 358   | family_conflict",
                "243      | 236   | family_conflict",
                expect=2,
            ),
            Example(
                "occurred | known | topic",
                "731      | 724   | rights",
                "547      | 540   | study",
                "365      | 358   | study",
                "7        | 0     | rights",
                expect=1,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    days_since_assessment_730d = Feature(
        title=Text("近两年最近一次监护能力评估距今天数", "Days since the latest guardianship assessment, within two years"),
        family=FamilyLife.concern, source=CivilAffairs.guardianship_assessments,
        form=DaysSince(window=Window(730)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, actionable=True,
        why="Who was assessed lately worried somebody, and an assessment grown old is due again; its items never enter. The direction is left open.",
        examples=(
            Example("occurred | known | conclusion", "730 | 715 | adequate", "15 | 0 | adequate", expect=730),
            Example("occurred | known | conclusion", "731 | 716 | adequate", expect=None),
            Example("occurred | known | conclusion", "486 | 471 | adequate", "146 | 131 | insufficient", expect=146),
        ),
    )  # fmt: skip

    weak_assessments_share_1825d = Feature(
        title=Text("近五年监护评估为不足、不当或缺失的占比", "Share of guardianship assessments in the last five years that found it insufficient, improper or absent"),
        family=FamilyLife.concern, source=CivilAffairs.guardianship_assessments,
        form=Ratio(
            part=(OneOf("conclusion", "insufficient", "improper", "absent"),), window=Window(1825)
        ),
        risk=RiskDirection.RISES, unit="share", when_no_records=None, actionable=True,
        why="A trained assessor's conclusions over years (4.1 % weak or absent in a special group, Bozhou); improper and absent establish the outcome, so for that screener older ones remain.",
        examples=(
            Example(
                "occurred | known | conclusion",
                "1826     | 1811  | insufficient",
                "1825     | 1810  | insufficient",
                "1604     | 1589  | improper",
                "1383     | 1368  | absent",
                "1162     | 1147  | adequate",
                "941      | 926   | adequate",
                "720      | 705   | adequate",
                "499      | 484   | adequate",
                "278      | 263   | adequate",
                "15       | 0     | insufficient",
                expect=0.375,
            ),
            Example("occurred | known | conclusion", "1826 | 1811 | insufficient", expect=None),
        ),
    )  # fmt: skip

    violence_against_child_1825d = Feature(
        title=Text("近五年是否有针对儿童本人的家庭暴力告诫书", "Whether an admonition for violence against the child was issued in the last five years"),
        family=FamilyLife.concern, source=Police.admonitions,
        form=Ever(window=Window(1825), where=(OneOf("victim", "child"),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="Abuse raises depression and anxiety by itself (western China); an admonition establishes the guardianship outcome, so for that screener only older ones remain.",
        examples=(
            Example("occurred | known | victim", "1825 | 1820 | child", expect=1),
            Example(
                "occurred | known | victim",
                "1826     | 1821  | child",
                "1227     | 1222  | parent",
                "629      | 624   | other",
                "5        | 0     | child",
                expect=0,
            ),
            Example("occurred | known | victim", "1216 | 1211 | child", "365 | 360 | child", expect=1),
        ),
    )  # fmt: skip

    left_home_1825d = Feature(
        title=Text("近五年是否曾离家出走后寻回", "Whether the child was found after leaving home in the last five years"),
        family=FamilyLife.concern, source=Police.missing_found,
        form=Ever(window=Window(1825), where=(OneOf("kind", "left_home"),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="Leaving home is the child's own answer to what happens there, unlike getting lost; low attachment drives maltreatment of migrant adolescents (Shenzhen, no size given).",
        examples=(
            Example("occurred | known | kind", "1825 | 1820 | left_home", expect=1),
            Example(
                "occurred | known | kind",
                "1826     | 1821  | left_home",
                "1227     | 1222  | missing",
                "629      | 624   | vagrant",
                "5        | 0     | left_home",
                expect=0,
            ),
            Example("occurred | known | kind", "1216 | 1211 | left_home", "365 | 360 | left_home", expect=1),
        ),
    )  # fmt: skip
