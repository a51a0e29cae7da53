"""What another county would declare: three sources and a feature in every form, for the Open University.

One declaration each, and nothing else: the contract, what is refused, and what was known when follow.
"""

from __future__ import annotations

from functools import partial

from features.catalogue.families import SchoolLife
from features.language import (
    Aggregate,
    Aggregation,
    AtLeast,
    Code,
    Column,
    DaysSince,
    Department,
    DistinctCount,
    Ever,
    Example,
    Feature,
    Kind,
    Latest,
    OneOf,
    Ratio,
    RiskDirection,
    Source,
    Text,
    Trend,
    Window,
    YearsSince,
    declared,
)


class University:
    submissions = Source(
        title=Text("作业提交", "Submissions"),
        department=Department.EDUCATION,
        occurred=Text("提交日期", "Submitted on"),
        legal_basis=Text("公开数据（CC BY 4.0）", "Open data (CC BY 4.0)"),
        rhythm_days=30,
        delay_days=0,
        meaning=Text("一次作业或测验的提交", "One piece of work handed in."),
        columns=(
            Column(
                "kind",
                Text("类型", "Kind"),
                Kind.CODE,
                required=True,
                codes=(
                    Code("tutor", Text("教师批改", "Tutor marked"), ("TMA",)),
                    Code("computer", Text("机器批改", "Computer marked"), ("CMA",)),
                    Code("exam", Text("考试", "Examination"), ("Exam",)),
                ),
            ),
            Column("score", Text("得分", "Score"), Kind.NUMBER, required=True, minimum=0, maximum=100),
            Column("days_late", Text("逾期天数", "Days after the deadline"), Kind.INTEGER),
            Column("carried_over", Text("沿用往期", "Carried over from an earlier course"), Kind.FLAG),
        ),
    )
    registrations = Source(
        title=Text("课程注册", "Registrations"),
        department=Department.EDUCATION,
        occurred=Text("注册日期", "Registered on"),
        legal_basis=Text("公开数据（CC BY 4.0）", "Open data (CC BY 4.0)"),
        rhythm_days=180,
        delay_days=0,
        meaning=Text("一人一次课程的注册", "One learner's registration for one course."),
        columns=(
            Column("begins_on", Text("开课日期", "Course begins on"), Kind.DATE, required=True),
            Column("load", Text("学习量", "Study load"), Kind.INTEGER, minimum=0, maximum=1000),
            Column("attempts", Text("往期次数", "Earlier attempts"), Kind.INTEGER, minimum=0, maximum=50),
        ),
    )
    deadlines = Source(
        title=Text("作业到期", "Work due"),
        department=Department.EDUCATION,
        occurred=Text("到期日期", "Due on"),
        legal_basis=Text("公开数据（CC BY 4.0）", "Open data (CC BY 4.0)"),
        rhythm_days=30,
        delay_days=0,
        meaning=Text("一次作业到期，交了没有", "One piece of work fell due: was it handed in by then?"),
        columns=(
            Column("handed_in", Text("已交", "Handed in by then"), Kind.FLAG, required=True),
            Column("weight", Text("占分", "Weight"), Kind.NUMBER, required=True, minimum=0, maximum=100),
        ),
    )


_learning = partial(
    Feature,
    family=SchoolLife.learning,
    risk=RiskDirection.EITHER,
    when_no_records=None,
    why="Who stops handing work in is about to leave.",
)


