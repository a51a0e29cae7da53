"""How sleep, growth and use of services develop; blocks of diagnoses, never more.

Data only. Shares and kinds of visits leave psychological blocks out unless they count every visit alike.
"""

from features.catalogue.families import HealthLife
from features.language import (
    Aggregate,
    Aggregation,
    DaysSince,
    DistinctCount,
    Example,
    Feature,
    OneOf,
    Ratio,
    RiskDirection,
    Text,
    Trend,
    Window,
)
from features.sources import Health, Welfare


class GrowingFeatures:
    growth_concern_share_1825d = Feature(
        title=Text("近五年体检为消瘦或生长迟缓的占比", "Share of checks in the last five years that found the child thin or stunted"),
        family=HealthLife.bodily, source=Health.checkups,
        form=Ratio(
            part=(OneOf("growth", "thin", "stunted"),),
            window=Window(1825),
            where=(OneOf("growth", "normal", "thin", "stunted", "overweight", "obese"),),
        ),
        risk=RiskDirection.RISES, unit="share", when_no_records=None, actionable=True,
        why="Growth that falters over years is a bodily sign of neglect (medical neglect OR 1.79, physical 1.75 where parents are away); one check may only follow an illness.",
        examples=(
            Example(
                "occurred | known | growth",
                "1826     | 1796  | thin",
                "1825     | 1795  | thin",
                "1632     | 1602  | stunted",
                "1439     | 1409  | normal",
                "1246     | 1216  | normal",
                "1053     | 1023  | normal",
                "860      | 830   | normal",
                "667      | 637   | overweight",
                "474      | 444   | obese",
                "281      | 251   | -",
                "30       | 0     | thin",
                expect=0.25,
            ),
            Example("occurred | known | growth", "1826 | 1796 | thin", expect=None),
        ),
    )  # fmt: skip

    checkups_1095d = Feature(
        title=Text("近三年体检次数", "Health checks in the last three years"),
        family=HealthLife.prevention, source=Health.checkups,
        form=Aggregate(of=Aggregation.COUNT, window=Window(1095)),
        risk=RiskDirection.EITHER, unit="times", actionable=True,
        why="Checks are yearly by norm, more often in infancy; few can be medical neglect (OR 1.79 where parents are away) or a late arrival, so the direction is left open.",
        examples=(
            Example(
                "occurred | known | growth",
                "1096     | 1066  | normal",
                "1095     | 1065  | normal",
                "757      | 727   | thin",
                "419      | 389   | normal",
                "30       | 0     | normal",
                expect=3,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    sleep_trend_1095d = Feature(
        title=Text("近三年体检所记睡眠小时的年变化", "Change a year of the hours of sleep found at checks, over the last three years"),
        family=HealthLife.sleep, source=Health.checkups,
        form=Trend(column="sleep_hours", window=Window(1095)),
        risk=RiskDirection.FALLS, unit="hours_a_year", when_no_records=None, actionable=True,
        why="Too little sleep goes with depressive symptoms (OR 1.48, Anhui); children sleep less as they grow, so only a steep loss tells something.",
        examples=(
            Example(
                "occurred | known | sleep_hours",
                "1096     | 1066  | 3",
                "1095     | 1065  | 9",
                "949      | 859   | 8.1",
                "511      | 501   | 8",
                "255      | 165   | -",
                "30       | 0     | 14",
                expect=-0.5,
            ),
            Example("occurred | known | sleep_hours", "1095 | 1065 | 9", expect=None),
            Example("occurred | known | sleep_hours", "1095 | 1065 | 9", "1095 | 1065 | 8", expect=None),
            Example("occurred | known | sleep_hours", "1095 | 1065 | 9", "949 | 919 | 9", expect=0),
        ),
    )  # fmt: skip

    screen_trend_1095d = Feature(
        title=Text("近三年体检所记屏幕小时的年变化", "Change a year of the hours of screen found at checks, over the last three years"),
        family=HealthLife.sleep, source=Health.checkups,
        form=Trend(column="screen_hours", window=Window(1095)),
        risk=RiskDirection.RISES, unit="hours_a_year", when_no_records=None, actionable=True,
        why="Two hours of screen or more go with depressive symptoms (OR 1.35), problematic use more (r .288, 63 papers); a steep rise marks a change of habit.",
        examples=(
            Example(
                "occurred | known | screen_hours",
                "1096     | 1066  | 9",
                "1095     | 1065  | 1",
                "949      | 859   | 1.9",
                "511      | 501   | 2",
                "255      | 165   | -",
                "30       | 0     | 8",
                expect=0.5,
            ),
            Example("occurred | known | screen_hours", "1095 | 1065 | 1", expect=None),
            Example("occurred | known | screen_hours", "1095 | 1065 | 1", "1095 | 1065 | 2", expect=None),
            Example("occurred | known | screen_hours", "1095 | 1065 | 1", "949 | 919 | 1", expect=0),
        ),
    )  # fmt: skip

    screen_hours_highest_730d = Feature(
        title=Text("近两年体检所记每日屏幕小时最高值", "Most hours of screen at a check in the last two years"),
        family=HealthLife.sleep, source=Health.checkups,
        form=Aggregate(of=Aggregation.MAX, column="screen_hours", window=Window(730)),
        risk=RiskDirection.RISES, unit="hours", when_no_records=None,
        why="Two hours of screen or more go with depressive symptoms (OR 1.35, another study 1.20); families answer low when asked, so the highest answer is the nearest.",
        examples=(
            Example(
                "occurred | known | screen_hours",
                "731      | 701   | 9",
                "730      | 700   | 4.5",
                "568      | 538   | 1",
                "406      | 376   | 2",
                "244      | 214   | -",
                "30       | 0     | 8",
                expect=4.5,
            ),
            Example(expect=None),
        ),
    )  # fmt: skip

    sleep_hours_mean_1095d = Feature(
        title=Text("近三年体检所记每日睡眠小时平均值", "Mean hours of sleep at checks over the last three years"),
        family=HealthLife.sleep, source=Health.checkups,
        form=Aggregate(of=Aggregation.MEAN, column="sleep_hours", window=Window(1095)),
        risk=RiskDirection.FALLS, unit="hours", when_no_records=None,
        why="Too little sleep goes with depressive symptoms (OR 1.48, 1.37 to 1.61, Anhui); a mean of yearly answers is steadier than the latest one.",
        examples=(
            Example(
                "occurred | known | sleep_hours",
                "1096     | 1066  | 4",
                "1095     | 1065  | 7",
                "842      | 812   | 8.5",
                "589      | 559   | 10",
                "336      | 306   | -",
                "30       | 0     | 3",
                expect=8.5,
            ),
            Example(expect=None),
        ),
    )  # fmt: skip

    emergency_share_365d = Feature(
        title=Text("近一年就诊中急诊的占比", "Share of medical visits in the last year that were emergencies"),
        family=HealthLife.visits, source=Health.visits,
        form=Ratio(part=(OneOf("setting", "emergency"),), window=Window(365)),
        risk=RiskDirection.RISES, unit="share", when_no_records=None, actionable=True,
        why="Children affected by migration are injured more often (OR 1.68, 31 studies), and care sought only at the emergency door means no regular one; most visits have other causes.",
        examples=(
            Example(
                "occurred | known | setting    | block",
                "366      | 336   | emergency  | S00-T98",
                "365      | 335   | emergency  | S00-T98",
                "294      | 264   | outpatient | J00-J99",
                "223      | 193   | outpatient | K00-K93",
                "152      | 122   | inpatient  | J00-J99",
                "30       | 0     | emergency  | S00-T98",
                expect=0.25,
            ),
            Example("occurred | known | setting | block", "366 | 336 | emergency | S00-T98", expect=None),
        ),
    )  # fmt: skip

    injury_emergencies_730d = Feature(
        title=Text("近两年因损伤或中毒急诊次数", "Emergencies for injury or poisoning in the last two years"),
        family=HealthLife.visits, source=Health.visits,
        form=Aggregate(
            of=Aggregation.COUNT,
            window=Window(730),
            where=(OneOf("setting", "emergency"), OneOf("block", "S00-T98")),
        ),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="Injury is more frequent in children affected by migration (OR 1.68) and safety neglect where parents are away (1.52); those at the emergency door are the serious ones.",
        examples=(
            Example(
                "occurred | known | setting    | block",
                "731      | 701   | emergency  | S00-T98",
                "730      | 700   | emergency  | S00-T98",
                "600      | 570   | emergency  | S00-T98",
                "470      | 440   | outpatient | S00-T98",
                "340      | 310   | emergency  | J00-J99",
                "210      | 180   | emergency  | K00-K93",
                "30       | 0     | emergency  | S00-T98",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    injuries_share_730d = Feature(
        title=Text("近两年就诊中损伤与中毒的占比", "Share of medical visits in the last two years for injury or poisoning"),
        family=HealthLife.visits, source=Health.visits,
        form=Ratio(part=(OneOf("block", "S00-T98"),), window=Window(730)),
        risk=RiskDirection.RISES, unit="share", when_no_records=None, actionable=True,
        why="Injury goes with behavioural problems (OR about 2.1) and with unsafe care (1.52); a share allows for children who see a doctor often for every cough.",
        examples=(
            Example(
                "occurred | known | setting    | block",
                "731      | 701   | emergency  | S00-T98",
                "730      | 700   | emergency  | S00-T98",
                "568      | 538   | outpatient | J00-J99",
                "406      | 376   | outpatient | K00-K93",
                "244      | 214   | emergency  | J00-J99",
                "30       | 0     | emergency  | S00-T98",
                expect=0.25,
            ),
            Example("occurred | known | setting | block", "731 | 701 | emergency | S00-T98", expect=None),
        ),
    )  # fmt: skip

    bodily_blocks_365d = Feature(
        title=Text("近一年躯体疾病就诊的类目段数", "Kinds of bodily complaint at medical visits in the last year"),
        family=HealthLife.visits, source=Health.visits,
        form=DistinctCount(
            column="block",
            window=Window(365),
            where=(OneOf("block", "G00-G99", "J00-J99", "K00-K93", "R00-R99", "S00-T98"),),
        ),
        risk=RiskDirection.EITHER, unit="kinds",
        why="Complaints that wander from stomach to head can be how children show distress, and also ordinary childhood; no effect size was found, so the direction is left open.",
        examples=(
            Example(
                "occurred | known | setting    | block",
                "365      | 335   | outpatient | J00-J99",
                "182      | 152   | outpatient | K00-K93",
                "121      | 91    | outpatient | K00-K93",
                expect=2,
            ),
            Example(
                "occurred | known | setting    | block",
                "366      | 336   | outpatient | R00-R99",
                "273      | 243   | outpatient | J00-J99",
                "182      | 152   | outpatient | J00-J99",
                "121      | 91    | outpatient | F80-F89",
                "30       | 0     | outpatient | R00-R99",
                expect=1,
            ),
            Example(expect=0),
            Example(
                "occurred | known | setting    | block",
                "300      | 270   | outpatient | G00-G99",
                "200      | 170   | emergency  | S00-T98",
                "90       | 60    | outpatient | R00-R99",
                expect=3,
            ),
        ),
    )  # fmt: skip

    days_since_bodily_visit_730d = Feature(
        title=Text("近两年最近一次躯体或保健就诊距今天数", "Days since the latest medical visit for a bodily complaint or prevention, within two years"),
        family=HealthLife.visits, source=Health.visits,
        form=DaysSince(
            window=Window(730),
            where=(OneOf("block", "G00-G99", "J00-J99", "K00-K93", "R00-R99", "S00-T98", "Z00-Z99"),),
        ),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, actionable=True,
        why="No visit for long can be good health, or medical neglect (OR 1.79 where parents are away), or care sought elsewhere; the direction is left open.",
        examples=(
            Example(
                "occurred | known | setting    | block",
                "730      | 700   | outpatient | G00-G99",
                "405      | 375   | outpatient | F40-F48",
                "30       | 0     | outpatient | G00-G99",
                expect=730,
            ),
            Example("occurred | known | setting | block", "731 | 701 | outpatient | G00-G99", expect=None),
            Example(
                "occurred | known | setting    | block",
                "486      | 456   | outpatient | G00-G99",
                "146      | 116   | outpatient | Z00-Z99",
                expect=146,
            ),
            Example("occurred | known | setting | block", "182 | 152 | outpatient | J00-J99", expect=182),
            Example("occurred | known | setting | block", "182 | 152 | outpatient | K00-K93", expect=182),
            Example("occurred | known | setting | block", "182 | 152 | outpatient | R00-R99", expect=182),
            Example("occurred | known | setting | block", "182 | 152 | outpatient | S00-T98", expect=182),
        ),
    )  # fmt: skip

    vaccinations_late_share_730d = Feature(
        title=Text("近两年应种剂次中延迟的占比", "Share of scheduled doses in the last two years given late"),
        family=HealthLife.prevention, source=Health.vaccinations,
        form=Ratio(part=(OneOf("state", "late"),), window=Window(730)),
        risk=RiskDirection.RISES, unit="share", when_no_records=None, actionable=True,
        why="A milder form of doses missed (assumed log-odds +0.4 with no insurance); infants have many doses and pupils few, which a share allows for.",
        examples=(
            Example(
                "occurred | known | state",
                "731      | 701   | late",
                "730      | 700   | late",
                "568      | 538   | on_time",
                "406      | 376   | missed",
                "244      | 214   | on_time",
                "30       | 0     | late",
                expect=0.25,
            ),
            Example("occurred | known | state", "731 | 701 | late", expect=None),
        ),
    )  # fmt: skip

    uninsured_share_1825d = Feature(
        title=Text("近五年参保状态中断保的占比", "Share of insurance states in the last five years that were lapsed"),
        family=HealthLife.prevention, source=Welfare.insurance,
        form=Ratio(part=(OneOf("state", "lapsed"),), window=Window(1825)),
        risk=RiskDirection.EITHER, unit="share", when_no_records=None, actionable=True,
        why="Assumed to raise guardianship risk (log-odds +0.4 with doses missed), while insured migrant children had more difficulties in Guangdong; the direction is left open.",
        examples=(
            Example(
                "occurred | known | state",
                "1826     | 1806  | lapsed",
                "1825     | 1805  | lapsed",
                "1384     | 1364  | insured",
                "943      | 923   | insured",
                "502      | 482   | insured",
                "20       | 0     | lapsed",
                expect=0.25,
            ),
            Example("occurred | known | state", "1826 | 1806 | lapsed", expect=None),
        ),
    )  # fmt: skip

    days_since_dose_1825d = Feature(
        title=Text("近五年最近一次实际接种的应种日距今天数", "Days since the latest scheduled dose that was given, within five years"),
        family=HealthLife.prevention, source=Health.vaccinations,
        form=DaysSince(window=Window(1825), where=(OneOf("state", "on_time", "late"),)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, actionable=True,
        why="Long gaps are normal after the sixth year and a sign of lost contact before it; age stands beside it, so the direction is left open.",
        examples=(
            Example(
                "occurred | known | state",
                "1825     | 1795  | on_time",
                "953      | 923   | missed",
                "30       | 0     | on_time",
                expect=1825,
            ),
            Example("occurred | known | state", "1826 | 1796 | on_time", expect=None),
            Example("occurred | known | state", "1216 | 1186 | on_time", "365 | 335 | late", expect=365),
        ),
    )  # fmt: skip

    card_holders_1825d = Feature(
        title=Text("近五年残疾人证的持证人类别数（儿童本人、监护人）", "Kinds of holder of a disability card (child, guardian) in the last five years"),
        family=HealthLife.disability, source=Welfare.disability_cards,
        form=DistinctCount(column="who", window=Window(1825)),
        risk=RiskDirection.RISES, unit="kinds", actionable=True,
        why="A disability of the child (+0.4) and of a parent (+0.6) are assumed to raise guardianship risk each; where both need care, there is nobody left to give it.",
        examples=(
            Example(
                "occurred | known | who      | level",
                "1825     | 1795  | child    | 3",
                "912      | 882   | guardian | 2",
                "608      | 578   | guardian | 2",
                expect=2,
            ),
            Example(
                "occurred | known | who      | level",
                "1826     | 1796  | guardian | 2",
                "1368     | 1338  | child    | 3",
                "912      | 882   | child    | 3",
                "30       | 0     | guardian | 2",
                expect=1,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip
