"""How school life develops: what share of absences, which way results go, how a guardian is reached.

Data only. A trend needs two different days; without them it is not known, and never level.
"""

from features.catalogue.families import SchoolLife
from features.language import (
    Aggregate,
    Aggregation,
    AtLeast,
    DaysSince,
    DistinctCount,
    Ever,
    Example,
    Feature,
    OneOf,
    Ratio,
    RiskDirection,
    Text,
    Trend,
    Window,
)
from features.sources import Education


class LearningFeatures:
    unexplained_share_365d = Feature(
        title=Text("近一年缺勤中无故缺勤的占比", "Share of absences in the last year that were unexplained"),
        family=SchoolLife.attendance, source=Education.absences,
        form=Ratio(part=(OneOf("kind", "unexplained"),), window=Window(365)),
        risk=RiskDirection.RISES, unit="share", when_no_records=None, actionable=True,
        why="Absence goes with depression (aOR 10.8 in clinic adolescents); a sickly child misses many days and explains them all, which a share tells apart from a count.",
        examples=(
            Example(
                "occurred | known | kind",
                "366      | 359   | unexplained",
                "365      | 358   | unexplained",
                "283      | 276   | sick",
                "201      | 194   | personal",
                "119      | 112   | sick",
                "7        | 0     | unexplained",
                expect=0.25,
            ),
            Example("occurred | known | kind", "366 | 359 | unexplained", expect=None),
        ),
    )  # fmt: skip

    absence_length_trend_365d = Feature(
        title=Text("近一年每次缺勤节数的年变化", "Change a year of the sessions missed at an absence, over the last year"),
        family=SchoolLife.attendance, source=Education.absences,
        form=Trend(column="sessions", window=Window(365)),
        risk=RiskDirection.RISES, unit="sessions_a_year", when_no_records=None, actionable=True,
        why="School refusal often begins with single lessons and ends with whole days (absence aOR 10.8 in clinic adolescents); no figure for the growth itself was found.",
        examples=(
            Example(
                "occurred | known | sessions",
                "366      | 359   | 12",
                "365      | 358   | 2",
                "292      | 262   | 10",
                "73       | 70    | 8",
                "36       | 6     | -",
                "7        | 0     | 1",
                expect=5,
            ),
            Example("occurred | known | sessions", "365 | 358 | 2", expect=None),
            Example("occurred | known | sessions", "365 | 358 | 2", "365 | 358 | 8", expect=None),
            Example("occurred | known | sessions", "365 | 358 | 2", "292 | 285 | 2", expect=0),
        ),
    )  # fmt: skip

    personal_absences_180d = Feature(
        title=Text("近180天事假天数", "Days of personal leave in the last 180 days"),
        family=SchoolLife.attendance, source=Education.absences,
        form=Aggregate(of=Aggregation.COUNT, window=Window(180), where=(OneOf("kind", "personal"),)),
        risk=RiskDirection.RISES, unit="days", actionable=True,
        why="Leave at the family's wish can mean minding siblings or travel; long absence is assumed at log-odds +1.1 for guardianship, and no figure separates this kind.",
        examples=(
            Example(
                "occurred | known | kind",
                "181      | 174   | personal",
                "180      | 173   | personal",
                "151      | 144   | personal",
                "122      | 115   | sick",
                "93       | 86    | unexplained",
                "64       | 57    | unexplained",
                "7        | 0     | personal",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    long_absences_180d = Feature(
        title=Text("近180天缺勤5节及以上的天数", "Days with five sessions or more missed in the last 180 days"),
        family=SchoolLife.attendance, source=Education.absences,
        form=Aggregate(of=Aggregation.COUNT, window=Window(180), where=(AtLeast("sessions", 5),)),
        risk=RiskDirection.RISES, unit="days", actionable=True,
        why="Whole days away weigh more than a lesson missed (long absence is assumed at log-odds +1.1 for guardianship), whatever the reason written down.",
        examples=(
            Example(
                "occurred | known | sessions",
                "181      | 174   | 5",
                "180      | 173   | 5",
                "151      | 144   | 6",
                "122      | 115   | 5",
                "93       | 86    | 4.5",
                "64       | 57    | -",
                "7        | 0     | 5",
                expect=3,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    days_since_unexplained_absence_365d = Feature(
        title=Text("近一年最近一次无故缺勤距今天数", "Days since the latest unexplained absence, within the last year"),
        family=SchoolLife.attendance, source=Education.absences,
        form=DaysSince(window=Window(365), where=(OneOf("kind", "unexplained"),)),
        risk=RiskDirection.FALLS, unit="days", when_no_records=None,
        why="An absence of last week can still be asked about (absence aOR 10.8 in clinic adolescents); one long past, with none since, is more likely over.",
        examples=(
            Example(
                "occurred | known | kind",
                "365      | 358   | unexplained",
                "200      | 193   | sick",
                "7        | 0     | unexplained",
                expect=365,
            ),
            Example("occurred | known | kind", "366 | 359 | unexplained", expect=None),
            Example("occurred | known | kind", "243 | 236 | unexplained", "73 | 66 | unexplained", expect=73),
        ),
    )  # fmt: skip

    percentile_trend_1095d = Feature(
        title=Text("近三年年级百分位的年变化", "Change a year of the percentile in the grade, over the last three years"),
        family=SchoolLife.learning, source=Education.term_results,
        form=Trend(column="percentile", window=Window(1095)),
        risk=RiskDirection.FALLS, unit="percentile_a_year", when_no_records=None, actionable=True,
        why="Poor grades go with anxiety (OR 1.20, 1.03 to 1.41, Zhejiang pupils); falling from where the child stood says more than standing low, though no figure for the fall was found.",
        examples=(
            Example(
                "occurred | known | percentile",
                "1096     | 1075  | 0",
                "1095     | 1074  | 70",
                "949      | 889   | 60",
                "511      | 508   | 56",
                "255      | 195   | -",
                "21       | 0     | 95",
                expect=-7.5,
            ),
            Example("occurred | known | percentile", "1095 | 1074 | 70", expect=None),
            Example("occurred | known | percentile", "1095 | 1074 | 70", "1095 | 1074 | 56", expect=None),
            Example("occurred | known | percentile", "1095 | 1074 | 70", "949 | 928 | 70", expect=0),
        ),
    )  # fmt: skip

    percentile_lowest_730d = Feature(
        title=Text("近两年年级百分位最低值", "Lowest percentile in the grade in the last two years"),
        family=SchoolLife.learning, source=Education.term_results,
        form=Aggregate(of=Aggregation.MIN, column="percentile", window=Window(730)),
        risk=RiskDirection.FALLS, unit="percentile", when_no_records=None,
        why="Poor grades go with anxiety (OR 1.20, 1.03 to 1.41, Zhejiang pupils); one very bad term can be the only sign of a bad half-year, which the mean hides.",
        examples=(
            Example(
                "occurred | known | percentile",
                "731      | 710   | 5",
                "730      | 709   | 30",
                "563      | 542   | 60",
                "396      | 375   | 72.5",
                "229      | 208   | -",
                "21       | 0     | 10",
                expect=30,
            ),
            Example(expect=None),
        ),
    )  # fmt: skip

    failed_terms_share_730d = Feature(
        title=Text("近两年有不合格科目的学期占比", "Share of terms in the last two years with a subject failed"),
        family=SchoolLife.learning, source=Education.term_results,
        form=Ratio(part=(AtLeast("failed_subjects", 1),), window=Window(730)),
        risk=RiskDirection.RISES, unit="share", when_no_records=None, actionable=True,
        why="Poor grades go with anxiety (OR 1.20, Zhejiang pupils); failing term after term is where tutoring (and not one examination) is at issue.",
        examples=(
            Example(
                "occurred | known | failed_subjects",
                "731      | 710   | 1",
                "730      | 709   | 1",
                "597      | 576   | 3",
                "464      | 443   | 0",
                "331      | 310   | 0",
                "198      | 177   | 0.5",
                "21       | 0     | 1",
                expect=0.4,
            ),
            Example("occurred | known | failed_subjects", "731 | 710 | 1", expect=None),
        ),
    )  # fmt: skip

    failed_subjects_trend_1095d = Feature(
        title=Text("近三年不合格科目数的年变化", "Change a year of the subjects failed in a term, over the last three years"),
        family=SchoolLife.learning, source=Education.term_results,
        form=Trend(column="failed_subjects", window=Window(1095)),
        risk=RiskDirection.RISES, unit="subjects_a_year", when_no_records=None,
        why="Poor grades go with anxiety (OR 1.20, Zhejiang pupils) and with maltreatment (Shenzhen); more failures each term mean a child whom nobody has helped yet.",
        examples=(
            Example(
                "occurred | known | failed_subjects",
                "1096     | 1075  | 15",
                "1095     | 1074  | 0",
                "949      | 889   | 4",
                "511      | 508   | 3",
                "255      | 195   | -",
                "21       | 0     | 9",
                expect=1.25,
            ),
            Example("occurred | known | failed_subjects", "1095 | 1074 | 0", expect=None),
            Example("occurred | known | failed_subjects", "1095 | 1074 | 0", "1095 | 1074 | 3", expect=None),
            Example("occurred | known | failed_subjects", "1095 | 1074 | 0", "949 | 928 | 0", expect=0),
        ),
    )  # fmt: skip

    terms_assessed_730d = Feature(
        title=Text("近两年有综合评价的学期数", "Terms assessed in the last two years"),
        family=SchoolLife.learning, source=Education.term_results,
        form=Aggregate(of=Aggregation.COUNT, window=Window(730)),
        risk=RiskDirection.EITHER, unit="times",
        why="Terms without results mean gaps in schooling, a school that does not report, or a child too young; no figure was found, so the direction is left open.",
        examples=(
            Example(
                "occurred | known | percentile",
                "731      | 710   | 40",
                "730      | 709   | 40",
                "508      | 487   | 55",
                "286      | 265   | -",
                "21       | 0     | 40",
                expect=3,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    guardian_took_part_share_365d = Feature(
        title=Text("近一年家长参与家校联系的占比", "Share of school contacts in the last year in which a guardian took part"),
        family=SchoolLife.support, source=Education.family_contacts,
        form=Ratio(part=(OneOf("took_part", "yes"),), window=Window(365)),
        risk=RiskDirection.FALLS, unit="share", when_no_records=None, actionable=True,
        why="Distant parents go with neglect (OR 1.42 to 3.88 for a distant or cold mother); a share allows for schools that call often, though long hours show alike.",
        examples=(
            Example(
                "occurred | known | kind       | took_part",
                "366      | 352   | meeting    | yes",
                "365      | 351   | meeting    | yes",
                "286      | 272   | meeting    | no",
                "207      | 193   | call       | no",
                "128      | 114   | home_visit | no",
                "14       | 0     | meeting    | yes",
                expect=0.25,
            ),
            Example("occurred | known | kind | took_part", "366 | 352 | meeting | yes", expect=None),
        ),
    )  # fmt: skip

    contact_kinds_365d = Feature(
        title=Text("近一年家长参与的家校联系种类数", "Kinds of school contact in which a guardian took part in the last year"),
        family=SchoolLife.support, source=Education.family_contacts,
        form=DistinctCount(column="kind", window=Window(365), where=(OneOf("took_part", "yes"),)),
        risk=RiskDirection.FALLS, unit="kinds", actionable=True,
        why="The tie between teacher and child is the strongest correlate for migrant children; a family met at school, at home and by telephone has more than one such tie.",
        examples=(
            Example(
                "occurred | known | kind    | took_part",
                "365      | 351   | meeting | yes",
                "182      | 168   | call    | yes",
                "121      | 107   | call    | yes",
                expect=2,
            ),
            Example(
                "occurred | known | kind       | took_part",
                "366      | 352   | home_visit | yes",
                "273      | 259   | meeting    | yes",
                "182      | 168   | meeting    | yes",
                "121      | 107   | home_visit | no",
                "14       | 0     | home_visit | yes",
                expect=1,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    counsellor_attention_share_730d = Feature(
        title=Text("近两年心理辅导中重点关注的占比", "Share of counsellor visits in the last two years at which attention was asked for"),
        family=SchoolLife.support, source=Education.counsellor_visits,
        form=Ratio(part=(OneOf("level", "attention", "crisis"),), window=Window(730)),
        risk=RiskDirection.RISES, unit="share", when_no_records=None,
        why="A trained person's own judgement; some schools send every child to the counsellor, and the share allows for it. A crisis establishes the outcome, so part of this is earlier outcome.",
        examples=(
            Example(
                "occurred | known | level",
                "731      | 717   | attention",
                "730      | 716   | attention",
                "594      | 580   | crisis",
                "458      | 444   | routine",
                "322      | 308   | routine",
                "186      | 172   | routine",
                "14       | 0     | attention",
                expect=0.4,
            ),
            Example("occurred | known | level", "731 | 717 | attention", expect=None),
        ),
    )  # fmt: skip

    days_since_counsellor_visit_365d = Feature(
        title=Text("近一年最近一次心理辅导距今天数", "Days since the latest visit to the counsellor, within the last year"),
        family=SchoolLife.support, source=Education.counsellor_visits,
        form=DaysSince(window=Window(365)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, actionable=True,
        why="Support that is under way and support that broke off look alike in a count; no figure was found for either, so the direction is left open.",
        examples=(
            Example("occurred | known | level", "365 | 351 | routine", "14 | 0 | routine", expect=365),
            Example("occurred | known | level", "366 | 352 | routine", expect=None),
            Example("occurred | known | level", "243 | 229 | routine", "73 | 59 | attention", expect=73),
        ),
    )  # fmt: skip

    school_move_kinds_1825d = Feature(
        title=Text("近五年学籍异动的种类数", "Kinds of school move in the last five years"),
        family=SchoolLife.schooling, source=Education.transfers,
        form=DistinctCount(column="kind", window=Window(1825)),
        risk=RiskDirection.RISES, unit="kinds",
        why="Changing school goes with depressive symptoms (OR 1.318, Jinghong); a transfer followed by leave and return is a broken path, which transfers alone are not.",
        examples=(
            Example(
                "occurred | known | kind",
                "1825     | 1811  | in",
                "912      | 898   | sick_leave",
                "608      | 594   | sick_leave",
                expect=2,
            ),
            Example(
                "occurred | known | kind",
                "1826     | 1812  | return",
                "1368     | 1354  | in",
                "912      | 898   | in",
                "14       | 0     | return",
                expect=1,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    school_transfers_1825d = Feature(
        title=Text("近五年转入学校次数", "Moves into a new school in the last five years"),
        family=SchoolLife.schooling, source=Education.transfers,
        form=Aggregate(of=Aggregation.COUNT, window=Window(1825), where=(OneOf("kind", "in"),)),
        risk=RiskDirection.RISES, unit="times",
        why="One change of school goes with depressive symptoms (OR 1.318, 1.084 to 1.603, Jinghong); friends lost again and again are assumed to weigh more than the latest move.",
        examples=(
            Example(
                "occurred | known | kind",
                "1826     | 1812  | in",
                "1825     | 1811  | in",
                "1470     | 1456  | in",
                "1115     | 1101  | in",
                "760      | 746   | out",
                "405      | 391   | return",
                "14       | 0     | in",
                expect=3,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    returned_to_school_730d = Feature(
        title=Text("近两年是否有复学", "Whether the child returned to school in the last two years"),
        family=SchoolLife.schooling, source=Education.transfers,
        form=Ever(window=Window(730), where=(OneOf("kind", "return"),)),
        risk=RiskDirection.EITHER, unit="yes_no", actionable=True,
        why="Coming back after leave is good news and a time at which a child needs somebody; no effect size was found, so the direction is left open.",
        examples=(
            Example("occurred | known | kind", "730 | 716 | return", expect=1),
            Example(
                "occurred | known | kind",
                "731      | 717   | return",
                "503      | 489   | in",
                "276      | 262   | sick_leave",
                "14       | 0     | return",
                expect=0,
            ),
            Example("occurred | known | kind", "486 | 472 | return", "146 | 132 | return", expect=1),
        ),
    )  # fmt: skip

    enrolled_365d = Feature(
        title=Text("近一年是否有学籍登记", "Whether an enrolment was registered in the last year"),
        family=SchoolLife.schooling, source=Education.enrolments,
        form=Ever(window=Window(365)),
        risk=RiskDirection.EITHER, unit="yes_no", actionable=True,
        why="A child of school age without enrolment has slipped through; a small one is not yet due, and age stands beside it, so the direction is left open.",
        examples=(
            Example("occurred | known | stage", "365 | 351 | primary", expect=1),
            Example("occurred | known | stage", "366 | 352 | primary", "14 | 0 | primary", expect=0),
            Example("occurred | known | stage", "243 | 229 | primary", "73 | 59 | primary", expect=1),
        ),
    )  # fmt: skip
