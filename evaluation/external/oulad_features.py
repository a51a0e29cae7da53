"""What is asked of the Open University's events: sources, families and features, in the words of any county.

Data only. `evaluation.external.oulad` makes the table; each feature states its window and has an example.
"""

from __future__ import annotations

from features.language import (
    Aggregate,
    Aggregation,
    AtLeast,
    AtMost,
    Code,
    Column,
    DaysSince,
    Department,
    DistinctCount,
    Ever,
    Example,
    Family,
    Feature,
    Group,
    Kind,
    Latest,
    OneOf,
    Ratio,
    RiskDirection,
    Source,
    Text,
    Trend,
    Window,
    declared,
)

_LAW = Text("公开数据（CC BY 4.0）", "Open data (CC BY 4.0)")
_KINDS = (
    Code("marked_by_tutor", Text("教师批改", "marked by a tutor")),
    Code("marked_by_computer", Text("机器批改", "marked by computer")),
)


class Courses:
    submissions = Source(
        title=Text("作业提交", "Submissions"), department=Department.EDUCATION,
        occurred=Text("提交日", "handed in on"), legal_basis=_LAW, rhythm_days=1, delay_days=0,
        meaning=Text("每次提交一条", "One record for each piece of work handed in"),
        columns=(
            Column("kind", Text("类型", "Kind"), Kind.CODE, codes=_KINDS),
            Column("result", Text("得分", "Result"), Kind.NUMBER, minimum=0, maximum=100),
            Column("points", Text("所得分值", "Points earned"), Kind.NUMBER, minimum=0, maximum=100),
            Column(
                "days_early", Text("提前天数", "Days before the deadline"), Kind.INTEGER,
                minimum=-400, maximum=400,
            ),
        ),
    )  # fmt: skip
    deadlines = Source(
        title=Text("作业截止", "Deadlines"), department=Department.EDUCATION,
        occurred=Text("截止日", "due on"), legal_basis=_LAW, rhythm_days=1, delay_days=1,
        meaning=Text(
            "每个截止日一条，注明是否已交；迟交后更正",
            "One record for each deadline: was the work in? Corrected when it comes late",
        ),
        columns=(
            Column("kind", Text("类型", "Kind"), Kind.CODE, codes=_KINDS),
            Column(
                "state", Text("状态", "State"), Kind.CODE,
                codes=(
                    Code("in_time", Text("按时", "in time")), Code("late", Text("迟交", "late")),
                    Code("missed", Text("未交", "missed")),
                ),
            ),
            Column("points", Text("分值", "Points at stake"), Kind.NUMBER, minimum=0, maximum=100),
        ),
    )  # fmt: skip

    other_courses = Source(
        title=Text("其他课程", "Other courses"), department=Department.EDUCATION,
        occurred=Text("开课或退课日", "begun or given up on"), legal_basis=_LAW, rhythm_days=1, delay_days=0,
        meaning=Text("该生其他课程的开课与退课", "The student's other courses, begun or given up"),
        columns=(
            Column(
                "event", Text("事件", "Event"), Kind.CODE,
                codes=(Code("begun", Text("开课", "begun")), Code("given_up", Text("退课", "given up"))),
            ),
        ),
    )  # fmt: skip


class Stories:
    handing_in = Family(
        title=Text("提交作业", "Handing in"), group=Group.SCHOOL,
        ask=Text("近来作业有困难吗？", "Has the work been hard lately?"),
    )  # fmt: skip
    results = Family(
        title=Text("学习成绩", "Results"), group=Group.SCHOOL,
        ask=Text("对成绩怎么看？", "How do the results look to you?"),
    )  # fmt: skip
    deadlines = Family(
        title=Text("截止日", "Deadlines"), group=Group.SCHOOL,
        ask=Text("是什么让截止日难以赶上？", "What made the deadline hard to meet?"),
    )  # fmt: skip
    other_courses = Family(
        title=Text("其他课程", "Other courses"), group=Group.SCHOOL,
        ask=Text("几门课一起，忙得过来吗？", "Is it manageable with the other courses?"),
    )  # fmt: skip


_WINDOW = Window(120)  # the whole course up to the as-of day, with what was handed in before its first day
_RECENT = Window(30)
_WHY = "Who stops handing work in is about to leave: the strongest sign in every study of these courses."


def _count(title: Text, source: Source, window: Window, risk: RiskDirection, family: Family) -> Feature:
    edge = window.days
    return Feature(
        title=title, family=family, source=source, form=Aggregate(of=Aggregation.COUNT, window=window),
        risk=risk, unit="times", why=_WHY,
        examples=(Example("occurred", f"{edge + 1}", f"{edge}", "1", expect=2),),
    )  # fmt: skip


class EnrolmentFeatures:
    submissions_120d = _count(
        Text("开课以来提交次数", "Pieces of work handed in"), Courses.submissions, _WINDOW,
        RiskDirection.EITHER, Stories.handing_in,
    )  # fmt: skip
    submissions_30d = _count(
        Text("近30天提交次数", "Pieces of work handed in, last 30 days"), Courses.submissions, _RECENT,
        RiskDirection.EITHER, Stories.handing_in,
    )  # fmt: skip
    days_since_submission_120d = Feature(
        title=Text("距最近提交天数", "Days since work was last handed in"), family=Stories.handing_in,
        source=Courses.submissions, form=DaysSince(window=_WINDOW), risk=RiskDirection.EITHER, unit="days",
        when_no_records=None, why=_WHY, examples=(Example("occurred", "40", "12", expect=12),),
    )  # fmt: skip
    days_early_120d = Feature(
        title=Text("平均提前天数", "Days before the deadline, on average"), family=Stories.handing_in,
        source=Courses.submissions, risk=RiskDirection.EITHER, unit="days",
        form=Aggregate(of=Aggregation.MEAN, column="days_early", window=_WINDOW),
        when_no_records=None, why="Work that comes at the last moment is a sign of strain.",
        examples=(Example("occurred | days_early", "40 | 4", "12 | -2", expect=1),),
    )  # fmt: skip
    result_mean_120d = Feature(
        title=Text("平均得分", "Mean result"), family=Stories.results, source=Courses.submissions,
        form=Aggregate(of=Aggregation.MEAN, column="result", window=_WINDOW),
        risk=RiskDirection.FALLS, unit="points", when_no_records=None,
        why="Who does badly gives up more often.",
        examples=(Example("occurred | result", "40 | 50", "12 | 70", expect=60),),
    )  # fmt: skip
    result_least_120d = Feature(
        title=Text("最低得分", "Lowest result"), family=Stories.results, source=Courses.submissions,
        form=Aggregate(of=Aggregation.MIN, column="result", window=_WINDOW),
        risk=RiskDirection.FALLS, unit="points", when_no_records=None,
        why="One failure may decide.",
        examples=(Example("occurred | result", "40 | 50", "12 | 70", expect=50),),
    )  # fmt: skip
    result_latest_120d = Feature(
        title=Text("最近一次得分", "Latest result"), family=Stories.results, source=Courses.submissions,
        form=Latest(column="result", window=_WINDOW), risk=RiskDirection.FALLS, unit="points",
        when_no_records=None, why="The latest result weighs most.",
        examples=(Example("occurred | result", "40 | 50", "12 | 70", expect=70),),
    )  # fmt: skip
    result_tutor_120d = Feature(
        title=Text("教师批改作业平均分", "Mean result of work marked by a tutor"), family=Stories.results,
        source=Courses.submissions, risk=RiskDirection.FALLS, unit="points", when_no_records=None,
        form=Aggregate(
            of=Aggregation.MEAN, column="result", window=_WINDOW, where=(OneOf("kind", "marked_by_tutor"),)
        ),
        why="Essays ask for more than a quiz.",
        examples=(
            Example(
                "occurred | kind | result", "40 | marked_by_tutor | 50", "12 | marked_by_computer | 70",
                expect=50,
            ),
        ),
    )  # fmt: skip
    result_trend_120d = Feature(
        title=Text("得分变化", "Change of results"), family=Stories.results, source=Courses.submissions,
        form=Trend(column="result", window=_WINDOW), risk=RiskDirection.EITHER, unit="points_a_year",
        when_no_records=None, why="Falling results come before giving up.",
        examples=(Example("occurred | result", "83 | 50", "10 | 60", expect=50),),
    )  # fmt: skip
    high_share_120d = Feature(
        title=Text("得分不低于80的占比", "Share of results of 80 or more"), family=Stories.results,
        source=Courses.submissions, risk=RiskDirection.EITHER, unit="share", when_no_records=None,
        form=Ratio(part=(AtLeast("result", 80),), window=_WINDOW),
        why="Success keeps people going.",
        examples=(Example("occurred | result", "40 | 50", "12 | 80", expect=0.5),),
    )  # fmt: skip
    missed_120d = Feature(
        title=Text("错过的截止日", "Deadlines missed"), family=Stories.deadlines, source=Courses.deadlines,
        form=Aggregate(of=Aggregation.COUNT, window=_WINDOW, where=(OneOf("state", "missed"),)),
        risk=RiskDirection.RISES, unit="times", why=_WHY,
        examples=(Example("occurred | state", "40 | in_time", "12 | missed", expect=1),),
    )  # fmt: skip
    missed_tutor_120d = Feature(
        title=Text("错过的教师批改作业", "Tutor-marked deadlines missed"), family=Stories.deadlines,
        source=Courses.deadlines, risk=RiskDirection.RISES, unit="times", why=_WHY,
        form=Aggregate(
            of=Aggregation.COUNT, window=_WINDOW,
            where=(OneOf("state", "missed"), OneOf("kind", "marked_by_tutor")),
        ),
        examples=(
            Example(
                "occurred | kind | state", "40 | marked_by_computer | missed",
                "12 | marked_by_tutor | missed", expect=1,
            ),
        ),
    )  # fmt: skip
    missed_share_120d = Feature(
        title=Text("错过的截止日占比", "Share of deadlines missed"), family=Stories.deadlines,
        source=Courses.deadlines, risk=RiskDirection.RISES, unit="share", when_no_records=None, why=_WHY,
        form=Ratio(part=(OneOf("state", "missed"),), window=_WINDOW),
        examples=(Example("occurred | state", "40 | in_time", "12 | missed", expect=0.5),),
    )  # fmt: skip
    missed_30d = Feature(
        title=Text("近30天错过的截止日", "Deadlines missed, last 30 days"), family=Stories.deadlines,
        source=Courses.deadlines, risk=RiskDirection.RISES, unit="times", why=_WHY,
        form=Aggregate(of=Aggregation.COUNT, window=_RECENT, where=(OneOf("state", "missed"),)),
        examples=(Example("occurred | state", "31 | missed", "30 | missed", expect=1),),
    )  # fmt: skip
    late_120d = Feature(
        title=Text("迟交次数", "Work handed in late"), family=Stories.deadlines, source=Courses.deadlines,
        form=Aggregate(of=Aggregation.COUNT, window=_WINDOW, where=(OneOf("state", "late"),)),
        risk=RiskDirection.EITHER, unit="times", why="Late is a sign of strain, and better than never.",
        examples=(Example("occurred | state", "40 | late", "12 | missed", expect=1),),
    )  # fmt: skip
    points_missed_120d = Feature(
        title=Text("错过的分值", "Points missed"), family=Stories.deadlines, source=Courses.deadlines,
        form=Aggregate(
            of=Aggregation.SUM, column="points", window=_WINDOW, where=(OneOf("state", "missed"),)
        ),
        risk=RiskDirection.RISES, unit="points", why="What cannot be made up any more.",
        examples=(Example("occurred | state | points", "40 | in_time | 10", "12 | missed | 20", expect=20),),
    )  # fmt: skip
    days_since_missed_120d = Feature(
        title=Text("距最近错过截止日天数", "Days since a deadline was missed"), family=Stories.deadlines,
        source=Courses.deadlines, form=DaysSince(window=_WINDOW, where=(OneOf("state", "missed"),)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, why=_WHY,
        examples=(Example("occurred | state", "40 | missed", "12 | in_time", expect=40),),
    )  # fmt: skip
    points_earned_120d = Feature(
        title=Text("已得分值", "Points earned"), family=Stories.results, source=Courses.submissions,
        form=Aggregate(of=Aggregation.SUM, column="points", window=_WINDOW),
        risk=RiskDirection.FALLS, unit="points", why="What is already earned is a reason to stay.",
        examples=(Example("occurred | points", "40 | 5", "12 | 7", expect=12),),
    )  # fmt: skip
    days_since_tutor_120d = Feature(
        title=Text("距最近提交教师批改作业天数", "Days since tutor-marked work was handed in"),
        family=Stories.handing_in, source=Courses.submissions,
        form=DaysSince(window=_WINDOW, where=(OneOf("kind", "marked_by_tutor"),)),
        risk=RiskDirection.EITHER, unit="days", when_no_records=None, why=_WHY,
        examples=(Example("occurred | kind", "40 | marked_by_tutor", "12 | marked_by_computer", expect=40),),
    )  # fmt: skip
    others_begun_730d = Feature(
        title=Text("两年内开始的其他课程", "Other courses begun, last two years"),
        family=Stories.other_courses, source=Courses.other_courses, risk=RiskDirection.EITHER, unit="times",
        form=Aggregate(of=Aggregation.COUNT, window=Window(730), where=(OneOf("event", "begun"),)),
        why="Experience helps, and too much at once does not.",
        examples=(Example("occurred | event", "200 | begun", "100 | given_up", expect=1),),
    )  # fmt: skip
    others_begun_120d = Feature(
        title=Text("同期其他课程", "Other courses at the same time"), family=Stories.other_courses,
        source=Courses.other_courses, risk=RiskDirection.EITHER, unit="times",
        form=Aggregate(of=Aggregation.COUNT, window=_WINDOW, where=(OneOf("event", "begun"),)),
        why="Two courses at once are twice the work.",
        examples=(Example("occurred | event", "121 | begun", "120 | begun", "3 | given_up", expect=1),),
    )  # fmt: skip
    others_given_up_730d = Feature(
        title=Text("两年内退掉的其他课程", "Other courses given up, last two years"),
        family=Stories.other_courses, source=Courses.other_courses, risk=RiskDirection.RISES, unit="times",
        form=Aggregate(of=Aggregation.COUNT, window=Window(730), where=(OneOf("event", "given_up"),)),
        why="Who gave one course up is more likely to give up the next.",
        examples=(Example("occurred | event", "200 | begun", "100 | given_up", expect=1),),
    )  # fmt: skip
    kinds_120d = Feature(
        title=Text("提交过的作业类型数", "Kinds of work handed in"), family=Stories.handing_in,
        source=Courses.submissions, form=DistinctCount(column="kind", window=_WINDOW),
        risk=RiskDirection.EITHER, unit="kinds", why="Who hands in quizzes only has not met the essays.",
        examples=(
            Example("occurred | kind", "40 | marked_by_tutor", "12 | marked_by_tutor", expect=1),
        ),
    )  # fmt: skip
    failed_once_120d = Feature(
        title=Text("是否有作业不及格", "Whether a piece of work failed"), family=Stories.results,
        source=Courses.submissions, form=Ever(window=_WINDOW, where=(AtMost("result", 39),)),
        risk=RiskDirection.RISES, unit="yes_no", why="Work below 40 has to be made up, or is failed.",
        examples=(Example("occurred | result", "40 | 35", "12 | 70", expect=1),),
    )  # fmt: skip
    deadlines_120d = _count(
        Text("已到的截止日", "Deadlines so far"),
        Courses.deadlines,
        _WINDOW,
        RiskDirection.EITHER,
        Stories.deadlines,
    )


SOURCES: tuple[Source, ...] = declared(Courses, Source)
FEATURES: tuple[Feature, ...] = declared(EnrolmentFeatures, Feature)
