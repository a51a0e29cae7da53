"""What is known of guardians' health and situation, and of earlier concerns about the family.

Data only. Several facts here establish the guardianship outcome. A child with one in the last year
leaves that screener's rows, so as features they speak of what happened before, and `why` says so.
Of an assessment only date and conclusion are read.
"""

from features.catalogue.families import FamilyLife
from features.language import (
    Aggregate,
    Aggregation,
    Ever,
    Example,
    Feature,
    Latest,
    OneOf,
    RiskDirection,
    Text,
    Window,
)
from features.sources import CivilAffairs, Community, Health, Justice, Police, Welfare


class GuardianFeatures:
    # --- guardians' health and situation --------------------------------------------------------

    guardian_bodily_illness_1825d = Feature(
        title=Text("近五年监护人是否纳入重大躯体疾病管理", "Whether a guardian came under management for serious physical illness in the last five years"),
        family=FamilyLife.guardian_health, source=Health.guardian_illness,
        form=Ever(window=Window(1825), where=(OneOf("kind", "physical"),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="A father's or mother's illness goes with depressive symptoms (OR 1.611 and 1.701, Jinghong); assumed at log-odds +0.6 for guardianship.",
        examples=(
            Example("occurred | known | kind", "1825 | 1800 | physical", expect=1),
            Example(
                "record | occurred | known | kind",
                "1      | 1826     | 1800  | physical",
                "2      | 700      | 650   | mental",
                "3      | 300      | 250   | physical",
                "3      | 300      | 90    | mental",
                "4      | 40       | 0     | physical",
                expect=0,
            ),
            Example("occurred | known | kind", "900 | 850 | physical", "200 | 150 | physical", expect=1),
        ),
    )  # fmt: skip

    guardian_mental_illness_1825d = Feature(
        title=Text("近五年监护人是否纳入严重精神障碍管理", "Whether a guardian came under mental-health management in the last five years"),
        family=FamilyLife.guardian_health, source=Health.guardian_illness,
        form=Ever(window=Window(1825), where=(OneOf("kind", "mental"),)),
        risk=RiskDirection.RISES, unit="yes_no", sensitive=True,
        why="A parent's illness of any kind goes with depressive symptoms (OR 1.611 and 1.701); no usable figure for mental illness was found, and the law keeps it confidential.",
        examples=(
            Example("occurred | known | kind", "1825 | 1800 | mental", expect=1),
            Example(
                "occurred | known | kind",
                "1826     | 1800  | mental",
                "700      | 650   | physical",
                "40       | 0     | mental",
                expect=0,
            ),
            Example("occurred | known | kind", "900 | 850 | mental", "200 | 150 | mental", expect=1),
        ),
    )  # fmt: skip

    guardian_disability_card_1825d = Feature(
        title=Text("近五年监护人是否有残疾人证", "Whether a guardian was issued a disability card in the last five years"),
        family=FamilyLife.guardian_health, source=Welfare.disability_cards,
        form=Ever(window=Window(1825), where=(OneOf("who", "guardian"),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="A parent's serious illness or disability is assumed at log-odds +0.6 for guardianship, anchored to published odds ratios; help at home is what a visit can arrange.",
        examples=(
            Example("occurred | known | who | level", "1825 | 1800 | guardian | 2", expect=1),
            Example(
                "occurred | known | who      | level",
                "1826     | 1800  | guardian | 2",
                "700      | 650   | child    | 2",
                "28       | 0     | guardian | 1",
                expect=0,
            ),
            Example("occurred | known | who | level", "900 | 850 | guardian | 3", "200 | 150 | guardian | 2", expect=1),
        ),
    )  # fmt: skip

    guardian_largest_bill_yuan_730d = Feature(
        title=Text("近两年监护人单次大额医疗费用最高值（元）", "A guardian's largest medical bill in the last two years (yuan)"),
        family=FamilyLife.guardian_health, source=Welfare.large_bills,
        form=Aggregate(
            of=Aggregation.MAX, column="amount_yuan", window=Window(730), where=(OneOf("who", "guardian"),)
        ),
        risk=RiskDirection.RISES, unit="yuan", actionable=True,
        why="A parent's illness goes with depressive symptoms (OR 1.611 and 1.701, Jinghong), hardship with neglect; a large bill is both at once.",
        examples=(
            Example(
                "occurred | known | who      | amount_yuan",
                "731      | 700   | guardian | 90000",
                "730      | 700   | guardian | 12000",
                "300      | 270   | guardian | 5000",
                "200      | 170   | child    | 40000",
                "28       | 0     | guardian | 60000",
                expect=12000,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    guardian_in_custody_730d = Feature(
        title=Text("近两年监护人是否被羁押或强制戒毒", "Whether a guardian lost their liberty in the last two years"),
        family=FamilyLife.guardian_health, source=Police.guardian_custody,
        form=Ever(window=Window(730)),
        risk=RiskDirection.RISES, unit="yes_no", sensitive=True,
        why="Assumed at log-odds +1.4 for guardianship; by law a child whose guardian is held is to be looked after (Law on the Protection of Minors, art. 92).",
        examples=(
            Example("occurred | known | who", "730 | 700 | father", expect=1),
            Example(
                "record | occurred | known | who",
                "1      | 731      | 700   | mother",
                "2      | 200      | 190   | father",
                "2      | 800      | 90    | father",
                "3      | 9        | 0     | other",
                expect=0,
            ),
            Example("occurred | known | who", "500 | 480 | mother", "90 | 80 | mother", expect=1),
        ),
    )  # fmt: skip

    # --- earlier concerns about the family ------------------------------------------------------

    admonitions_730d = Feature(
        title=Text("近两年家庭暴力告诫书份数", "Domestic-violence admonitions in the last two years"),
        family=FamilyLife.concern, source=Police.admonitions,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="Assumed at log-odds +1.5; an admonition establishes the guardianship outcome, so for that screener only older ones remain and speak of violence that returns.",
        examples=(
            Example(
                "record | occurred | known | victim",
                "1      | 731      | 720   | child",
                "2      | 730      | 720   | parent",
                "3      | 400      | 390   | child",
                "4      | 300      | 290   | other",
                "4      | 900      | 90    | other",
                "5      | 5        | 0     | child",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    substantiated_reports_730d = Feature(
        title=Text("近两年属实的无人照料、疏于照料或受侵害报告次数", "Substantiated reports of neglect, abuse or being left alone in the last two years"),
        family=FamilyLife.concern, source=Community.grid_reports,
        form=Aggregate(
            of=Aggregation.COUNT,
            window=Window(730),
            where=(OneOf("kind", "unattended", "neglect", "abuse"), OneOf("verified", "substantiated")),
        ),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="Assumed at log-odds +1.6; such a report establishes the guardianship outcome, so for that screener only older ones remain and speak of what returns.",
        examples=(
            Example(
                "record | occurred | known | kind       | verified",
                "1      | 731      | 720   | neglect    | substantiated",
                "2      | 730      | 720   | neglect    | substantiated",
                "3      | 500      | 490   | unattended | substantiated",
                "4      | 450      | 440   | unattended | substantiated",
                "5      | 400      | 390   | abuse      | substantiated",
                "6      | 390      | 380   | abuse      | substantiated",
                "7      | 380      | 370   | abuse      | substantiated",
                "8      | 300      | 290   | hardship   | substantiated",
                "9      | 200      | 190   | neglect    | open",
                "10     | 150      | 140   | abuse      | substantiated",
                "10     | 150      | 60    | abuse      | unsubstantiated",
                "11     | 6        | 0     | neglect    | substantiated",
                expect=6,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    conflict_reports_365d = Feature(
        title=Text("近一年未被否定的家庭冲突或困难报告次数", "Reports of conflict or hardship not ruled out in the last year"),
        family=FamilyLife.concern, source=Community.grid_reports,
        form=Aggregate(
            of=Aggregation.COUNT,
            window=Window(365),
            where=(OneOf("kind", "conflict", "hardship"), OneOf("verified", "substantiated", "open")),
        ),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="Low attachment and economic adversity drive maltreatment of migrant adolescents (Shenzhen, no size given); a report ruled out counts for nothing.",
        examples=(
            Example(
                "occurred | known | kind     | verified",
                "366      | 360   | conflict | substantiated",
                "365      | 360   | conflict | substantiated",
                "300      | 290   | conflict | open",
                "250      | 240   | hardship | substantiated",
                "200      | 190   | hardship | substantiated",
                "190      | 180   | conflict | substantiated",
                "150      | 140   | conflict | unsubstantiated",
                "100      | 90    | abuse    | open",
                "6        | 0     | hardship | open",
                expect=5,
            ),
        ),
    )  # fmt: skip

    family_orders_730d = Feature(
        title=Text("近两年对监护人的训诫与家庭教育指导令份数", "Reprimands and family-education orders to guardians in the last two years"),
        family=FamilyLife.concern, source=Justice.family_orders,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="A court or procuratorate found guardianship wanting; it establishes the outcome, so for that screener only older ones remain. No figure for relapse was found.",
        examples=(
            Example(
                "record | occurred | known | kind",
                "1      | 731      | 720   | reprimand",
                "2      | 730      | 720   | education_order",
                "3      | 400      | 380   | reprimand",
                "4      | 300      | 280   | reprimand",
                "4      | 800      | 90    | reprimand",
                "5      | 12       | 0     | reprimand",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    weak_guardianship_730d = Feature(
        title=Text("近两年最近监护评估是否为不足、不当或缺失", "Whether the latest guardianship assessment in the last two years found it insufficient, improper or absent"),
        family=FamilyLife.concern, source=CivilAffairs.guardianship_assessments,
        form=Latest(column="conclusion", window=Window(730), among=("insufficient", "improper", "absent")),
        risk=RiskDirection.RISES, unit="yes_no", when_no_records=None, actionable=True,
        why="A trained assessor's conclusion (4.1 % weak or absent in a special group, Bozhou); improper and absent establish the outcome, so mostly the milder level is left to warn.",
        examples=(
            Example("occurred | known | conclusion", "730 | 720 | insufficient", "13 | 0 | adequate", expect=1),
            Example("occurred | known | conclusion", "731 | 720 | insufficient", expect=None),
            Example("occurred | known | conclusion", "500 | 480 | adequate", "90 | 70 | improper", expect=1),
            Example(
                "record | occurred | known | conclusion",
                "1      | 300      | 280   | adequate",
                "2      | 200      | 180   | absent",
                "2      | 400      | 60    | absent",
                expect=0,
            ),
            Example("occurred | known | conclusion", "90 | 70 | absent", expect=1),
        ),
    )  # fmt: skip

    guardianship_measures_730d = Feature(
        title=Text("近两年临时或长期监护次数", "Measures of temporary or long-term guardianship in the last two years"),
        family=FamilyLife.concern, source=CivilAffairs.guardianship_measures,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730)),
        risk=RiskDirection.RISES, unit="times",
        why="Civil affairs stood in for the family; it establishes the outcome, so for that screener only older ones remain. No figure for relapse was found.",
        examples=(
            Example(
                "record | occurred | known | kind",
                "1      | 731      | 720   | temporary",
                "2      | 730      | 720   | temporary",
                "3      | 400      | 390   | long_term",
                "4      | 300      | 290   | temporary",
                "4      | 800      | 90    | temporary",
                "5      | 7        | 0     | temporary",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    missing_found_730d = Feature(
        title=Text("近两年走失、流浪或离家出走后寻回次数", "Times found after being missing, vagrant or away from home in the last two years"),
        family=FamilyLife.concern, source=Police.missing_found,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="By law a child found vagrant is looked after (Law on the Protection of Minors, arts. 92 and 93), close to being unattended (assumed log-odds +1.2); no figure of its own was found.",
        examples=(
            Example(
                "record | occurred | known | kind",
                "1      | 731      | 725   | missing",
                "2      | 730      | 725   | missing",
                "3      | 300      | 295   | left_home",
                "4      | 200      | 195   | vagrant",
                "4      | 800      | 60    | vagrant",
                "5      | 3        | 0     | missing",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    asked_for_help_365d = Feature(
        title=Text("近一年走访时是否主动求助", "Whether the family asked for help at a visit in the last year"),
        family=FamilyLife.concern, source=CivilAffairs.care_visits,
        form=Ever(window=Window(365), where=(OneOf("asked_for_help", "yes"),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="The family's own word that something is needed; no effect size was found, and asking is never held against anybody: it opens help at once by itself.",
        examples=(
            Example("occurred | known | asked_for_help", "365 | 360 | yes", expect=1),
            Example(
                "occurred | known | asked_for_help",
                "366      | 360   | yes",
                "200      | 190   | no",
                "100      | 90    | -",
                "8        | 0     | yes",
                expect=0,
            ),
            Example("occurred | known | asked_for_help", "300 | 290 | yes", "60 | 50 | yes", expect=1),
        ),
    )  # fmt: skip

    family_calls_365d = Feature(
        title=Text("近一年家庭矛盾与权益热线来电次数", "Hotline calls about family conflict or rights in the last year"),
        family=FamilyLife.concern, source=Community.hotline_calls,
        form=Aggregate(of=Aggregation.COUNT, window=Window(365), where=(OneOf("topic", "family_conflict", "rights"),)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="Low attachment goes with maltreatment of migrant adolescents (Shenzhen, no size given); a call is the family's or child's own word of conflict.",
        examples=(
            Example(
                "occurred | known | topic",
                "366      | 360   | rights",
                "365      | 360   | family_conflict",
                "300      | 290   | rights",
                "250      | 240   | rights",
                "100      | 90    | study",
                "6        | 0     | rights",
                expect=3,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip
