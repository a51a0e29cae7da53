"""What hotlines, the women's federation and grid workers deliver."""

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


class Community:
    hotline_calls = Source(
        title=Text("心理与维权热线", "Hotline calls"),
        department=Department.WOMEN_YOUTH,
        occurred=Text("来电日期", "Called on"),
        legal_basis=Text("浙民儿〔2024〕124号二（八）：96525、12355；12356为全国统一号码", "Zhejiang plan 2(8): 96525 and 12355; 12356 is the national line"),
        rhythm_days=92,
        delay_days=7,
        meaning=Text("一次留有儿童身份并同意登记的来电。", "One call whose caller named the child and agreed to have it noted."),
        columns=(
            Column(
                "topic", Text("来电主题", "Topic"), Kind.CODE,
                (
                    Code("psychological", Text("心理困扰", "Psychological distress"), ("1",)),
                    Code("family_conflict", Text("家庭矛盾", "Family conflict"), ("2",)),
                    Code("study", Text("学业", "Study"), ("3",)),
                    Code("rights", Text("权益受侵害", "Rights harmed"), ("4",)),
                ),
                required=True,
            ),
            Column(
                "line", Text("接听热线", "Line"), Kind.CODE,
                (
                    Code("province_mind", Text("96525 心理援助", "96525, the province's psychological line"), ("96525",)),
                    Code("youth", Text("12355 青少年服务", "12355, the youth line"), ("12355",)),
                    Code("national_mind", Text("12356 心理援助", "12356, the national psychological line"), ("12356",)),
                ),
            ),
        ),
    )  # fmt: skip

    family_sessions = Source(
        title=Text("家庭教育指导活动", "Family-education sessions"),
        department=Department.WOMEN_YOUTH,
        occurred=Text("活动日期", "Held on"),
        legal_basis=Text(
            "家庭教育促进法第三十一条；浙民儿〔2024〕124号清单16",
            "Family Education Promotion Law, art. 31; Zhejiang service list no. 16",
        ),
        rhythm_days=92,
        delay_days=14,
        meaning=Text("儿童家长参加的一次指导活动。", "One session a guardian of the child attended."),
        columns=(),
    )

    grid_reports = Source(
        title=Text("网格员报告", "Grid workers' reports"),
        department=Department.GRID,
        occurred=Text("发现日期", "Noticed on"),
        legal_basis=Text("未成年人保护法第十一、四十三条", "Law on the Protection of Minors, arts. 11 and 43"),
        rhythm_days=92,
        delay_days=5,
        meaning=Text("网格员或村（居）委会的一次报告及核实结果。", "One report by a grid worker or committee, and whether it was verified."),
        columns=(
            Column(
                "kind", Text("报告内容", "What was noticed"), Kind.CODE,
                (
                    Code("unattended", Text("无人照料", "Left unattended"), ("1",)),
                    Code("hardship", Text("生活困难", "Hardship"), ("2",)),
                    Code("conflict", Text("家庭冲突", "Family conflict"), ("3",)),
                    Code("neglect", Text("疑似疏于照料", "Suspected neglect"), ("4",)),
                    Code("abuse", Text("疑似受侵害", "Suspected abuse"), ("5",)),
                ),
                required=True,
            ),
            Column(
                "verified", Text("核实结果", "Verified"), Kind.CODE,
                (
                    Code("substantiated", Text("属实", "Substantiated"), ("1",)),
                    Code("unsubstantiated", Text("不属实", "Not substantiated"), ("2",)),
                    Code("open", Text("待核实", "Open"), ("0",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    self_declarations = Source(
        title=Text("流动儿童信息自主申报", "Families' own declarations"),
        department=Department.GRID,
        occurred=Text("申报日期", "Declared on"),
        legal_basis=Text(
            "杭州市加强流动儿童关爱保护推进方案：自主申报联系点，自主、自愿",
            "Hangzhou plan of 2024: places to declare, of one's own accord",
        ),
        rhythm_days=92,
        delay_days=7,
        meaning=Text(
            "一个家庭自愿填报的一次儿童情况；没有申报不说明什么。",
            "What a family said of the child of its own accord; not having declared says nothing.",
        ),
        columns=(
            Column("birth_on", Text("出生日期", "Date of birth"), Kind.DATE, personal=Personal.QUASI, use=Use.ELIGIBILITY),
            GUARDIAN_NAME,
            GUARDIAN_PHONE,
            Column(
                "carer", Text("平时照料人", "Who looks after the child"), Kind.CODE,
                (
                    Code("parent", Text("父或母", "A parent"), ("1", "父亲", "母亲")),
                    Code("grandparent", Text("祖辈", "A grandparent"), ("2",)),
                    Code("relative", Text("其他亲属", "Another relative"), ("3",)),
                    Code("sibling", Text("未成年兄姐", "A brother or sister under age"), ("4",)),
                    Code("paid", Text("托管或保姆", "Paid care"), ("5",)),
                    Code("nobody", Text("无人照料", "Nobody"), ("6",)),
                ),
            ),
            Column("unattended_hours", Text("每周无人照料小时", "Hours unattended in a week"), Kind.NUMBER, minimum=0, maximum=100),
            Column("wants_help", Text("是否需要帮助", "Wishes for help"), Kind.FLAG),
            Column(
                "need", Text("需要的帮助", "Help wished for"), Kind.CODE,
                (
                    Code("care", Text("照料托管", "Care after school"), ("1",)),
                    Code("study", Text("学业辅导", "Help with learning"), ("2",)),
                    Code("company", Text("心理陪伴", "Company and talk"), ("3",)),
                    Code("livelihood", Text("生活救助", "Livelihood"), ("4",)),
                    Code("papers", Text("入学落户办证", "School places and papers"), ("5",)),
                ),
            ),
        ),
    )  # fmt: skip
