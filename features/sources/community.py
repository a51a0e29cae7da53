"""What hotlines, the women's federation and grid workers deliver."""

from features.language import Code, Column, Department, Kind, Source, Text


class Community:
    hotline_calls = Source(
        title=Text("心理与维权热线", "Hotline calls"),
        department=Department.WOMEN_YOUTH,
        occurred=Text("来电日期", "Called on"),
        legal_basis=Text("浙民儿〔2024〕124号二（八）：96525、12355", "Zhejiang plan 2(8): 96525 and 12355"),
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
