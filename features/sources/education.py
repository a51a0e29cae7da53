"""What schools deliver through the education department."""

from features.language import (
    GUARDIAN_NAME,
    GUARDIAN_PHONE,
    Code,
    Column,
    Department,
    Kind,
    Personal,
    Source,
    Text,
    Use,
)

_BASIS = Text(
    "浙民儿〔2024〕124号一（三）：教育部门推送共享就学信息",
    "Zhejiang plan 1(3): education pushes enrolment data",
)


class Education:
    enrolments = Source(
        title=Text("学籍信息", "Enrolment"),
        department=Department.EDUCATION,
        occurred=Text("入学日期", "Enrolled on"),
        legal_basis=_BASIS,
        rhythm_days=92,
        delay_days=14,
        meaning=Text("儿童一个学年的学籍；每学年一条。", "A child's enrolment for one school year; one record a year."),
        columns=(
            Column(
                "stage", Text("学段", "Stage"), Kind.CODE,
                (
                    Code("kindergarten", Text("幼儿园", "Kindergarten"), ("K", "学前")),
                    Code("primary", Text("小学", "Primary"), ("P",)),
                    Code("junior", Text("初中", "Junior secondary"), ("J",)),
                    Code("senior", Text("高中（含中职）", "Senior secondary"), ("S", "高中", "中职")),
                ),
                required=True,
            ),
            Column("grade", Text("年级", "Grade"), Kind.INTEGER, required=True, minimum=1, maximum=6),
            Column(
                "school_type", Text("学校类型", "School type"), Kind.CODE,
                (
                    Code("public", Text("公办", "Public"), ("1",)),
                    Code("private", Text("民办", "Private"), ("2",)),
                    Code("migrant", Text("民办随迁子女学校", "Private school for migrant children"), ("3", "民工子弟学校")),
                ),
                required=True,
            ),
            Column("boarding", Text("是否住校", "Boards"), Kind.FLAG),
            Column("school_code", Text("学校标识码", "School code"), Kind.TEXT, use=Use.AUDIT),
            Column(
                "student_number", Text("学籍号", "Student number"), Kind.TEXT,
                personal=Personal.DIRECT, use=Use.ELIGIBILITY, aliases=("全国学籍号", "个人标识码"),
            ),
            # The number the school calls: often the other parent than the police have.
            GUARDIAN_NAME,
            GUARDIAN_PHONE,
        ),
    )  # fmt: skip

    transfers = Source(
        title=Text("转学记录", "School transfers"),
        department=Department.EDUCATION,
        occurred=Text("转学日期", "Transferred on"),
        legal_basis=_BASIS,
        rhythm_days=92,
        delay_days=14,
        meaning=Text("一次转入、转出或休学、复学。", "One move between schools, or a leave or return."),
        columns=(
            Column(
                "kind", Text("异动类型", "Kind of move"), Kind.CODE,
                (
                    Code("in", Text("转入", "Moved in"), ("11",)),
                    Code("out", Text("转出", "Moved out"), ("12",)),
                    Code("sick_leave", Text("因病休学", "Leave through illness"), ("21",)),
                    Code("other_leave", Text("其他休学", "Other leave"), ("22",)),
                    Code("return", Text("复学", "Returned"), ("31",)),
                    Code("dropout", Text("辍学", "Dropped out"), ("41", "失学")),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    absences = Source(
        title=Text("缺勤记录", "Absences"),
        department=Department.EDUCATION,
        occurred=Text("缺勤日期", "Absent on"),
        occurred_aliases=("缺课日期",),
        legal_basis=_BASIS,
        rhythm_days=92,
        delay_days=7,
        meaning=Text("儿童一天的缺勤。", "One day on which the child was absent."),
        columns=(
            Column(
                "kind", Text("缺勤类型", "Kind of absence"), Kind.CODE,
                (
                    Code("sick", Text("病假", "Sick"), ("1",)),
                    Code("personal", Text("事假", "Personal"), ("2",)),
                    Code("unexplained", Text("无故缺勤", "Unexplained"), ("3", "旷课")),
                ),
                required=True,
            ),
            Column("sessions", Text("缺勤节数", "Sessions missed"), Kind.INTEGER, minimum=1, maximum=12),
        ),
    )  # fmt: skip

    term_results = Source(
        title=Text("学期综合评价", "Term results"),
        department=Department.EDUCATION,
        occurred=Text("评价日期", "Assessed on"),
        legal_basis=_BASIS,
        rhythm_days=184,
        delay_days=21,
        meaning=Text(
            "儿童一学期的综合评价；年级百分位由学校换算，100 为最高。",
            "A child's results of one term; the percentile in the grade is the school's own, 100 being highest.",
        ),
        columns=(
            Column("percentile", Text("年级百分位", "Percentile in grade"), Kind.NUMBER, minimum=0, maximum=100),
            Column("failed_subjects", Text("不合格科目数", "Subjects failed"), Kind.INTEGER, minimum=0, maximum=15),
        ),
    )  # fmt: skip

    counsellor_visits = Source(
        title=Text("学校心理辅导记录", "School counsellor visits"),
        department=Department.EDUCATION,
        occurred=Text("辅导日期", "Visited on"),
        legal_basis=Text("精神卫生法第十六条；民发〔2023〕61号", "Mental Health Law, art. 16; Minzhengbu notice 61 of 2023"),
        rhythm_days=92,
        delay_days=14,
        meaning=Text(
            "一次心理辅导及辅导员判定的关注等级；不含谈话内容。",
            "One visit to the counsellor and the level of attention the counsellor set; never what was said.",
        ),
        columns=(
            Column(
                "level", Text("关注等级", "Level of attention"), Kind.CODE,
                (
                    Code("routine", Text("一般辅导", "Routine"), ("1",)),
                    Code("attention", Text("重点关注", "Attention"), ("2",)),
                    Code("crisis", Text("危机干预", "Crisis"), ("3",)),
                ),
                required=True,
            ),
            Column("safety_item", Text("安全题阳性", "Safety item positive"), Kind.FLAG),
        ),
    )  # fmt: skip

    bullying_reports = Source(
        title=Text("学生欺凌登记", "Bullying reports"),
        department=Department.EDUCATION,
        occurred=Text("发生日期", "Happened on"),
        legal_basis=Text("未成年人保护法第三十九条", "Law on the Protection of Minors, art. 39"),
        rhythm_days=92,
        delay_days=14,
        meaning=Text("儿童作为被欺凌一方的一次登记。", "One report in which the child was bullied."),
        columns=(
            Column(
                "severity", Text("程度", "Severity"), Kind.CODE,
                (
                    Code("minor", Text("轻微", "Minor"), ("1",)),
                    Code("serious", Text("严重", "Serious"), ("2",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    family_contacts = Source(
        title=Text("家校联系记录", "School and family contacts"),
        department=Department.EDUCATION,
        occurred=Text("联系日期", "Contacted on"),
        legal_basis=Text("家庭教育促进法第三十九条", "Family Education Promotion Law, art. 39"),
        rhythm_days=92,
        delay_days=14,
        meaning=Text("一次家长会、家访或联系家长，及家长是否到场或接通。", "One parents' meeting, home visit or call, and whether a guardian took part."),
        columns=(
            Column(
                "kind", Text("联系方式", "Kind of contact"), Kind.CODE,
                (
                    Code("meeting", Text("家长会", "Parents' meeting"), ("1",)),
                    Code("home_visit", Text("家访", "Home visit"), ("2",)),
                    Code("call", Text("电话联系", "Call"), ("3",)),
                ),
                required=True,
            ),
            Column("took_part", Text("家长是否参与", "Guardian took part"), Kind.FLAG, required=True),
        ),
    )  # fmt: skip

    schooling_followups = Source(
        title=Text("控辍保学台账", "Children followed up for being out of school"),
        department=Department.EDUCATION,
        occurred=Text("发现日期", "Noticed on"),
        legal_basis=Text("义务教育法第十三条；未成年人保护法第二十八条", "Compulsory Education Law, art. 13; Law on the Protection of Minors, art. 28"),
        rhythm_days=92,
        delay_days=14,
        meaning=Text(
            "学校或教育部门为一名应在校而未在校的儿童劝返的一次登记，及其结果。",
            "One entry made to bring back a child who should be at school and is not, and what came of it.",
        ),
        columns=(
            Column(
                "situation", Text("情形", "Situation"), Kind.CODE,
                (
                    Code("not_enrolled", Text("应入学未入学", "Never enrolled"), ("1",)),
                    Code("left_school", Text("失学辍学", "Left school"), ("2", "辍学", "失学")),
                    Code("long_absent", Text("长期缺课", "Long absent"), ("3",)),
                ),
                required=True,
            ),
            Column(
                "reason", Text("原因", "Reason"), Kind.CODE,
                (
                    Code("illness", Text("疾病", "Illness"), ("1", "因病")),
                    Code("weary", Text("厌学", "Weary of school"), ("2",)),
                    Code("hardship", Text("家庭困难", "Hardship"), ("3", "因贫")),
                    Code("moved", Text("随家流动", "The family moved"), ("4",)),
                    Code("other", Text("其他", "Other"), ("9",)),
                ),
            ),
            Column(
                "result", Text("劝返结果", "Result"), Kind.CODE,
                (
                    Code("returned", Text("已复学", "Back at school"), ("1", "已返校")),
                    Code("at_home", Text("送教上门", "Taught at home"), ("2",)),
                    Code("moved_away", Text("已转出", "Moved away"), ("3",)),
                    Code("still_out", Text("仍未返校", "Still out"), ("0", "未返校")),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip
