"""School's search for children who stay away, and what rehabilitation and management reach a child.

Data only. A child's own management is confidential: declared so that its use is decided, and named
sensitive so that no screener takes it unnamed and no reason ever shows it.
"""

from features.catalogue.families import HealthLife, SchoolLife
from features.language import (
    Aggregate,
    Aggregation,
    DaysSince,
    Ever,
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
from features.sources import Education, Health, Welfare


class FollowUpFeatures:
    school_followups_730d = Feature(
        title=Text("近两年控辍保学登记次数", "Times the child was followed up for being out of school in the last two years"),
        family=SchoolLife.schooling, source=Education.schooling_followups,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="Dropout and long absence are assumed at log-odds +1.1 for guardianship; school refusal goes with moderately severe depression (aOR 10.8, clinic adolescents), cause running both ways.",
        examples=(
            Example(
                "record | occurred | known | situation",
                "1      | 731      | 720   | left_school",
                "2      | 730      | 720   | left_school",
                "3      | 300      | 290   | long_absent",
                "4      | 200      | 190   | long_absent",
                "4      | 900      | 90    | long_absent",
                "5      | 14       | 0     | not_enrolled",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    still_out_of_school_730d = Feature(
        title=Text("近两年最近一次劝返后是否仍未返校", "Whether the child was still out of school after the latest follow-up in the last two years"),
        family=SchoolLife.schooling, source=Education.schooling_followups,
        form=Latest(column="result", window=Window(730), among=("still_out",)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="Dropout is assumed at log-odds +1.1 for guardianship, and guardians may not let a child drop out (Law on the Protection of Minors, art. 17); going back is what a visit can arrange.",
        examples=(
            Example("occurred | known | result", "730 | 720 | still_out", "14 | 0 | returned", expect=1),
            Example("occurred | known | result", "731 | 720 | still_out", expect=0),
            Example("occurred | known | result", "500 | 490 | still_out", "100 | 90 | at_home", expect=0),
        ),
    )  # fmt: skip

    brought_back_share_1825d = Feature(
        title=Text("近五年控辍保学登记中已复学的占比", "Share of follow-ups in the last five years after which the child was back at school"),
        family=SchoolLife.schooling, source=Education.schooling_followups,
        form=Ratio(part=(OneOf("result", "returned"),), window=Window(1825)),
        risk=RiskDirection.FALLS, unit="share", when_no_records=None, actionable=True,
        why="Who came back was held by somebody: school absence goes with depression where it lasts (aOR 10.8, clinic adolescents). A child never followed up has no such share.",
        examples=(
            Example(
                "record | occurred | known | result",
                "1      | 1826     | 1800  | returned",
                "2      | 1825     | 1800  | returned",
                "3      | 1400     | 1390  | still_out",
                "4      | 900      | 890   | at_home",
                "5      | 500      | 490   | returned",
                "5      | 500      | 90    | moved_away",
                "6      | 14       | 0     | returned",
                expect=0.25,
            ),
            Example("occurred | known | result", "1826 | 1800 | returned", expect=None),
        ),
    )  # fmt: skip

    weary_of_school_730d = Feature(
        title=Text("近两年是否因厌学被登记", "Whether weariness of school was noted as the reason in the last two years"),
        family=SchoolLife.relations, source=Education.schooling_followups,
        form=Ever(window=Window(730), where=(OneOf("reason", "weary"),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="The teacher's bond is the strongest correlate of mood in migrant children (CDI-S), and refusal of school goes with depression (aOR 10.8, clinic adolescents).",
        examples=(
            Example("occurred | known | reason", "730 | 720 | weary", expect=1),
            Example(
                "record | occurred | known | reason",
                "1      | 731      | 720   | weary",
                "2      | 400      | 390   | moved",
                "3      | 200      | 190   | weary",
                "3      | 200      | 90    | illness",
                "4      | 14       | 0     | weary",
                expect=0,
            ),
            Example("occurred | known | reason", "500 | 490 | weary", "100 | 90 | weary", expect=1),
        ),
    )  # fmt: skip


class ServiceFeatures:
    rehabilitation_times_365d = Feature(
        title=Text("近一年康复服务次数", "Rehabilitation sessions in the last year"),
        family=HealthLife.disability, source=Welfare.rehabilitation,
        form=Aggregate(
            of=Aggregation.SUM, column="sessions", window=Window(365), where=(OneOf("event", "served"),)
        ),
        risk=RiskDirection.EITHER, unit="times", actionable=True,
        why="A child's disability is assumed at log-odds +0.4 for guardianship; sessions tell both how much is needed and how much is given, so the direction is left open.",
        examples=(
            Example(
                "record | occurred | known | event      | sessions",
                "1      | 366      | 340   | served     | 9",
                "2      | 365      | 340   | served     | 8",
                "3      | 300      | 270   | broken_off | 5",
                "4      | 200      | 170   | served     | 4",
                "5      | 100      | 70    | served     | 12",
                "5      | 100      | 40    | served     | 2",
                "6      | 90       | 60    | served     | -",
                "7      | 30       | 0     | served     | 20",
                expect=14,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    rehabilitation_broken_off_730d = Feature(
        title=Text("近两年康复服务是否中断", "Whether rehabilitation was broken off in the last two years"),
        family=HealthLife.disability, source=Welfare.rehabilitation,
        form=Ever(window=Window(730), where=(OneOf("event", "broken_off"),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="A child's disability is assumed at log-odds +0.4 for guardianship; a service broken off may mean that nobody could take the child there. It can be taken up again (service list no. 11).",
        examples=(
            Example("occurred | known | event", "730 | 700 | broken_off", expect=1),
            Example(
                "record | occurred | known | event",
                "1      | 731      | 700   | broken_off",
                "2      | 400      | 370   | served",
                "3      | 200      | 170   | broken_off",
                "3      | 200      | 90    | served",
                "4      | 30       | 0     | broken_off",
                expect=0,
            ),
            Example("occurred | known | event", "500 | 470 | broken_off", "100 | 70 | broken_off", expect=1),
        ),
    )  # fmt: skip

    days_since_rehabilitation_730d = Feature(
        title=Text("近两年最近一次接受康复服务距今天数", "Days since the child was last in rehabilitation, within two years"),
        family=HealthLife.disability, source=Welfare.rehabilitation,
        form=DaysSince(window=Window(730), where=(OneOf("event", "served"),)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, actionable=True,
        why="A service long past may be finished or may have been lost; no figure tells which, so the direction is left open, and asking is within a visit's reach.",
        examples=(
            Example("occurred | known | event", "730 | 700 | served", "400 | 370 | applied", "30 | 0 | served", expect=730),
            Example("occurred | known | event", "731 | 700 | served", expect=None),
            Example("occurred | known | event", "486 | 456 | served", "146 | 116 | served", expect=146),
        ),
    )  # fmt: skip

    rehabilitation_trend_1095d = Feature(
        title=Text("近三年每月康复次数的变化（每年）", "How sessions of rehabilitation in a month changed over the last three years (a year)"),
        family=HealthLife.disability, source=Welfare.rehabilitation,
        form=Trend(column="sessions", window=Window(1095)),
        risk=RiskDirection.EITHER, unit="sessions_a_year", when_no_records=None, actionable=True,
        why="Fewer sessions may be progress or may be fatigue of those who bring the child; the direction is left open. A child's disability is assumed at +0.4 for guardianship.",
        examples=(
            Example(
                "occurred | known | sessions",
                "1096     | 1090  | 60",
                "1095     | 1065  | 10",
                "949      | 859   | 19",
                "511      | 501   | 20",
                "255      | 165   | -",
                "30       | 0     | 40",
                expect=5,
            ),
            Example("occurred | known | sessions", "300 | 290 | 8", expect=None),
            Example("occurred | known | sessions", "300 | 290 | 8", "300 | 290 | 4", expect=None),
            Example("occurred | known | sessions", "300 | 290 | 8", "200 | 190 | 8", expect=0),
        ),
    )  # fmt: skip

    own_management_1825d = Feature(
        title=Text("近五年儿童本人是否在卫健专项管理中", "Whether the child is under the health commission's special management by the latest entry in the last five years"),
        family=HealthLife.visits, source=Health.child_disorder_management,
        form=Latest(column="event", window=Window(1825), among=("entered", "followed_up", "missed")),
        risk=RiskDirection.RISES, unit="yes_no", sensitive=True,
        why="Who is managed was seen by a psychiatrist before, which the psychological outcome already counts; no Chinese figure for guardianship was found, and the law keeps it confidential.",
        examples=(
            Example("occurred | known | event", "1825 | 1800 | entered", "45 | 0 | ended", expect=1),
            Example("occurred | known | event", "1826 | 1800 | entered", expect=0),
            Example(
                "record | occurred | known | event",
                "1      | 300      | 250   | ended",
                "2      | 200      | 150   | followed_up",
                "2      | 900      | 90    | followed_up",
                expect=0,
            ),
            Example("occurred | known | event", "400 | 350 | followed_up", expect=1),
            Example("occurred | known | event", "400 | 350 | missed", expect=1),
        ),
    )  # fmt: skip
