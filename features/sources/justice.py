"""What courts, procuratorate and legal aid deliver about a child's family; never about the child's own acts.

Three organs with three systems of their own: each delivers its own folder.
"""

from features.language import Code, Column, Department, Kind, Source, Text


class Justice:
    custody_cases = Source(
        title=Text("离婚与抚养纠纷", "Divorce and custody cases"),
        department=Department.COURT,
        occurred=Text("立案日期", "Filed on"),
        legal_basis=Text("未成年人保护法第二十四条；浙民儿〔2024〕124号二（七）", "Law on the Protection of Minors, art. 24; Zhejiang plan 2(7)"),
        rhythm_days=92,
        delay_days=30,
        meaning=Text("涉及儿童抚养的一件民事案件。", "One civil case about the child's custody or support."),
        columns=(
            Column(
                "kind", Text("案件类型", "Kind of case"), Kind.CODE,
                (
                    Code("divorce", Text("离婚", "Divorce"), ("1", "离婚纠纷")),
                    Code("custody", Text("抚养权", "Custody"), ("2", "变更抚养关系纠纷")),
                    Code("support", Text("抚养费", "Support"), ("3", "抚养费纠纷")),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    family_orders = Source(
        title=Text("训诫与家庭教育指导令", "Reprimands and family-education orders"),
        department=Department.COURT,
        occurred=Text("作出日期", "Made on"),
        legal_basis=Text("未成年人保护法第一百一十八条；家庭教育促进法第四十九条", "Law on the Protection of Minors, art. 118; Family Education Promotion Law, art. 49"),
        rhythm_days=92,
        delay_days=15,
        meaning=Text("对儿童的父母或其他监护人作出的一次训诫或指导令。", "One reprimand of, or order to, the child's guardians."),
        columns=(
            Column(
                "kind", Text("文书类型", "Kind of document"), Kind.CODE,
                (
                    Code("reprimand", Text("训诫", "Reprimand"), ("1",)),
                    Code("education_order", Text("家庭教育指导令", "Family-education order"), ("2",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    guardianship_urgings = Source(
        title=Text("督促监护令", "Urgings to guard"),
        department=Department.PROCURATORATE,
        occurred=Text("制发日期", "Issued on"),
        legal_basis=Text("未成年人保护法第一百零五、一百一十八条", "Law on the Protection of Minors, arts. 105 and 118"),
        rhythm_days=92,
        delay_days=15,
        meaning=Text("检察机关向儿童的监护人制发的一份督促监护令，及其后回访所见。", "One urging the procuratorate issued to a guardian, and what its later return visit found."),
        columns=(
            Column(
                "reason", Text("督促事由", "What it urges about"), Kind.CODE,
                (
                    Code("left_alone", Text("疏于看护", "Left without care"), ("1", "怠于履行监护职责")),
                    Code("schooling", Text("放任失学", "Left out of school"), ("2",)),
                    Code("unsafe", Text("未尽安全保护", "Not kept safe"), ("3", "未防范人身伤害")),
                ),
            ),
            Column(
                "followed", Text("履行情况", "Followed"), Kind.CODE,
                (
                    Code("improved", Text("已改善", "Improved"), ("1",)),
                    Code("partly", Text("部分改善", "Partly improved"), ("2",)),
                    Code("unchanged", Text("未改善", "Unchanged"), ("3",)),
                ),
            ),
        ),
    )  # fmt: skip

    legal_aid = Source(
        title=Text("法律援助", "Legal aid"),
        department=Department.JUSTICE,
        occurred=Text("受理日期", "Granted on"),
        legal_basis=Text("法律援助法第三十一、四十二条；未成年人保护法第一百零四条", "Legal Aid Law, arts. 31 and 42; Law on the Protection of Minors, art. 104"),
        rhythm_days=92,
        delay_days=20,
        meaning=Text("为儿童或其监护人就家庭与权益事项提供的一次法律援助。", "One grant of legal aid to the child or a guardian in a matter of family or rights."),
        columns=(
            Column(
                "matter", Text("援助事项", "Matter"), Kind.CODE,
                (
                    Code("support", Text("抚养费给付", "Support"), ("1", "请求给付抚养费")),
                    Code("custody", Text("抚养关系", "Custody"), ("2", "变更抚养关系")),
                    Code("violence", Text("家庭暴力或虐待", "Violence at home"), ("3", "家庭暴力", "虐待")),
                    Code("injury", Text("人身损害赔偿", "Injury claims"), ("4",)),
                    Code("wages", Text("监护人劳动报酬", "A guardian's wages"), ("5", "请求支付劳动报酬")),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip
