"""What civil affairs delivers: aid, visits, assessments and measures of guardianship."""

from features.language import Code, Column, Department, Kind, Source, Text


class CivilAffairs:
    low_income = Source(
        title=Text("社会救助身份", "Social assistance status"),
        department=Department.CIVIL_AFFAIRS,
        occurred=Text("认定日期", "Recognised on"),
        legal_basis=Text("社会救助暂行办法；浙民儿〔2024〕124号二（六）", "Interim measures on social assistance; Zhejiang plan 2(6)"),
        rhythm_days=92,
        delay_days=20,
        meaning=Text("儿童家庭救助身份的一次认定、变更或退出。", "One recognition, change or end of the family's assistance status."),
        columns=(
            Column(
                "status", Text("救助身份", "Status"), Kind.CODE,
                (
                    Code("minimum_living", Text("低保", "Minimum living allowance"), ("1", "最低生活保障")),
                    Code("near_minimum", Text("低保边缘", "Near the minimum"), ("2",)),
                    Code("extreme_hardship", Text("特困", "Extreme hardship"), ("3",)),
                    Code("unsupported", Text("事实无人抚养", "De facto unsupported"), ("4",)),
                    Code("orphan", Text("孤儿", "Orphan"), ("5",)),
                    Code("ended", Text("退出", "Ended"), ("9",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    temporary_aid = Source(
        title=Text("临时救助", "Temporary aid"),
        department=Department.CIVIL_AFFAIRS,
        occurred=Text("救助日期", "Aided on"),
        legal_basis=Text("社会救助暂行办法第四十七条", "Interim measures on social assistance, art. 47"),
        rhythm_days=92,
        delay_days=20,
        meaning=Text("对儿童家庭的一次临时救助。", "One grant of temporary aid to the family."),
        columns=(
            Column("amount_yuan", Text("救助金额（元）", "Amount (yuan)"), Kind.NUMBER, minimum=0, maximum=200000),
            Column(
                "reason", Text("救助原因", "Reason"), Kind.CODE,
                (
                    Code("illness", Text("疾病", "Illness"), ("1",)),
                    Code("accident", Text("意外", "Accident"), ("2",)),
                    Code("income", Text("收入中断", "Loss of income"), ("3",)),
                    Code("other", Text("其他", "Other"), ("9",)),
                ),
            ),
        ),
    )  # fmt: skip

    care_visits = Source(
        title=Text("儿童主任走访记录", "Child director's visits"),
        department=Department.CIVIL_AFFAIRS,
        occurred=Text("走访日期", "Visited on"),
        legal_basis=Text("浙民儿〔2024〕124号一（二）", "Zhejiang plan 1(2)"),
        rhythm_days=92,
        delay_days=10,
        meaning=Text("一次走访或联系所见；逐项为是、否或未查看。", "What one visit or contact found; each item yes, no or not looked at."),
        columns=(
            Column("guardian_present", Text("监护人在场", "Guardian present"), Kind.FLAG),
            Column("unattended", Text("无人照料", "Left unattended"), Kind.FLAG),
            Column("carer_over_65", Text("照料人年逾65岁", "Carer over 65"), Kind.FLAG),
            Column("night_shift", Text("父母均夜班或轮班", "Both parents on night or rotating shifts"), Kind.FLAG),
            Column("weekly_talk", Text("父母每周与儿童交流", "Parents talk with the child weekly"), Kind.FLAG),
            Column("asked_for_help", Text("主动求助", "Asked for help"), Kind.FLAG),
        ),
    )  # fmt: skip

    guardianship_assessments = Source(
        title=Text("家庭监护能力评估", "Guardianship assessments"),
        department=Department.CIVIL_AFFAIRS,
        occurred=Text("评估日期", "Assessed on"),
        legal_basis=Text("浙民儿〔2024〕124号二（七）；浙江省未成年人家庭监护能力评估办法（试行）", "Zhejiang plan 2(7); Zhejiang trial measures on guardianship assessment"),
        rhythm_days=92,
        delay_days=15,
        meaning=Text("一次评估的日期与结论；评估分项不进入系统。", "Date and conclusion of one assessment; its items never enter."),
        columns=(
            Column(
                "conclusion", Text("评估结论", "Conclusion"), Kind.CODE,
                (
                    Code("adequate", Text("监护正常", "Adequate"), ("0",)),
                    Code("insufficient", Text("监护不足", "Insufficient"), ("1",)),
                    Code("improper", Text("监护不当", "Improper"), ("2", "监护失当")),
                    Code("absent", Text("监护缺失", "Absent"), ("3",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    guardianship_measures = Source(
        title=Text("临时监护与长期监护", "Temporary and long-term guardianship"),
        department=Department.CIVIL_AFFAIRS,
        occurred=Text("开始日期", "Began on"),
        legal_basis=Text("未成年人保护法第九十二、九十四条", "Law on the Protection of Minors, arts. 92 and 94"),
        rhythm_days=92,
        delay_days=10,
        meaning=Text("民政对儿童采取的一次监护措施。", "One measure of guardianship by civil affairs."),
        columns=(
            Column(
                "kind", Text("监护类别", "Kind"), Kind.CODE,
                (
                    Code("temporary", Text("临时监护", "Temporary"), ("1",)),
                    Code("long_term", Text("长期监护", "Long-term"), ("2",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip
