"""What health, insurance and the disabled persons' federation can tell; blocks of diagnoses, never more.

Data only. A visit for a psychological block establishes an outcome, so where earlier ones serve as
features, `why` says that they tell of need that returns.
"""

from features.catalogue.families import HealthLife
from features.language import (
    Aggregate,
    Aggregation,
    AtLeast,
    AtMost,
    DaysSince,
    Ever,
    Example,
    Feature,
    Latest,
    OneOf,
    RiskDirection,
    Text,
    Window,
)
from features.sources import Health, Welfare


class HealthFeatures:
    # --- bodily health and growth ---------------------------------------------------------------

    growth_concern_730d = Feature(
        title=Text("近两年最近一次体检是否消瘦或生长迟缓", "Whether the latest check in the last two years found the child thin or stunted"),
        family=HealthLife.bodily, source=Health.checkups,
        form=Latest(column="growth", window=Window(730), among=("thin", "stunted")),
        risk=RiskDirection.RISES, unit="yes_no", when_no_records=None, actionable=True,
        why="Growth that falters is a bodily sign of neglect (medical neglect OR 1.79, physical 1.75 where parents are away); no figure ties it to a finding in Chinese migrant children.",
        examples=(
            Example("occurred | known | growth", "730 | 700 | thin", "20 | 0 | normal", expect=1),
            Example("occurred | known | growth", "731 | 700 | stunted", expect=None),
            Example(
                "record | occurred | known | growth",
                "1      | 500      | 480   | normal",
                "2      | 150      | 120   | normal",
                "2      | 150      | 60    | stunted",
                "3      | 30       | 10    | -",
                expect=1,
            ),
            Example("occurred | known | growth", "40 | 20 | obese", expect=0),
        ),
    )  # fmt: skip

    overweight_730d = Feature(
        title=Text("近两年最近一次体检是否超重或肥胖", "Whether the latest check in the last two years found the child overweight or obese"),
        family=HealthLife.bodily, source=Health.checkups,
        form=Latest(column="growth", window=Window(730), among=("overweight", "obese")),
        risk=RiskDirection.EITHER, unit="yes_no", when_no_records=None, actionable=True,
        why="Long sitting goes with poor mental health (OR 1.30), but no figure was found for weight itself; the direction is left open.",
        examples=(
            Example("occurred | known | growth", "730 | 700 | obese", "20 | 0 | normal", expect=1),
            Example("occurred | known | growth", "731 | 700 | overweight", expect=None),
            Example("occurred | known | growth", "500 | 480 | normal", "150 | 120 | overweight", expect=1),
            Example("occurred | known | growth", "40 | 20 | thin", expect=0),
        ),
    )  # fmt: skip

    poor_vision_730d = Feature(
        title=Text("近两年最近一次体检是否视力不良", "Whether the latest check in the last two years found poor vision"),
        family=HealthLife.bodily, source=Health.checkups,
        form=Latest(column="poor_vision", window=Window(730), among=("yes",)),
        risk=RiskDirection.EITHER, unit="yes_no", when_no_records=None, actionable=True,
        why="Glasses are help a visit can arrange, and screens (OR 1.35 from two hours) strain the eyes; no figure for vision itself was found, so the direction is left open.",
        examples=(
            Example("occurred | known | poor_vision", "730 | 700 | yes", "20 | 0 | no", expect=1),
            Example("occurred | known | poor_vision", "731 | 700 | yes", expect=None),
            Example("occurred | known | poor_vision", "500 | 480 | yes", "150 | 120 | no", "60 | 40 | -", expect=0),
        ),
    )  # fmt: skip

    days_since_checkup_730d = Feature(
        title=Text("近两年最近一次体检距今天数", "Days since the latest health check, within two years"),
        family=HealthLife.bodily, source=Health.checkups,
        form=DaysSince(window=Window(730)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, actionable=True,
        why="Checks not kept can be medical neglect (OR 1.79 where parents are away) or only a move; checks are yearly by norm, so the direction is left open.",
        examples=(
            Example("occurred | known | growth", "730 | 700 | normal", "9 | 0 | normal", expect=730),
            Example("occurred | known | growth", "731 | 700 | normal", expect=None),
            Example("occurred | known | growth", "420 | 400 | normal", "75 | 50 | thin", expect=75),
        ),
    )  # fmt: skip

    # --- sleep and screens ----------------------------------------------------------------------

    sleep_hours_latest_365d = Feature(
        title=Text("近一年最近一次体检所记每日睡眠小时", "Hours of sleep at the latest check in the last year"),
        family=HealthLife.sleep, source=Health.checkups,
        form=Latest(column="sleep_hours", window=Window(365)),
        risk=RiskDirection.FALLS, unit="hours", when_no_records=None, actionable=True,
        why="Too little sleep goes with depressive symptoms (OR 1.48, 1.37 to 1.61, Anhui), frequent insomnia with anxiety (4.73, Zhejiang pupils).",
        examples=(
            Example("occurred | known | sleep_hours", "365 | 340 | 8.5", "12 | 0 | 6", expect=8.5),
            Example("occurred | known | sleep_hours", "366 | 340 | 8.5", expect=None),
            Example(
                "occurred | known | sleep_hours",
                "340      | 320   | 9",
                "90       | 70    | 7.5",
                "40       | 20    | -",
                expect=7.5,
            ),
        ),
    )  # fmt: skip

    sleep_hours_lowest_730d = Feature(
        title=Text("近两年体检所记每日睡眠小时最低值", "Fewest hours of sleep at a check in the last two years"),
        family=HealthLife.sleep, source=Health.checkups,
        form=Aggregate(of=Aggregation.MIN, column="sleep_hours", window=Window(730)),
        risk=RiskDirection.FALLS, unit="hours", when_no_records=None,
        why="Too little sleep goes with depressive symptoms (OR 1.48, Anhui), and poor sleep comes and goes between yearly checks.",
        examples=(
            Example(
                "record | occurred | known | sleep_hours",
                "1      | 731      | 700   | 4",
                "2      | 730      | 700   | 7",
                "3      | 300      | 280   | 5",
                "3      | 300      | 200   | 9",
                "4      | 60       | 40    | -",
                "5      | 15       | 0     | 3",
                expect=7,
            ),
        ),
    )  # fmt: skip

    short_sleep_checkups_730d = Feature(
        title=Text("近两年体检所记每日睡眠不超过8小时的次数", "Checks in the last two years that found eight hours of sleep or less"),
        family=HealthLife.sleep, source=Health.checkups,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730), where=(AtMost("sleep_hours", 8),)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="Too little sleep goes with depressive symptoms (OR 1.48), and with bullying more than additively (4.84 together); found twice it is a habit.",
        examples=(
            Example(
                "occurred | known | sleep_hours",
                "731      | 700   | 6",
                "730      | 700   | 8",
                "400      | 380   | 7",
                "200      | 180   | 8.5",
                "100      | 80    | -",
                "30       | 0     | 5",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    long_screen_checkups_730d = Feature(
        title=Text("近两年体检是否记有每日屏幕2小时及以上", "Whether a check in the last two years found two hours of screen or more"),
        family=HealthLife.sleep, source=Health.checkups,
        form=Ever(window=Window(730), where=(AtLeast("screen_hours", 2),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="Two hours of screen or more go with depressive symptoms (OR 1.35, another study 1.20).",
        examples=(
            Example("occurred | known | screen_hours", "730 | 700 | 2", expect=1),
            Example(
                "occurred | known | screen_hours",
                "731      | 700   | 6",
                "400      | 380   | 1.5",
                "100      | 80    | -",
                "30       | 0     | 5",
                expect=0,
            ),
            Example("occurred | known | screen_hours", "400 | 380 | 3", "60 | 40 | 4", expect=1),
        ),
    )  # fmt: skip

    screen_hours_latest_365d = Feature(
        title=Text("近一年最近一次体检所记每日屏幕小时", "Hours of screen at the latest check in the last year"),
        family=HealthLife.sleep, source=Health.checkups,
        form=Latest(column="screen_hours", window=Window(365)),
        risk=RiskDirection.RISES, unit="hours", when_no_records=None, actionable=True,
        why="Two hours of screen or more go with depressive symptoms (OR 1.35), problematic internet use with mental symptoms (r .288, 63 papers).",
        examples=(
            Example("occurred | known | screen_hours", "365 | 340 | 1.5", "12 | 0 | 5", expect=1.5),
            Example("occurred | known | screen_hours", "366 | 340 | 1.5", expect=None),
            Example("occurred | known | screen_hours", "340 | 320 | 1", "90 | 70 | 3", expect=3),
        ),
    )  # fmt: skip

    # --- medical visits -------------------------------------------------------------------------

    emergency_visits_365d = Feature(
        title=Text("近一年急诊次数", "Emergency visits in the last year"),
        family=HealthLife.visits, source=Health.visits,
        form=Aggregate(of=Aggregation.COUNT, window=Window(365), where=(OneOf("setting", "emergency"),)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="Children affected by migration are injured more often (OR 1.68), left-behind children also unsafe (1.52); emergency visits are where it shows, though most have other causes.",
        examples=(
            Example(
                "record | occurred | known | setting    | block",
                "1      | 366      | 340   | emergency  | S00-T98",
                "2      | 365      | 340   | emergency  | J00-J99",
                "3      | 180      | 150   | emergency  | S00-T98",
                "4      | 150      | 120   | outpatient | S00-T98",
                "5      | 90       | 70    | emergency  | K00-K93",
                "5      | 90       | 40    | outpatient | K00-K93",
                "6      | 20       | 0     | emergency  | S00-T98",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    injury_visits_365d = Feature(
        title=Text("近一年损伤与中毒就诊次数", "Visits for injury or poisoning in the last year"),
        family=HealthLife.visits, source=Health.visits,
        form=Aggregate(of=Aggregation.COUNT, window=Window(365), where=(OneOf("block", "S00-T98"),)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="Injury is more frequent in children affected by migration (OR 1.68, 31 studies) and goes with behavioural problems (OR about 2.1), though a Zhejiang study found no such effect.",
        examples=(
            Example(
                "occurred | known | setting    | block",
                "366      | 340   | emergency  | S00-T98",
                "365      | 340   | outpatient | S00-T98",
                "180      | 150   | emergency  | S00-T98",
                "150      | 120   | emergency  | J00-J99",
                "20       | 0     | emergency  | S00-T98",
                expect=2,
            ),
        ),
    )  # fmt: skip

    inpatient_stays_730d = Feature(
        title=Text("近两年住院次数", "Stays in hospital in the last two years"),
        family=HealthLife.visits, source=Health.visits,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730), where=(OneOf("setting", "inpatient"),)),
        risk=RiskDirection.EITHER, unit="times",
        why="A stay in hospital burdens child and family, and also shows that somebody saw to it; no Chinese effect size was found, so the direction is left open.",
        examples=(
            Example(
                "occurred | known | setting    | block",
                "731      | 700   | inpatient  | J00-J99",
                "730      | 700   | inpatient  | J00-J99",
                "300      | 270   | inpatient  | K00-K93",
                "200      | 170   | outpatient | K00-K93",
                "25       | 0     | inpatient  | G00-G99",
                expect=2,
            ),
        ),
    )  # fmt: skip

    unclear_symptom_visits_365d = Feature(
        title=Text("近一年因症状与体征门急诊次数", "Visits for symptoms without a named cause in the last year"),
        family=HealthLife.visits, source=Health.visits,
        form=Aggregate(
            of=Aggregation.COUNT,
            window=Window(365),
            where=(OneOf("block", "R00-R99"), OneOf("setting", "outpatient", "emergency")),
        ),
        risk=RiskDirection.EITHER, unit="times", actionable=True,
        why="Aches without a cause can be how children show distress; no effect size was found, so the direction is left open.",
        examples=(
            Example(
                "occurred | known | setting    | block",
                "366      | 340   | outpatient | R00-R99",
                "365      | 340   | outpatient | R00-R99",
                "250      | 220   | outpatient | R00-R99",
                "180      | 150   | emergency  | R00-R99",
                "150      | 120   | inpatient  | R00-R99",
                "100      | 70    | emergency  | S00-T98",
                "20       | 0     | outpatient | R00-R99",
                expect=3,
            ),
        ),
    )  # fmt: skip

    psychological_visits_730d = Feature(
        title=Text("近两年心理相关就诊次数", "Visits for psychological blocks in the last two years"),
        family=HealthLife.visits, source=Health.visits,
        form=Aggregate(
            of=Aggregation.COUNT,
            window=Window(730),
            where=(OneOf("block", "F20-F29", "F30-F39", "F40-F48", "F50-F59", "F60-F69", "F90-F98"),),
        ),
        risk=RiskDirection.RISES, unit="times", sensitive=True,
        why="Such a visit establishes the psychological outcome itself; children with one in the last year leave that screener's rows, so this speaks of older need that returns.",
        examples=(
            Example(
                "occurred | known | setting    | block",
                "731      | 700   | outpatient | F30-F39",
                "730      | 700   | outpatient | F40-F48",
                "600      | 570   | outpatient | F20-F29",
                "500      | 470   | outpatient | F30-F39",
                "450      | 420   | outpatient | F50-F59",
                "400      | 370   | outpatient | F60-F69",
                "380      | 350   | outpatient | F90-F98",
                "300      | 270   | outpatient | F80-F89",
                "200      | 170   | outpatient | J00-J99",
                "25       | 0     | outpatient | F30-F39",
                expect=6,
            ),
        ),
    )  # fmt: skip

    own_bills_yuan_730d = Feature(
        title=Text("近两年儿童本人大额医疗费用合计（元）", "The child's own large medical bills in the last two years (yuan)"),
        family=HealthLife.visits, source=Welfare.large_bills,
        form=Aggregate(of=Aggregation.SUM, column="amount_yuan", window=Window(730), where=(OneOf("who", "child"),)),
        risk=RiskDirection.EITHER, unit="yuan", actionable=True,
        why="Bills strain a family (low income and neglect OR 2.85, rural 3 to 6), yet they also show that treatment was sought; the direction is left open.",
        examples=(
            Example(
                "record | occurred | known | who      | amount_yuan",
                "1      | 731      | 700   | child    | 9000",
                "2      | 730      | 700   | child    | 4000",
                "3      | 300      | 270   | child    | 5000",
                "3      | 300      | 100   | child    | 3500.5",
                "4      | 200      | 170   | guardian | 20000",
                "5      | 28       | 0     | child    | 8000",
                expect=7500.5,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    # --- prevention and insurance ---------------------------------------------------------------

    vaccinations_missed_730d = Feature(
        title=Text("近两年未种疫苗剂次", "Scheduled doses missed in the last two years"),
        family=HealthLife.prevention, source=Health.vaccinations,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730), where=(OneOf("state", "missed"),)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="Being uninsured and unvaccinated is assumed to raise guardianship risk (log-odds +0.4); medical neglect OR 1.79 where parents are away.",
        examples=(
            Example(
                "record | occurred | known | state",
                "1      | 731      | 700   | missed",
                "2      | 730      | 700   | missed",
                "3      | 300      | 270   | missed",
                "4      | 250      | 220   | late",
                "5      | 200      | 170   | missed",
                "5      | 200      | 80    | late",
                "6      | 28       | 0     | missed",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    vaccinations_late_365d = Feature(
        title=Text("近一年延迟接种剂次", "Scheduled doses given late in the last year"),
        family=HealthLife.prevention, source=Health.vaccinations,
        form=Aggregate(of=Aggregation.COUNT, window=Window(365), where=(OneOf("state", "late"),)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="A milder form of doses missed (assumed log-odds +0.4 with no insurance); a move between places delays doses too, so its weight should be small.",
        examples=(
            Example(
                "occurred | known | state",
                "366      | 340   | late",
                "365      | 340   | late",
                "200      | 170   | late",
                "100      | 70    | on_time",
                "28       | 0     | late",
                expect=2,
            ),
        ),
    )  # fmt: skip

    insurance_lapsed_1825d = Feature(
        title=Text("近五年最近参保状态是否断保", "Whether the latest insurance state in the last five years is lapsed"),
        family=HealthLife.prevention, source=Welfare.insurance,
        form=Latest(column="state", window=Window(1825), among=("lapsed",)),
        risk=RiskDirection.EITHER, unit="yes_no", when_no_records=None, actionable=True,
        why="Assumed to raise guardianship risk (log-odds +0.4 with doses missed), while insured migrant children had more difficulties in Guangdong; the direction is left open.",
        examples=(
            Example("occurred | known | state", "1825 | 1800 | lapsed", "20 | 0 | insured", expect=1),
            Example("occurred | known | state", "1826 | 1800 | lapsed", expect=None),
            Example(
                "record | occurred | known | state",
                "1      | 300      | 280   | insured",
                "2      | 120      | 100   | lapsed",
                "2      | 420      | 60    | lapsed",
                expect=0,
            ),
        ),
    )  # fmt: skip

    # --- disability -----------------------------------------------------------------------------

    own_disability_card_1825d = Feature(
        title=Text("近五年儿童本人是否有残疾人证", "Whether the child was issued a disability card in the last five years"),
        family=HealthLife.disability, source=Welfare.disability_cards,
        form=Ever(window=Window(1825), where=(OneOf("who", "child"),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="A child's disability is assumed to raise guardianship risk (log-odds +0.4) by the care it needs; no usable Chinese odds ratio was found.",
        examples=(
            Example("occurred | known | who | level", "1825 | 1800 | child | 3", expect=1),
            Example(
                "record | occurred | known | who      | level",
                "1      | 1826     | 1800  | child    | 2",
                "2      | 700      | 650   | guardian | 2",
                "3      | 400      | 370   | child    | 4",
                "3      | 400      | 90    | guardian | 4",
                "4      | 28       | 0     | child    | 1",
                expect=0,
            ),
            Example("occurred | known | who | level", "900 | 870 | child | 3", "90 | 60 | child | 2", expect=1),
        ),
    )  # fmt: skip

    own_disability_level_1825d = Feature(
        title=Text("近五年儿童本人残疾等级（1级最重）", "Level on the child's disability card in the last five years (1 is most severe)"),
        family=HealthLife.disability, source=Welfare.disability_cards,
        form=Latest(column="level", window=Window(1825), where=(OneOf("who", "child"),)),
        risk=RiskDirection.EITHER, unit="level", when_no_records=None,
        why="How much care a disability needs; known only of children with a card, and no Chinese figure orders the levels by risk, so the direction is left open.",
        examples=(
            Example("occurred | known | who | level", "1825 | 1800 | child | 2", "20 | 0 | child | 4", expect=2),
            Example("occurred | known | who | level", "1826 | 1800 | child | 2", expect=None),
            Example(
                "occurred | known | who      | level",
                "900      | 870   | child    | 4",
                "300      | 270   | child    | 3",
                "200      | 170   | child    | -",
                "100      | 70    | guardian | 1",
                expect=3,
            ),
        ),
    )  # fmt: skip

    developmental_visits_730d = Feature(
        title=Text("近两年是否有发育相关就诊", "Whether there were visits for developmental blocks in the last two years"),
        family=HealthLife.disability, source=Health.visits,
        form=Ever(window=Window(730), where=(OneOf("block", "F70-F79", "F80-F89"),)),
        risk=RiskDirection.RISES, unit="yes_no", sensitive=True,
        why="Finds children whose disability has no card yet: a child's disability is assumed to raise guardianship risk (log-odds +0.4); no usable Chinese odds ratio was found.",
        examples=(
            Example("occurred | known | setting | block", "730 | 700 | outpatient | F70-F79", expect=1),
            Example(
                "occurred | known | setting    | block",
                "731      | 700   | outpatient | F80-F89",
                "300      | 270   | outpatient | F90-F98",
                "25       | 0     | outpatient | F80-F89",
                expect=0,
            ),
            Example(
                "occurred | known | setting    | block",
                "400      | 370   | outpatient | F80-F89",
                "200      | 170   | outpatient | F80-F89",
                expect=1,
            ),
        ),
    )  # fmt: skip
