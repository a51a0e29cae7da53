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
                    Code("ended", Text("退出", "Ended"), ("9",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    unsupported_children = Source(
        title=Text("孤儿与事实无人抚养儿童保障", "Orphans and de facto unsupported children"),
        department=Department.CIVIL_AFFAIRS,
        occurred=Text("认定日期", "Recognised on"),
        legal_basis=Text("民发〔2019〕62号；浙民儿〔2024〕124号清单10", "Minfa 62 of 2019; Zhejiang service list no. 10"),
        rhythm_days=92,
        delay_days=20,
        meaning=Text(
            "儿童福利系统中孤儿或事实无人抚养儿童身份的一次认定、复核或终止。",
            "One recognition, review or end of a child's own status in the child welfare system.",
        ),
        columns=(
            Column(
                "status", Text("保障身份", "Status"), Kind.CODE,
                (
                    Code("orphan", Text("孤儿", "Orphan"), ("1",)),
                    Code("unsupported", Text("事实无人抚养", "De facto unsupported"), ("2", "事实无人抚养儿童")),
                    Code("ended", Text("终止", "Ended"), ("9", "停发")),
                ),
                required=True,
            ),
            Column(
                "living", Text("养育方式", "Where the child lives"), Kind.CODE,
                (
                    Code("relatives", Text("亲属养育", "With relatives"), ("1", "散居")),
                    Code("foster", Text("家庭寄养", "Fostered"), ("2",)),
                    Code("institution", Text("机构养育", "In an institution"), ("3", "集中")),
                ),
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

    key_care_ledger = Source(
        title=Text("重点关爱服务对象台账", "Key-care ledger"),
        department=Department.CIVIL_AFFAIRS,
        occurred=Text("列入或变更日期", "Entered or changed on"),
        legal_basis=Text("浙民儿〔2024〕124号一（二）、二（七）", "Zhejiang plan 1(2) and 2(7)"),
        rhythm_days=92,
        delay_days=15,
        meaning=Text(
            "儿童列入、复核或移出重点关爱台账的一次记录，及列入的类别与关爱等级；由人认定，不由模型。",
            "One entry into, review in or removal from the ledger, with category and level; a person decides it,"
            " never a model.",
        ),
        columns=(
            Column(
                "event", Text("台账事项", "Event"), Kind.CODE,
                (
                    Code("entered", Text("列入", "Entered"), ("1", "新增")),
                    Code("reviewed", Text("复核", "Reviewed"), ("2", "动态调整")),
                    Code("removed", Text("移出", "Removed"), ("9", "销号")),
                ),
                required=True,
            ),
            Column(
                "category", Text("列入类别", "Category"), Kind.CODE,
                (
                    Code("hardship", Text("家庭生活困难", "Hardship"), ("1",)),
                    Code("illness", Text("自身残疾或重病", "Disability or serious illness"), ("2", "自身残疾")),
                    Code("guardianship", Text("监护缺失或监护不当", "Guardianship"), ("3", "监护缺失")),
                    Code("vagrancy", Text("流浪", "Vagrancy"), ("4",)),
                    # The document's own words are a department's, not ours: they are read, never shown.
                    Code("mind", Text("心理或行为需要关心", "Mind or conduct in need of care"), ("5", "心理或行为异常", "心理和行为异常")),
                    Code("asked", Text("主动提出需求", "Asked for help"), ("6", "主动求助")),
                ),
                required=True,
            ),
            Column(
                "level", Text("关爱等级", "Level of care"), Kind.CODE,
                (
                    Code("first", Text("一级", "First"), ("1", "极危", "红")),
                    Code("second", Text("二级", "Second"), ("2", "高危", "橙")),
                    Code("third", Text("三级", "Third"), ("3", "中危", "黄")),
                    Code("watch", Text("预警", "Watch"), ("4", "低危", "蓝", "绿")),
                ),
            ),
        ),
    )  # fmt: skip