class UniversityFeatures:
    submissions_60d = _learning(
        title=Text("近60天提交次数", "Submissions in 60 days"),
        source=University.submissions,
        unit="times",
        form=Aggregate(of=Aggregation.COUNT, window=Window(60)),
        examples=(Example("occurred | kind", "61 | tutor", "60 | tutor", expect=1),),
        when_no_records=0.0,
    )
    score_mean_120d = _learning(
        title=Text("近120天平均得分", "Mean score in 120 days"),
        source=University.submissions,
        unit="points",
        form=Aggregate(of=Aggregation.MEAN, column="score", window=Window(120)),
        examples=(Example("occurred | score", "120 | 50", "3 | 70", expect=60),),
    )
    score_lowest_120d = _learning(
        title=Text("近120天最低得分", "Lowest score in 120 days"),
        source=University.submissions,
        unit="points",
        form=Aggregate(of=Aggregation.MIN, column="score", window=Window(120)),
        examples=(Example("occurred | score", "121 | 1", "20 | 50", "3 | 70", expect=50),),
    )
    score_latest_120d = _learning(
        title=Text("近120天最近得分", "Latest score in 120 days"),
        source=University.submissions,
        unit="points",
        form=Latest(column="score", window=Window(120)),
        examples=(Example("occurred | score", "20 | 50", "3 | 70", expect=70),),
    )
    late_once_120d = _learning(
        title=Text("近120天是否逾期", "Whether ever late in 120 days"),
        source=University.submissions,
        unit="yes_no",
        form=Ever(window=Window(120), where=(OneOf("carried_over", "no"), AtLeast("days_late", 1))),
        examples=(Example("occurred | carried_over | days_late", "20 | no | 1", expect=1),),
        when_no_records=0.0,
    )
    days_since_submission_120d = _learning(
        title=Text("距最近提交天数", "Days since the latest submission"),
        source=University.submissions,
        unit="days",
        form=DaysSince(window=Window(120)),
        examples=(Example("occurred | score", "20 | 50", "3 | 70", expect=3),),
    )
    score_trend_120d = _learning(
        title=Text("近120天得分走势", "Trend of scores in 120 days"),
        source=University.submissions,
        unit="points_a_year",
        form=Trend(column="score", window=Window(120)),
        examples=(Example("occurred | score", "75 | 50", "2 | 60", expect=50),),
    )
    kinds_120d = _learning(
        title=Text("近120天作业类型数", "Kinds of work in 120 days"),
        source=University.submissions,
        unit="kinds",
        form=DistinctCount(column="kind", window=Window(120)),
        examples=(Example("occurred | kind", "20 | tutor", "9 | tutor", "3 | computer", expect=2),),
        when_no_records=0.0,
    )
    late_share_120d = _learning(
        title=Text("近120天逾期占比", "Share handed in late in 120 days"),
        source=University.submissions,
        unit="share",
        form=Ratio(part=(AtLeast("days_late", 1),), window=Window(120)),
        examples=(Example("occurred | days_late", "20 | 2", "3 | -1", expect=0.5),),
    )
    days_late_mean_120d = _learning(
        title=Text("近120天平均逾期天数", "Mean days after the deadline, 120 days"),
        source=University.submissions,
        unit="days",
        form=Aggregate(of=Aggregation.MEAN, column="days_late", window=Window(120)),
        examples=(Example("occurred | days_late", "20 | 2", "3 | -4", expect=-1),),
    )
    days_late_latest_120d = _learning(
        title=Text("最近一次逾期天数", "Days after the deadline, latest work"),
        source=University.submissions,
        unit="days",
        form=Latest(column="days_late", window=Window(120)),
        examples=(Example("occurred | days_late", "20 | 2", "3 | -4", expect=-4),),
    )
    tutor_score_mean_120d = _learning(
        title=Text("近120天教师批改平均得分", "Mean score of tutor-marked work, 120 days"),
        source=University.submissions,
        unit="points",
        form=Aggregate(
            of=Aggregation.MEAN, column="score", window=Window(120), where=(OneOf("kind", "tutor"),)
        ),
        examples=(Example("occurred | kind | score", "20 | tutor | 50", "3 | computer | 70", expect=50),),
    )
    latest_handed_in_120d = _learning(
        title=Text("最近到期作业是否已交", "Whether the latest work due was handed in"),
        source=University.deadlines,
        unit="yes_no",
        form=Latest(column="handed_in", window=Window(120), among=("yes",)),
        examples=(Example("occurred | handed_in", "9 | no", "3 | yes", expect=1),),
    )
    works_due_120d = _learning(
        title=Text("近120天到期次数", "Pieces of work due, 120 days"),
        source=University.deadlines,
        unit="times",
        form=Aggregate(of=Aggregation.COUNT, window=Window(120)),
        examples=(Example("occurred | handed_in", "9 | no", "3 | yes", expect=2),),
        when_no_records=0.0,
    )
    days_since_registered_730d = _learning(
        title=Text("注册距今天数", "Days since registering"),
        source=University.registrations,
        unit="days",
        form=DaysSince(window=Window(730)),
        examples=(Example("occurred", "90", expect=90),),
    )
    not_handed_in_120d = _learning(
        title=Text("近120天未交次数", "Work due and not handed in, 120 days"),
        source=University.deadlines,
        unit="times",
        form=Aggregate(of=Aggregation.COUNT, window=Window(120), where=(OneOf("handed_in", "no"),)),
        examples=(Example("occurred | handed_in", "9 | no", "3 | yes", expect=1),),
        when_no_records=0.0,
    )
    weight_missed_120d = _learning(
        title=Text("近120天未交占分", "Weight of work not handed in, 120 days"),
        source=University.deadlines,
        unit="points",
        form=Aggregate(
            of=Aggregation.SUM, column="weight", window=Window(120), where=(OneOf("handed_in", "no"),)
        ),
        examples=(Example("occurred | handed_in | weight", "9 | no | 10", "3 | yes | 5", expect=10),),
        when_no_records=0.0,
    )
    handed_in_share_120d = _learning(
        title=Text("近120天按时交占比", "Share handed in by the deadline, 120 days"),
        source=University.deadlines,
        unit="share",
        form=Ratio(part=(OneOf("handed_in", "yes"),), window=Window(120)),
        examples=(Example("occurred | handed_in", "9 | no", "3 | yes", expect=0.5),),
    )
    load_730d = _learning(
        title=Text("学习量", "Study load"),
        source=University.registrations,
        unit="points",
        form=Latest(column="load", window=Window(730)),
        examples=(Example("occurred | load", "90 | 60", expect=60),),
    )
    attempts_730d = _learning(
        title=Text("往期次数", "Earlier attempts"),
        source=University.registrations,
        unit="times",
        form=Latest(column="attempts", window=Window(730)),
        examples=(Example("occurred | attempts", "90 | 1", expect=1),),
    )
    years_since_begun = _learning(
        title=Text("开课距今年数", "Years since the course began"),
        source=University.registrations,
        unit="years",
        form=YearsSince(column="begins_on"),
        examples=(Example("occurred | begins_on", "2000 | 1461", expect=4),),
    )


SOURCES: tuple[Source, ...] = declared(University, Source)
FEATURES: tuple[Feature, ...] = declared(UniversityFeatures, Feature)
