"""What instruments given at school said, and how it changes. Data only.

A result counts for a stated time and is forgotten then. Void, unfinished or unsuitable forms have no
total and no level, so they are not known here and never a sign. A positive safety item is no feature:
it goes straight to a person, and is not ranked again; the same holds for the C-SSRS screener.
"""

from __future__ import annotations

from features.catalogue.families import HealthLife
from features.language import (
    Aggregate,
    Aggregation,
    DaysSince,
    Example,
    Feature,
    Latest,
    OneOf,
    Ratio,
    RiskDirection,
    Text,
    Trend,
    Window,
)
from features.sources import Instruments

_RESULTS = Instruments.instrument_results


class InstrumentFeatures:
    # --- all instruments, by level ---------------------------------------------------------------

    instrument_level_latest_365d = Feature(
        title=Text("近一年最近一次心理测评的等级", "Level of the latest instrument in the last year"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Latest(column="level", window=Window(365)),
        risk=RiskDirection.RISES, unit="level", when_no_records=None, actionable=True,
        why="Models with self-report reach an AUC of .80 to .83 (Nanchong) where records reach .65 to .78, but one instrument is no clinical finding (.62 to .71, Yunnan): a level, beside everything else.",
        examples=(
            Example("occurred | known | level", "365 | 350 | 2", "20 | 0 | 3", expect=2),
            Example("occurred | known | level", "366 | 350 | 3", expect=None),
            Example(
                "record | occurred | known | level",
                "1      | 300      | 280   | 3",
                "2      | 90       | 70    | 0",
                "2      | 90       | 50    | 1",
                "3      | 40       | 20    | -",
                expect=1,
            ),
        ),
    )  # fmt: skip

    instrument_level_highest_730d = Feature(
        title=Text("近两年心理测评的最高等级", "Highest level of an instrument in the last two years"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Aggregate(of=Aggregation.MAX, column="level", window=Window(730)),
        risk=RiskDirection.RISES, unit="level", when_no_records=None,
        why="Parent and self agree at r of .3 to .4 only, so the one who notices most is heard; what was raised once tends to come back within a year or two, and is forgotten after two.",
        examples=(
            Example(
                "occurred | known | level",
                "731      | 700   | 3",
                "730      | 700   | 2",
                "500      | 480   | 1",
                "300      | 280   | 0",
                "100      | 80    | -",
                "15       | 0     | 3",
                expect=2,
            ),
            Example("occurred | known | level", "40 | 20 | 0", expect=0),
        ),
    )  # fmt: skip

    instruments_at_cut_off_share_1095d = Feature(
        title=Text("近三年心理测评达到界值的占比", "Share of instruments in the last three years at or above the cut-off"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Ratio(
            part=(OneOf("at_cut_off", "yes"),),
            window=Window(1095),
            where=(OneOf("at_cut_off", "yes", "no"),),
        ),
        risk=RiskDirection.RISES, unit="share", when_no_records=None,
        why="The same pupils score 9 % or 30 % by scale and cut-off: what is raised again and again, by several instruments and people, is no accident of one of them.",
        examples=(
            Example(
                "record | occurred | known | at_cut_off",
                "1      | 1096     | 1066  | yes",
                "2      | 1095     | 1065  | yes",
                "3      | 800      | 780   | yes",
                "3      | 800      | 690   | no",
                "4      | 600      | 580   | no",
                "5      | 400      | 380   | no",
                "6      | 200      | 180   | -",
                "7      | 30       | 0     | yes",
                expect=0.25,
            ),
            Example("occurred | known | at_cut_off", "1096 | 1066 | yes", expect=None),
        ),
    )  # fmt: skip

    days_since_instrument_730d = Feature(
        title=Text("近两年最近一次有效心理测评距今天数", "Days since the latest instrument with a result, within two years"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=DaysSince(window=Window(730), where=(OneOf("state", "scored"),)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None,
        why="A result tells less the older it is; schools differ in whom they ask and how often, and some give instruments to those they worry about, so the direction is left open.",
        examples=(
            Example("occurred | known | state", "730 | 700 | scored", "9 | 0 | scored", expect=730),
            Example("occurred | known | state", "731 | 700 | scored", expect=None),
            Example("occurred | known | state", "420 | 400 | scored", "75 | 50 | scored", "30 | 20 | invalid", expect=75),
        ),
    )  # fmt: skip

    # --- one instrument each ---------------------------------------------------------------------

    sdq_parent_total_latest_730d = Feature(
        title=Text("近两年最近一次家长版长处和困难问卷总分", "Total of the latest parent's SDQ in the last two years"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Latest(
            column="total", window=Window(730),
            where=(OneOf("instrument", "sdq"), OneOf("informant", "parent")),
        ),
        risk=RiskDirection.RISES, unit="points", when_no_records=None,
        why="Of migrant pupils in Guangzhou 21.0 % lay above the parent's cut-off, of local ones 9.8 %; the parent sees conduct and restlessness better than the child tells them.",
        examples=(
            Example(
                "occurred | known | instrument | informant | total",
                "730      | 700   | sdq        | parent    | 15",
                "300      | 280   | sdq        | self      | 9",
                "200      | 180   | mht        | parent    | 33",
                "20       | 0     | sdq        | parent    | 21",
                expect=15,
            ),
            Example("occurred | known | instrument | informant | total", "731 | 700 | sdq | parent | 12", expect=None),
            Example(
                "occurred | known | instrument | informant | total",
                "500      | 480   | sdq        | parent    | 8",
                "120      | 100   | sdq        | parent    | 14",
                "60       | 40    | sdq        | parent    | -",
                expect=14,
            ),
        ),
    )  # fmt: skip

    sdq_self_total_latest_730d = Feature(
        title=Text("近两年最近一次自评长处和困难问卷总分", "Total of the latest SDQ by the pupil in the last two years"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Latest(
            column="total", window=Window(730),
            where=(OneOf("instrument", "sdq"), OneOf("informant", "self")),
        ),
        risk=RiskDirection.RISES, unit="points", when_no_records=None,
        why="From eleven on pupils tell of their own worries what parents do not see (parent and self agree at r of .3 to .4); parents' divorce adds 3 to 5 points of a hundred above the cut-off.",
        examples=(
            Example(
                "occurred | known | instrument | informant | total",
                "730      | 700   | sdq        | self      | 17",
                "300      | 280   | sdq        | teacher   | 9",
                "200      | 180   | phq9       | self      | 5",
                "20       | 0     | sdq        | self      | 22",
                expect=17,
            ),
            Example("occurred | known | instrument | informant | total", "731 | 700 | sdq | self | 12", expect=None),
            Example(
                "occurred | known | instrument | informant | total",
                "500      | 480   | sdq        | self      | 9",
                "120      | 100   | sdq        | self      | 16",
                "60       | 40    | sdq        | self      | -",
                expect=16,
            ),
        ),
    )  # fmt: skip

    sdq_internalising_latest_730d = Feature(
        title=Text("近两年最近一次问卷的情绪与同伴分", "Emotional and peer difficulties at the latest SDQ in the last two years"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Latest(column="internalising", window=Window(730)),
        risk=RiskDirection.RISES, unit="points", when_no_records=None,
        why="Divorce of the parents raises emotional and peer difficulties by 3.2 points of a hundred above the cut-off (17,955 rural pupils); quiet trouble is what teachers miss.",
        examples=(
            Example("occurred | known | internalising", "730 | 700 | 9", "20 | 0 | 3", expect=9),
            Example("occurred | known | internalising", "731 | 700 | 9", expect=None),
            Example("occurred | known | internalising", "400 | 380 | 4", "90 | 70 | 7", "40 | 20 | -", expect=7),
        ),
    )  # fmt: skip

    sdq_externalising_latest_730d = Feature(
        title=Text("近两年最近一次问卷的品行与多动分", "Conduct and attention difficulties at the latest SDQ in the last two years"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Latest(column="externalising", window=Window(730)),
        risk=RiskDirection.RISES, unit="points", when_no_records=None,
        why="Divorce of the parents raises conduct and attention difficulties by 5.2 points of a hundred above the cut-off (17,955 rural pupils); it is help that is asked for, not blame.",
        examples=(
            Example("occurred | known | externalising", "730 | 700 | 11", "20 | 0 | 4", expect=11),
            Example("occurred | known | externalising", "731 | 700 | 11", expect=None),
            Example("occurred | known | externalising", "400 | 380 | 5", "90 | 70 | 8", "40 | 20 | -", expect=8),
        ),
    )  # fmt: skip

    mht_total_latest_730d = Feature(
        title=Text("近两年最近一次MHT总分", "Total of the latest MHT in the last two years"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Latest(column="total", window=Window(730), where=(OneOf("instrument", "mht"),)),
        risk=RiskDirection.RISES, unit="points", when_no_records=None,
        why="Schools give it each year from grade four, 56 and 64 being their lower limits; the limits are practice and no clinical cut-off, so the total itself is read, and only where its validity scale allows it.",
        examples=(
            Example(
                "occurred | known | instrument | total",
                "730      | 700   | mht        | 41",
                "200      | 180   | phq9       | 12",
                "20       | 0     | mht        | 66",
                expect=41,
            ),
            Example("occurred | known | instrument | total", "731 | 700 | mht | 66", expect=None),
            Example(
                "occurred | known | instrument | total",
                "300      | 280   | mht        | 66",
                "120      | 100   | mht        | 29",
                "60       | 40    | mht        | -",
                expect=29,
            ),
        ),
    )  # fmt: skip

    phq9_total_latest_365d = Feature(
        title=Text("近一年最近一次PHQ-9总分", "Total of the latest PHQ-9 in the last year"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Latest(column="total", window=Window(365), where=(OneOf("instrument", "phq9"),)),
        risk=RiskDirection.RISES, unit="points", when_no_records=None,
        why="A total above nine was found in 20.2 % of a county's pupils; against clinical findings it is weak in this age (AUC .62 to .71, Yunnan), so no band of it decides anything alone.",
        examples=(
            Example(
                "occurred | known | instrument | total",
                "365      | 335   | phq9       | 11",
                "200      | 180   | gad7       | 6",
                "20       | 0     | phq9       | 16",
                expect=11,
            ),
            Example("occurred | known | instrument | total", "366 | 335 | phq9 | 16", expect=None),
            Example(
                "occurred | known | instrument | total",
                "300      | 280   | phq9       | 16",
                "120      | 100   | phq9       | 8",
                "60       | 40    | phq9       | -",
                expect=8,
            ),
        ),
    )  # fmt: skip

    gad7_total_latest_365d = Feature(
        title=Text("近一年最近一次GAD-7总分", "Total of the latest GAD-7 in the last year"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Latest(column="total", window=Window(365), where=(OneOf("instrument", "gad7"),)),
        risk=RiskDirection.RISES, unit="points", when_no_records=None,
        why="Ten and above in 14.2 % of Zhejiang's secondary pupils, more often with little sleep (OR 2.14 to 4.73) and loneliness (2.97 to 8.35); weak alone against clinical findings.",
        examples=(
            Example(
                "occurred | known | instrument | total",
                "365      | 335   | gad7       | 10",
                "200      | 180   | phq9       | 4",
                "20       | 0     | gad7       | 17",
                expect=10,
            ),
            Example("occurred | known | instrument | total", "366 | 335 | gad7 | 17", expect=None),
            Example(
                "occurred | known | instrument | total",
                "300      | 280   | gad7       | 17",
                "120      | 100   | gad7       | 7",
                "60       | 40    | gad7       | -",
                expect=7,
            ),
        ),
    )  # fmt: skip

    k10_total_latest_365d = Feature(
        title=Text("近一年最近一次K10总分", "Total of the latest K10 in the last year"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Latest(column="total", window=Window(365), where=(OneOf("instrument", "k10"),)),
        risk=RiskDirection.RISES, unit="points", when_no_records=None,
        why="Mean 21.5 with a spread of 9.2 over 148,892 Chinese pupils in 2019: strain of many kinds, without a say on which, and never compared with clinical findings there.",
        examples=(
            Example(
                "occurred | known | instrument | total",
                "365      | 335   | k10        | 27",
                "200      | 180   | mht        | 51",
                "20       | 0     | k10        | 33",
                expect=27,
            ),
            Example("occurred | known | instrument | total", "366 | 335 | k10 | 33", expect=None),
            Example(
                "occurred | known | instrument | total",
                "300      | 280   | k10        | 33",
                "120      | 100   | k10        | 22",
                "60       | 40    | k10        | -",
                expect=22,
            ),
        ),
    )  # fmt: skip

    # --- between two times ------------------------------------------------------------------------

    mht_trend_1095d = Feature(
        title=Text("近三年MHT总分的年变化", "Change a year of the MHT total over the last three years"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Trend(column="total", window=Window(1095), where=(OneOf("instrument", "mht"),)),
        risk=RiskDirection.RISES, unit="points_a_year", when_no_records=None,
        why="Severity drifts with a correlation near .65 from one half year to the next; a pupil who scores higher each year is seen sooner by the rise than by the level.",
        examples=(
            Example(
                "occurred | known | instrument | total",
                "1096     | 1066  | mht        | 2",
                "1095     | 1065  | mht        | 30",
                "949      | 859   | mht        | 25",
                "511      | 501   | mht        | 36",
                "400      | 380   | phq9       | 3",
                "255      | 165   | mht        | -",
                "30       | 0     | mht        | 1",
                expect=5,
            ),
            Example("occurred | known | instrument | total", "1095 | 1065 | mht        | 9", expect=None),
            Example("occurred | known | instrument | total", "1095 | 1065 | mht        | 9", "1095 | 1065 | mht        | 8", expect=None),
            Example("occurred | known | instrument | total", "1095 | 1065 | mht        | 9", "949 | 919 | mht        | 9", expect=0),
        ),
    )  # fmt: skip

    phq9_trend_1095d = Feature(
        title=Text("近三年PHQ-9总分的年变化", "Change a year of the PHQ-9 total over the last three years"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Trend(column="total", window=Window(1095), where=(OneOf("instrument", "phq9"),)),
        risk=RiskDirection.RISES, unit="points_a_year", when_no_records=None,
        why="Depressive symptoms grow from primary (17.2 %) to senior school (28.2 %) in everybody; a steep rise of one pupil is more than growing up.",
        examples=(
            Example(
                "occurred | known | instrument | total",
                "1096     | 1066  | phq9       | 2",
                "1095     | 1065  | phq9       | 10",
                "949      | 859   | phq9       | 5",
                "511      | 501   | phq9       | 16",
                "400      | 380   | gad7       | 3",
                "255      | 165   | phq9       | -",
                "30       | 0     | phq9       | 1",
                expect=5,
            ),
            Example("occurred | known | instrument | total", "1095 | 1065 | phq9       | 9", expect=None),
            Example("occurred | known | instrument | total", "1095 | 1065 | phq9       | 9", "1095 | 1065 | phq9       | 8", expect=None),
            Example("occurred | known | instrument | total", "1095 | 1065 | phq9       | 9", "949 | 919 | phq9       | 9", expect=0),
        ),
    )  # fmt: skip

    sdq_parent_trend_1095d = Feature(
        title=Text("近三年家长版长处和困难问卷总分的年变化", "Change a year of the parent's SDQ total over the last three years"),
        family=HealthLife.questionnaires, source=_RESULTS,
        form=Trend(column="total", window=Window(1095), where=(OneOf("instrument", "sdq"), OneOf("informant", "parent"),)),
        risk=RiskDirection.RISES, unit="points_a_year", when_no_records=None,
        why="One parent keeps one yardstick: their own change is worth more than where they stand among parents, whose norms differ from place to place (17 or 19 as the cut-off).",
        examples=(
            Example(
                "occurred | known | instrument | informant | total",
                "1096     | 1066  | sdq        | parent    | 2",
                "1095     | 1065  | sdq        | parent    | 10",
                "949      | 859   | sdq        | parent    | 5",
                "511      | 501   | sdq        | parent    | 16",
                "450      | 430   | sdq        | self      | 3",
                "400      | 380   | mht        | parent    | 3",
                "255      | 165   | sdq        | parent    | -",
                "30       | 0     | sdq        | parent    | 1",
                expect=5,
            ),
            Example("occurred | known | instrument | informant | total", "1095 | 1065 | sdq        | parent    | 9", expect=None),
            Example("occurred | known | instrument | informant | total", "1095 | 1065 | sdq        | parent    | 9", "1095 | 1065 | sdq        | parent    | 8", expect=None),
            Example("occurred | known | instrument | informant | total", "1095 | 1065 | sdq        | parent    | 9", "949 | 919 | sdq        | parent    | 9", expect=0),
        ),
    )  # fmt: skip
