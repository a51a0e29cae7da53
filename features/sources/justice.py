"""What justice, courts and procuratorate deliver about a child's family; never about the child's own acts."""

from features.language import Code, Column, Department, Kind, Source, Text


class Justice:
    custody_cases = Source(
        title=Text("离婚与抚养纠纷", "Divorce and custody cases"),
        department=Department.JUSTICE,
        occurred=Text("立案日期", "Filed on"),
        legal_basis=Text("未成年人保护法第二十四条；浙民儿〔2024〕124号二（七）", "Law on the Protection of Minors, art. 24; Zhejiang plan 2(7)"),
        rhythm_days=92,
        delay_days=30,
        meaning=Text("涉及儿童抚养的一件民事案件或法律援助。", "One civil case or legal aid about the child's custody or support."),
        columns=(
            Column(
                "kind", Text("案件类型", "Kind of case"), Kind.CODE,
                (
                    Code("divorce", Text("离婚", "Divorce"), ("1",)),
                    Code("custody", Text("抚养权", "Custody"), ("2",)),
                    Code("support", Text("抚养费", "Support"), ("3",)),
                    Code("legal_aid", Text("法律援助", "Legal aid"), ("4",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    family_orders = Source(
        title=Text("训诫与家庭教育指导令", "Reprimands and family-education orders"),
        department=Department.JUSTICE,
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
