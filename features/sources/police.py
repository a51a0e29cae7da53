"""What the police deliver: who lives here since when, and events that change a child's household."""

from features.language import (
    GUARDIAN_NAME,
    GUARDIAN_PHONE,
    HOUSEHOLD_NUMBER,
    Code,
    Column,
    Department,
    Kind,
    Personal,
    Source,
    Text,
    Use,
)

SEX = (
    # GB/T 2261.1
    Code("unknown", Text("未知", "Unknown"), ("0",)),
    Code("male", Text("男", "Male"), ("1",)),
    Code("female", Text("女", "Female"), ("2",)),
    Code("unstated", Text("未说明", "Not stated"), ("9",)),
)


class Police:
    residence = Source(
        title=Text("流动人口居住登记", "Residence registration"),
        department=Department.POLICE,
        occurred=Text("居住登记日期", "Registered on"),
        legal_basis=Text("浙江省流动人口居住登记条例第二、八条", "Zhejiang residence registration regulation, arts. 2 and 8"),
        rhythm_days=92,
        delay_days=7,
        meaning=Text(
            "一名儿童一次居住登记或变更；最近一条为现住情况。",
            "One registration of a child's residence or a change to it; the latest tells where the child lives now.",
        ),
        columns=(
            Column("birth_on", Text("出生日期", "Date of birth"), Kind.DATE, required=True, personal=Personal.QUASI),
            Column("sex", Text("性别", "Sex"), Kind.CODE, SEX, required=True, personal=Personal.QUASI, use=Use.AUDIT),
            Column(
                "area_code", Text("现住地区划代码", "Area of residence"), Kind.TEXT,
                required=True, personal=Personal.QUASI, use=Use.ELIGIBILITY, aliases=("居住地行政区划",),
            ),
            Column(
                "hukou_area", Text("户籍地区划代码", "Area of household registration"), Kind.TEXT,
                required=True, personal=Personal.QUASI, use=Use.ELIGIBILITY, aliases=("户籍地行政区划",),
            ),
            Column("arrived_on", Text("来本地日期", "Arrived on"), Kind.DATE, required=True),
            Column("left_on", Text("离开日期", "Left on"), Kind.DATE, use=Use.ELIGIBILITY),
            Column(
                "living_with", Text("共同居住人", "Lives with"), Kind.CODE,
                (
                    Code("both_parents", Text("父母双方", "Both parents"), ("1",)),
                    Code("mother", Text("仅母亲", "Mother only"), ("2",)),
                    Code("father", Text("仅父亲", "Father only"), ("3",)),
                    Code("grandparents", Text("祖辈", "Grandparents"), ("4",)),
                    Code("other_relative", Text("其他亲属", "Other relatives"), ("5",)),
                    Code("others", Text("非亲属", "Not relatives"), ("6",)),
                ),
            ),
            Column(
                "dwelling", Text("居所类型", "Dwelling"), Kind.CODE,
                (
                    Code("owned", Text("自购住房", "Owned"), ("1",)),
                    Code("rented", Text("租赁住房", "Rented"), ("2",)),
                    Code("dormitory", Text("单位宿舍", "Workplace dormitory"), ("3",)),
                    Code("worksite", Text("工棚工地", "Work-site shed"), ("4",)),
                ),
            ),
            # Held by the police beside the child; linking needs them, and they never reach the lake.
            GUARDIAN_NAME,
            GUARDIAN_PHONE,
            # For one visit to the children of a household; no feature can be made of it.
            HOUSEHOLD_NUMBER,
        ),
    )  # fmt: skip

    residence_permits = Source(
        title=Text("居住证办理", "Residence permits"),
        department=Department.POLICE,
        occurred=Text("办理日期", "Handled on"),
        legal_basis=Text("居住证暂行条例第二、九、十条；浙民儿〔2024〕124号一（三）", "Residence permit regulation, arts. 2, 9 and 10; Zhejiang plan 1(3)"),
        rhythm_days=92,
        delay_days=10,
        meaning=Text("儿童本人或其监护人的居住证一次签发、签注或注销。", "One issue, yearly renewal or cancellation of a permit of the child or of a guardian."),
        columns=(
            Column(
                "event", Text("办理类型", "What was done"), Kind.CODE,
                (
                    Code("issued", Text("签发", "Issued"), ("1", "申领")),
                    Code("renewed", Text("签注", "Renewed"), ("2", "年度签注")),
                    Code("cancelled", Text("注销", "Cancelled"), ("3", "使用功能中止")),
                ),
                required=True,
            ),
            Column(
                "ground", Text("申领依据", "Ground"), Kind.CODE,
                (
                    Code("work", Text("合法稳定就业", "Steady work"), ("1", "就业")),
                    Code("home", Text("合法稳定住所", "Steady home"), ("2", "居住")),
                    Code("school", Text("连续就读", "Continuous schooling"), ("3", "就读")),
                ),
            ),
            Column(
                "holder", Text("持证人", "Holder"), Kind.CODE,
                (
                    Code("child", Text("儿童本人", "The child"), ("1", "本人")),
                    Code("guardian", Text("监护人", "A guardian"), ("2", "父亲", "母亲")),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    household_changes = Source(
        title=Text("家庭成员变动", "Household changes"),
        department=Department.POLICE,
        occurred=Text("变动日期", "Changed on"),
        legal_basis=Text("户口登记条例第十七、十九条；浙民儿〔2024〕124号一（三）", "Household registration regulation, arts. 17 and 19; Zhejiang plan 1(3)"),
        rhythm_days=92,
        delay_days=20,
        meaning=Text("儿童所在家庭的一次变动。", "One change in the child's household."),
        columns=(
            Column(
                "kind", Text("变动类型", "Kind of change"), Kind.CODE,
                (
                    Code("divorced", Text("父母离婚", "Parents divorced"), ("01", "离婚")),
                    Code("remarried", Text("父或母再婚", "A parent remarried"), ("02", "再婚")),
                    Code("parent_died", Text("父或母死亡", "A parent died"), ("03", "死亡")),
                    Code("guardian_changed", Text("监护人变更", "Guardian changed"), ("04",)),
                    Code("sibling_born", Text("新增子女", "A sibling was born"), ("05",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    admonitions = Source(
        title=Text("家庭暴力告诫书", "Domestic-violence admonitions"),
        department=Department.POLICE,
        occurred=Text("告诫日期", "Admonished on"),
        legal_basis=Text("反家庭暴力法第十六、十七条", "Anti-Domestic Violence Law, arts. 16 and 17"),
        rhythm_days=92,
        delay_days=5,
        meaning=Text("公安对儿童家庭成员出具的一份告诫书。", "One admonition the police issued to a member of the child's family."),
        columns=(
            Column(
                "victim", Text("受害人", "Victim"), Kind.CODE,
                (
                    Code("child", Text("儿童本人", "The child"), ("1", "本人")),
                    Code("parent", Text("父或母", "A parent"), ("2",)),
                    Code("other", Text("其他家庭成员", "Another family member"), ("3",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    missing_found = Source(
        title=Text("走失流浪儿童寻回", "Missing or vagrant children found"),
        department=Department.POLICE,
        occurred=Text("寻回日期", "Found on"),
        legal_basis=Text("未成年人保护法第九十二、九十三条", "Law on the Protection of Minors, arts. 92 and 93"),
        rhythm_days=92,
        delay_days=3,
        meaning=Text("一次走失、流浪儿童被寻回。", "One finding of a child who was missing or vagrant."),
        columns=(
            Column(
                "kind", Text("情形", "Situation"), Kind.CODE,
                (
                    Code("missing", Text("走失", "Missing"), ("1",)),
                    Code("vagrant", Text("流浪", "Vagrant"), ("2",)),
                    Code("left_home", Text("离家出走", "Left home"), ("3",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    guardian_custody = Source(
        title=Text("监护人被羁押或强制戒毒", "Guardian in custody or compulsory drug treatment"),
        department=Department.POLICE,
        occurred=Text("开始日期", "Began on"),
        legal_basis=Text("未成年人保护法第九十二条第三项", "Law on the Protection of Minors, art. 92(3)"),
        rhythm_days=92,
        delay_days=10,
        meaning=Text("儿童的一名监护人被限制人身自由。", "One guardian of the child lost their liberty."),
        columns=(
            Column(
                "who", Text("监护人关系", "Which guardian"), Kind.CODE,
                (
                    Code("father", Text("父亲", "Father"), ("1",)),
                    Code("mother", Text("母亲", "Mother"), ("2",)),
                    Code("other", Text("其他监护人", "Another guardian"), ("3",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip
