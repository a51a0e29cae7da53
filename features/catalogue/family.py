"""What a child's household, care and livelihood can tell.

Data only. Residence, assistance and work are standing facts: the departments deliver changes, and a
state holds until the next, so those features look five years back. Events are forgotten after two.
"""

from features.catalogue.families import FamilyLife
from features.language import (
    Aggregate,
    Aggregation,
    DaysSince,
    Ever,
    Example,
    Feature,
    Latest,
    OneOf,
    RiskDirection,
    Text,
    Window,
    YearsSince,
)
from features.sources import CivilAffairs, Community, Justice, Police, Welfare


class FamilyFeatures:
    # --- household and its changes --------------------------------------------------------------

    age_years = Feature(
        title=Text("年龄（岁）", "Age in years"),
        family=FamilyLife.household, source=Police.residence,
        form=YearsSince(column="birth_on"),
        risk=RiskDirection.EITHER, unit="years", when_no_records=None,
        why="Symptoms rise with age (OR 1.25 at 14 to 15, 1.32 from 16, Zhejiang pupils) while injury and lack of supervision fall on the youngest; the direction is left open.",
        examples=(
            Example(
                "record | occurred | known | birth_on | arrived_on",
                "1      | 900      | 880   | 4400     | 950",
                "2      | 400      | 380   | 2922     | 950",
                "2      | 400      | 90    | 4383     | 950",
                "3      | 30       | 0     | 1461     | 950",
                expect=12,
            ),
            Example("record | occurred | known | birth_on", "1 | 90 | 80 | 1461", "1 | 2000 | 40 | 2922", expect=8),
            Example(expect=None),
        ),
    )  # fmt: skip

    parents_divorced_730d = Feature(
        title=Text("近两年是否登记父母离婚", "Whether the parents' divorce was registered in the last two years"),
        family=FamilyLife.household, source=Police.household_changes,
        form=Ever(window=Window(730), where=(OneOf("kind", "divorced"),)),
        risk=RiskDirection.RISES, unit="yes_no",
        why="Parents' divorce goes with depressive symptoms (OR 1.290, 1.033 to 1.612, Jinghong); the gap vanishes where parent and child talk, which is what a visit can help with.",
        examples=(
            Example("occurred | known | kind", "730 | 700 | divorced", expect=1),
            Example(
                "record | occurred | known | kind",
                "1      | 731      | 700   | divorced",
                "2      | 300      | 270   | sibling_born",
                "3      | 200      | 170   | divorced",
                "3      | 200      | 90    | remarried",
                "4      | 18       | 0     | divorced",
                expect=0,
            ),
            Example("occurred | known | kind", "600 | 570 | divorced", "90 | 60 | divorced", expect=1),
        ),
    )  # fmt: skip

    parent_remarried_730d = Feature(
        title=Text("近两年是否登记父或母再婚", "Whether a parent's remarriage was registered in the last two years"),
        family=FamilyLife.household, source=Police.household_changes,
        form=Ever(window=Window(730), where=(OneOf("kind", "remarried"),)),
        risk=RiskDirection.RISES, unit="yes_no",
        why="A parent's remarriage goes with depressive symptoms (OR 1.658, 1.314 to 2.092, Jinghong) and with neglect (1.39 for a single or remarried mother, Chongqing).",
        examples=(
            Example("occurred | known | kind", "730 | 700 | remarried", expect=1),
            Example(
                "occurred | known | kind",
                "731      | 700   | remarried",
                "300      | 270   | divorced",
                "18       | 0     | remarried",
                expect=0,
            ),
            Example("occurred | known | kind", "600 | 570 | remarried", "90 | 60 | remarried", expect=1),
        ),
    )  # fmt: skip

    parent_or_guardian_lost_730d = Feature(
        title=Text("近两年父母死亡或监护人变更次数", "Deaths of a parent or changes of guardian in the last two years"),
        family=FamilyLife.household, source=Police.household_changes,
        form=Aggregate(
            of=Aggregation.COUNT, window=Window(730), where=(OneOf("kind", "parent_died", "guardian_changed"),)
        ),
        risk=RiskDirection.RISES, unit="times",
        why="A sole or absent guardian is assumed to raise guardianship risk (log-odds +0.9); in a county census 15.6 % of pupils had divorced, remarried or dead parents.",
        examples=(
            Example(
                "occurred | known | kind",
                "731      | 700   | parent_died",
                "730      | 700   | parent_died",
                "500      | 470   | guardian_changed",
                "499      | 470   | guardian_changed",
                "300      | 270   | divorced",
                "18       | 0     | guardian_changed",
                expect=3,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    custody_cases_730d = Feature(
        title=Text("近两年离婚与抚养纠纷件数", "Cases about divorce, custody or support in the last two years"),
        family=FamilyLife.household, source=Justice.custody_cases,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730)),
        risk=RiskDirection.RISES, unit="times",
        why="Divorce goes with depressive symptoms (OR 1.290, Jinghong) and externalising problems (+5.2 points, rural junior high); a case in court marks the open conflict.",
        examples=(
            Example(
                "record | occurred | known | kind",
                "1      | 731      | 700   | divorce",
                "2      | 730      | 700   | divorce",
                "3      | 500      | 470   | custody",
                "4      | 400      | 370   | custody",
                "5      | 300      | 270   | support",
                "6      | 200      | 170   | support",
                "6      | 731      | 80    | support",
                "7      | 24       | 0     | custody",
                expect=4,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    # --- moving and settling --------------------------------------------------------------------

    years_here = Feature(
        title=Text("来本地年数", "Years since the child came here"),
        family=FamilyLife.settling, source=Police.residence,
        form=YearsSince(column="arrived_on"),
        risk=RiskDirection.EITHER, unit="years", when_no_records=None,
        why="Difficulties are high at arrival, fall, and rise again after about eight years (7,296 children, Beijing): no direction could be right.",
        examples=(
            Example(
                "occurred | known | birth_on | arrived_on",
                "800      | 780   | 4000     | 2000",
                "400      | 380   | 4000     | 1461",
                "30       | 0     | 4000     | 731",
                expect=4,
            ),
            Example(expect=None),
        ),
    )  # fmt: skip

    registrations_730d = Feature(
        title=Text("近两年居住登记与变更次数", "Residence registrations and changes in the last two years"),
        family=FamilyLife.settling, source=Police.residence,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730)),
        risk=RiskDirection.EITHER, unit="times",
        why="Moves unsettle (changing school: OR 1.318, Jinghong), but renewing a registration looks the same as moving; the direction is left open.",
        examples=(
            Example(
                "record | occurred | known | dwelling",
                "1      | 731      | 700   | rented",
                "2      | 730      | 700   | rented",
                "3      | 300      | 270   | rented",
                "3      | 300      | 90    | dormitory",
                "4      | 14       | 0     | rented",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    makeshift_dwelling_1825d = Feature(
        title=Text("近五年最近登记居所是否为宿舍或工棚", "Whether the latest dwelling registered in the last five years is a dormitory or work-site shed"),
        family=FamilyLife.settling, source=Police.residence,
        form=Latest(column="dwelling", window=Window(1825), among=("dormitory", "worksite")),
        risk=RiskDirection.RISES, unit="yes_no", when_no_records=None, actionable=True,
        why="Economic adversity and disordered surroundings go with maltreatment of migrant adolescents (Shenzhen, no size given); housing aid is service no. 9 of the provincial list.",
        examples=(
            Example("occurred | known | dwelling", "1825 | 1800 | worksite", "20 | 0 | rented", expect=1),
            Example("occurred | known | dwelling", "1826 | 1800 | dormitory", expect=None),
            Example(
                "record | occurred | known | dwelling",
                "1      | 900      | 880   | owned",
                "2      | 400      | 380   | rented",
                "2      | 400      | 90    | dormitory",
                "3      | 60       | 50    | -",
                expect=1,
            ),
        ),
    )  # fmt: skip

    # --- care and company -----------------------------------------------------------------------

    lives_without_parents_1825d = Feature(
        title=Text("近五年最近登记是否不与父母同住", "Whether the child lives with neither parent by the latest registration in the last five years"),
        family=FamilyLife.care, source=Police.residence,
        form=Latest(column="living_with", window=Window(1825), among=("grandparents", "other_relative", "others")),
        risk=RiskDirection.RISES, unit="yes_no", when_no_records=None,
        why="Parents away go with depression (RR 1.52), anxiety (1.85) and neglect (OR 1.58, 42,003 children); a sole or absent guardian is assumed at log-odds +0.9.",
        examples=(
            Example("occurred | known | living_with", "1825 | 1800 | grandparents", "20 | 0 | both_parents", expect=1),
            Example("occurred | known | living_with", "1826 | 1800 | others", expect=None),
            Example(
                "occurred | known | living_with",
                "900      | 880   | both_parents",
                "400      | 380   | other_relative",
                "60       | 50    | -",
                expect=1,
            ),
            Example("occurred | known | living_with", "90 | 80 | others", expect=1),
            Example("occurred | known | living_with", "90 | 80 | mother", expect=0),
        ),
    )  # fmt: skip

    lives_with_one_parent_1825d = Feature(
        title=Text("近五年最近登记是否仅与父或母一方同住", "Whether the child lives with one parent by the latest registration in the last five years"),
        family=FamilyLife.care, source=Police.residence,
        form=Latest(column="living_with", window=Window(1825), among=("mother", "father")),
        risk=RiskDirection.RISES, unit="yes_no", when_no_records=None,
        why="One parent away goes with depression (13.1 against 10.5 % with none away), a mother away with neglect (OR 2.18, rural 3 to 6), a single mother 1.39.",
        examples=(
            Example("occurred | known | living_with", "1825 | 1800 | mother", "20 | 0 | both_parents", expect=1),
            Example("occurred | known | living_with", "1826 | 1800 | mother", expect=None),
            Example("occurred | known | living_with", "900 | 880 | both_parents", "400 | 380 | father", expect=1),
            Example("occurred | known | living_with", "90 | 80 | grandparents", expect=0),
        ),
    )  # fmt: skip

    left_unattended_365d = Feature(
        title=Text("近一年走访是否见无人照料", "Whether a visit in the last year found the child left unattended"),
        family=FamilyLife.care, source=CivilAffairs.care_visits,
        form=Ever(window=Window(365), where=(OneOf("unattended", "yes"),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="A child under 8 left unattended is assumed at log-odds +1.2 for guardianship; no Chinese figure was found for hours alone among migrant children.",
        examples=(
            Example("occurred | known | unattended", "365 | 360 | yes", expect=1),
            Example(
                "record | occurred | known | unattended",
                "1      | 366      | 360   | yes",
                "2      | 200      | 190   | no",
                "3      | 150      | 140   | -",
                "4      | 100      | 90    | yes",
                "4      | 100      | 50    | no",
                "5      | 8        | 0     | yes",
                expect=0,
            ),
            Example("occurred | known | unattended", "300 | 290 | yes", "60 | 50 | yes", expect=1),
        ),
    )  # fmt: skip

    guardian_not_in_365d = Feature(
        title=Text("近一年走访时监护人不在场次数", "Visits in the last year at which no guardian was present"),
        family=FamilyLife.care, source=CivilAffairs.care_visits,
        form=Aggregate(of=Aggregation.COUNT, window=Window(365), where=(OneOf("guardian_present", "no"),)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="A sole or absent guardian is assumed at log-odds +0.9 for guardianship; one visit may meet a guardian at work, several say more.",
        examples=(
            Example(
                "occurred | known | guardian_present",
                "366      | 360   | no",
                "365      | 360   | no",
                "200      | 190   | no",
                "150      | 140   | yes",
                "100      | 90    | -",
                "8        | 0     | no",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    night_shifts_365d = Feature(
        title=Text("近一年最近走访父母是否均夜班或轮班", "Whether both parents worked nights or shifts at the latest visit in the last year"),
        family=FamilyLife.care, source=CivilAffairs.care_visits,
        form=Latest(column="night_shift", window=Window(365), among=("yes",)),
        risk=RiskDirection.RISES, unit="yes_no", when_no_records=None, actionable=True,
        why="Both parents at night or on shifts is assumed at log-odds +0.4 for guardianship, anchored to published odds ratios for hours without a parent.",
        examples=(
            Example("occurred | known | night_shift", "365 | 360 | yes", "9 | 0 | no", expect=1),
            Example("occurred | known | night_shift", "366 | 360 | yes", expect=None),
            Example("occurred | known | night_shift", "300 | 290 | yes", "90 | 80 | no", "30 | 20 | -", expect=0),
        ),
    )  # fmt: skip

    weekly_talk_365d = Feature(
        title=Text("近一年最近走访父母是否每周与儿童交流", "Whether the parents talk with the child weekly, at the latest visit in the last year"),
        family=FamilyLife.care, source=CivilAffairs.care_visits,
        form=Latest(column="weekly_talk", window=Window(365), among=("yes",)),
        risk=RiskDirection.FALLS, unit="yes_no", when_no_records=None, actionable=True,
        why="Seldom talking with the parents raises difficulties (Guangdong migrants, adjusted), and the gap after divorce vanishes where parent and child talk.",
        examples=(
            Example("occurred | known | weekly_talk", "365 | 360 | yes", "9 | 0 | no", expect=1),
            Example("occurred | known | weekly_talk", "366 | 360 | yes", expect=None),
            Example("occurred | known | weekly_talk", "300 | 290 | yes", "90 | 80 | no", "30 | 20 | -", expect=0),
        ),
    )  # fmt: skip

    days_since_care_visit_730d = Feature(
        title=Text("近两年儿童主任最近走访距今天数", "Days since the child director's latest visit, within two years"),
        family=FamilyLife.care, source=CivilAffairs.care_visits,
        form=DaysSince(window=Window(730)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, actionable=True,
        why="Who was visited lately was either worrying somebody or is already helped; the direction is left open, and a visit long due is something to do.",
        examples=(
            Example("occurred | known | guardian_present", "730 | 720 | yes", "6 | 0 | yes", expect=730),
            Example("occurred | known | guardian_present", "731 | 720 | yes", expect=None),
            Example("occurred | known | guardian_present", "500 | 490 | yes", "45 | 40 | no", expect=45),
        ),
    )  # fmt: skip

    family_sessions_365d = Feature(
        title=Text("近一年家长参加家庭教育指导次数", "Family-education sessions a guardian attended in the last year"),
        family=FamilyLife.care, source=Community.family_sessions,
        form=Aggregate(of=Aggregation.COUNT, window=Window(365)),
        risk=RiskDirection.EITHER, unit="times", actionable=True,
        why="Attending shows care, yet guardians in difficulty are also sent; no effect size was found, so the direction is left open (service no. 16 of the provincial list).",
        examples=(
            Example(
                "record | occurred | known",
                "1      | 366      | 360",
                "2      | 365      | 350",
                "3      | 90       | 80",
                "4      | 70       | 60",
                "4      | 420      | 30",
                "5      | 5        | 0",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    # --- livelihood -----------------------------------------------------------------------------

    on_assistance_1825d = Feature(
        title=Text("近五年最近救助身份是否在保", "Whether the family is on assistance by the latest status in the last five years"),
        family=FamilyLife.livelihood, source=CivilAffairs.low_income,
        form=Latest(
            column="status",
            window=Window(1825),
            among=("minimum_living", "near_minimum", "extreme_hardship"),
        ),
        risk=RiskDirection.RISES, unit="yes_no",
        why="Hardship is assumed at log-odds +0.6 for guardianship (income under 5,000 yuan and neglect: OR 2.85, rural 3 to 6); low income here means help is being given too.",
        examples=(
            Example("occurred | known | status", "1825 | 1800 | minimum_living", "20 | 0 | ended", expect=1),
            Example("occurred | known | status", "1826 | 1800 | minimum_living", expect=0),
            Example(
                "record | occurred | known | status",
                "1      | 600      | 580   | ended",
                "2      | 200      | 180   | ended",
                "2      | 200      | 90    | near_minimum",
                expect=1,
            ),
            Example(
                "record | occurred | known | status",
                "1      | 150      | 130   | ended",
                "2      | 90       | 70    | minimum_living",
                "2      | 420      | 30    | minimum_living",
                expect=0,
            ),
            Example("occurred | known | status", "90 | 70 | extreme_hardship", expect=1),
        ),
    )  # fmt: skip

    temporary_aid_365d = Feature(
        title=Text("近一年因病、意外或收入中断的临时救助次数", "Grants of temporary aid for illness, accident or lost income in the last year"),
        family=FamilyLife.livelihood, source=CivilAffairs.temporary_aid,
        form=Aggregate(
            of=Aggregation.COUNT, window=Window(365), where=(OneOf("reason", "illness", "accident", "income"),)
        ),
        risk=RiskDirection.RISES, unit="times",
        why="No stable income goes with depressive symptoms (OR 1.348, 1.004 to 1.809, Jinghong), illness of a parent more (1.6 to 1.7); the grant marks the blow, not the cure.",
        examples=(
            Example(
                "record | occurred | known | reason",
                "1      | 366      | 350   | illness",
                "2      | 365      | 350   | illness",
                "3      | 300      | 280   | accident",
                "4      | 299      | 280   | accident",
                "5      | 200      | 180   | income",
                "6      | 150      | 130   | other",
                "7      | 100      | 80    | income",
                "7      | 100      | 40    | other",
                "8      | 60       | 40    | -",
                "9      | 16       | 0     | illness",
                expect=4,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    temporary_aid_yuan_730d = Feature(
        title=Text("近两年临时救助金额合计（元）", "Temporary aid in the last two years (yuan)"),
        family=FamilyLife.livelihood, source=CivilAffairs.temporary_aid,
        form=Aggregate(of=Aggregation.SUM, column="amount_yuan", window=Window(730)),
        risk=RiskDirection.EITHER, unit="yuan",
        why="The amount tells both how deep the hardship was and how much of it was met; the direction is left open.",
        examples=(
            Example(
                "occurred | known | amount_yuan",
                "731      | 700   | 9000",
                "730      | 700   | 1500",
                "300      | 280   | 800.5",
                "200      | 180   | -",
                "16       | 0     | 4000",
                expect=2300.5,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    no_stable_work_1825d = Feature(
        title=Text("近五年最近登记父母是否均无稳定就业", "Whether neither parent has stable work by the latest change in the last five years"),
        family=FamilyLife.livelihood, source=Welfare.parent_employment,
        form=Latest(column="state", window=Window(1825), among=("none_works",)),
        risk=RiskDirection.RISES, unit="yes_no", when_no_records=None, actionable=True,
        why="No stable income goes with depressive symptoms (OR 1.348, 1.004 to 1.809, Jinghong), hardship with neglect (assumed log-odds +0.6).",
        examples=(
            Example("occurred | known | state", "1825 | 1800 | none_works", "20 | 0 | both_work", expect=1),
            Example("occurred | known | state", "1826 | 1800 | none_works", expect=None),
            Example(
                "record | occurred | known | state",
                "1      | 300      | 270   | one_works",
                "2      | 100      | 70    | none_works",
                "2      | 400      | 40    | none_works",
                expect=0,
            ),
        ),
    )  # fmt: skip

    employment_changes_730d = Feature(
        title=Text("近两年父母就业变动次数", "Changes in the parents' employment in the last two years"),
        family=FamilyLife.livelihood, source=Welfare.parent_employment,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730)),
        risk=RiskDirection.EITHER, unit="times",
        why="Unsteady income goes with depressive symptoms (OR 1.348, Jinghong), but finding work is a change as well; the direction is left open.",
        examples=(
            Example(
                "occurred | known | state",
                "731      | 700   | one_works",
                "730      | 700   | none_works",
                "200      | 170   | one_works",
                "20       | 0     | both_work",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    rent_subsidy_730d = Feature(
        title=Text("近两年是否获租赁补贴", "Whether the family was granted a rent subsidy in the last two years"),
        family=FamilyLife.livelihood, source=Welfare.housing_aid,
        form=Ever(window=Window(730), where=(OneOf("kind", "rent_subsidy"),)),
        risk=RiskDirection.EITHER, unit="yes_no",
        why="It says that income was found low and that help came; no effect size was found, so the direction is left open (service no. 9 of the provincial list).",
        examples=(
            Example("occurred | known | kind", "730 | 700 | rent_subsidy", expect=1),
            Example(
                "record | occurred | known | kind",
                "1      | 731      | 700   | rent_subsidy",
                "2      | 300      | 270   | allocated",
                "3      | 200      | 170   | rent_subsidy",
                "3      | 200      | 90    | allocated",
                "4      | 25       | 0     | rent_subsidy",
                expect=0,
            ),
            Example("occurred | known | kind", "500 | 470 | rent_subsidy", "130 | 100 | rent_subsidy", expect=1),
        ),
    )  # fmt: skip
