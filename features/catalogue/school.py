"""What schools can tell: attendance, learning, peers, contact with the family, changes of school.

Data only. In every example a record on the window's first day counts, one a day older does not, and
one learnt on the as-of date itself (known 0) is too late.
"""

from features.catalogue.families import SchoolLife
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
)
from features.sources import Community, Education


class SchoolFeatures:
    # --- attendance -----------------------------------------------------------------------------

    absences_unexplained_90d = Feature(
        title=Text("近90天无故缺勤天数", "Days of unexplained absence in the last 90 days"),
        family=SchoolLife.attendance, source=Education.absences,
        form=Aggregate(of=Aggregation.COUNT, window=Window(90), where=(OneOf("kind", "unexplained"),)),
        risk=RiskDirection.RISES, unit="days", actionable=True,
        why="School absence goes with moderately severe depression (aOR 10.8, 2.0 to 59.7, in 392 clinic adolescents; cause runs both ways), and a school can ask the next day.",
        examples=(
            Example(
                "record | occurred | known | kind",
                "1      | 91       | 91    | unexplained",
                "2      | 90       | 80    | unexplained",
                "3      | 20       | 15    | unexplained",
                "4      | 20       | 15    | sick",
                "5      | 10       | 0     | unexplained",
                "6      | 30       | 25    | unexplained",
                "6      | 30       | 5     | personal",
                "7      | 1        | 1     | unexplained",
                expect=3,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    absences_unexplained_365d = Feature(
        title=Text("近一年无故缺勤天数", "Days of unexplained absence in the last year"),
        family=SchoolLife.attendance, source=Education.absences,
        form=Aggregate(of=Aggregation.COUNT, window=Window(365), where=(OneOf("kind", "unexplained"),)),
        risk=RiskDirection.RISES, unit="days", actionable=True,
        why="Long absence is assumed to raise guardianship risk (log-odds +1.1, an assumption anchored to published odds ratios); a year shows whether it is a habit.",
        examples=(
            Example(
                "occurred | known | kind",
                "366      | 360   | unexplained",
                "365      | 350   | unexplained",
                "200      | 190   | unexplained",
                "150      | 140   | personal",
                "5        | 0     | unexplained",
                expect=2,
            ),
        ),
    )  # fmt: skip

    absences_sick_90d = Feature(
        title=Text("近90天病假天数", "Days of sick leave in the last 90 days"),
        family=SchoolLife.attendance, source=Education.absences,
        form=Aggregate(of=Aggregation.COUNT, window=Window(90), where=(OneOf("kind", "sick"),)),
        risk=RiskDirection.RISES, unit="days", actionable=True,
        why="Absence and school refusal go with depression (aOR 10.8 in clinic adolescents) and often come as sick leave first; no figure separates sick leave from other absence.",
        examples=(
            Example(
                "occurred | known | kind",
                "91       | 90    | sick",
                "90       | 85    | sick",
                "40       | 33    | unexplained",
                "12       | 10    | sick",
                "4        | 0     | sick",
                expect=2,
            ),
        ),
    )  # fmt: skip

    sessions_missed_180d = Feature(
        title=Text("近180天缺勤节数", "School sessions missed in the last 180 days"),
        family=SchoolLife.attendance, source=Education.absences,
        form=Aggregate(of=Aggregation.SUM, column="sessions", window=Window(180)),
        risk=RiskDirection.RISES, unit="sessions", actionable=True,
        why="The amount of school missed, whatever the reason given, since the reason written down is often the family's own word; absence aOR 10.8 in clinic adolescents.",
        examples=(
            Example(
                "record | occurred | known | sessions",
                "1      | 181      | 181   | 12",
                "2      | 180      | 170   | 6",
                "3      | 100      | 90    | 4",
                "4      | 50       | 45    | -",
                "5      | 40       | 35    | 9",
                "5      | 40       | 20    | 2",
                "6      | 8        | 0     | 7",
                expect=12,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    # --- learning -------------------------------------------------------------------------------

    percentile_latest_365d = Feature(
        title=Text("近一年最近一次年级百分位", "Latest percentile in the grade in the last year"),
        family=SchoolLife.learning, source=Education.term_results,
        form=Latest(column="percentile", window=Window(365)),
        risk=RiskDirection.FALLS, unit="percentile", when_no_records=None, actionable=True,
        why="Poor grades go with anxiety (OR 1.20, 1.03 to 1.41, Zhejiang pupils) and with maltreatment of migrant adolescents (Shenzhen, no size given).",
        examples=(
            Example(
                "record | occurred | known | percentile",
                "1      | 300      | 280   | 70",
                "2      | 120      | 100   | 35",
                "2      | 120      | 60    | 40",
                "3      | 30       | 10    | -",
                "4      | 20       | 0     | 90",
                expect=40,
            ),
            Example("occurred | known | percentile", "365 | 340 | 55", expect=55),
            Example("occurred | known | percentile", "366 | 340 | 55", expect=None),
        ),
    )  # fmt: skip

    percentile_mean_730d = Feature(
        title=Text("近两年年级百分位平均值", "Mean percentile in the grade over the last two years"),
        family=SchoolLife.learning, source=Education.term_results,
        form=Aggregate(of=Aggregation.MEAN, column="percentile", window=Window(730)),
        risk=RiskDirection.FALLS, unit="percentile", when_no_records=None,
        why="Poor grades go with anxiety (OR 1.20, 1.03 to 1.41, Zhejiang pupils); the mean of terms is steadier than one examination.",
        examples=(
            Example(
                "record | occurred | known | percentile",
                "1      | 731      | 700   | 100",
                "2      | 730      | 700   | 60",
                "3      | 400      | 380   | 30",
                "4      | 200      | 180   | 80",
                "4      | 200      | 90    | 30",
                "5      | 100      | 80    | -",
                "6      | 20       | 0     | 0",
                expect=40,
            ),
            Example(expect=None),
        ),
    )  # fmt: skip

    failed_subjects_365d = Feature(
        title=Text("近一年单学期不合格科目数最高值", "Most subjects failed in one term in the last year"),
        family=SchoolLife.learning, source=Education.term_results,
        form=Aggregate(of=Aggregation.MAX, column="failed_subjects", window=Window(365)),
        risk=RiskDirection.RISES, unit="subjects", when_no_records=None, actionable=True,
        why="Poor grades go with anxiety (OR 1.20, 1.03 to 1.41, Zhejiang pupils); failing is where tutoring can start.",
        examples=(
            Example(
                "occurred | known | failed_subjects",
                "366      | 350   | 8",
                "365      | 340   | 4",
                "180      | 160   | 1",
                "30       | 20    | -",
                "10       | 0     | 9",
                expect=4,
            ),
        ),
    )  # fmt: skip

    # --- relations ------------------------------------------------------------------------------

    bullied_365d = Feature(
        title=Text("近一年被欺凌登记次数", "Times reported as bullied in the last year"),
        family=SchoolLife.relations, source=Education.bullying_reports,
        form=Aggregate(of=Aggregation.COUNT, window=Window(365)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="Being bullied goes with depressive symptoms (OR 2.77 in a meta-analysis, 3.34 to 6.42 in Anhui); registers hold far fewer cases than surveys.",
        examples=(
            Example(
                "record | occurred | known | severity",
                "1      | 366      | 360   | minor",
                "2      | 365      | 350   | minor",
                "3      | 100      | 90    | minor",
                "3      | 100      | 40    | serious",
                "4      | 7        | 0     | serious",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    bullied_seriously_730d = Feature(
        title=Text("近两年是否有严重欺凌登记", "Whether seriously bullied in the last two years"),
        family=SchoolLife.relations, source=Education.bullying_reports,
        form=Ever(window=Window(730), where=(OneOf("severity", "serious"),)),
        risk=RiskDirection.RISES, unit="yes_no",
        why="Being bullied goes with depressive symptoms (OR 2.77 to 6.42), and serious bullying is forgotten more slowly; two years is the forgetting time.",
        examples=(
            Example(
                "occurred | known | severity",
                "730      | 700   | serious",
                expect=1,
            ),
            Example(
                "record | occurred | known | severity",
                "1      | 731      | 700   | serious",
                "2      | 300      | 280   | minor",
                "3      | 200      | 190   | serious",
                "3      | 200      | 100   | minor",
                "4      | 9        | 0     | serious",
                expect=0,
            ),
            Example("occurred | known | severity", "90 | 80 | serious", "30 | 20 | serious", expect=1),
        ),
    )  # fmt: skip

    days_since_bullied_730d = Feature(
        title=Text("近两年最近一次被欺凌登记距今天数", "Days since last reported as bullied, within two years"),
        family=SchoolLife.relations, source=Education.bullying_reports,
        form=DaysSince(window=Window(730)),
        risk=RiskDirection.FALLS, unit="days", when_no_records=None,
        why="The strongest figure for bullying is for the last 30 days (OR 6.42 against 3.34 without that limit), so recency matters.",
        examples=(
            Example("occurred | known | severity", "730 | 700 | minor", "5 | 0 | minor", expect=730),
            Example("occurred | known | severity", "731 | 700 | minor", expect=None),
            Example("occurred | known | severity", "400 | 390 | serious", "60 | 50 | minor", expect=60),
        ),
    )  # fmt: skip

    # --- support --------------------------------------------------------------------------------

    counsellor_visits_180d = Feature(
        title=Text("近180天学校心理辅导次数", "Visits to the school counsellor in the last 180 days"),
        family=SchoolLife.support, source=Education.counsellor_visits,
        form=Aggregate(of=Aggregation.COUNT, window=Window(180)),
        risk=RiskDirection.RISES, unit="times",
        why="Who visits a counsellor has or is seen to have a difficulty; no Chinese effect size was found, and a crisis record also counts towards an outcome, so part of this is earlier outcome.",
        examples=(
            Example(
                "occurred | known | level",
                "181      | 175   | attention",
                "180      | 170   | routine",
                "90       | 80    | attention",
                "3        | 0     | crisis",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    counsellor_attention_730d = Feature(
        title=Text("近两年是否曾被辅导员列为重点关注", "Whether the counsellor asked for attention in the last two years"),
        family=SchoolLife.support, source=Education.counsellor_visits,
        form=Ever(window=Window(730), where=(OneOf("level", "attention", "crisis"),)),
        risk=RiskDirection.RISES, unit="yes_no",
        why="A trained person's own judgement; a crisis record establishes the psychological outcome, so this says that earlier need returns, not that it was found early.",
        examples=(
            Example("occurred | known | level", "730 | 700 | crisis", expect=1),
            Example(
                "record | occurred | known | level",
                "1      | 731      | 720   | attention",
                "2      | 400      | 390   | routine",
                "3      | 100      | 90    | attention",
                "3      | 100      | 50    | routine",
                "4      | 14       | 0     | crisis",
                expect=0,
            ),
            Example("occurred | known | level", "90 | 80 | attention", "30 | 20 | attention", expect=1),
        ),
    )  # fmt: skip

    psychological_calls_365d = Feature(
        title=Text("近一年心理与学业热线来电次数", "Hotline calls about distress or study in the last year"),
        family=SchoolLife.support, source=Community.hotline_calls,
        form=Aggregate(of=Aggregation.COUNT, window=Window(365), where=(OneOf("topic", "psychological", "study"),)),
        risk=RiskDirection.RISES, unit="times",
        why="Calling is asking for help; loneliness and sadness, what callers tell of, go with anxiety (OR 2.51 to 8.35, Zhejiang pupils), though no figure exists for calling itself.",
        examples=(
            Example(
                "record | occurred | known | topic",
                "1      | 366      | 360   | study",
                "2      | 365      | 360   | psychological",
                "3      | 120      | 110   | study",
                "4      | 80       | 70    | family_conflict",
                "5      | 60       | 55    | psychological",
                "5      | 60       | 30    | rights",
                "6      | 6        | 0     | psychological",
                expect=2,
            ),
        ),
    )  # fmt: skip

    guardian_missed_contacts_365d = Feature(
        title=Text("近一年家长未参与家校联系次数", "School contacts the guardians missed in the last year"),
        family=SchoolLife.support, source=Education.family_contacts,
        form=Aggregate(of=Aggregation.COUNT, window=Window(365), where=(OneOf("took_part", "no"),)),
        risk=RiskDirection.RISES, unit="times", actionable=True,
        why="Distant parents go with neglect (OR 1.42 to 3.88 for a distant or cold mother); that missed school contacts show distance is our assumption, since long hours show alike.",
        examples=(
            Example(
                "record | occurred | known | kind    | took_part",
                "1      | 366      | 360   | meeting | no",
                "2      | 365      | 355   | meeting | no",
                "3      | 150      | 140   | call    | no",
                "4      | 90       | 80    | meeting | yes",
                "5      | 70       | 60    | call    | no",
                "5      | 70       | 30    | call    | yes",
                "6      | 11       | 0     | meeting | no",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    home_visits_365d = Feature(
        title=Text("近一年家长在场的家访次数", "Home visits with a guardian present in the last year"),
        family=SchoolLife.support, source=Education.family_contacts,
        form=Aggregate(
            of=Aggregation.COUNT, window=Window(365), where=(OneOf("kind", "home_visit"), OneOf("took_part", "yes"))
        ),
        risk=RiskDirection.EITHER, unit="times", actionable=True,
        why="The teacher's tie to the child is the strongest correlate for migrant children, yet teachers also visit where they worry; the direction is left open.",
        examples=(
            Example(
                "occurred | known | kind       | took_part",
                "366      | 360   | home_visit | yes",
                "365      | 350   | home_visit | yes",
                "200      | 190   | home_visit | yes",
                "160      | 150   | home_visit | no",
                "90       | 80    | meeting    | yes",
                "10       | 0     | home_visit | yes",
                expect=2,
            ),
        ),
    )  # fmt: skip

    days_since_guardian_took_part_730d = Feature(
        title=Text("近两年家长最近一次参与家校联系距今天数", "Days since a guardian last took part in a school contact, within two years"),
        family=SchoolLife.support, source=Education.family_contacts,
        form=DaysSince(window=Window(730), where=(OneOf("took_part", "yes"),)),
        risk=RiskDirection.RISES, unit="days", when_no_records=None, actionable=True,
        why="Distant parents go with neglect (OR 1.42 to 3.88 for a distant or cold mother); how long nobody came is our stand-in for distance.",
        examples=(
            Example(
                "occurred | known | kind    | took_part",
                "730      | 700   | meeting | yes",
                "100      | 90    | call    | no",
                "15       | 0     | meeting | yes",
                expect=730,
            ),
            Example("occurred | known | kind | took_part", "731 | 700 | meeting | yes", expect=None),
            Example("occurred | known | kind | took_part", "300 | 290 | call | yes", "45 | 40 | meeting | yes", expect=45),
        ),
    )  # fmt: skip

    # --- schooling ------------------------------------------------------------------------------

    school_transfers_365d = Feature(
        title=Text("近一年转入学校次数", "Moves into a new school in the last year"),
        family=SchoolLife.schooling, source=Education.transfers,
        form=Aggregate(of=Aggregation.COUNT, window=Window(365), where=(OneOf("kind", "in"),)),
        risk=RiskDirection.RISES, unit="times",
        why="Changing school goes with depressive symptoms (OR 1.318, 1.084 to 1.603, Jinghong pupils); only moves in are counted, or one move would count twice.",
        examples=(
            Example(
                "record | occurred | known | kind",
                "1      | 366      | 360   | in",
                "2      | 365      | 355   | in",
                "3      | 210      | 200   | in",
                "4      | 211      | 200   | out",
                "5      | 90       | 80    | in",
                "5      | 90       | 50    | return",
                "6      | 8        | 0     | in",
                expect=2,
            ),
            Example(expect=0),
        ),
    )  # fmt: skip

    school_leave_730d = Feature(
        title=Text("近两年是否有休学", "Whether on leave from school in the last two years"),
        family=SchoolLife.schooling, source=Education.transfers,
        form=Ever(window=Window(730), where=(OneOf("kind", "sick_leave", "other_leave"),)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="Long absence is assumed to raise guardianship risk (log-odds +1.1) and goes with depression (aOR 10.8 in clinic adolescents); leave is its registered form.",
        examples=(
            Example("occurred | known | kind", "730 | 700 | other_leave", expect=1),
            Example(
                "occurred | known | kind",
                "731      | 700   | sick_leave",
                "300      | 290   | in",
                "12       | 0     | sick_leave",
                expect=0,
            ),
            Example("occurred | known | kind", "500 | 480 | sick_leave", "90 | 80 | sick_leave", expect=1),
        ),
    )  # fmt: skip

    out_of_school_730d = Feature(
        title=Text("近两年最近一次学籍异动是否为辍学", "Whether the latest school move in the last two years is dropping out"),
        family=SchoolLife.schooling, source=Education.transfers,
        form=Latest(column="kind", window=Window(730), among=("dropout",)),
        risk=RiskDirection.RISES, unit="yes_no", actionable=True,
        why="Dropping out is assumed to raise guardianship risk (log-odds +1.1, anchored to published odds ratios); a later return takes it back.",
        examples=(
            Example("occurred | known | kind", "730 | 700 | dropout", "20 | 0 | return", expect=1),
            Example("occurred | known | kind", "731 | 700 | dropout", expect=0),
            Example("occurred | known | kind", "200 | 190 | dropout", "100 | 90 | return", expect=0),
        ),
    )  # fmt: skip

    boards_730d = Feature(
        title=Text("近两年最近学籍是否住校", "Whether the latest enrolment in the last two years is boarding"),
        family=SchoolLife.schooling, source=Education.enrolments,
        form=Latest(column="boarding", window=Window(730), among=("yes",)),
        risk=RiskDirection.EITHER, unit="yes_no", when_no_records=None,
        why="Boarders had fewer depressive symptoms in Jinghong (OR 0.814), while neglect varies with boarding without an agreed sign; the direction is left open.",
        examples=(
            Example("occurred | known | boarding", "730 | 700 | yes", "10 | 0 | no", expect=1),
            Example("occurred | known | boarding", "731 | 700 | yes", expect=None),
            Example(
                "record | occurred | known | boarding",
                "1      | 215      | 200   | no",
                "2      | 180      | 170   | yes",
                "2      | 580      | 90    | yes",
                expect=0,
            ),
        ),
    )  # fmt: skip

    secondary_school_730d = Feature(
        title=Text("近两年最近学籍是否为中学", "Whether the latest enrolment in the last two years is at secondary school"),
        family=SchoolLife.schooling, source=Education.enrolments,
        form=Latest(column="stage", window=Window(730), among=("junior", "senior")),
        risk=RiskDirection.EITHER, unit="yes_no", when_no_records=None,
        why="Depressive symptoms are more frequent at junior (OR 1.85) and senior (2.055) than at primary school, but neglect has no such gradient; the direction is left open.",
        examples=(
            Example("occurred | known | stage | grade", "730 | 700 | senior | 1", "15 | 0 | primary | 1", expect=1),
            Example("occurred | known | stage | grade", "731 | 700 | junior | 3", expect=None),
            Example("occurred | known | stage | grade", "560 | 540 | primary | 6", "200 | 190 | junior | 1", expect=1),
            Example("occurred | known | stage | grade", "200 | 190 | kindergarten | 3", expect=0),
        ),
    )  # fmt: skip
