"""What the review queue itself delivers back into the lake: dispositions, assessments and audit draws."""

from features.language import Code, Column, Department, Kind, Source, Text, Use

_BASIS = Text("浙民儿〔2024〕124号一（二）；个人信息保护法第二十四条", "Zhejiang plan 1(2); PIPL, art. 24")


class Review:
    dispositions = Source(
        title=Text("复核处置结论", "Review dispositions"),
        department=Department.REVIEW,
        occurred=Text("处置日期", "Disposed on"),
        legal_basis=_BASIS,
        rhythm_days=92,
        delay_days=0,
        meaning=Text("一件个案在走访后的处置结论；一个风险一条。", "The disposition of one case, one record for each risk."),
        columns=(
            Column(
                "risk", Text("风险类别", "Risk"), Kind.CODE,
                (
                    Code("psychological", Text("心理", "Psychological")),
                    Code("guardianship", Text("监护", "Guardianship")),
                ),
                required=True, use=Use.ELIGIBILITY,
            ),
            Column(
                "disposition", Text("处置结论", "Disposition"), Kind.CODE,
                (
                    Code("confirmed", Text("属实", "Confirmed")),
                    Code("worth_raising", Text("未属实但值得提示", "Worth raising though not confirmed")),
                    Code("already_known", Text("已在帮扶", "Already known")),
                    Code("not_confirmed", Text("未属实", "Not confirmed")),
                    Code("cannot_tell", Text("无法判断", "Cannot tell")),
                ),
                required=True, use=Use.ELIGIBILITY,
            ),
            Column("visited", Text("是否走访", "After a visit"), Kind.FLAG, required=True, use=Use.ELIGIBILITY),
            Column("case_id", Text("个案编号", "Case"), Kind.TEXT, use=Use.AUDIT),
        ),
    )  # fmt: skip

    assessments = Source(
        title=Text("本系统的监护评估", "Guardianship assessments of our own"),
        department=Department.REVIEW,
        occurred=Text("评估日期", "Assessed on"),
        legal_basis=Text("浙民儿〔2024〕124号二（七）", "Zhejiang plan 2(7)"),
        rhythm_days=183,
        delay_days=0,
        meaning=Text(
            "两人签署或异议裁定后的一次评估：只有日期、类型和等级，逐项所见不进入。",
            "One assessment that two have signed or a third has settled: date, kind and level; never its items.",
        ),
        columns=(
            Column(
                "conclusion", Text("评估结论", "Conclusion"), Kind.CODE,
                (
                    Code("adequate", Text("监护正常", "Adequate")),
                    Code("insufficient", Text("监护不足", "Insufficient")),
                    Code("improper", Text("监护不当", "Improper")),
                    Code("absent", Text("监护缺失", "Absent")),
                ),
                required=True, use=Use.ELIGIBILITY,
            ),
            Column("level", Text("等级", "Level"), Kind.TEXT, use=Use.AUDIT),
            Column("case_id", Text("个案编号", "Case"), Kind.TEXT, use=Use.AUDIT),
        ),
    )  # fmt: skip

    alerts = Source(
        title=Text("预警与抽查", "Alerts and audit draws"),
        department=Department.REVIEW,
        occurred=Text("预警日期", "Raised on"),
        legal_basis=_BASIS,
        rhythm_days=92,
        delay_days=0,
        meaning=Text(
            "一次预警或抽查，及抽中概率；训练据此得知谁被提示过。",
            "One alert or audit draw with its probability; training learns from it who was flagged.",
        ),
        columns=(
            Column(
                "lane", Text("来源通道", "Lane"), Kind.CODE,
                (
                    Code("trigger", Text("强制触发", "Hard trigger")),
                    Code("model", Text("筛查提示", "Screener")),
                    Code("rule", Text("规则提示", "Published rules")),
                    Code("audit", Text("抽查", "Audit slice")),
                    Code("request", Text("主动求助", "Request")),
                    Code("declared", Text("自主申报", "Self-declared")),
                    Code("referred", Text("工作人员转来", "Referred by a worker")),
                    Code("entitlement", Text("可能未享受应有服务", "Entitlement found")),
                ),
                required=True, use=Use.AUDIT,
            ),
            Column("draw_probability", Text("抽中概率", "Draw probability"), Kind.NUMBER, minimum=0, maximum=1, use=Use.AUDIT),
            Column("case_id", Text("个案编号", "Case"), Kind.TEXT, use=Use.AUDIT),
        ),
    )  # fmt: skip
